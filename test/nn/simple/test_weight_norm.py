"""WeightNorm: parameters, draws, loaded networks."""

import numpy as np

import nn
import torch7 as torch


def test_weight_norm_accumulates_and_evaluates():
    m = nn.WeightNorm(nn.Linear(3, 2))
    x, g = np.random.default_rng(0).standard_normal((2, 4, 3))
    g = g[:, :2]
    m.forward(x)
    m.zeroGradParameters()
    m.backward(x, g)
    once = [p.copy() for p in m.parameters()[1]]
    m.backward(x, g)
    for twice, p in zip(m.parameters()[1], once):
        np.testing.assert_allclose(twice, 2 * p)
    weight = m.modules[0].weight
    norms = np.sqrt((m.v**2).sum(1, keepdims=True) + 1e-4)
    np.testing.assert_allclose(weight, m.g * m.v / norms)
    m.evaluate()
    m.v *= 2
    before = weight.copy()
    m.forward(x)
    m.backward(x, g)
    np.testing.assert_array_equal(weight, before)


def test_weight_norm_draws_what_linear_draws():
    torch.manualSeed(5)
    linear = nn.Linear(4, 3)
    torch.manualSeed(5)
    normed = nn.LinearWeightNorm(4, 3)
    normed.updateWeightMatrix()
    np.testing.assert_allclose(normed.weight, linear.weight)
    np.testing.assert_array_equal(normed.bias, linear.bias)


def test_clone_of_a_loaded_weight_norm_shares_the_bias():
    module = nn.WeightNorm(nn.Linear(3, 2))
    fields = {**vars(module), "bias": module.bias, "gradBias": module.gradBias}
    record = torch.TorchObject("nn.WeightNorm", {k: v for k, v in fields.items() if k != "_dtype"})
    loaded = torch.deserialize(torch.serialize(record))
    clone = loaded.clone("weight", "bias")
    assert np.shares_memory(clone.bias, loaded.bias) and clone.bias is loaded.modules[0].bias
    assert np.shares_memory(clone.modules[0].weight, loaded.modules[0].weight)
