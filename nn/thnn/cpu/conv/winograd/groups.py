"""How the gradient of weights divides images: into groups with sums of their own, and into blocks of all groups."""

from __future__ import annotations

from typing import NamedTuple

from ...runtime.jit import inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import bound, ceil_div
from ...runtime.records import Int, Pointer
from ...simd import registers as simd
from .shapes import WIDE


class Block(NamedTuple):
    """Some rows of tiles of ``images`` images of every group, from the group's image number ``first`` on."""

    first: Int
    images: Int
    top: Int
    rows: Int
    groups: Int
    all_images: Int


@inner
def images_of(block, group):
    """The first image that a block has of a group, and how many: the groups may differ by one image."""
    first = bound(block.all_images, group, block.groups, 1) + block.first
    return first, min(block.images, bound(block.all_images, group + 1, block.groups, 1) - first)


@parallel_region
def join(du: Pointer, groups: Int, size: Int, part, parts):
    """dU of the first group += those of the others"""
    lanes = simd.lanes(du)
    for i in range(bound(size, part, parts, lanes), bound(size, part + 1, parts, lanes), lanes):
        total = simd.load(du, i)
        for group in range(1, groups):
            total += simd.load(du, group * size + i)
        simd.store(du, i, total)


def groups_of(images: int, tiles: int, channels: int, outputs: int) -> int:
    """1, 2 or 4: sums of their own are worth it while dU is smaller than what the tiles of a group are read from.

    Wide ones multiply long enough with what they read from the caches of other threads.
    """
    narrowest = min(channels, outputs)
    largest = 4 if narrowest < WIDE else 2 if narrowest < 2 * WIDE else 1
    most = min(largest, images, tiles * (channels + outputs) // (2 * channels * outputs))
    return max(n for n in (1, 2, 4) if n <= max(1, most))


def blocks_of(images: int, grid: tuple[int, int], groups: int, tiles: int) -> list[Block]:
    """Blocks of about so many tiles, of images with a grid of them."""
    down, across = grid
    largest = ceil_div(images, groups)
    step = min(largest, max(1, tiles // (groups * down * across)))
    step = ceil_div(largest, ceil_div(largest, step))
    rows = down if step > 1 else min(down, max(1, tiles // (groups * across)))
    return [
        Block(first, step, top, min(rows, down - top), groups, images)
        for first in range(0, largest, step)
        for top in range(0, down, rows)
    ]
