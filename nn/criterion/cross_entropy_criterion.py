from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from .. import thnn
from ..criterion_base import Criterion
from ..extension import register
from ..transfer.log_soft_max import LogSoftMax
from .class_nll_criterion import ClassNLLCriterion
from .labels import refuse_label


@register
class CrossEntropyCriterion(Criterion):
    """LogSoftMax and ClassNLLCriterion in one: ``loss = -log(exp(x_t) / sum_j exp(x_j))``, weighted and averaged.

    Input: C scores, or ``N x C``; target, ``weights`` and ``sizeAverage`` are those of :class:`ClassNLLCriterion`,
    which is the field ``nll``; the LogSoftMax is ``lsm``. Dimensions of size 1 are left out of input and target first:
    ``1 x C`` is one sample, and ``N x 1`` one sample of N classes. ``ValueError`` for labels that are not there and for
    another number of them, ``TypeError`` for another type. Source: manual chapter "criterion".
    """

    def __init__(self, weights: Any = None, sizeAverage: bool | None = None) -> None:
        super().__init__()
        self.lsm = LogSoftMax()
        self.nll = ClassNLLCriterion(weights, sizeAverage)
        self.sizeAverage = self.oldSizeAverage = self.nll.sizeAverage

    def updateOutput(self, input: Any, target: Any) -> float:
        input, target = self.squeezed(input, target)
        if self.sizeAverage != self.oldSizeAverage:
            self.nll.sizeAverage = self.oldSizeAverage = self.sizeAverage
        self.output = loss = self.nll.updateOutput(self.lsm.updateOutput(input), target)
        return loss

    def updateGradInput(self, input: Any, target: Any) -> Any:
        nll, output = self.nll, self.lsm.output
        squeezed, target = self.squeezed(input, target)
        if squeezed.shape != output.shape:
            raise ValueError(
                f"{self}: input is {arrays.describe(input)}, the log-probabilities of the last forward are "
                f"{arrays.describe(output)}; call forward before backward"
            )
        x, labels = nll.samples(output, target)
        gradInput = self.resizeGradInput(input, target)
        bad = thnn.CrossEntropyCriterion_updateGradInput(
            output, labels, gradInput, nll.weights, nll.ignoreIndex, nll.factor()
        )
        if bad >= 0:
            refuse_label(nll, labels[bad], x.shape[1])
        return gradInput

    def squeezed(self, input: Any, target: Any) -> tuple[Any, Any]:
        """Input and target without dimensions of size 1; ``ValueError`` where nothing is left of the input."""
        if type(input) is not np.ndarray or input.dtype is not self._dtype:
            self.checkType(input)
        squeezed = input.squeeze() if 1 in input.shape else input
        if not 1 <= squeezed.ndim <= 2:
            raise ValueError(f"{self}: input must be vector or matrix, got {arrays.describe(input)}")
        if arrays.is_array(target) and 1 in target.shape:
            target = target.squeeze()
        return squeezed, target
