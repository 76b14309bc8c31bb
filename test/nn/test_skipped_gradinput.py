"""``gradInput = None``: backward gives None, and the parameters get the gradients that they get otherwise."""

import numpy as np
import pytest

import nn
import torch7 as torch

ROWS, IMAGES, SEQUENCES, VOLUMES = (3, 5), (2, 2, 6, 6), (2, 6, 5), (2, 2, 4, 4, 4)
MODULES = {
    "Linear": (lambda: nn.Linear(5, 4), ROWS),
    "Linear of a vector": (lambda: nn.Linear(5, 4), (5,)),
    "LinearWeightNorm": (lambda: nn.LinearWeightNorm(5, 4), ROWS),
    "PartialLinear": (lambda: nn.PartialLinear(5, 4), ROWS),
    "Add": (lambda: nn.Add(5), ROWS),
    "CAdd": (lambda: nn.CAdd(5), ROWS),
    "CMul": (lambda: nn.CMul(5), ROWS),
    "Cosine": (lambda: nn.Cosine(5, 4), ROWS),
    "Euclidean": (lambda: nn.Euclidean(5, 4), ROWS),
    "WeightedEuclidean": (lambda: nn.WeightedEuclidean(5, 4), ROWS),
    "BatchNormalization": (lambda: nn.BatchNormalization(5), ROWS),
    "SpatialConvolution": (lambda: nn.SpatialConvolution(2, 3, 3, 3), IMAGES),
    "SpatialConvolutionLocal": (lambda: nn.SpatialConvolutionLocal(2, 3, 6, 6, 3, 3), IMAGES),
    "SpatialDepthWiseConvolution": (lambda: nn.SpatialDepthWiseConvolution(2, 3, 3, 3), IMAGES),
    "SpatialFullConvolution": (lambda: nn.SpatialFullConvolution(2, 3, 3, 3), IMAGES),
    "SpatialSubSampling": (lambda: nn.SpatialSubSampling(2, 2, 2, 2, 2), IMAGES),
    "TemporalConvolution": (lambda: nn.TemporalConvolution(5, 4, 2), SEQUENCES),
    "TemporalRowConvolution": (lambda: nn.TemporalRowConvolution(5, 2), SEQUENCES),
    "TemporalSubSampling": (lambda: nn.TemporalSubSampling(5, 2), SEQUENCES),
    "VolumetricConvolution": (lambda: nn.VolumetricConvolution(2, 3, 2, 2, 2), VOLUMES),
}


def gradients(module, x):
    output = module.forward(x)
    module.zeroGradParameters()
    return module.backward(x, output + 1), [g.copy() for g in module.parameters()[1]]


@pytest.mark.parametrize("name", MODULES)
def test_parameters_are_trained_all_the_same(name):
    make, shape = MODULES[name]
    torch.manualSeed(1)
    module, x = make(), torch.rand(*shape)
    copy = torch.deserialize(torch.serialize(module))
    expected = gradients(module, x)[1]
    copy.gradInput = None
    for skipping in (copy, copy.clone(), torch.deserialize(torch.serialize(copy)), nn.Sequential().add(copy)):
        gradInput, found = gradients(skipping, x)
        assert gradInput is None
        np.testing.assert_array_equal(
            np.concatenate([g.ravel() for g in found]), np.concatenate([g.ravel() for g in expected])
        )
