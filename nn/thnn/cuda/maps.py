"""Formulas of every element on the GPU: maps of arrays to an array, and sums.

:class:`Map` and :class:`Total` are called as the CPU's ``Elementwise`` and ``Reduction``, with arrays on the GPU. Maps
move 16 bytes at once where the addresses allow it; the output may be one of the inputs. A sum is taken in parts that
depend on the size alone, so that it is the same on every GPU, and stays there (:mod:`results`). All formulas of one
module of the CPU are one text.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from ..cpu.runtime.records import Pointer
from ..cpu.simd.elementwise import Elementwise, Reduction
from .formulas import Formula, translate
from .runtime import Kernels, blocks
from .sums import sum_of
from .workspace import take

#: Blocks of a sum, at most.
PARTS = 512
VALUE = """\
template <class T> __device__ inline T {name}_of({values}) {{
    {statements}
}}
"""
MAP = """\
template <class T> __global__ void __launch_bounds__(256, 4) {name}({pointers}, T* y, index_t n{numbers}) {{
    index_t step = (index_t)gridDim.x * 256, start = blockIdx.x * (index_t)256 + threadIdx.x;
    const int V = 16 / sizeof(T);
    index_t whole = ({addresses} | (unsigned long long)y) % 16 == 0 ? n / V : 0;
    for (index_t i = start; i < whole; i += step) {{
        Pack<T> {loads}, result;
#pragma unroll
        for (int k = 0; k < V; k++) result.v[k] = {name}_of<T>({packed}{passed});
        ((Pack<T>*)y)[i] = result;
    }}
    for (index_t i = whole * V + start; i < n; i += step) y[i] = {name}_of<T>({single}{passed});
}}
"""
TOTAL = """\
template <class T> __global__ void __launch_bounds__(256, 4) {name}({pointers}, T* y, index_t n{numbers}) {{
    __shared__ T room[32];
    T sums[4] = {{0, 0, 0, 0}};
    index_t step = (index_t)gridDim.x * 256, i = blockIdx.x * (index_t)256 + threadIdx.x;
    for (; i + 3 * step < n; i += 4 * step)
#pragma unroll
        for (int k = 0; k < 4; k++) sums[k] += {name}_of<T>({ahead}{passed});
    for (; i < n; i += step) sums[0] += {name}_of<T>({single}{passed});
    T total = block_reduce((sums[0] + sums[1]) + (sums[2] + sums[3]), Sum<T>(), room);
    if (threadIdx.x == 0) y[blockIdx.x] = total;
}}
"""


def text_of(name: str, formula: Formula, template: str) -> str:
    """The text of a formula's kernel."""
    inputs = [f"x{i}" for i in range(formula.inputs)]
    numbers = [f"k{i}" for i in range(len(formula.numbers))]
    values = ", ".join(f"T {name}" for name in inputs + numbers)
    value = VALUE.format(name=name, values=values, statements="\n    ".join(formula.statements))
    return value + template.format(
        name=name,
        pointers=", ".join(f"const T* {x}" for x in inputs),
        numbers="".join(f", T {k}" for k in numbers),
        passed="".join(f", {k}" for k in numbers),
        addresses=" | ".join(f"(unsigned long long){x}" for x in inputs),
        loads=", ".join(f"p{x} = ((const Pack<T>*){x})[i]" for x in inputs),
        packed=", ".join(f"p{x}.v[k]" for x in inputs),
        single=", ".join(f"{x}[i]" for x in inputs),
        ahead=", ".join(f"{x}[i + k * step]" for x in inputs),
    )


@cache
def formulas(module: str) -> tuple[dict[int, tuple[str, Formula]], Kernels]:
    """Of every formula in a module of the CPU, by its identity, name and translation; and the kernels of all."""
    known, text = {}, '#include "common.cuh"\n'
    for name, value in vars(import_module(module)).items():
        if isinstance(value, Elementwise | Reduction) and value.__module__ == module:
            name = name.strip("_")
            formula = translate(value.__wrapped__, _inputs(value))
            text += text_of(name, formula, MAP if isinstance(value, Elementwise) else TOTAL)
            known[id(value)] = name, formula
    return known, Kernels(".".join(module.split(".")[-2:]), text)


def _inputs(kernel: Elementwise | Reduction) -> int:
    """How many arrays a formula reads: the pointers of its frame, but for that of the parts of its sum."""
    return kernel.inputs if isinstance(kernel, Elementwise) else kernel.region.kinds.count(Pointer) - 1


class Map:
    """``map(inputs..., output, numbers...)``, as the CPU's :class:`Elementwise`."""

    def __init__(self, kernel: Elementwise) -> None:
        known, self.kernels = formulas(kernel.__module__)
        self.name, self.formula = known[id(kernel)]

    def __call__(self, *arguments: Any) -> None:
        inputs = self.formula.inputs
        output = arguments[inputs]
        if output.size:
            values = self.formula.values(arguments[inputs + 1 :])
            grid = blocks(output.size, 1024)
            self.kernels(f"{self.name}<T>", output.dtype, grid, 256, *arguments[: inputs + 1], output.size, *values)


class Total:
    """``total(inputs..., numbers...)``, as the CPU's :class:`Reduction`; the sum stays on the GPU."""

    def __init__(self, kernel: Reduction) -> None:
        known, self.kernels = formulas(kernel.__module__)
        self.name, self.formula = known[id(kernel)]

    def __call__(self, *arguments: Any) -> Any:
        inputs = self.formula.inputs
        x = arguments[0]
        grid, parts = blocks(x.size, 1024, PARTS), take("sums", x.dtype, PARTS)
        values = self.formula.values(arguments[inputs:])
        self.kernels(f"{self.name}<T>", x.dtype, grid, 256, *arguments[:inputs], parts, x.size, *values)
        return sum_of(parts, grid[0])
