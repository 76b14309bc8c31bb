"""Momentum, weight decay, bounds on norms, against numbers worked out by hand."""

import numpy as np
import pytest

import nn
import torch7 as torch


def one(weight, grad):
    linear = nn.Linear(1, 1).noBias()
    linear.weight.fill(weight)
    linear.gradWeight.fill(grad)
    return linear


@pytest.mark.parametrize(
    "arguments, expected",
    [((0.9,), (1, 1.1)), ((0.9, 0), (1.9, 3.71)), ((0.9, 0, True), (2.71, 5.339)), ((0.9, 0.5, True), (2.26, 4.034))],
)
def test_momentum(arguments, expected):
    linear = one(0, 1)
    net = nn.Sequential().add(linear)
    for grad, result in zip((1, 2), expected):
        linear.gradWeight.fill(grad)
        net.updateGradParameters(*arguments)
        assert linear.gradWeight.item() == pytest.approx(result)
    assert not hasattr(net, "momGradParams") and len(linear.momGradParams) == 1


def test_momentum_of_fields_and_without_effect():
    linear = one(0, 1)
    linear.updateGradParameters(0)
    assert not hasattr(linear, "momGradParams")
    linear.momFactor, linear.momDamp, linear.momNesterov = 0.9, 0, True
    linear.updateGradParameters(0.1, 0.5)
    assert linear.gradWeight.item() == pytest.approx(2.71)
    assert nn.Tanh().momentumGradParameters() is None
    nn.Tanh().updateGradParameters(0.9)


def test_momentum_starts_as_a_copy_and_stays_one_buffer():
    linear = nn.Linear(3, 2)
    buffers = linear.momentumGradParameters()
    assert not np.shares_memory(buffers[0], linear.gradWeight)
    linear.updateGradParameters(0.9)
    assert all(a is b for a, b in zip(buffers, linear.momGradParams))


def test_weight_decay():
    linear = nn.Linear(3, 2)
    net = nn.Sequential().add(linear).add(nn.Tanh())
    net.zeroGradParameters()
    net.weightDecay(0.5)
    assert np.allclose(linear.gradWeight, 0.5 * linear.weight) and not linear.gradBias.any()
    net.weightDecay(0.5, 1)
    assert np.allclose(linear.gradWeight, linear.weight) and np.allclose(linear.gradBias, 0.5 * linear.bias)
    linear.wdFactor = -1
    net.weightDecay(3)
    assert np.allclose(linear.gradWeight, linear.weight)


class TestMaxParamNorm:
    def test_rows_are_scaled_only_above_the_bound(self):
        linear = nn.Linear(2, 2)
        linear.weight[...] = [[3, 4], [0.3, 0.4]]
        nn.Sequential().add(linear).maxParamNorm(1)
        assert np.allclose(linear.weight, [[3 / (5 + 1e-7), 4 / (5 + 1e-7)], [0.3, 0.4]], rtol=1e-12)

    def test_columns_and_fields(self):
        linear = nn.Linear(2, 2)
        linear.weight[...] = [[3, 0.1], [4, 0.2]]
        linear.maxInNorm = 1
        linear.maxParamNorm(-1, 100)
        assert np.allclose(np.linalg.norm(linear.weight[:, 0]), 1) and np.array_equal(linear.weight[:, 1], [0.1, 0.2])

    @pytest.mark.parametrize("bounds", [(2, None), (None, 2), (2, 2)])
    def test_every_slice_of_a_kernel(self, bounds):
        conv = nn.SpatialConvolution(3, 4, 5, 2)
        conv.weight[...] = torch.randn(4, 3, 2, 5) * 3
        bias = conv.bias.copy()
        before = conv.weight.copy()
        conv.maxParamNorm(*bounds)
        expected = before
        for dim, bound in zip((1, 4), bounds):
            expected = torch.renorm(expected, 2, dim, bound) if bound else expected
        assert np.allclose(conv.weight, expected, rtol=1e-12) and np.array_equal(conv.bias, bias)

    def test_no_bound_no_change(self):
        linear = nn.Linear(2, 2)
        before = linear.weight.copy()
        linear.maxParamNorm()
        linear.maxParamNorm(0, -2)
        assert np.array_equal(linear.weight, before)

    def test_lookup_tables_have_their_outputs_in_columns(self):
        table = nn.LookupTable(3, 2)
        table.weight[...] = [[3, 0.1], [4, 0.1], [0.1, 0.1]]
        table.maxParamNorm(1)
        assert np.allclose(np.linalg.norm(table.weight[:, 0]), 1) and np.allclose(table.weight[:, 1], 0.1)
        table.weight[...] = [[3, 4], [0.1, 0.1], [0.1, 0.1]]
        table.maxParamNorm(-1, 1)
        assert np.allclose(np.linalg.norm(table.weight[0]), 1) and np.allclose(table.weight[1:], 0.1)


class TestGradParamClip:
    def test_global(self):
        net = nn.Sequential().add(one(0, 3)).add(nn.Tanh()).add(one(0, 4))
        assert net.gradParamClip(10) == 5
        assert net.gradParamClip(1) == 5
        assert np.allclose([g.item() for g in net.parameters()[1]], [0.6, 0.8])

    def test_local(self):
        net = nn.Sequential().add(one(0, 5)).add(nn.Sequential().add(one(0, 12)))
        assert net.gradParamClip(1, True) == 13
        assert np.allclose([g.item() for g in net.parameters()[1]], [1, 1])

    def test_fields_and_no_cutoff(self):
        net = nn.Sequential().add(one(0, 5)).add(one(0, 12))
        net.get(1).cutoffNorm = 0
        assert net.gradParamClip(0) is None
        assert net.gradParamClip(1, True) == 12
        assert [g.item() for g in net.parameters()[1]] == [5, 1]
        assert nn.Tanh().gradParamClip(1) == 0
        with pytest.raises(TypeError):
            net.gradParamClip(None)

    def test_float(self):
        linear = nn.Linear(30, 20).float()
        linear.gradWeight.fill(1)
        linear.gradBias.fill(0)
        assert linear.gradParamClip(1) == pytest.approx(600**0.5)
        assert linear.gradWeight.dtype == np.float32
        assert np.linalg.norm(linear.gradWeight) == pytest.approx(1, rel=1e-5)
