"""SpatialDepthWiseConvolution: the order of its planes, old files."""

import numpy as np
from filling import counting, filled

import nn
import torch7 as torch


def test_depth_wise_output_has_the_planes_of_input_1_first():
    module = filled(nn.SpatialDepthWiseConvolution(2, 3, 1, 1), counting(6), 0)
    output = module.forward(np.array([1.0, 10]).reshape(2, 1, 1))
    np.testing.assert_allclose(output.ravel(), [1, 3, 5, 20, 40, 60])


def test_depth_wise_takes_gradients_split_by_input_plane():
    module = nn.SpatialDepthWiseConvolution(2, 3, 2, 2)
    x, g = torch.randn(2, 4, 5), torch.randn(6, 3, 4)
    module.forward(x)
    whole = module.backward(x, g).copy()
    np.testing.assert_array_equal(module.backward(x, g.reshape(2, 3, 3, 4)), whole)


def test_depth_wise_weight_of_old_files_is_a_matrix():
    module = nn.SpatialDepthWiseConvolution(2, 3, 3, 2)
    x = torch.randn(2, 4, 5)
    output = module.forward(x).copy()
    module.weight, module.gradWeight = module.weight.reshape(3, 12), module.gradWeight.reshape(3, 12)
    old = torch.deserialize(torch.serialize(module))
    assert old.weight.shape == old.gradWeight.shape == (3, 2, 2, 3)
    np.testing.assert_array_equal(old.forward(x), output)
