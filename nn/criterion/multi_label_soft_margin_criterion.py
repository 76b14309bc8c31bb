from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

from .. import thnn
from ..extension import register
from .elementwise import ElementwiseCriterion
from .labels import check_columns, class_weights


@register
class MultiLabelSoftMarginCriterion(ElementwiseCriterion):
    """The logistic loss of independent labels: ``loss = -sum w (t log s + (1 - t) log(1 - s)) / n``.

    ``s = 1 / (1 + exp(-x))``. Input: n scores; target: n labels 0 or 1; both of one shape. ``weights``: a factor for
    each element of a vector or each column of a matrix, 1 by default. Without the division if ``sizeAverage`` is False.
    No element overflows. ``TypeError`` for another type, ``ValueError`` for different numbers of elements. Source:
    manual chapter "criterion".
    """

    def __init__(self, weights: Any = None, sizeAverage: bool | None = None) -> None:
        super().__init__(sizeAverage)
        self.weights = class_weights(self, weights)

    def _t7_fields(self) -> dict:
        """Lua's criterion runs a module."""
        sigmoid = registry.find("nn.Sigmoid")().type(arrays.type_name(self.gradInput))
        return {"sigmoid": sigmoid} | vars(self)

    def updateOutput(self, input: Any, target: Any) -> float:
        target = self.checkPair(input, target)
        check_columns(self, input)
        return self.loss(thnn.MultiLabelSoftMarginCriterion_updateOutput, input, target, self.weights)

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.checkPair(input, target)
        check_columns(self, input)
        return self.gradient(thnn.MultiLabelSoftMarginCriterion_updateGradInput, input, target, self.weights)
