"""Checkpoints: trainings killed at any place resume with the same numbers; what stays; files that are broken."""

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import nn
import optim
import torch7 as torch

EPOCHS = 12
PROGRAM = f"""
import sys
import numpy as np
import nn, optim
import torch7 as torch

checkpoints = optim.Checkpoints(sys.argv[1], keep=2)
found = checkpoints.resume()
if found is None:
    torch.manualSeed(5)
    net = nn.Sequential(nn.Linear(6, 8), nn.BatchNormalization(8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 2))
    net.add(nn.LogSoftMax())
    found = {{"epoch": 0, "model": net, "state": {{"learningRate": 0.01}}}}
net, state, criterion = found["model"], found["state"], nn.ClassNLLCriterion()
parameters, gradients = net.getParameters()
logger = optim.Logger(sys.argv[1] + "/log.txt", append=found["epoch"])
logger.setNames(["epoch", "loss"])

def evaluate(_):
    gradients.fill(0)
    x = torch.randn(16, 6)
    labels = (x[:, 0] > 0) + 1
    loss = criterion.forward(net.forward(x), labels)
    net.backward(x, criterion.backward(net.output, labels))
    return loss, gradients

print("ready", flush=True)
for epoch in range(found["epoch"] + 1, {EPOCHS} + 1):
    for _ in range(20):
        _, (loss,) = optim.adam(evaluate, parameters, state)
    logger.add([epoch, loss])  # before the checkpoint: a kill in between is an epoch that is done again
    checkpoints.save(epoch, loss, model=net, state=state)
np.save(sys.argv[1] + "/final.npy", np.concatenate([parameters, net[1].running_var, torch.randn(3)]))
"""
TRAINER = f"""
import sys
import numpy as np
import nn, optim
import torch7 as torch

folder = sys.argv[1]
torch.manualSeed(5)
x = torch.randn(320, 6)
labels = (x[:, 0] > 0) + 1
net = nn.Sequential(nn.Linear(6, 8), nn.BatchNormalization(8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 2))
net.add(nn.LogSoftMax())
hooks = [optim.Checkpoints(folder, keep=2), optim.Logger(folder + "/log.txt"), optim.BestModel(folder + "/best.t7")]
schedule = optim.WarmUp(2, optim.Plateau(0.5, 1))
trainer = optim.Trainer(net, nn.ClassNLLCriterion(), optim.adam, {{"learningRate": 0.01}}, schedule, hooks=hooks)
print("ready", flush=True)
trainer.train((x, labels), (x[:64], labels[:64]), epochs={EPOCHS}, batchsize=16, resume=True)
parameters = map(np.ravel, net.parameters()[0])
np.save(folder + "/final.npy", np.concatenate([*parameters, net[1].running_var, torch.randn(3)]))
"""


def start(program, folder):
    return subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("program", [PROGRAM, TRAINER], ids=["loop", "trainer"])
def test_killed_and_resumed(tmp_path, program):
    """TORCH7_KILLS says how often; the places are random."""
    whole = start(program, tmp_path / "whole")
    whole.communicate()
    assert whole.returncode == 0
    expected = np.load(tmp_path / "whole" / "final.npy")
    log = (tmp_path / "whole" / "log.txt").read_text()
    killed = tmp_path / "killed"
    for _ in range(int(os.environ.get("TORCH7_KILLS", "4"))):
        process = start(program, killed)
        process.stdout.readline()
        time.sleep(random.random() * 0.3)  # a wait decides where, not whether it passes
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (killed / "final.npy").exists():
            for path in (killed / "final.npy", *killed.glob("epoch-*.t7")):
                path.unlink()
    last = start(program, killed)
    last.communicate()
    assert last.returncode == 0
    assert np.array_equal(np.load(killed / "final.npy"), expected)
    assert (killed / "log.txt").read_text() == log


def test_what_stays(tmp_path):
    checkpoints = optim.Checkpoints(tmp_path, keep=2, best=1)
    for epoch, score in enumerate([5.0, 1.0, 3.0, float("nan"), 4.0], 1):
        checkpoints.save(epoch, score, model=nn.Linear(2, 2))
    assert [p.name for p in checkpoints.files()] == ["epoch-000002.t7", "epoch-000004.t7", "epoch-000005.t7"]
    assert checkpoints.best()["epoch"] == 2 and checkpoints.resume()["epoch"] == 5
    highest = optim.Checkpoints(tmp_path, keep=1, best=1, highest=True)
    assert highest.best()["score"] == 4.0
    highest.save(6, 0.0)
    assert [p.name for p in highest.files()] == ["epoch-000005.t7", "epoch-000006.t7"]


def test_random_numbers_and_state_come_back(tmp_path):
    checkpoints = optim.Checkpoints(tmp_path)
    torch.manualSeed(3)
    torch.randn(5)
    checkpoints.save(1, None, state={"t": 7, "m": np.arange(3.0)})
    expected = torch.randn(4)
    torch.manualSeed(99)
    found = checkpoints.resume()
    assert np.array_equal(torch.randn(4), expected)
    assert found["state"]["t"] == 7 and found["score"] is None and "random" not in found


def test_a_broken_file_gives_way_to_an_older_one(tmp_path):
    checkpoints = optim.Checkpoints(tmp_path, keep=3)
    checkpoints.save(1, 1.0, value=10)
    checkpoints.save(2, 1.0, value=20)
    checkpoints.files()[-1].write_bytes(b"\x04\x00\x00\x00")
    with pytest.warns(UserWarning, match="epoch-000002.t7 cannot be read"):
        assert checkpoints.resume()["value"] == 10


def test_lost_scores_lose_no_checkpoint(tmp_path):
    checkpoints = optim.Checkpoints(tmp_path, keep=1)
    checkpoints.save(1, 1.0)
    (tmp_path / "scores.json").write_text("{")
    assert checkpoints.resume()["epoch"] == 1 and checkpoints.best() is None
    checkpoints.save(2, 2.0)
    assert checkpoints.best()["epoch"] == 2


def test_nothing_there(tmp_path):
    assert optim.Checkpoints(tmp_path / "new" / "folder").resume() is None


@pytest.mark.parametrize(("epoch", "things"), [(-1, {}), (1.5, {}), (True, {}), (1, {"random": 3})])
def test_wrong_arguments(tmp_path, epoch, things):
    with pytest.raises(ValueError, match=r"optim\.Checkpoints"):
        optim.Checkpoints(tmp_path).save(epoch, None, **things)
    with pytest.raises(ValueError, match="keep is at least 1"):
        optim.Checkpoints(tmp_path, keep=0)


class TestLogThatGoesOn:
    def rows(self, tmp_path):
        logger = optim.Logger(tmp_path / "log.txt")
        logger.setNames(["loss", "note"])
        for i in range(3):
            logger.add([i / 2, f"n{i}"])
        return (tmp_path / "log.txt").read_text()

    def test_append(self, tmp_path):
        before = self.rows(tmp_path)
        logger = optim.Logger(tmp_path / "log.txt", append=True).setNames(["loss", "note"])
        assert logger.symbols["loss"] == [0.0, 0.5, 1.0] and logger.symbols["note"] == ["n0", "n1", "n2"]
        logger.add([7, "x"])
        assert (tmp_path / "log.txt").read_text() == before + " 7.0000e+00\tx\t\n"

    def test_a_number_of_rows(self, tmp_path):
        lines = self.rows(tmp_path).splitlines(keepends=True)
        optim.Logger(tmp_path / "log.txt", append=1)
        assert (tmp_path / "log.txt").read_text() == "".join(lines[:2])
        optim.Logger(tmp_path / "log.txt", append=0)
        assert (tmp_path / "log.txt").read_text() == lines[0]

    def test_a_row_cut_short_is_dropped(self, tmp_path):
        before = self.rows(tmp_path)
        with (tmp_path / "log.txt").open("a") as file:
            file.write(" 9.0")
        logger = optim.Logger(tmp_path / "log.txt", append=True)
        assert len(logger.symbols["loss"]) == 3 and (tmp_path / "log.txt").read_text() == before

    def test_other_columns_are_refused(self, tmp_path):
        self.rows(tmp_path)
        with pytest.raises(ValueError, match="named already"):
            optim.Logger(tmp_path / "log.txt", append=True).setNames(["accuracy"])

    def test_tensorboard(self, tmp_path):
        pytest.importorskip("tensorboardX")
        logger = optim.Logger(tmp_path / "log.txt", tensorboard=tmp_path / "runs")
        logger.setNames(["loss", "note"])
        logger.add([0.25, "words"])
        logger.add({"loss": 0.125, "note": "more"})
        logger.sink.close()  # its thread has written all
        (file,) = (tmp_path / "runs").iterdir()
        content = file.read_bytes()
        assert content.count(b"loss") == 2 and b"words" not in content
