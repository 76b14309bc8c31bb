from __future__ import annotations

import nn
from nnx.named import named


@named("inn.SpatialSameResponseNormalization")
class SpatialSameResponseNormalization(nn.Sequential):
    """Divides every pixel by a measure of its neighbours in the same plane: ``y = x / (1 + alpha mean(x^2))^beta``.

    The mean is over ``size x size`` pixels (3), zero outside the image; ``alpha`` is 5e-5 and ``beta`` 0.75 by default.
    Input: ``N x C x H x W``. It is a Sequential; what a file holds is run. Source: inn.
    """

    def __init__(self, size: int | None = None, alpha: float | None = None, beta: float | None = None) -> None:
        super().__init__()
        self.size = 3 if size is None else size
        self.alpha, self.beta = 5e-5 if alpha is None else alpha, 0.75 if beta is None else beta
        before, behind = self.size // 2, (self.size - 1) // 2
        measure = nn.Sequential().add(nn.Square()).add(nn.SpatialZeroPadding(before, behind, before, behind))
        measure.add(nn.SpatialAveragePooling(self.size, self.size, 1, 1)).add(nn.MulConstant(self.alpha))
        measure.add(nn.AddConstant(1)).add(nn.Power(self.beta))
        self.add(nn.ConcatTable().add(nn.Identity()).add(measure)).add(nn.CDivTable())
