import time

import torch7 as torch


def test_runs_stops_and_resumes():
    timer = torch.Timer()
    assert repr(timer) == "torch.Timer [status: running]"
    time.sleep(0.01)
    assert timer.stop() is timer
    stopped = timer.time().real
    assert stopped >= 0.01
    time.sleep(0.01)
    assert timer.time().real == stopped and repr(timer) == "torch.Timer [status: stopped]"
    assert timer.resume() is timer
    time.sleep(0.01)
    assert timer.time()["real"] >= stopped + 0.01


def test_reset_keeps_the_status():
    timer = torch.Timer()
    time.sleep(0.01)
    assert timer.stop().reset() is timer
    assert timer.time() == {"real": 0, "user": 0, "sys": 0}
    assert torch.Timer().reset().stop().resume().time().real >= 0


def test_user_time_counts_work():
    timer = torch.Timer()
    end = time.process_time() + 0.05
    while time.process_time() < end:  # however long it takes until the processor was ours for so long
        pass
    spent = timer.time()
    assert spent.user + spent.sys > 0


def test_tic_toc(monkeypatch):
    now = time.time()
    assert abs(torch.tic() - now) < 3600  # somebody may set the clock meanwhile
    monkeypatch.setattr(time, "time", lambda: now)
    since = torch.tic()
    monkeypatch.setattr(time, "time", lambda: now + 2.5)
    assert since == now and torch.toc(since) == 2.5
