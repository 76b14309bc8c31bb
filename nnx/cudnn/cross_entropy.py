"""cuDNN's losses of the classes of all pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nnx.named import named
from torch7 import arrays, registry


class PixelEntropy(nn.Criterion):
    """Base: LogSoftMax over the classes at every place, and the sum of the losses of all places.

    The gradient is divided by the batch, the loss is not; with ``sizeAverage`` False neither is.
    """

    dims = 2
    sizeAverage: Any = True

    def __init__(self) -> None:
        super().__init__()
        self.sizeAverage = True

    def updateOutput(self, input: Any, target: Any) -> float:
        _, places, logp = self._parts(input, target)
        self.output = -float(np.take_along_axis(logp, places, 1).sum(dtype=np.float64))
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        shape, places, logp = self._parts(input, target)
        gradInput = self.resizeGradInput(input, target)
        g = gradInput.reshape(shape)
        np.exp(logp, out=g)
        np.put_along_axis(g, places, np.take_along_axis(g, places, 1) - 1, 1)
        if self.sizeAverage:
            gradInput /= len(input)
        return gradInput

    def _parts(self, input: Any, target: Any) -> tuple[tuple, Any, Any]:
        """The shape ``N x C x places``, classes from 0, and log-probabilities."""
        self.checkType(input)
        if input.ndim != self.dims + 2 or not input.size:
            raise ValueError(f"{self}: mini-batches of {self.dims + 2} dimensions only, got {arrays.describe(input)}")
        if getattr(target, "shape", None) != (input.shape[0], *input.shape[2:]):
            raise ValueError(f"{self}: target must be of the sizes of {arrays.describe(input)} without its classes")
        N, C = input.shape[:2]
        classes = np.asarray(target)
        if (classes != np.floor(classes)).any() or ((classes < 1) | (classes > C)).any():
            raise IndexError(f"{self}: classes are 1..{C}, got {classes.min()}..{classes.max()}")
        x = input.reshape(N, C, -1)
        logp = x - x.max(1, keepdims=True)
        logp -= np.log(np.exp(logp).sum(1, keepdims=True))
        return x.shape, classes.reshape(N, 1, -1).astype(np.int64) - 1, logp


@named("cudnn.SpatialCrossEntropyCriterion")
class SpatialCrossEntropyCriterion(PixelEntropy):
    """The sum over all pixels of ``-log softmax(x)[class]``; its gradient is divided by the batch, the loss is not.

    Input: scores, ``N x C x H x W``; target: classes, ``N x H x W``. ``sizeAverage`` (True): False leaves the division
    out. ``ValueError`` for other shapes, ``IndexError`` for other classes. Source: cudnn.torch.
    """


@named("cudnn.VolumetricCrossEntropyCriterion")
class VolumetricCrossEntropyCriterion(PixelEntropy):
    """:class:`SpatialCrossEntropyCriterion` for ``N x C x T x H x W`` and classes ``N x T x H x W``."""

    dims = 3


registry.lacking(PixelEntropy, sizeAverage=True)


@registry.upgrade(PixelEntropy)
def _upgrade(criterion: PixelEntropy, fields: dict) -> None:
    for name in ("slsm", "nll", "scec"):
        fields.pop(name, None)
