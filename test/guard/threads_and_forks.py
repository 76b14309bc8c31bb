"""Threads and forked processes that run kernels at once: none dies or hangs, and every number is the first one's.

    python test/guard/threads_and_forks.py [TRIALS] [--layer workqueue] [--threads 4]

Each program of ``test/torch7/thread_programs.py`` runs in a process of its own for its share of the trials.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).parents[1] / "torch7" / "thread_programs.py"
NAMES = ("fork", "nested", "in_child_threads", "beside_threads", "pool", "executors", "threads", "loader", "daemon",
         "exceptions")  # fmt: skip
#: Seconds that a program may take beside others.
PATIENCE = 3600


def wrong(name: str, trials: int, environment: dict[str, str]) -> str | None:
    """What is wrong after so many trials of a program, or None."""
    command = [sys.executable, "-W", "error::RuntimeWarning", str(PROGRAMS), name, str(trials)]
    try:
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"no end after {PATIENCE} seconds"
    return None if run.returncode == 0 else f"ended with {run.returncode}: {run.stderr[-500:]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("trials", type=int, nargs="?", default=200, help="how many forks, pools and rounds of threads")
    parser.add_argument("--layer", default="default", help="Numba's threading layer")
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args()
    environment = os.environ | {"NUMBA_THREADING_LAYER": options.layer, "NUMBA_NUM_THREADS": str(options.threads)}
    share = -(-options.trials // len(NAMES))
    found = [f"{name}: {why}" for name in NAMES if (why := wrong(name, share, environment))]
    print(*found, f"{share * len(NAMES)} trials, {len(found)} findings", sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
