"""Fused updates on the GPU: the functions of ``kernels.cu`` as CuPy elementwise kernels."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from torch7.arrays import cupy

SOURCE = Path(__file__).with_name("kernels.cu")


@cache
def signatures() -> dict[str, tuple[list[str], list[str]]]:
    """Of every update the names of what it writes and of what it reads."""
    found = re.findall(r"__device__ void (\w+)\(([^)]*)\)", SOURCE.read_text())
    return {name: (re.findall(r"T &(\w+)", arguments), re.findall(r"T (\w+)", arguments)) for name, arguments in found}


@cache
def kernel(name: str) -> Any:
    """A function ``(written..., read...)`` that updates the written arrays in place."""
    written, read = signatures()[name]
    compiled = cupy().ElementwiseKernel(
        ", ".join(f"T {a}" for a in read),
        ", ".join(f"T {a}" for a in written),
        f"{name}({', '.join(written + read)});",
        f"optim_{name}",
        preamble=SOURCE.read_text(),
    )

    def call(*arguments: Any) -> None:
        compiled(*arguments[len(written) :], *arguments[: len(written)])

    return call
