"""How long a convolution's product takes on a GPU, by a model: which tile it gets, and into how many parts k is cut.

Only comparisons matter. A block's time is its multiply-adds by the rate of its kernel; blocks run in waves of as many
as the multiprocessors hold, and fewer at once hide less of what they wait for. The kernels' figures are those of their
binaries for compute capability 9.0 (the tests' ``limits.json``); nothing here is measured.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import Any, NamedTuple

from torch7 import arrays


class Card(NamedTuple):
    """Multiprocessors, their clock (Hz), and bytes a second of memory."""

    multiprocessors: int
    clock: float = 1.755e9
    bandwidth: float = 4.3e12


class Kernel(NamedTuple):
    """Rows and columns of a tile, depth of a step, threads, blocks that a multiprocessor holds, multiply-adds a clock
    of one, and whether a step lies within an image."""

    rows: int
    columns: int
    depth: int
    threads: int
    blocks: int
    rate: float
    whole: bool = False

    def sums(self, images: int, positions: int) -> int:
        """Places that a gradient of weights adds up, with those that fill the last step of an image."""
        return images * (-(-positions // self.depth) * self.depth if self.whole else positions)


class Choice(NamedTuple):
    """Rows of a tile, splits of k, and the time in seconds that the model gives them."""

    tile: int
    splits: int
    seconds: float


#: Of the gradient of weights. Small tiles copy up to twice as much for a multiply-add: they get less than their share.
WEIGHTS = (
    Kernel(128, 128, 16, 256, 2, 128 * 0.86),
    Kernel(64, 128, 16, 64, 4, 128 * 0.8),
    Kernel(64, 64, 16, 32, 8, 128 * 0.72, True),
)
#: 128 multiply-adds a clock times their share of the instructions in the inner loop.
EXACT = Kernel(128, 128, 16, 256, 2, 128 * 0.87), Kernel(64, 64, 16, 64, 8, 128 * 0.8)
DOUBLE = (Kernel(64, 64, 8, 64, 4, 64 * 0.78),)
#: mma.sync reaches 0.62 of the 1024 that tensor cores do; the rest is issue, and copies of small tiles.
TF32 = Kernel(128, 128, 16, 128, 2, 1024 * 0.62 * 0.75), Kernel(64, 64, 16, 32, 6, 1024 * 0.62 * 0.65)
#: Steps a split has at least, splits at most, and what one of a multiprocessor's blocks alone reaches of its rate.
STEPS, SPLITS, ALONE = 8, 16, 0.6
#: Threads of the least blocks that keep all four schedulers of a multiprocessor busy.
WIDTH = 128
#: Clocks until a block's first tile is there, and seconds of one more launch.
START, LAUNCH = 2000, 3e-6


def blocks_of(kernel: Kernel, rows: int, columns: int, groups: int) -> int:
    """How many tiles a product has."""
    return -(-rows // kernel.rows) * -(-columns // kernel.columns) * groups


def seconds(kernel: Kernel, rows: int, columns: int, depth: int, groups: int, splits: int, card: Card) -> float:
    """The time of a product of ``rows x depth`` by ``depth x columns``, and of adding up its splits."""
    steps = ceil(ceil(depth / kernel.depth) / splits)
    work = steps * kernel.depth * kernel.rows * kernel.columns
    wave = card.multiprocessors * kernel.blocks
    full, rest = divmod(blocks_of(kernel, rows, columns, groups) * splits, wave)
    clocks = full * (kernel.blocks * work / kernel.rate + START)
    if rest:
        held = -(-rest // card.multiprocessors)
        share = ALONE + (1 - ALONE) * (held - 1) / max(1, kernel.blocks - 1)
        share = min(share, held * kernel.threads / WIDTH)
        clocks += held * work / (kernel.rate * share) + START
    product = clocks / card.clock
    size = 4 * rows * columns * groups
    return product if splits == 1 else product + LAUNCH + (2 * splits + 1) * size / card.bandwidth


@lru_cache(maxsize=1024)
def choose(kernels: tuple, rows: int, columns: int, depth: int, groups: int, divisible: bool, card: Card) -> Choice:
    """The best of ``kernels`` and of the splits of k, which there are only where the sums are ``divisible``."""
    found = []
    for kernel in kernels:
        most = min(SPLITS, -(-depth // kernel.depth) // STEPS) if divisible else 1
        for splits in range(1, max(1, most) + 1):
            found.append(Choice(kernel.rows, splits, seconds(kernel, rows, columns, depth, groups, splits, card)))
    return min(found, key=lambda c: c.seconds)


def best_weights(
    kernels: tuple, rows: int, columns: int, images: int, positions: int, groups: int, card: Card
) -> Kernel:
    """The kernel for the gradient of weights, whose sums over images and places are divided to fill the card."""

    def time(kernel: Kernel) -> float:
        depth = kernel.sums(images, positions)
        tiles, steps = blocks_of(kernel, rows, columns, groups), ceil(depth / kernel.depth)
        splits = max(1, min(kernel.blocks * card.multiprocessors // tiles, steps // STEPS))
        return seconds(kernel, rows, columns, depth, groups, splits, card)

    # kernels count places in int32
    return min((k for k in kernels if k.sums(images, positions) < 2**31 - 1024), key=time)


@lru_cache(maxsize=64)
def card(device: int) -> Card:
    """The model's figures of a device, as far as it tells them."""
    attributes = arrays.cupy().cuda.Device(device).attributes
    clock: Any = attributes.get("ClockRate")  # kHz; newer drivers do not say it
    return Card(attributes["MultiProcessorCount"], *([clock * 1e3] if clock else []))
