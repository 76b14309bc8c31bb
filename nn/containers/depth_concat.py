from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

from .. import joining
from ..extension import register
from .concat import Concat


@register
class DepthConcat(Concat):
    """Like :class:`Concat`, for outputs whose other sizes differ: smaller ones are centred among zeros.

    In every dimension but ``dimension`` the output has the largest size; an output of size ``s`` in one of size ``S``
    begins at 0-based ``(S - s) // 2``, so that an odd surplus leaves the larger margin at the end. Outputs of different
    ranks raise ``ValueError``. Source: manual chapter "containers".
    """

    def _joinedShape(self, outputs: list) -> tuple[int, ...]:
        axis = joining.axis_of(self, self.dimension, outputs[0])
        if any(output.ndim != outputs[0].ndim for output in outputs):
            name = registry.class_name(type(self))
            raise ValueError(f"{name}: outputs have different numbers of dimensions: {arrays.describe(outputs)}")
        sizes = zip(*(output.shape for output in outputs))
        return tuple(sum(s) if i == axis else max(s) for i, s in enumerate(sizes))

    def _join(self, outputs: list) -> None:
        self.output.fill(0)
        offset = 0
        for output in outputs:
            self._window(self.output, output, offset)[...] = output
            offset += output.shape[self.dimension - 1]

    def _part(self, i: int, whole: Any, output: Any, offset: int) -> Any:
        return joining.compact(self._parts, i, self._window(whole, output, offset))

    def _window(self, whole: Any, output: Any, offset: int) -> Any:
        starts = [(size - part) // 2 for size, part in zip(whole.shape, output.shape)]
        starts[self.dimension - 1] = offset
        return whole[tuple(slice(start, start + size) for start, size in zip(starts, output.shape))]
