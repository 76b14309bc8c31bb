"""Conversion of modules and criterions to another tensor type."""

from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from . import notebook, utils
from .storage import Shared, persistent


class Typed(Shared):
    """Base of Module and Criterion: ``type`` and its short forms, in place and with sharing kept."""

    _dtype: Any

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """Convert every tensor to the Torch type named, such as ``'torch.FloatTensor'``, in place; returns self.

        Tensors that share memory still do afterwards; ``tensorCache``, a dict passed to several calls, keeps sharing
        across objects. Index buffers stay integers. ``TypeError`` without a name.
        """
        if type is None:
            raise TypeError(f"{self.__class__.__name__}.type needs the name of a type, such as 'torch.FloatTensor'")
        arrays.module_of(type)
        self._checkConversion(type)
        cache = {} if tensorCache is None else tensorCache
        for name, value in persistent(self).items():
            vars(self)[name] = utils.recursiveType(self._unlinked(name, value), type, cache)
        self._dtype = arrays.dtype_of(type)
        return self

    def _checkConversion(self, type: str) -> None:
        """Raise ``TypeError``, before anything is converted, for a type that there can be no conversion to."""

    def float(self, tensorCache: dict | None = None) -> Self:
        """Convert to ``torch.FloatTensor``, float32."""
        return self.type("torch.FloatTensor", tensorCache)

    def double(self, tensorCache: dict | None = None) -> Self:
        """Convert to ``torch.DoubleTensor``, float64."""
        return self.type("torch.DoubleTensor", tensorCache)

    def cuda(self, tensorCache: dict | None = None) -> Self:
        """Convert to ``torch.CudaTensor``, float32 on the GPU; ``ImportError`` without CuPy."""
        return self.type("torch.CudaTensor", tensorCache)

    def _repr_html_(self) -> str:
        return notebook.tree(self)
