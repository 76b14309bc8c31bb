"""What ``optnet`` saves of all tensors' bytes, for inference and for training.

``python -m benchmarks.savings``: beside the figures that optnet's manual gives for four networks ([published.py]): one
image in double precision after a forward, 64 in single after a forward and a backward.
``python -m benchmarks.savings NAME[:BATCH] ...``: networks of [whole.py] after a forward and a backward.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from rocks import optnet

from .contests import chosen, heading, row
from .published import NETWORKS
from .whole import made

BATCHES = {"vgg": [8], "alexnet": [8], "resnet14": [8], "bottlenecks": [8], "lenet": [8]}
MODES = ("inference", "training")
#: Samples and their type, as published.
AS_PUBLISHED = {"inference": (1, "torch.DoubleTensor"), "training": (64, "torch.FloatTensor")}


def used(net: Any, x: np.ndarray, mode: str, backward: bool) -> tuple[int, int]:
    """The bytes of all tensors before and after."""
    net = net.training() if mode == "training" else net.evaluate()

    def run() -> int:
        output = net.forward(x)
        if backward:
            net.backward(x, np.zeros_like(output))
        return optnet.countUsedMemory(net)["total_size"]

    before = run()
    optnet.optimizeMemory(net, x, {"mode": mode})
    backward = backward and mode == "training"
    return before, run()


def saved(name: str, batch: int, mode: str) -> float:
    """The share of all tensors' bytes that goes."""
    before, after = used(*made(name, batch), mode, True)
    return 1 - after / before


def beside_published(name: str, mode: str) -> str:
    make, size, figures = NETWORKS[name]
    batch, kind = AS_PUBLISHED[mode]
    net = make().type(kind)
    x = np.zeros((batch, 3, size, size), net.parameters()[0][0].dtype)
    ours = [n / 2**20 for n in used(net, x, mode, mode == "training")]
    cells = [f"{name}, {mode}"]
    for before, after in (ours, figures[mode]):
        cells += [f"{before:.0f}", f"{after:.0f}", f"{1 - after / before:.0%}"]
    return row(cells)


def main(names: list[str]) -> None:
    if not names:
        print(heading(["network", "before, MiB", "after", "saved", "published before", "after", "saved"]))
        for name in NETWORKS:
            for mode in MODES:
                print(beside_published(name, mode), flush=True)
        print()
    print(heading(["network", *MODES]))
    for name, batch in chosen(names, BATCHES):
        print(row([f"{name} {batch}", *(f"{saved(name, batch, mode):.0%}" for mode in MODES)]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
