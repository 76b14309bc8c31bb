"""Inference of whole networks beside ONNX Runtime and PyTorch.

``python -m benchmarks.inference [--threads 2] [--rounds 7] [--memory] [NAME[:BATCH] ...]``: milliseconds of a forward
of ``net.evaluate()``, of ``nn.freeze``, of ONNX Runtime on the file that ``torch7.onnx`` writes, and of PyTorch without
gradients. All take turns in one process; what is not installed is left out. ``--memory``: what ``optnet`` saves.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

import nn
import torch7
import torch7.onnx
import torch7.pytorch
from rocks import optnet

from .steps import chosen, clock
from .timing import side_by_side
from .whole import NETWORKS, geometric_mean, made

BATCHES = {
    "vgg": [1, 32], "lenet": [1], "alexnet": [1, 8], "bottlenecks": [1], "resnet14": [1, 32], "c3d": [1],
    "generator": [1], "discriminator": [1], "mlp": [1, 128],
}  # fmt: skip
LABELS = ("torch7", "frozen", "ONNX Runtime", "PyTorch")


def contestants(name: str, batch: int, threads: int) -> dict[str, Callable[[], Any]]:
    net, x = made(name, batch)
    net.training().forward(np.concatenate([x, 0.5 * x]))  # statistics of batch normalization
    net.evaluate()
    frozen = nn.freeze(net, x)
    found: dict[str, Callable[[], Any]] = {"torch7": lambda: net.forward(x), "frozen": lambda: frozen.forward(x)}
    for label, make in (("ONNX Runtime", _onnx), ("PyTorch", _pytorch)):
        try:
            found[label] = make(net, x, threads)
        except ImportError:
            print(f"{label} is not installed")
    return found


def _onnx(net: Any, x: np.ndarray, threads: int) -> Callable[[], Any]:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    model = torch7.onnx.export(net, x, None, dynamic=False).SerializeToString()
    session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    given = {session.get_inputs()[0].name: x}
    return lambda: session.run(None, given)


def _pytorch(net: Any, x: np.ndarray, threads: int) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(threads)
    module, inputs = torch7.pytorch.to_module(net, x).eval(), torch.from_numpy(x)

    def run():
        with torch.no_grad():
            return module(inputs)

    return run


def saved(name: str, batch: int, mode: str) -> float:
    """The share of all tensors' bytes that optnet saves after a forward and a backward."""
    net, x = made(name, batch)
    net = net.training() if mode == "training" else net.evaluate()
    net.backward(x, np.zeros_like(net.forward(x)))
    before = optnet.countUsedMemory(net)["total_size"]
    optnet.optimizeMemory(net, x, {"mode": mode})
    output = net.forward(x)
    if mode == "training":
        net.backward(x, np.zeros_like(output))
    return 1 - optnet.countUsedMemory(net)["total_size"] / before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NETWORKS)}; vgg:8 for another batch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cpu", action="store_true", help="time of the processor, for one thread on a busy machine")
    parser.add_argument("--memory", action="store_true", help="what optnet saves, no times")
    options = parser.parse_args()
    torch7.setnumthreads(options.threads)
    work = chosen(options.names, BATCHES)
    if options.memory:
        print("| network | inference | training |\n|---|---|---|")
        for name, batch in work:
            shares = [f"{saved(name, batch, mode):.0%}" for mode in ("inference", "training")]
            print(f"| {name} {batch} | {' | '.join(shares)} |", flush=True)
        return
    print("| forward | torch7 | frozen | ONNX Runtime | PyTorch | ONNX Runtime / frozen | PyTorch / frozen |")
    print("|---|---|---|---|---|---|---|")
    ratios: dict[str, list[float]] = {label: [] for label in LABELS[2:]}
    for name, batch in work:
        times = side_by_side(contestants(name, batch, options.threads), options.rounds, clock=clock(options))
        cells = [f"{times[label] * 1e3:.3g}" if label in times else "" for label in LABELS]
        for label in LABELS[2:]:
            if label in times:
                ratios[label].append(times[label] / times["frozen"])
            cells.append(f"{ratios[label][-1]:.2f}" if label in times else "")
        print(f"| {name} {batch} | {' | '.join(cells)} |", flush=True)
    means = [f"{geometric_mean(found):.2f} beside {label}" for label, found in ratios.items() if found]
    print(f"\nGeometric means: {', '.join(means)}." if means else "")


if __name__ == "__main__":
    main()
