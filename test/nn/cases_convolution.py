"""Cases of the chapter "convolution"."""

import nn
from nn.testing import Case

CASES = [
    Case(lambda: nn.SpatialConvolution(2, 3, 3, 2), (2, 2, 5, 6), batch=True, wrong=((3, 5, 6), (2, 1, 6), (2, 5))),
    Case(lambda: nn.SpatialConvolution(2, 3, 3, 2, 2, 1, 1, 2), (2, 2, 5, 6), batch=True),
    Case(lambda: nn.SpatialConvolution(1, 2, 5, 5, 2, 2, 2), (2, 1, 4, 4), batch=True),
    Case(lambda: nn.SpatialConvolution(2, 3, 3, 3).noBias(), (1, 2, 4, 5)),
    Case(lambda: nn.SpatialConvolutionMM(2, 3, 3, 2, 1, 2, 1), (2, 2, 5, 4), batch=True),
    Case(lambda: nn.SpatialDilatedConvolution(2, 3, 2, 3, 1, 2, 1, 0, 2, 1), (2, 2, 5, 4), batch=True),
    Case(lambda: nn.VolumetricConvolution(2, 3, 2, 1, 3, 1, 2, 1, 1, 0, 1), (2, 2, 3, 4, 3), batch=True),
    Case(lambda: nn.VolumetricConvolution(1, 2, 2, 2, 2), (1, 1, 2, 3, 2), wrong=((1, 2, 2), (2, 2, 3, 2))),
    Case(lambda: nn.VolumetricDilatedConvolution(1, 2, 2, 2, 2, 1, 1, 1, 0, 1, 0, 2, 1, 2), (2, 1, 4, 3, 4)),
    Case(lambda: nn.SpatialMaxPooling(2, 2), (2, 3, 4, 6), batch=True, wrong=((4, 6), (3, 1, 1))),
    Case(lambda: nn.SpatialMaxPooling(3, 2, 2, 1, 1, 1), (2, 3, 5, 5), batch=True),
    Case(lambda: nn.SpatialMaxPooling(3, 3, 2, 2).ceil(), (2, 2, 6, 7), batch=True),
]
