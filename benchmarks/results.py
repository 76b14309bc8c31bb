"""``python -m benchmarks.results [SECTION ...]``: write RESULTS.md, or those sections of it anew.

All of it takes a quarter of an hour on a machine that does nothing else. ``--threads 1 --cpu`` takes times of the
processor, for a machine that has other work. PyTorch has to be installed; ONNX Runtime, OpenCV (a version 4, whose
reader knows .t7 files) and matplotlib are used where they are.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable
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
`python -m benchmarks.results` writes this page, or sections of it, `python -m benchmarks.cpu NAME` times one workload,
`python -m benchmarks.check` compares the passes with the ratios on this page.
"""
STEPS = """\
Milliseconds of forward, loss, backward and update (`python -m benchmarks.steps`). "graph" is the step in
`torch7.graph`, "compiled" that of `torch.compile`; ratios are to the faster of ours. Both of these make the gradient by
the network's input, too, as Torch does; "same gradients" is the captured step without it, as PyTorch's. The networks
are in [whole.py](whole.py).
"""
INFERENCE = """\
Milliseconds of a forward (`python -m benchmarks.inference`): `net.evaluate()`, `nn.freeze`, ONNX Runtime on the file
of `torch7.onnx`, OpenCV's reader on the .t7 file of plain networks, PyTorch without gradients; ratios to the frozen
network.
"""
STEP_MEMORY = """\
MiB that a process holds at most in three steps (`python -m benchmarks.steps --memory`), beyond what it held when a
small network had loaded its library: parameters, gradients and all buffers.
"""
INFERENCE_MEMORY = "The same for three forwards (`python -m benchmarks.inference --memory`)."
SAVINGS = """\
Bytes of all tensors before and after `optnet.optimizeMemory`, beside those of Torch's optnet as its manual gives them
(`python -m benchmarks.savings`): inference of one image in double precision, after a forward; training of 64 in single
(Torch with cuDNN), after a forward and a backward. Convolutions have no unfolded images here, which is why there is
less to be saved for inference: with nothing but the parameters left it would be 50, 52, 60 and 69 %. Places of maxima,
which cuDNN does not keep, are 747 MiB of VGG-A in training, and 373 afterwards. Behind them the shares of networks of
[whole.py](whole.py), after a forward and a backward.
"""
GROWTH = """\
`python -m benchmarks.growth`: time per sample over batches, per step of sequences, and per connection of planes (or per
plane), forward and backward. "ratio" is the geometric mean of PyTorch's times over ours along the axis, "lowest" the
lowest one and where; a "cliff" is the time of a size over what its two neighbours let expect, the highest of the axis.

![Batch](growth-batch.svg)

![Length](growth-length.svg)

![Planes](growth-planes.svg)
"""
PAPER = """\
`python -m benchmarks.gpu` times these on a card, beside PyTorch and the card's ceilings; here is what it computes
without one: convolutions by the model that chooses tiles, whose rates are the share of multiply-adds in the kernels'
binaries (85 to 88 % exact), other layers by the sectors of memory that the emulator counts, at the bandwidth of a copy.
"""
#: Whose memory is told: each figure takes a process.
LARGE_STEPS = ("vgg:32", "alexnet:8", "resnet14:32", "generator:32")
LARGE_FORWARDS = ("vgg:1", "alexnet:1", "resnet14:32", "generator:1")
PAGE = Path(__file__).with_name("RESULTS.md")
Options = list[str]


def lines(name: str, *options: str) -> str:
    """What a benchmark prints; it is shown as it comes."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    found = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            print(line, end="", flush=True)
            found.append(line)
    if run.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return "".join(found)


def passes(dtype: str, options: Options) -> str:
    return lines("cpu", "--dtype", dtype, *(["--best"] if dtype == "float32" else []), *options)


def memory_of_networks(options: Options) -> str:
    steps, forwards = lines("steps", "--memory", *LARGE_STEPS), lines("inference", "--memory", *LARGE_FORWARDS)
    parts = STEP_MEMORY, steps, INFERENCE_MEMORY, forwards, memory.report()
    return "\n\n".join(part.strip() for part in parts)


def growth(options: Options) -> str:
    return f"{GROWTH}\n{lines('growth', '--plot', str(PAGE.parent), *options)}"


#: By short name: the heading and what writes the text below it.
SECTIONS: dict[str, tuple[str, Callable[[Options], str]]] = {
    "float32": ("float32", lambda options: passes("float32", options)),
    "float64": ("float64", lambda options: passes("float64", options)),
    "steps": (
        "Training steps of whole networks",
        lambda options: f"{STEPS}\n{lines('steps', '--compile', *options)}",
    ),
    "inference": (
        "Inference of whole networks",
        lambda options: f"{INFERENCE}\n{lines('inference', '--compile', *options)}",
    ),
    "growth": ("How cost grows", growth),
    "memory": ("Memory", memory_of_networks),
    "savings": ("Memory that optnet saves", lambda options: f"{SAVINGS}\n\n{lines('savings')}"),
    "gpu": ("On a GPU, on paper", lambda options: f"{PAPER}\n{lines('gpu', '--paper')}"),
    "start": ("Start", lambda options: cold_start.report()),
}


def machine(options: argparse.Namespace) -> str:
    """What the figures were taken on."""
    try:
        found = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in found if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, PyTorch {torch.__version__}"
    threads = f"{options.threads} thread{'s'[: options.threads > 1]}"
    clock = ", time of the processor on a busy machine" if options.cpu else ""
    return f"{model}, {os.cpu_count()} cores; {versions}; {threads}{clock}."


def written(page: str) -> dict[str, str]:
    """The sections of a page as it stands, by heading."""
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1].strip() for part in page.split("\n## ")[1:]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="SECTION", help=f"{', '.join(SECTIONS)}; all by default")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cpu", action="store_true", help="time of the processor, for one thread on a busy machine")
    options = parser.parse_args()
    if unknown := set(options.names) - SECTIONS.keys():
        parser.error(f"there is no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    passed = ["--threads", str(options.threads), *(["--cpu"] if options.cpu else [])]
    found = written(PAGE.read_text()) if PAGE.exists() else {}
    for name in options.names or SECTIONS:
        heading, make = SECTIONS[name]
        told = "" if name == "gpu" else f"{machine(options)}\n\n"  # computed: the same everywhere
        found[heading] = told + make(passed).strip()
        write(found)


def write(found: dict[str, str]) -> None:
    """The page: its sections in order, behind them those that others wrote."""
    order = [heading for heading, _ in SECTIONS.values() if heading in found]
    order += [heading for heading in found if heading not in order]
    PAGE.write_text("\n\n".join([INTRODUCTION.strip(), *(f"## {h}\n\n{found[h]}" for h in order)]) + "\n")


if __name__ == "__main__":
    main()
