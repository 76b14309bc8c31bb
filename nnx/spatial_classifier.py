from __future__ import annotations

from typing import Any

import nn
from nn import thnn
from torch7 import arrays, registry


@nn.register
class SpatialClassifier(nn.Container):
    """A classifier for rows, used at every pixel: ``C x H x W`` or ``N x C x H x W``, ``K`` planes come out.

    ``classifier`` maps ``n x C`` to ``n x K``, such as a Linear; ``add`` appends to it, a Sequential by default.
    Output: ``K x H x W`` or ``N x K x H x W``; with the field ``spatialOutput`` False the rows, one for each pixel.
    Other ranks raise ``ValueError``. Source: nnx.
    """

    spatialOutput = True
    _transient = ("inputT", "gradOutputT", "outputF", "gradInputF")

    def __init__(self, classifier: nn.Module | None = None) -> None:
        super().__init__()
        self.spatialOutput = True
        self.classifier = nn.Sequential() if classifier is None else classifier
        self.modules = [self.classifier]

    def add(self, module: nn.Module) -> SpatialClassifier:
        self.classifier.add(module)
        return self

    def updateOutput(self, input: Any) -> Any:
        rows = self.classifier.updateOutput(self.rows("inputT", input))
        self.output = self.planes("outputF", rows, input) if self.spatialOutput else rows
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradient = self.classifier.updateGradInput(self.rows("inputT", input), self._gradRows(gradOutput))
        self.gradInput = self.planes("gradInputF", gradient, input)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self.classifier.accGradParameters(self.rows("inputT", input), self._gradRows(gradOutput), scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.classifier.accUpdateGradParameters(self.rows("inputT", input), self._gradRows(gradOutput), lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.classifier.sharedAccUpdateGradParameters(self.rows("inputT", input), self._gradRows(gradOutput), lr)

    def _gradRows(self, gradOutput: Any) -> Any:
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        return self.rows("gradOutputT", gradOutput) if self.spatialOutput else thnn.contiguous(gradOutput)

    def rows(self, name: str, planes: Any) -> Any:
        """A row of values for every pixel, in the buffer ``name``."""
        self.checkType(planes)
        if planes.ndim not in (3, 4):
            raise ValueError(f"{self}: input must be C x H x W or N x C x H x W, got {arrays.describe(planes)}")
        last = arrays.array_module(planes).moveaxis(planes, -3, -1)
        rows = self.resized(vars(self).get(name), (last[..., 0].size, last.shape[-1]))
        rows.reshape(last.shape)[...] = last
        setattr(self, name, rows)
        return rows

    def planes(self, name: str, rows: Any, like: Any) -> Any:
        """The inverse of :meth:`rows`, for pixels of ``like``."""
        planes = self.resized(vars(self).get(name), (*like.shape[:-3], rows.shape[1], *like.shape[-2:]), rows, like)
        last = arrays.array_module(rows).moveaxis(planes, -3, -1)
        last[...] = rows.reshape(last.shape)
        setattr(self, name, planes)
        return planes

    def clearState(self) -> SpatialClassifier:
        for name in ("inputT", "gradOutputT", "outputF", "gradInputF"):
            vars(self).pop(name, None)
        return super().clearState()


@registry.upgrade(SpatialClassifier)
def _upgrade(module: SpatialClassifier, fields: dict) -> None:
    if fields.get("classifier") is None and fields.get("modules"):
        fields["classifier"] = fields["modules"][0]
    if not fields.get("modules"):
        fields["modules"] = [fields.get("classifier")]


registry.lacking(SpatialClassifier, spatialOutput=True)
