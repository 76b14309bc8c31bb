"""Cases of the chapter "convolution"."""

import nn
import torch7 as torch
from nn.testing import Case

TABLE = [[1, 1], [3, 1], [2, 2], [1, 3], [2, 3], [3, 3]]

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
    Case(lambda: nn.SpatialFullConvolution(2, 3, 3, 2, 2, 3, 1, 0, 1, 2), (2, 2, 3, 4), batch=True),
    Case(lambda: nn.SpatialFullConvolution(2, 1, 2, 2), (2, 2, 1, 3), batch=True, wrong=((3, 4), (3, 2, 2))),
    Case(lambda: nn.SpatialFullConvolution(1, 2, 3, 3, 1, 1, 1, 1).noBias(), (1, 3, 3)),
    Case(lambda: nn.SpatialFullConvolution(2, 1, 3, 3, 2, 2, 1, 1), [(1, 2, 3, 2), (1, 5, 6, 3)], wrong=([(2, 2, 2)],)),
    Case(lambda: nn.VolumetricFullConvolution(1, 2, 2, 3, 1, 2, 1, 1, 0, 1, 0, 1), (2, 1, 2, 3, 2), batch=True),
    Case(
        lambda: nn.VolumetricFullConvolution(2, 1, 2, 2, 2, 2, 2, 2),
        [(2, 2, 1, 2), (4, 3, 5)],
        wrong=((2, 1, 2), [(2, 2, 1, 2), (3, 5)]),
    ),
    Case(lambda: nn.SpatialDepthWiseConvolution(2, 3, 3, 2, 1, 2, 1), (2, 2, 3, 5), batch=True, wrong=((3, 3, 5),)),
    Case(lambda: nn.SpatialDepthWiseConvolution(2, 2, 2, 2).noBias(), (1, 2, 3, 4)),
    Case(
        lambda: nn.SpatialConvolutionLocal(2, 3, 5, 4, 3, 2, 2, 1, 1),
        (2, 2, 4, 5),
        batch=True,
        wrong=((2, 5, 5), (1, 4, 5), (4, 5)),
    ),
    Case(lambda: nn.SpatialConvolutionMap(TABLE, 3, 2), (2, 3, 4, 5), batch=True, wrong=((2, 4, 5), (3, 1, 5), (4, 5))),
    Case(lambda: nn.SpatialConvolutionMap(nn.tables.full(2, 2), 2, 1, 2, 3), (2, 2, 5, 5), batch=True),
    Case(lambda: nn.SpatialFullConvolutionMap(TABLE, 3, 2, 2, 1), (2, 3, 2, 3), batch=True, wrong=((2, 2, 3),)),
    Case(lambda: nn.SpatialSubSampling(2, 3, 2, 2, 1), (2, 2, 4, 6), batch=True, wrong=((1, 4, 6), (2, 1, 6), (4, 6))),
    Case(lambda: nn.TemporalConvolution(3, 4, 2), (2, 5, 3), batch=True, wrong=((5, 2), (1, 3), (3,))),
    Case(lambda: nn.TemporalConvolution(2, 3, 2, 3), (2, 7, 2), batch=True),
    Case(lambda: nn.TemporalSubSampling(3, 2), (2, 5, 3), batch=True, wrong=((5, 2), (1, 3))),
    Case(lambda: nn.TemporalSubSampling(2, 2, 3), (7, 2)),
    Case(lambda: nn.TemporalRowConvolution(3, 2), (2, 4, 3), batch=True, wrong=((4, 2), (1, 3), (3,))),
    Case(lambda: nn.TemporalRowConvolution(3, 3, 2, True), (2, 3, 6), batch=True, wrong=((2, 6), (3, 2))),
    Case(lambda: nn.TemporalRowConvolution(2, 2).noBias(), (3, 2)),
    Case(lambda: nn.SpatialSubtractiveNormalization(2, torch.rand(3, 5)), (2, 2, 4, 5), batch=True, wrong=((3, 4, 5),)),
    Case(lambda: nn.SpatialSubtractiveNormalization(2, torch.rand(3)), (2, 2, 4, 5), batch=True),
    Case(lambda: nn.SpatialDivisiveNormalization(2, torch.rand(3, 3)), (2, 2, 4, 5), batch=True, wrong=((3, 4, 5),)),
    Case(lambda: nn.SpatialDivisiveNormalization(3, torch.rand(5), 0.9, 2), (2, 3, 4, 5), batch=True),
    Case(lambda: nn.SpatialContrastiveNormalization(1, torch.rand(3)), (2, 1, 4, 5), batch=True, wrong=((2, 4, 5),)),
    Case(lambda: nn.SpatialContrastiveNormalization(2, torch.rand(5, 3)), (2, 2, 4, 5), batch=True),
    Case(lambda: nn.SpatialCrossMapLRN(3, 0.5, 0.8, 2), (2, 5, 2, 3), batch=True, wrong=((5, 2),)),
    Case(lambda: nn.SpatialCrossMapLRN(4, 1, 0.5), (2, 3, 2, 3), batch=True),
    Case(lambda: nn.SpatialCrossMapLRN(1), (1, 2, 2, 2)),
    Case(lambda: nn.SpatialMaxPooling(2, 2), (2, 3, 4, 6), batch=True, wrong=((4, 6), (3, 1, 1))),
    Case(lambda: nn.SpatialMaxPooling(3, 2, 2, 1, 1, 1), (2, 3, 5, 5), batch=True),
    Case(lambda: nn.SpatialMaxPooling(3, 3, 2, 2).ceil(), (2, 2, 6, 7), batch=True),
]
