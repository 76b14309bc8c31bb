from __future__ import annotations

from typing import Any, Self

import numpy as np

from torch7 import arrays

from .. import utils
from ..extension import register
from ..module import Module


@register
class MaskedSelect(Module):
    """The elements of a tensor where a mask is not 0, as a vector: input ``[tensor, mask]`` of equal element counts.

    The mask holds bytes or booleans. ``gradInput`` is ``[gradient, zeros]``, the gradient being 0 where the mask is.
    ``TypeError`` for what is no tensor and mask, ``ValueError`` for a gradOutput of another size. Source: manual
    chapter "simple".
    """

    _transient = ("_gradients",)

    def __init__(self) -> None:
        super().__init__()
        self._gradients = (None, None)

    def _restore(self) -> None:
        super()._restore()
        self._gradients = (None, None)

    def updateOutput(self, input: Any) -> Any:
        tensor, chosen = self._pair(input)
        self.output = self.resized(self.output, (int(np.count_nonzero(chosen)),), *input)
        self.output[...] = tensor[chosen]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        tensor, chosen = self._pair(input)
        self.checkType(gradOutput, "gradOutput")
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        gradient, zeros = self._gradients
        gradient = self.resized(gradient, tensor.shape, *input, gradOutput)
        zeros = arrays.resized(zeros, input[1].shape, input[1])
        gradient.fill(0)
        zeros.fill(0)
        gradient[chosen] = gradOutput
        self._gradients = gradient, zeros
        self.gradInput = [gradient, zeros]
        return self.gradInput

    def _pair(self, input: Any) -> tuple[Any, Any]:
        """The tensor, and the mask as booleans of its shape."""
        if not utils.is_table(input) or len(input) != 2:
            raise TypeError(f"nn.MaskedSelect: input must be a tensor and a mask, got {arrays.describe(input)}")
        tensor, mask = input
        self.checkType(tensor)
        if not arrays.is_array(mask) or mask.dtype.kind not in "bui":
            raise TypeError(f"nn.MaskedSelect: the mask must be a ByteTensor, got {arrays.describe(mask)}")
        if mask.size != tensor.size:
            raise ValueError(f"nn.MaskedSelect: tensor and mask differ in size: {arrays.describe([tensor, mask])}")
        return tensor, mask.reshape(tensor.shape) != 0

    def clearState(self) -> Self:
        self._gradients = (None, None)
        return super().clearState()
