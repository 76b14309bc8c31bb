"""Whole sequences on the CPU, forward and backward: SeqLSTM and SeqGRU beside PyTorch, SeqLSTM beside its steps.

``python -m benchmarks.recurrent [--rounds 7] [--threads 2] [NAME ...]``, names as ``lstm_128_b32``, ``gru_512_b64`` and
``steps_128_b32`` (SeqLSTM against FastLSTM in a Sequencer) or ``modules_128_b32`` (the same, every step module by
module, as in the old Torch); float32, 50 steps. Backward is that of the input and of the weights.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

import nn
import rnn  # noqa: F401
import torch7

from .timing import side_by_side

STEPS = 50
UNITS, BATCHES = (128, 256, 512), (32, 64)
NAMES = [f"{kind}_{units}_b{batch}" for kind in ("lstm", "gru") for units in UNITS for batch in BATCHES]
NAMES += [f"{kind}_{units}_b32" for kind in ("steps", "modules") for units in UNITS]


def sequences(units: int, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """A random input and gradOutput."""
    random = np.random.default_rng(0)
    return tuple(random.standard_normal((2, STEPS, batch, units)).astype(np.float32))


def ours(module: nn.Module, x: np.ndarray, dy: np.ndarray) -> Callable[[], Any]:
    """Forward and backward of a module."""
    module.float().training()

    def both() -> None:
        module.forward(x)
        module.backward(x, dy)

    return both


def theirs(module: Any, x: np.ndarray, dy: np.ndarray) -> Callable[[], Any]:
    """Forward and backward of one of PyTorch's modules."""
    import torch

    x, dy = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dy)
    parameters = [x, *module.parameters()]
    return lambda: torch.autograd.grad(module(x)[0], parameters, dy)


def contestants(name: str) -> dict[str, Callable[[], Any]]:
    """What is timed for a name, ours first."""
    kind, units, batch = name.split("_")
    units, data = int(units), sequences(int(units), int(batch[1:]))
    if kind in ("steps", "modules"):
        layer = nn.SeqLSTM(units, units)
        steps = layer.toFastLSTM()
        steps.fused = kind == "steps"
        return {"SeqLSTM": ours(layer, *data), "Sequencer": ours(nn.Sequencer(steps), *data)}
    from torch import nn as peer

    layer, other = {"lstm": (nn.SeqLSTM, peer.LSTM), "gru": (nn.SeqGRU, peer.GRU)}[kind]
    return {layer.__name__: ours(layer(units, units), *data), "PyTorch": theirs(other(units, units), *data)}


def row(name: str, rounds: int) -> str:
    """A line of the table: milliseconds of both, and how many times faster ours is."""
    times = side_by_side(contestants(name), rounds)
    mine, other = (1e3 * t for t in times.values())
    return f"| {name} | {' / '.join(times)} | {mine:.2f} | {other:.2f} | {other / mine:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("names", nargs="*", metavar="NAME", default=NAMES)
    given = parser.parse_args()
    import torch

    torch.set_num_threads(given.threads)
    torch7.setnumthreads(given.threads)
    print("| workload | beside | ms | ms of the other | ratio |\n|---|---|---|---|---|")
    for name in given.names:
        print(row(name, given.rounds), flush=True)


if __name__ == "__main__":
    main()
