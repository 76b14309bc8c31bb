"""Activations: values and slopes at the kinks, NaN, work in place, arguments that are refused."""

import numpy as np
import pytest

import nn.pytorch as tnn
import nn.pytorch.functional as F

ZERO = np.zeros(1)


@pytest.mark.parametrize(
    ("module", "at", "slope"),
    [
        (tnn.ReLU(), 0, 0),
        (tnn.ReLU6(), 6, 0),
        (tnn.LeakyReLU(0.1), 0, 0.1),
        (tnn.ELU(0.6), 0, 0.6),
        (tnn.SELU(), 0, 1.7580993408473766),
        (tnn.CELU(0.7), 0, 1.0000000170298988),
        (tnn.Hardtanh(), 1, 0),
        (tnn.Hardtanh(), -1, 0),
        (tnn.Threshold(0.1, 20), 0.1, 0),
        (tnn.Hardshrink(0.5), -0.5, 0),
        (tnn.Softshrink(0.5), 0.5, 0),
        (tnn.Hardsigmoid(), 0, 0.1666666716337204),
        (tnn.Hardswish(), 3, 1),
        (tnn.Hardswish(), -3, 0),
        (tnn.Softplus(), 20, 0.9999999979388464),
        (tnn.LogSigmoid(), -1000, 1),
        (tnn.GELU(), 1, 1.0833154705876864),
        (tnn.GELU("tanh"), 1, 1.0829640838457826),
    ],
    ids=str,
)
def test_slope(module, at, slope):
    x = np.full(1, float(at))
    module.forward(x)
    np.testing.assert_allclose(module.backward(x, np.ones(1)), [slope], rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("module", "x", "y"),
    [
        (tnn.Softplus(), 20, 20.000000002061153),
        (tnn.Softplus(), 20.0001, 20.0001),
        (tnn.LogSigmoid(), -1000, -1000),
        (tnn.GELU(), 1, 0.841344746068543),
        (tnn.GELU("tanh"), 1, 0.8411919906082768),
        (tnn.SiLU(), 1, 0.7310585786300049),
        (tnn.Mish(), 1, 0.8650983882673103),
    ],
    ids=str,
)
def test_value(module, x, y):
    np.testing.assert_allclose(module.forward(np.full(1, float(x))), [y], rtol=1e-14)


@pytest.mark.parametrize(
    "name",
    ["ReLU", "ReLU6", "SELU", "ELU", "CELU", "Hardtanh", "Hardshrink", "Softshrink", "Hardswish", "SiLU", "PReLU"],
)
def test_nan_stays(name):
    x = np.array([np.nan, 1, -1, 0, np.nan] * 7, np.float32)
    y = getattr(tnn, name)().forward(x)
    np.testing.assert_array_equal(np.isnan(y), np.isnan(x))
    assert np.isnan(F.threshold(x, 0.1, 20.0)).sum() == 14


@pytest.mark.parametrize(
    "name",
    ["ReLU", "ReLU6", "SELU", "ELU", "CELU", "Hardtanh", "LeakyReLU", "Hardswish", "Hardsigmoid", "SiLU", "Mish"],
)
def test_inplace(name):
    x, g = np.linspace(-4, 7, 23), np.linspace(1, 2, 23)
    fresh, inplace, given = getattr(tnn, name)(), getattr(tnn, name)(inplace=True), x.copy()
    y = inplace.forward(given)
    assert y is given
    np.testing.assert_array_equal(y, fresh.forward(x))
    np.testing.assert_array_equal(inplace.backward(given, g), fresh.backward(x, g))


def test_inplace_on_a_tape_leaves_what_others_need():
    class Both(tnn.Module):
        def forward(self, x):
            y = F.tanh(x)
            return F.elu(y, inplace=True) + y

    module, x = Both(), np.linspace(-1, 1, 5)
    t = np.tanh(x)
    np.testing.assert_allclose(module.forward(x), 2 * np.where(t > 0, t, np.expm1(t)))
    np.testing.assert_allclose(module.backward(x, np.ones(5)), 2 * np.where(t > 0, 1, np.exp(t)) * (1 - t * t))


def test_softmax_picks_a_dimension():
    with pytest.warns(UserWarning, match="choose dim"):
        y = tnn.Softmax().forward(np.zeros((2, 3, 4)))
    np.testing.assert_array_equal(y, np.full((2, 3, 4), 0.5))
    np.testing.assert_array_equal(F.log_softmax(np.array([[-np.inf, -np.inf]]), 1), [[np.nan, np.nan]])


def test_prelu():
    x, module = np.array([[-1.0, 2, -3], [4, -5, 0]]), tnn.PReLU(3).double()
    np.testing.assert_array_equal(module.forward(x), [[-0.25, 2, -0.75], [4, -1.25, 0]])
    module.backward(x, np.ones((2, 3)))
    np.testing.assert_array_equal(module.weight.grad, [-1, -5, -3])
    with pytest.raises(ValueError, match="channel size = 1"):
        module.forward(np.ones(3))


def test_rrelu_draws_for_elements_up_to_0_alone():
    tnn.manual_seed(3)
    slopes = tnn.random.uniform_(np.empty(2), 0.1, 0.5)
    tnn.manual_seed(3)
    y = tnn.RReLU(0.1, 0.5).forward(np.array([-1.0, 2, -2, 3]))
    np.testing.assert_array_equal(y, [-slopes[0], 2, -2 * slopes[1], 3])


@pytest.mark.parametrize(
    "call",
    [
        lambda: tnn.Hardtanh(1, 1),
        lambda: F.celu(ZERO, 0),
        lambda: F.softshrink(ZERO, -0.2),
        lambda: F.rrelu(ZERO, 0.5, 0.2),
        lambda: F.glu(np.zeros(3)),
        lambda: F.relu(ZERO, out=np.zeros(2)),
        lambda: tnn.Softmax2d().forward(np.zeros((2, 2))),
    ],
)
def test_refused(call):
    with pytest.raises(ValueError):
        call()


def test_types():
    with pytest.raises(TypeError, match="float32 or float64"):
        F.relu(np.array([1, 2]))
    assert tnn.Softmax(0).forward(np.zeros(2, np.float32)).dtype == np.float32
