"""Time one step of the optimisers beside PyTorch's on 10 million float32 parameters.

Run ``python benchmarks/optimisers.py`` with PyTorch installed. Steps alternate in one process; medians are compared.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

import optim

SETTINGS = {
    "sgd": {"learningRate": 0.01, "momentum": 0.9, "dampening": 0, "weightDecay": 1e-4},
    "adam": {"learningRate": 0.001},
}
PEERS = {
    "sgd": lambda p, **kind: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=1e-4, **kind),
    "adam": lambda p, **kind: torch.optim.Adam(p, lr=0.001, **kind),
}


def ours(name: str, x: np.ndarray, gradient: np.ndarray) -> Callable[[], None]:
    """One step of ``optim.<name>``, the gradient given."""
    step, config, state = getattr(optim, name), SETTINGS[name], {}
    return lambda: step(lambda _: (0.0, gradient), x, config, state)


def peer(name: str, x: np.ndarray, gradient: np.ndarray, kind: str) -> Callable[[], None]:
    """One step of PyTorch's optimiser in its ``fused`` or ``foreach`` form, or as it is by default."""
    parameter = torch.nn.Parameter(torch.from_numpy(x.copy()))
    parameter.grad = torch.from_numpy(gradient.copy())
    return PEERS[name]([parameter], **({kind: True} if kind != "default" else {})).step


def medians(steps: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """The median milliseconds of each step, taken in turn."""
    times: dict[str, list[float]] = {label: [] for label in steps}
    for turn in range(rounds + 3):
        for label, step in steps.items():
            start = time.perf_counter()
            step()
            if turn >= 3:
                times[label].append(1e3 * (time.perf_counter() - start))
    return {label: statistics.median(values) for label, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parameters", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=31)
    options = parser.parse_args()
    draw = np.random.default_rng(0)
    x = draw.standard_normal(options.parameters, np.float32)
    gradient = draw.standard_normal(options.parameters, np.float32)
    print(f"{options.parameters} float32 parameters, median ms of a step (ratio to ours)")
    for name in SETTINGS:
        steps = {"ours": ours(name, x.copy(), gradient)}
        steps |= {kind: peer(name, x, gradient, kind) for kind in ("fused", "foreach", "default")}
        result = medians(steps, options.rounds)
        print(f"{name:5s}", *(f"{kind} {ms:.2f} ({ms / result['ours']:.2f})" for kind, ms in result.items()))


if __name__ == "__main__":
    main()
