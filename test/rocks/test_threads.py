"""The pool of threads."""

import threading

import pytest

import torch7
from rocks import tds, threads
from torch7 import lua_math


def test_jobs_and_their_ends():
    started, ended = [], []
    pool = threads.Threads(3, started.append, lambda i: started.append(-i))
    assert sorted(started) == [-3, -2, -1, 1, 2, 3]
    here = threading.get_ident()
    for i in range(20):
        pool.addjob(
            lambda a, b: (a + b, threading.get_ident()), lambda s, t: ended.append((s, t, threading.get_ident())), i, 1
        )
    pool.synchronize()
    assert sorted(s for s, _, _ in ended) == list(range(1, 21))
    assert all(t != here and e == here for _, t, e in ended) and not pool.hasjob()
    pool.terminate()
    with pytest.raises(RuntimeError, match="terminated"):
        pool.addjob(lambda: 1)


def test_two_threads_work_at_once():
    pool = threads.Threads(2)
    meet = threading.Barrier(2, timeout=3600)
    done = []
    for _ in range(2):
        pool.addjob(meet.wait, lambda _: done.append(1))
    pool.synchronize()
    assert done == [1, 1]
    pool.terminate()


def test_at_most_n_jobs_wait():
    pool = threads.Threads(2)
    go = threading.Event()
    ended = []
    for i in range(2):
        assert pool.acceptsjob()
        pool.addjob(lambda k: (go.wait(), k)[1], ended.append, i)
    assert not pool.acceptsjob() and pool.hasjob() and not ended
    go.set()
    pool.addjob(lambda: 2, ended.append)
    assert len(ended) >= 1
    pool.dojob()
    pool.synchronize()
    assert sorted(ended) == [0, 1, 2]
    pool.dojob()
    pool.terminate()


def test_specific_threads():
    pool = threads.Threads(3)
    assert pool.specific() is False
    pool.specific(True)
    seen = []
    for i in (3, 1, 2, 1):
        pool.addjob(i, threads.threadid, seen.append)
    pool.synchronize()
    assert sorted(seen) == [1, 1, 2, 3] and threads.threadid() is None
    with pytest.raises(IndexError, match=r"1\.\.3"):
        pool.addjob(4, threads.threadid)
    pool.terminate()


def test_errors_come_out_where_jobs_end():
    pool = threads.Threads(1)
    pool.addjob(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError) as error:
        pool.synchronize()
    assert error.value.__notes__ == ["[thread 1 callback]"]
    pool.addjob(lambda: 5, None)
    pool.synchronize()
    pool.terminate()
    before = threading.active_count()
    with pytest.raises(ValueError, match="broken"):
        threads.Threads(2, lambda i: (_ for _ in ()).throw(ValueError("broken")))
    while threading.active_count() > before:
        threading.Event().wait(0.01)


def test_each_thread_has_its_own_stream():
    torch7.manualSeed(3)
    expected = torch7.rand(4)
    torch7.manualSeed(3)
    pool = threads.Threads(2)
    drawn, meet = [], threading.Barrier(2, timeout=3600)

    def job(seed):
        torch7.manualSeed(seed)
        return torch7.rand(4)

    for _ in range(4):
        pool.addjob(job, drawn.append, 3)
    first = []
    lua_math.random()
    for _ in range(2):
        pool.addjob(lambda: (meet.wait(), lua_math.random())[1], first.append)
    pool.synchronize()
    assert first == [torch7.LuaRandom().random()] * 2
    pool.terminate()
    assert all((x == expected).all() for x in drawn) and (torch7.rand(4) == expected).all()


def test_locks_and_counters():
    mutex, counter, pool = threads.Mutex(), tds.AtomicCounter(), threads.Threads(4)
    total = [0]

    @threads.safe
    def add():
        value = total[0]
        threading.Event().wait(0.001)
        total[0] = value + 1
        counter.inc()

    for _ in range(12):
        pool.addjob(add)
    pool.synchronize()
    pool.terminate()
    assert total[0] == counter.get() == 12 and counter.incBy(3) == 15
    mutex.lock()
    mutex.unlock()
    assert mutex.id() == mutex.id() and threads.Threads.serialization("threads.sharedserialize") is None
