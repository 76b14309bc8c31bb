"""What PyTorch's parameters have and arrays have not: ``size()``, ``numel()``, ``dim()``, ``fill_`` and the like."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import random
from .parameter import Parameter, plain


class Count(int):
    """How many elements an array has; called, its sizes or that of one dimension."""

    shape: tuple[int, ...]

    def __call__(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]


def _size(self: Parameter) -> Count:
    found = Count(self.data.size)
    found.shape = self.shape
    return found


def _filled(self: Parameter, value: Any) -> Parameter:
    self.data[...] = value
    return self


Parameter.size = property(_size)  # type: ignore[assignment, method-assign]
for _name, _method in {
    "numel": lambda self: self.data.size,
    "dim": lambda self: self.data.ndim,
    "fill_": _filled,
    "zero_": lambda self: _filled(self, 0),
    "copy_": lambda self, other: _filled(self, plain(other)),
    "normal_": lambda self, mean=0.0, std=1.0: _filled(
        self, random.normal_(np.empty(self.shape, self.dtype), mean, std)
    ),
    "uniform_": lambda self, a=0.0, b=1.0: _filled(self, random.uniform_(np.empty(self.shape, self.dtype), a, b)),
}.items():
    setattr(Parameter, _name, _method)
