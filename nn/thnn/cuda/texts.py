"""All kernels that there are: texts and instances, to be compiled beforehand and tested."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from .. import operation
from ..cpu.simd.elementwise import Elementwise, Reduction
from . import maps, places, products, sums
from .instances import TYPES
from .random import generator
from .runtime import Kernels, kernels

ROOM = Path(operation.__file__).parent


def all_kernels() -> Iterator[Kernels]:
    """``.cu`` files, the texts of nn.thnn.cuda, and the formulas of each module of the CPU."""
    yield from (k._launch for k in (products, sums, places, generator))
    for path in sorted(ROOM.glob("*/*.cu")):
        yield kernels(f"nn.thnn.{path.parent.name}.{path.stem}_cuda")
    for room, files in operation.OPERATIONS.items():
        for file in files:
            name = f"nn.thnn.{room}.{file}"
            if any(isinstance(v, Elementwise | Reduction) for v in vars(import_module(name)).values()):
                yield maps.formulas(name)[1]


def texts() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Title -> text and instances."""
    return {k.title: (k.text, k.instances) for k in all_kernels() if k.instances}


def compile_all(types: tuple[str, ...], say: Callable[[str], Any]) -> None:
    """Compile every instance for floats of these ``types`` on the current device; ``say`` gets a line a text."""
    others = set(TYPES.values()) - set(types)
    for found in all_kernels():
        start = time.monotonic()
        names = [name for name in found.instances if not any(f"<{kind}" in name for kind in others)]
        for name in names:
            found.function(name)
        say(f"{found.title}: {len(names)} kernels, {time.monotonic() - start:.1f} s")
