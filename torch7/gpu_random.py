"""Who draws the numbers of arrays on a GPU: the GPU itself, or the CPU's generator.

A GPU has a generator of its own, which ``cutorch.manualSeed`` seeds. It draws unless a program has seeded the CPU's
alone: then it wants the numbers of that seed, which are the same on both.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from . import arrays
from .generator import Generator

#: CuPy, once a program has chosen the seed of a GPU.
_seeded: Any = None


def own(generator: Generator) -> bool:
    """Whether a GPU draws for itself what ``generator`` would draw for it."""
    return not generator.seeded or (_seeded is not None and _seeded is arrays._cupy)


def chosen() -> None:
    """A program has chosen the seed of a GPU: from now on they draw for themselves."""
    global _seeded
    _seeded = arrays.cupy()


def fill(kind: str, x: Any, *parameters: float) -> Any:
    """Fill ``x``, on a GPU, with numbers of its own generator; the kinds are the functions of :mod:`torch7.random`."""
    return import_module("nn.thnn").drawing_there().fill(kind, x, *parameters)
