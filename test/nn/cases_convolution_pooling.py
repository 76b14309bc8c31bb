"""Cases of pooling, unpooling, padding and upsampling."""

import nn
import torch7 as torch
from nn.testing import Case


def unpooling(pooling, shape):
    """An unpooling module whose pooling module has seen an input of ``shape``."""

    def make():
        module = pooling()
        module.forward(torch.randn(*shape))
        cls = nn.SpatialMaxUnpooling if isinstance(module, nn.SpatialMaxPooling) else nn.VolumetricMaxUnpooling
        return cls(module)

    return make


UNPOOL = {"clear_state": "the places belong to the pooling module", "float_and_back": "the pooling module stays double"}
FRACTIONAL = {"stochastic": True, "wrong": ((3, 2, 2), (4, 4))}

CASES = [
    Case(lambda: nn.SpatialDilatedMaxPooling(2, 2), (2, 3, 4, 6), batch=True, wrong=((4, 6), (3, 1, 1))),
    Case(lambda: nn.SpatialDilatedMaxPooling(3, 2, 2, 1, 1, 1, 2, 2).ceil(), (2, 2, 6, 7), batch=True),
    Case(lambda: nn.SpatialAveragePooling(2, 3), (2, 3, 4, 6), batch=True, wrong=((4, 6), (3, 1, 1))),
    Case(lambda: nn.SpatialAveragePooling(3, 3, 2, 2, 1, 1), (2, 2, 5, 6), batch=True),
    Case(lambda: nn.SpatialAveragePooling(3, 3, 2, 2, 1, 1).ceil().setCountExcludePad(), (2, 2, 4, 6), batch=True),
    Case(lambda: nn.SpatialLPPooling(2, 2, 2, 3), (2, 2, 6, 4), batch=True, wrong=((4, 6),)),
    Case(lambda: nn.SpatialLPPooling(2, 3, 2, 2, 1, 2), lambda: torch.rand(2, 2, 4, 5) + 0.5, batch=True),
    Case(lambda: nn.SpatialAdaptiveMaxPooling(3, 2), (2, 2, 5, 7), batch=True, wrong=((5, 7),)),
    Case(lambda: nn.SpatialAdaptiveMaxPooling(4, 5), (1, 2, 3, 3)),
    Case(lambda: nn.SpatialAdaptiveAveragePooling(3, 2), (2, 2, 5, 7), batch=True, wrong=((5, 7),)),
    Case(lambda: nn.SpatialFractionalMaxPooling(2, 2, 3, 2), (2, 2, 6, 7), **FRACTIONAL),
    Case(lambda: nn.SpatialFractionalMaxPooling(3, 2, 0.5, 0.6), (1, 2, 7, 8), stochastic=True),
    Case(lambda: nn.VolumetricFractionalMaxPooling(2, 2, 2, 2, 2, 3), (1, 2, 6, 5, 4), stochastic=True),
    Case(
        unpooling(lambda: nn.SpatialMaxPooling(2, 2), (2, 2, 4, 6)), (2, 2, 2, 3), wrong=((2, 2, 3, 3),), waive=UNPOOL
    ),
    Case(unpooling(lambda: nn.VolumetricMaxPooling(2, 2, 1), (2, 2, 4, 2)), (2, 1, 4, 1), waive=UNPOOL),
    Case(lambda: nn.SpatialZeroPadding(1, 2, 0, 1), (2, 2, 3, 4), batch=True, wrong=((3, 4),)),
    Case(lambda: nn.SpatialZeroPadding(-1, 2, 1, -2), (2, 2, 4, 4), batch=True, wrong=((1, 1, 1, 1),)),
    Case(lambda: nn.SpatialReflectionPadding(2, 1, 1, 0), (2, 2, 3, 4), batch=True, wrong=((3, 4), (1, 1, 3, 2))),
    Case(lambda: nn.SpatialReplicationPadding(2, 1, -1, 3), (2, 2, 3, 4), batch=True, wrong=((3, 4),)),
    Case(lambda: nn.VolumetricReplicationPadding(1, 2, 0, 1, 2, -1), (2, 1, 3, 2, 3), batch=True, wrong=((3, 2, 3),)),
    Case(lambda: nn.SpatialUpSamplingNearest(3), (2, 2, 2, 3), batch=True, wrong=((2, 3),)),
    Case(lambda: nn.SpatialUpSamplingBilinear(2), (2, 2, 3, 4), batch=True, wrong=((2, 3),)),
    Case(lambda: nn.SpatialUpSamplingBilinear({"oheight": 5, "owidth": 3}), (2, 2, 3, 4), batch=True),
    Case(lambda: nn.UpSampling(2, "nearest"), (2, 1, 3, 2), wrong=((3, 2),)),
    Case(lambda: nn.UpSampling(2, "linear"), (1, 2, 2, 3, 2), wrong=((3, 2),)),
    Case(lambda: nn.UpSampling({"oheight": 4, "owidth": 5}, "bilinear"), (1, 2, 3, 3), wrong=((1, 2, 2, 3, 3),)),
    Case(lambda: nn.TemporalMaxPooling(2), (2, 6, 3), batch=True, wrong=((1, 3), (3,))),
    Case(lambda: nn.TemporalMaxPooling(3, 1), (2, 6, 3), batch=True),
    Case(lambda: nn.VolumetricMaxPooling(2, 2, 2), (2, 1, 4, 2, 4), batch=True, wrong=((4, 2, 4), (1, 1, 2, 2))),
    Case(lambda: nn.VolumetricMaxPooling(3, 2, 2, 1, 2, 1, 1, 1, 0).ceil(), (2, 1, 3, 3, 4), batch=True),
    Case(lambda: nn.VolumetricDilatedMaxPooling(2, 2, 2, 1, 1, 1, 1, 0, 0, 2, 1, 2), (1, 1, 4, 3, 3)),
    Case(lambda: nn.VolumetricAveragePooling(2, 1, 2, 1, 2, 2), (2, 1, 3, 4, 2), batch=True, wrong=((1, 1, 1, 1),)),
]
