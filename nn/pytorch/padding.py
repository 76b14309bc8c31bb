"""Padding layers (manual, "Padding layers")."""

from __future__ import annotations

from typing import Any

from torch7 import arrays

from . import functional as F
from .module import Module


class Padding(Module):
    """Base: input N x C x ``dims`` sizes, or without N; ``padding`` is one number or (left, right, top, bottom ...).

    The last dimension comes first; negative sizes crop. ``ValueError`` for other ranks and sizes that do not fit.
    """

    dims: int
    mode: str
    value: float | None = None

    def __init__(self, padding: int | tuple) -> None:
        super().__init__()
        sizes = (padding,) * (2 * self.dims) if isinstance(padding, int) else tuple(padding)
        if len(sizes) != 2 * self.dims:
            raise ValueError(f"{type(self).__name__}: padding must be one number or {2 * self.dims}, got {padding}")
        self.padding = sizes

    def forward(self, input: Any) -> Any:
        if not arrays.is_array(input) or input.dtype.kind not in "iub":  # whole numbers may be padded, too
            self.check(input)
        if self.mode != "constant" and not self.dims + 1 <= input.ndim <= self.dims + 2:
            raise ValueError(f"{self}: expected {self.dims + 1} or {self.dims + 2} dimensions, got {input.shape}")
        return F.pad(input, self.padding, self.mode, self.value, out=self.room("output"))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        settings = self.padding, self.mode, self.value
        return F.pad_backward(gradOutput, input, *settings, out=self.room("gradInput"))[0]

    def extra_repr(self) -> str:
        return str(self.padding)


def _made(kind: str, mode: str, what: str, dims: tuple) -> list:
    """The classes of one mode for each number of dimensions."""

    def made(n: int) -> type:
        name = f"{kind}Pad{n}d"
        doc = f"Pad the last {n} dimension{'s' * (n > 1)} {what}."
        return type(name, (Padding,), {"dims": n, "mode": mode, "__doc__": doc, "__module__": __name__})

    return [made(n) for n in dims]


ReflectionPad1d, ReflectionPad2d, ReflectionPad3d = _made("Reflection", "reflect", "mirrored at the border", (1, 2, 3))
ReplicationPad1d, ReplicationPad2d, ReplicationPad3d = _made("Replication", "replicate", "by the border", (1, 2, 3))
CircularPad1d, CircularPad2d, CircularPad3d = _made("Circular", "circular", "from the other end", (1, 2, 3))


class ConstantPad1d(Padding):
    """Pad the last dimension with ``value``."""

    dims, mode = 1, "constant"

    def __init__(self, padding: int | tuple, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad2d(ConstantPad1d):
    """Pad the last 2 dimensions with ``value``."""

    dims = 2


class ConstantPad3d(ConstantPad1d):
    """Pad the last 3 dimensions with ``value``."""

    dims = 3


class ZeroPad1d(ConstantPad1d):
    """Pad the last dimension with zeros."""

    def __init__(self, padding: int | tuple) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return str(self.padding)


class ZeroPad2d(ZeroPad1d):
    """Pad the last 2 dimensions with zeros."""

    dims = 2


class ZeroPad3d(ZeroPad1d):
    """Pad the last 3 dimensions with zeros."""

    dims = 3
