"""Training steps of whole networks beside PyTorch.

``python -m benchmarks.steps [--threads 2] [--rounds 7] [--compile] [NAME[:BATCH] ...]``: milliseconds of a step of
gradient descent - forward, loss, backward, update - of torch7, the same in ``torch7.graph``, PyTorch, PyTorch with the
channels last, and with ``--compile`` what ``torch.compile`` makes. All take turns in one process. Without PyTorch ours
alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import nn
import torch7
import torch7.pytorch

from .timing import side_by_side
from .whole import NETWORKS, geometric_mean, made

#: Network and batch.
STEPS = {
    "vgg": [32], "lenet": [32, 1], "alexnet": [8], "bottlenecks": [8], "resnet14": [32], "text": [32], "c3d": [4],
    "generator": [32], "discriminator": [32], "mlp": [128, 1],
}  # fmt: skip


def ours(net: Any, x: np.ndarray) -> Callable[[], Any]:
    """A step; of classes where the network gives log-probabilities, else the mean square."""
    y = net.forward(x)
    classes = y.ndim == 2
    criterion = (nn.ClassNLLCriterion() if classes else nn.MSECriterion()).float()
    target = np.arange(len(y)) % 10 + 1 if classes else np.zeros_like(y)

    def step():
        net.zeroGradParameters()
        criterion.forward(net.forward(x), target)
        net.backward(x, criterion.backward(net.output, target))
        net.updateParameters(0.001)

    return step


def theirs(net: Any, x: np.ndarray, channels_last: bool = False, compiled: bool = False) -> Callable[[], Any] | None:
    """The same step of PyTorch, or None where it does not apply."""
    import torch

    if channels_last and x.ndim != 4:
        return None
    module, inputs = torch7.pytorch.to_module(net, x).train(), torch.from_numpy(x)
    if channels_last:
        module = module.to(memory_format=torch.channels_last)
        inputs = inputs.to(memory_format=torch.channels_last)
    y = module(inputs)
    optimiser = torch.optim.SGD(module.parameters(), 0.001)
    loss = torch.nn.NLLLoss() if y.ndim == 2 else torch.nn.MSELoss()
    target = torch.arange(len(y)) % 10 if y.ndim == 2 else torch.zeros_like(y)
    run = torch.compile(module) if compiled else module

    def step():
        optimiser.zero_grad()
        loss(run(inputs), target).backward()
        optimiser.step()

    return step


def contestants(name: str, batch: int, with_compiled: bool) -> dict[str, Callable[[], Any]]:
    net, x = made(name, batch)
    found: dict[str, Any] = {"torch7": ours(net, x), "graph": torch7.graph(ours(made(name, batch)[0], x))}
    for _ in range(3):
        found["graph"]()
    try:
        found["PyTorch"] = theirs(net, x)
        found["channels last"] = theirs(net, x, channels_last=True)
        found["compiled"] = theirs(net, x, compiled=True) if with_compiled else None
    except ImportError:
        pass
    return {label: run for label, run in found.items() if run is not None}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NETWORKS)}; vgg:8 for another batch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cpu", action="store_true", help="time of the processor, for one thread on a busy machine")
    parser.add_argument("--compile", action="store_true", help="torch.compile as well")
    options = parser.parse_args()
    torch7.setnumthreads(options.threads)
    try:
        import torch

        torch.set_num_threads(options.threads)
    except ImportError:
        print("PyTorch is not installed: torch7 alone")
    print("| step | torch7 | graph | PyTorch | channels last | compiled | PyTorch / graph | best / graph |")
    print("|---|---|---|---|---|---|---|---|")
    ratios, best = [], []
    for name, batch in chosen(options.names, STEPS):
        times = side_by_side(contestants(name, batch, options.compile), options.rounds, clock=clock(options))
        labels = ("torch7", "graph", "PyTorch", "channels last", "compiled")
        cells = [f"{times[label] * 1e3:.3g}" if label in times else "" for label in labels]
        fastest = min(times["torch7"], times["graph"])
        peers = [times[label] for label in labels[2:] if label in times]
        if peers:
            ratios.append(times["PyTorch"] / fastest)
            best.append(min(peers) / fastest)
            cells += [f"{ratios[-1]:.2f}", f"{best[-1]:.2f}"]
        print(f"| {name} {batch} | {' | '.join(cells)} |", flush=True)
    if ratios:
        print(f"\nGeometric mean {geometric_mean(ratios):.2f}, beside the best setting {geometric_mean(best):.2f}.")


def clock(options: argparse.Namespace) -> Callable[[], float]:
    """What tells the time: the wall's clock or the processor's."""
    return time.process_time if options.cpu else time.perf_counter


def chosen(names: list[str], batches: dict[str, list[int]]) -> list[tuple[str, int]]:
    """(network, batch) of names such as ``vgg`` and ``vgg:8``; all without names. ``KeyError`` for another name."""
    found = []
    for name in names or batches:
        name, _, batch = name.partition(":")
        found += [(name, b) for b in ([int(batch)] if batch else batches[name])]
    return found


if __name__ == "__main__":
    main()
