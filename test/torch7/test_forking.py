"""A fork waits for imports, and for what they register meanwhile."""

import os
import threading

import pytest

from torch7 import forking


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks")
def test_what_is_registered_while_a_fork_waits_counts_for_it(monkeypatch):
    monkeypatch.setattr(forking, "_parts", list(forking._parts))
    calls, held, lock = [], threading.Event(), threading.Lock()
    waits = threading.Event()

    def module():
        """What another thread imports: it takes a lock that a child would miss."""
        with forking.LOCK:
            held.set()
            waits.wait()
            forking.at_fork(lambda: (calls.append("before"), lock.acquire()), lock.release, lock.release)

    thread = threading.Thread(target=module)
    thread.start()
    held.wait()
    threading.Timer(0.2, waits.set).start()
    child = os.fork()
    if child == 0:
        os._exit(0 if calls == ["before"] and lock.acquire(blocking=False) else 1)
    assert os.waitpid(child, 0)[1] == 0
    thread.join()
    assert calls == ["before"]
    assert not lock.locked()
