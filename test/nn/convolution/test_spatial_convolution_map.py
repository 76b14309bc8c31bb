"""SpatialConvolutionMap and SpatialFullConvolutionMap: worked numbers, tables of connections."""

from math import sqrt

import numpy as np
import pytest
from filling import counting, filled

import nn
import torch7 as torch


def test_full_convolution_map():
    module = filled(nn.SpatialFullConvolutionMap([[1, 1]], 2, 2, 2, 2), [1, 2, 3, 4])
    output = module.forward(np.array([[[1.0, 10]]]))
    np.testing.assert_allclose(output, [[[1.5, 2.5, 10.5, 20.5], [3.5, 4.5, 30.5, 40.5]]])


def test_map_with_a_remainder():
    """A 4 x 4 image, kernel 1, stride 2: the last row and column are out of reach and get no gradient."""
    module = filled(nn.SpatialConvolutionMap([[1, 1]], 1, 1, 2, 2), [3], 0)
    x = counting(1, 4, 4)
    np.testing.assert_allclose(module.forward(x), [[[3, 9], [27, 33]]])
    gradInput = module.backward(x, np.ones((1, 2, 2)))
    np.testing.assert_array_equal(np.argwhere(gradInput[0]), [[0, 0], [0, 2], [2, 0], [2, 2]])
    assert module.gradWeight.item() == 1 + 3 + 9 + 11


class TestConnTable:
    def test_the_caller_s_table_is_copied(self):
        table = nn.tables.full(2, 2)
        module = nn.SpatialConvolutionMap(table, 2, 2)
        table.fill(9)
        assert module.connTable.max() == 2

    @pytest.mark.parametrize("table", [[[0, 1]], [[1, 1.5]], [[1, 2, 3]], [], [1, 2]])
    def test_wrong_tables(self, table):
        with pytest.raises(ValueError, match="connTable"):
            nn.SpatialConvolutionMap(table, 2, 2)

    def test_initial_bounds_follow_the_number_of_connections(self):
        torch.manualSeed(3)
        module = nn.SpatialConvolutionMap([[1, 1], [2, 1], [3, 1], [1, 2]], 2, 1)
        torch.manualSeed(3)
        bounds = [1 / sqrt(6)] * 3 + [1 / sqrt(2)]
        expected = np.array([torch.uniform(np.empty((1, 2)), -b, b) for b in bounds])
        np.testing.assert_array_equal(module.weight, expected)
        np.testing.assert_array_equal(module.bias, [torch.uniform(-b, b) for b in bounds[2:]])

    def test_decay_parameters(self):
        module = filled(nn.SpatialConvolutionMap([[1, 1]], 1, 1), [2], 4)
        module.decayParameters(0.25)
        assert (module.weight.item(), module.bias.item()) == (1.5, 3)


def test_reset_to_zero():
    assert not nn.SpatialConvolutionMap([[1, 1]], 2, 2).reset(0).weight.any()


def test_table_of_planes_that_are_not_there():
    module = nn.SpatialConvolutionMap(nn.tables.oneToOne(2), 2, 2)
    module.connTable[1, 0] = 9
    with pytest.raises(ValueError, match="connTable"):
        module.forward(np.ones((2, 4, 4)))
