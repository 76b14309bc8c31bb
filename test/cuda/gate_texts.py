"""All texts of kernels that the library has, and the instances of each."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from nn import thnn
from nn.thnn import operation
from nn.thnn.cpu.simd.elementwise import Elementwise, Reduction
from nn.thnn.cuda import maps, places, products, sums
from nn.thnn.cuda.runtime import Kernels, kernels

ROOM = Path(thnn.__file__).parent


def texts() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Title -> text and instances: ``.cu`` files, the texts of nn.thnn.cuda, and formulas, module by module."""
    found = [k._launch for k in (products, sums, places)]
    for path in sorted(ROOM.glob("*/*.cu")):
        found.append(kernels(f"nn.thnn.{path.parent.name}.{path.stem}_cuda"))
    for room, files in operation.OPERATIONS.items():
        for file in files:
            name = f"nn.thnn.{room}.{file}"
            if any(isinstance(v, Elementwise | Reduction) for v in vars(import_module(name)).values()):
                found.append(maps.formulas(name)[1])
    return {k.title: (k.text, k.instances) for k in found if isinstance(k, Kernels) and k.instances}
