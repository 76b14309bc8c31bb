from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import thnn
from ..extension import register
from .class_nll_criterion import ClassNLLCriterion
from .labels import check_weights, class_labels


@register
class SpatialClassNLLCriterion(ClassNLLCriterion):
    """:class:`ClassNLLCriterion` at every location of an image: ``loss = -sum w[t] x[t] / sum w[t]``.

    Input: ``N x C x H x W`` log-probabilities; target: ``N x H x W`` labels 1..C in a tensor of any type; other sizes
    raise ``ValueError``, other labels ``IndexError``. ``weights`` and ``sizeAverage`` as in ClassNLLCriterion. Source:
    the class of the same name in Torch's nn.
    """

    ignoreIndex = -(2**63)

    def __init__(self, weights: Any = None, sizeAverage: bool | None = None) -> None:
        super().__init__(weights, sizeAverage)
        del self.ignoreIndex

    def samples(self, input: Any, target: Any) -> tuple[Any, Any]:
        """Input as samples x classes x locations and the labels, after all checks but that of the labels' range."""
        self.checkType(input)
        if not arrays.is_array(target) or target.ndim != 3:
            raise ValueError(
                f"{self}: only batches of spatial targets supported (3D tensors) but got {arrays.describe(target)}"
            )
        if input.ndim != 4:
            raise ValueError(f"{self}: only batches of spatial inputs supported (4D tensors) but got {input.ndim}D")
        if input.shape[:1] + input.shape[2:] != target.shape:
            raise ValueError(
                f"{self}: size mismatch (got input: {arrays.describe(input)}, target: {arrays.describe(target)})"
            )
        check_weights(self, input.shape[1])
        return thnn.contiguous(input).reshape(*input.shape[:2], -1), class_labels(self, target, target.size)
