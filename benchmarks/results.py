"""``python -m benchmarks.results``: write RESULTS.md, which takes ten minutes on a machine that does nothing else."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from . import cold_start, memory

INTRODUCTION = """\
# Speed on the CPU

Milliseconds, medians of calls that take turns with PyTorch's in one process ([timing.py](timing.py)); a ratio above 1
means that torch7 is faster. "PyTorch" is PyTorch as users run it; "best PyTorch" the smallest of its times with its
defaults, with an allocator that keeps its memory, and with that and channels-last tensors (those two beside torch7 in
a process of their own, given in the proportion found there); "old Torch" the times of Lua
Torch on two cores of this kind, in its best thread setting. Passes: forward; gradient of the input; gradient of the
weights; "backward" is both gradients in one call, "both" is forward and backward, "step" a whole training step.
`python -m benchmarks.results` writes this page, `python -m benchmarks.cpu NAME` times one workload.
"""


def machine() -> str:
    """What the figures were taken on."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, PyTorch {torch.__version__}"
    return f"{model}, {os.cpu_count()} cores; {versions}; 2 threads."


#: Heading, benchmark and its options.
WHOLE = (
    ("Training steps of whole networks", "steps", []),
    ("Inference of whole networks", "inference", []),
    ("Memory that optnet saves", "inference", ["--memory"]),
)


def table(dtype: str) -> Iterator[str]:
    """The rows of ``benchmarks.cpu`` as they come."""
    return lines("cpu", "--dtype", dtype, *(["--best"] if dtype == "float32" else []))


def lines(name: str, *options: str) -> Iterator[str]:
    """What a benchmark prints, as it comes."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            print(line, end="", flush=True)
            yield line
    if run.returncode:
        raise SystemExit(f"{' '.join(command)} failed")


def main() -> None:
    parts = [INTRODUCTION, machine()]
    for dtype in ("float32", "float64"):
        parts.append(f"## {dtype}\n\n{''.join(table(dtype))}".rstrip())
    parts += [f"## {heading}\n\n{''.join(lines(name, *options))}" for heading, name, options in WHOLE]
    parts.append(f"## Memory and start\n\n{memory.report()}\n\n{cold_start.report()}")
    Path(__file__).with_name("RESULTS.md").write_text("\n\n".join(part.rstrip() for part in parts) + "\n")


if __name__ == "__main__":
    main()
