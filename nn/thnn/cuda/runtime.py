"""Kernels of ``.cu`` files: compiled at the first call of an instance, launched with arguments of the exact type.

A file is text for CuPy's ``RawModule``, headers in the place of ``#include``, and every instance a module of its own:
``get_function`` compiles all that a module names. Arguments become what the parameters in the text say: a number of
another width would be read as garbage. Compiled kernels are on disk from then on (CuPy's cache).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from torch7 import arrays

from .instances import TYPES, instances, typed

HERE = Path(__file__).parent
OPTIONS = ("-std=c++17",)
#: More blocks than any GPU holds at once; kernels go on from there in steps of the grid.
BLOCKS = 2112
#: What a parameter's type takes from Python; T, the instance's own type, is not among them.
NUMBERS = {
    "int": np.int32,
    "unsigned": np.uint32,
    "index_t": np.int64,
    "unsigned long long": np.uint64,
    "float": np.float32,
    "double": np.float64,
    "bool": np.bool_,
}
_INCLUDE = re.compile(r'#include "(\w+\.cuh)"\n')
_KERNEL = re.compile(r"__global__ void(?:\s+__launch_bounds__\((?:[^()]|\([^()]*\))*\))?\s+(\w+)\(([^)]*)\)")
_SHARED_WITHOUT_ASKING = 48 * 1024


def whole_text(text: str, title: str) -> str:
    """``text`` of a file called ``title`` with its headers in it."""
    headers = "".join(f'#line 1 "{name}"\n{(HERE / name).read_text()}' for name in _INCLUDE.findall(text))
    return f'{headers}#line 1 "{title}"\n{_INCLUDE.sub(chr(10), text)}'


def parameters(text: str) -> dict[str, tuple[str, ...]]:
    """Of every kernel of a text the types of its parameters; ``*`` for a pointer."""
    return {name: tuple(map(_type, given.split(","))) for name, given in _KERNEL.findall(text)}


def _type(parameter: str) -> str:
    if "*" in parameter:
        return "*"
    return " ".join(parameter.split()[:-1]).replace("const ", "")


def blocks(n: int, threads: int = 256, most: int = BLOCKS) -> tuple[int]:
    """The grid for ``n`` elements, one a thread."""
    return (max(1, min(-(-n // threads), most)),)


class Kernels:
    """The kernels of one text, ``title`` being its place in the table of instances."""

    def __init__(self, title: str, text: str) -> None:
        self.title, self.text = title, whole_text(text, f"{title.rpartition('/')[2]}.cu")
        self.instances, self.parameters = instances(title, self.text), parameters(self.text)
        self.launchers: dict[tuple, Callable] = {}

    def __call__(self, name: str, dtype: Any, grid: tuple, threads: int, *arguments: Any, shared: int = 0) -> None:
        """Launch ``name``, such as ``"softmax_warp<T,4,true>"``, for floats of ``dtype``; None is a null pointer."""
        device = arrays.cupy().cuda.runtime.getDevice()
        launch = self.launchers.get((name, dtype, device))
        if launch is None:
            launch = self.launchers[name, dtype, device] = self.launcher(name, dtype)
        launch(grid, (threads,), arguments, shared)

    def each(self, name: str, n: int, like: Any, *arguments: Any) -> None:
        """Launch ``name`` for floats as those of ``like`` with a thread an element, of which there are ``n``."""
        if n:
            self(f"{name}<T>", like.dtype, blocks(n), 256, *arguments)

    def launcher(self, name: str, dtype: Any) -> Callable:
        """The compiled instance on the current device, as a function of grid, block, arguments and shared memory."""
        own = self.parameters[name.partition("<")[0]]
        types = [None if kind == "*" else NUMBERS.get(kind) or np.dtype(dtype).type for kind in own]
        function = self.function(typed(name, TYPES[np.dtype(dtype).char]))

        def launch(grid: tuple, block: tuple, arguments: tuple, shared: int) -> None:
            given = tuple([x if kind is None else kind(x) for kind, x in zip(types, arguments, strict=True)])
            if shared > _SHARED_WITHOUT_ASKING and function.max_dynamic_shared_size_bytes < shared:
                function.max_dynamic_shared_size_bytes = shared
            function(grid, block, given, shared_mem=shared)

        return launch

    def function(self, name: str) -> Any:
        """CuPy's function of an instance."""
        if name not in self.instances:
            raise KeyError(f"{self.title}.cu: the table of instances does not name {name}")
        module = arrays.cupy().RawModule(code=self.text, options=OPTIONS, name_expressions=(name,))
        return module.get_function(name)


@cache
def kernels(module: str) -> Kernels:
    """The kernels beside the module of this name: ``nn.thnn.transfer.soft_max_cuda`` has those of soft_max.cu."""
    room, name = module.removesuffix("_cuda").split(".")[-2:]
    return Kernels(f"{room}/{name}", (HERE.parent / room / f"{name}.cu").read_text())
