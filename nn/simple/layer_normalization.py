from __future__ import annotations

from math import sqrt

from ..containers.sequential import Sequential
from ..extension import register
from ..table.cadd_table import CSubTable
from ..table.concat_table import ConcatTable
from ..transfer.mul_constant import MulConstant
from .add import Add
from .cmul import CMul
from .identity import Identity
from .normalize import Normalize
from .replicate import Replicate
from .sum import Mean


@register
class LayerNormalization(Sequential):
    """Gives every sample mean 0 and deviation 1: ``y = sqrt(n) (x - mean) / sqrt(sum (x - mean)^2 + eps) * w + b``.

    Input: ``nOutput`` elements, or a batch, ``N x nOutput``; output of the same shape. ``bias`` is what the learned b
    starts at, 0 by default, as w does at 1; ``affine=False`` leaves both out. ``eps`` is 1e-10. Errors are those of the
    modules, with their place as a note. Source: Ba, Kiros, Hinton, Layer normalization (2016).
    """

    def __init__(
        self, nOutput: int, bias: float | None = None, eps: float | None = None, affine: bool | None = None
    ) -> None:
        super().__init__()
        mean = Sequential().add(Mean(-1)).add(Replicate(nOutput, 1, 0))
        self.add(ConcatTable().add(Identity()).add(mean))
        self.add(CSubTable())
        self.add(Normalize(2, 1e-10 if eps is None else eps))
        self.add(MulConstant(sqrt(nOutput)))
        if affine is not False:
            shift, scale = Add(nOutput), CMul(nOutput)
            shift.bias.fill(0 if bias is None else bias)
            scale.weight.fill(1)
            self.add(scale).add(shift)
