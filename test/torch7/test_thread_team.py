"""The threads of the kernels: every part once, also in forked processes and whichever layer Numba has loaded."""

import importlib
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numba
import numpy as np
import pytest

from torch7 import thread_team

PROGRAMS = Path(__file__).with_name("thread_programs.py")
PYTHON = [sys.executable, "-W", "error::RuntimeWarning"]


def layers():
    """Numba's layers that can be loaded here."""
    found = ["workqueue"]
    for name, module in (("omp", "omppool"), ("tbb", "tbbpool")):
        try:
            if name == "omp":
                importlib.import_module(f"numba.np.ufunc.{module}")
            elif not (Path(sys.prefix) / "lib/libtbb.so.12").exists():
                continue
            found.append(name)
        except ImportError:
            pass
    return found


def program(*arguments, layer="default", **environment):
    """Run a program in a process of its own, with two threads at least."""
    environment = os.environ | {"NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "4"} | environment
    return subprocess.run(
        [*PYTHON, *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=3600
    )


def script(text, **options):
    return program("-c", textwrap.dedent(text), **options)


@pytest.mark.parametrize(
    "name",
    [
        "fork",
        "nested",
        "in_child_threads",
        "executors",
        "threads",
        "loader",
        "daemon",
        "exceptions",
        "draws",
        "imports",
    ],
)
def test_threads_and_forks(name):
    run = program(PROGRAMS, name, 6)
    assert run.returncode == 0, run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("layer", layers())
@pytest.mark.parametrize("name", ["beside_threads", "pool"])
def test_threads_and_forks_whichever_layer_is_loaded(name, layer):
    run = program(PROGRAMS, name, 6, layer=layer)
    assert run.returncode == 0, run.stderr


PARTS = f"""
import sys
sys.path.insert(0, {str(PROGRAMS.parent)!r})
from parts import *
"""


def test_every_part_is_run_once():
    run = script(
        PARTS
        + """
for threads in (torch7.getnumthreads(), 1, 3):
    torch7.setnumthreads(threads)
    assert all(counted(n) for n in [0, 1, 2, 3, 5, 64, 1000] * 50)
"""
    )
    assert run.returncode == 0, run.stderr


def test_one_thread_when_one_is_set():
    run = script(PARTS + "torch7.setnumthreads(1); counted(100)\nimport os; print(len(os.listdir('/proc/self/task')))")
    more = script(PARTS + "counted(100)\nimport os; print(len(os.listdir('/proc/self/task')))")
    assert int(more.stdout) == int(run.stdout) + 3


def test_jobs_within_a_job_and_of_other_threads_run_too():
    run = script(
        PARTS
        + """
from concurrent.futures import ThreadPoolExecutor
from torch7.kernel_cache import compiled

@compiled_parallel
def outer(parts, times):
    for part in prange(parts):
        count(times.shape[1], times[part])

times = np.zeros((7, 9), np.int64)
outer(7, times)
assert (times == 1).all()
with ThreadPoolExecutor(4) as pool:
    assert all(pool.map(lambda n: counted(50), range(400)))
"""
    )
    assert run.returncode == 0, run.stderr


def test_no_threads_can_be_had():
    """Memory for their stacks is refused: the caller computes alone."""
    run = script(
        PARTS
        + """
counted(1), counted(0)
import resource
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (4 << 20), used + (4 << 20)))
assert all(counted(n) for n in [2, 3, 64] * 20)
"""
    )
    assert run.returncode == 0, run.stderr


def test_loops_of_other_programs_keep_their_layer():
    run = script(
        PARTS
        + """
import numba
assert counted(10)
@numba.njit(parallel=True)
def total(x):
    s = 0.0
    for i in prange(x.size):
        s += x[i] * (1 + 0 * numba.get_thread_id())
    return s
assert total(np.arange(1000.0)) == 499500 and counted(10)
print(numba.threading_layer())
""",
        layer="workqueue",
    )
    assert run.stdout == "workqueue\n", run.stderr


def test_a_reduction_over_parts_is_refused():
    """Its sums would depend on which thread ran what."""
    run = script(
        PARTS
        + """
@compiled_parallel
def total(x):
    s = 0.0
    for i in prange(x.size):
        s += x[i]
    return s
total(np.arange(1000.0))
"""
    )
    assert run.returncode < 0


def test_waiting_threads_sleep():
    run = subprocess.Popen(
        [*PYTHON, "-c", PARTS + "counted(100); print('ran', flush=True); sys.stdin.read()"],
        env=os.environ | {"NUMBA_NUM_THREADS": "4"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert run.stdout.readline() == b"ran\n"
        for task in Path(f"/proc/{run.pid}/task").iterdir():
            while (task / "stat").read_text().rpartition(")")[2].split()[0] != "S":
                time.sleep(0.01)
    finally:
        run.communicate()
    assert run.returncode == 0


def test_interrupts_reach_the_program():
    """Signals are taken by the program's own thread, not by those of the team."""
    run = script(
        PARTS
        + """
import os, signal, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background may have been told to ignore it
counted(100)
try:
    threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()
    for _ in range(100_000):
        time.sleep(0.01)  # not for long: the signal may come just before a wait
except KeyboardInterrupt:
    print("interrupted")
"""
    )
    assert run.stdout == "interrupted\n", run.stderr


def test_an_interruption_now_and_then_makes_nobody_stand_back():
    """Who loses more than helping saves stands back: for longer if it happens again at once, not if long after."""
    team = np.zeros(thread_team.SIZE, np.int64)

    def after(now, *lost):
        for nanoseconds in lost:
            lose(team.ctypes.data, now * MS, 1, int(nanoseconds * MS))
        return (team[thread_team.BUSY_UNTIL] / MS - now).clip(0)

    assert after(1000, *[-0.3] * 10, 2.5) == 0
    assert after(1000, 2.5) == 4 and team[thread_team.ALLOWED] == 0
    assert after(1005, 3) == 8
    assert after(1014, 3) == 16
    assert after(1020, 3) == 10
    assert after(1050, -1, 0.9, 0.1) == 0
    assert after(1094, 3) == 4


MS = 1_000_000


@numba.njit
def lose(team, now, helpers, nanoseconds):
    thread_team._lose(team, now, helpers, nanoseconds)
