"""cuDNN's losses of the classes of all pixels."""

from __future__ import annotations

from typing import Any

import nn
from nnx.named import named
from torch7 import arrays, registry


@named("cudnn.SpatialCrossEntropyCriterion")
class SpatialCrossEntropyCriterion(nn.Criterion):
    """LogSoftMax at every pixel and :class:`nn.SpatialClassNLLCriterion`, whose ``weights`` and ``sizeAverage`` it has.

    Input: scores, ``N x C x H x W``; target: classes, ``N x H x W``. In files of its first version (``batchAverage``)
    the loss is the sum over all pixels, and the gradient that of the sum divided by N. ``ValueError`` for other shapes,
    ``IndexError`` for other classes. Source: cudnn.torch.
    """

    batchAverage = False
    sizeAverage: Any = True

    def __init__(self, weights: Any = None) -> None:
        super().__init__()
        self.slsm, self.nll = nn.SpatialLogSoftMax(), nn.SpatialClassNLLCriterion(weights)
        self.sizeAverage = True

    def updateOutput(self, input: Any, target: Any) -> float:
        check(self, input, target, 4)
        self.nll.sizeAverage = bool(self.sizeAverage and not self.batchAverage)
        self.output = self.nll.updateOutput(self.slsm.updateOutput(input), target)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        check(self, input, target, 4)
        gradient = self.nll.updateGradInput(self.slsm.output, target)
        self.gradInput = self.slsm.updateGradInput(input, gradient)
        if self.batchAverage and self.sizeAverage:
            self.gradInput /= len(input)
        return self.gradInput

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        if type is not None:
            self.slsm.type(type, tensorCache)
            self.nll.type(type, tensorCache)
        return super().type(type, tensorCache)


@named("cudnn.VolumetricCrossEntropyCriterion")
class VolumetricCrossEntropyCriterion(nn.Criterion):
    """:class:`SpatialCrossEntropyCriterion` for ``N x C x T x H x W`` and classes ``N x T x H x W``: field ``scec``."""

    def __init__(self, weights: Any = None) -> None:
        super().__init__()
        self.scec = SpatialCrossEntropyCriterion(weights)

    def updateOutput(self, input: Any, target: Any) -> float:
        self.output = self.scec.updateOutput(*self._folded(input, target))
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        self.gradInput = self.scec.updateGradInput(*self._folded(input, target)).reshape(input.shape)
        return self.gradInput

    def _folded(self, input: Any, target: Any) -> tuple[Any, Any]:
        """Time and rows in one dimension."""
        check(self, input, target, 5)
        N, C, T, H, W = input.shape
        return input.reshape(N, C, T * H, W), target.reshape(N, T * H, W)

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        if type is not None:
            self.scec.type(type, tensorCache)
        return super().type(type, tensorCache)


def check(criterion: nn.Criterion, input: Any, target: Any, dims: int) -> None:
    """``ValueError`` unless ``input`` is a mini-batch of ``dims`` dimensions, and ``target`` of its sizes without C."""
    criterion.checkType(input)
    if input.ndim != dims or not input.size:
        raise ValueError(f"{criterion}: mini-batches of {dims} dimensions only, got {arrays.describe(input)}")
    if getattr(target, "shape", None) != (input.shape[0], *input.shape[2:]):
        raise ValueError(f"{criterion}: target must be of the sizes of {arrays.describe(input)} without its classes")


@registry.upgrade(SpatialCrossEntropyCriterion)
def _upgrade(criterion: SpatialCrossEntropyCriterion, fields: dict) -> None:
    """The first version had a ClassNLLCriterion over rows of pixels."""
    if type(fields.get("nll")) is nn.ClassNLLCriterion:
        fields["nll"], fields["batchAverage"] = nn.SpatialClassNLLCriterion(), True
