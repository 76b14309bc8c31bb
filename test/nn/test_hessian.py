"""nn.hessian: the diagonal approximation propagated back."""

import numpy as np
import pytest

import nn
import torch7 as torch


@pytest.fixture(autouse=True)
def enabled():
    """``parameters()`` has its two lists again after each test."""
    nn.hessian.enable()
    yield
    nn.Module._hasDiagHessian = False


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((1, 3))


def test_a_second_call_changes_nothing():
    method = nn.Module.updateDiagHessianInput
    nn.hessian.enable()
    assert nn.Module.updateDiagHessianInput is method


def test_linear_is_exact(x):
    m = nn.Linear(3, 2)
    for test in (nn.Jacobian.testDiagHessianInput, nn.Jacobian.testDiagHessianWeight, nn.Jacobian.testDiagHessianBias):
        assert test(m, x) < 1e-10


def test_linear_accumulates_and_leaves_everything_else(x):
    m = nn.Linear(3, 2)
    weight, output = m.weight.copy(), m.forward(x).copy()
    m.zeroGradParameters()
    m.backward(x, np.ones((1, 2)))
    gradWeight, gradInput = m.gradWeight.copy(), m.gradInput.copy()
    m.initDiagHessianParameters()
    assert not m.diagHessianWeight.any()
    h = np.array([[1.0, 2.0]])
    np.testing.assert_allclose(m.updateDiagHessianInput(x, h), h @ m.weight**2)
    for times in (1, 2):
        m.accDiagHessianParameters(x, h)
        np.testing.assert_allclose(m.diagHessianWeight, times * h.T @ x**2)
        np.testing.assert_allclose(m.diagHessianBias, times * h[0])
    assert np.array_equal(m.weight, weight) and np.array_equal(m.output, output)
    assert np.array_equal(m.gradWeight, gradWeight) and np.array_equal(m.gradInput, gradInput)


def test_convolution_squares_weights_and_input():
    torch.manualSeed(1)
    m = nn.SpatialConvolution(1, 2, 2, 2)
    x, h = torch.randn(1, 3, 3), torch.rand(2, 2, 2)
    squared = m.clone()
    squared.weight *= squared.weight
    squared.zeroGradParameters()
    squared.forward(x * x)
    squared.backward(x * x, h)
    m.forward(x)
    np.testing.assert_allclose(m.updateDiagHessianInput(x, h), squared.gradInput)
    m.accDiagHessianParameters(x, h)
    np.testing.assert_allclose(m.diagHessianWeight, squared.gradWeight)
    np.testing.assert_allclose(m.diagHessianBias, squared.gradBias)


@pytest.mark.parametrize(
    ("make", "slope"),
    [
        (nn.Tanh, lambda x: 1 - np.tanh(x) ** 2),
        (nn.Square, lambda x: 2 * x),
        (nn.Sqrt, lambda x: 0.5 / np.sqrt(x)),
    ],
)
def test_functions_of_elements(make, slope):
    m, x, h = make(), np.array([0.5, 1.5]), np.array([2.0, 3.0])
    m.forward(x)
    np.testing.assert_allclose(m.updateDiagHessianInput(x, h), slope(x) ** 2 * h)


def test_tanh_shrink_adds_its_two_terms():
    m, x, h = nn.TanhShrink(), np.array([0.5, 1.5]), np.array([2.0, 3.0])
    m.forward(x)
    np.testing.assert_allclose(m.updateDiagHessianInput(x, h), ((1 - np.tanh(x) ** 2) ** 2 + 1) * h)


def test_reshape():
    m = nn.Reshape(4)
    m.forward(np.ones((2, 2)))
    assert m.updateDiagHessianInput(np.ones((2, 2)), np.arange(4.0)).tolist() == [[0, 1], [2, 3]]


def test_a_network_and_its_flat_parameters(x):
    net = nn.Sequential().add(nn.Linear(3, 4)).add(nn.Tanh()).add(nn.Linear(4, 2))
    assert [len(part) for part in net.parameters()] == [4, 4, 0]
    assert len(net.getParameters()) == 2
    criterion, target = nn.MSECriterion(), np.zeros((1, 2))
    net.initDiagHessianParameters()
    criterion.forward(net.forward(x), target)
    h = criterion.updateDiagHessianInput(net.output, target)
    assert np.array_equal(h, np.ones((1, 2)))
    got = net.updateDiagHessianInput(x, h)
    net.accDiagHessianParameters(x, h)
    first, tanh, last = net.modules
    inner = h @ last.weight**2 * (1 - tanh.output**2) ** 2
    np.testing.assert_allclose(got, inner @ first.weight**2)
    np.testing.assert_allclose(first.diagHessianWeight, inner.T @ x**2)
    flat = net.getParameters()
    assert [part.size for part in flat] == [26, 26, 26]
    flat[2].fill(0)
    assert not first.diagHessianWeight.any()


def test_criterions():
    c = nn.MSECriterion(False)
    assert c.updateDiagHessianInput(np.zeros(3), np.zeros(3)).tolist() == [2, 2, 2]
    if hasattr(nn, "L1Cost"):
        assert nn.L1Cost().updateDiagHessianInput(np.array([0.0, -2.0]), None).tolist() == [0, 1]


def test_what_has_no_rule_says_so():
    with pytest.raises(NotImplementedError, match=r"nn.Sigmoid:updateDiagHessianInput\(\) is undefined"):
        nn.Sigmoid().updateDiagHessianInput(np.zeros(1), np.zeros(1))
    with pytest.raises(NotImplementedError, match=r"nn.Criterion:updateDiagHessianInput"):
        nn.Criterion().updateDiagHessianInput(np.zeros(1), np.zeros(1))
    assert nn.Sigmoid().accDiagHessianParameters(np.zeros(1), np.zeros(1)) is None
    assert nn.Sigmoid().initDiagHessianParameters() is None


def test_a_module_of_ones_own_takes_part(x):
    class Double(nn.Module):
        def updateOutput(self, input):
            self.output = 2 * input
            return self.output

        def updateDiagHessianInput(self, input, diagHessianOutput):
            self.diagHessianInput = 4 * diagHessianOutput
            return self.diagHessianInput

    net = nn.Sequential().add(Double()).add(Double())
    net.forward(x)
    assert np.array_equal(net.updateDiagHessianInput(x, x), 16 * x)
