"""What ``optnet`` saves of all tensors' bytes, for inference and for training.

``python -m benchmarks.savings [NAME[:BATCH] ...]``: networks of [whole.py] after a forward and a backward.
"""

from __future__ import annotations

import sys

import numpy as np

from rocks import optnet

from .contests import chosen, heading, row
from .whole import made

BATCHES = {"vgg": [8], "alexnet": [8], "resnet14": [8], "bottlenecks": [8], "lenet": [8]}
MODES = ("inference", "training")


def saved(name: str, batch: int, mode: str) -> float:
    """The share of all tensors' bytes that goes."""
    net, x = made(name, batch)
    net = net.training() if mode == "training" else net.evaluate()
    net.backward(x, np.zeros_like(net.forward(x)))
    before = optnet.countUsedMemory(net)["total_size"]
    optnet.optimizeMemory(net, x, {"mode": mode})
    output = net.forward(x)
    if mode == "training":
        net.backward(x, np.zeros_like(output))
    return 1 - optnet.countUsedMemory(net)["total_size"] / before


def main(names: list[str]) -> None:
    print(heading(["network", *MODES]))
    for name, batch in chosen(names, BATCHES):
        print(row([f"{name} {batch}", *(f"{saved(name, batch, mode):.0%}" for mode in MODES)]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
