"""Padding: borders, cropping, gradients, refusals."""

import numpy as np
import pytest

import nn.pytorch as tnn
import nn.pytorch.functional as F

ROW = np.arange(1.0, 6)[None]


@pytest.mark.parametrize(
    ("module", "row"),
    [
        (tnn.ReplicationPad1d((-1, 2)), [2, 3, 4, 5, 5, 5]),
        (tnn.ReflectionPad1d((-1, 2)), [2, 3, 4, 5, 4, 3]),
        (tnn.ReflectionPad1d((4, 0)), [5, 4, 3, 2, 1, 2, 3, 4, 5]),
        (tnn.CircularPad1d((-1, 2)), [2, 3, 4, 5, 2, 3]),
        (tnn.CircularPad1d((5, 0)), [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]),
        (tnn.ZeroPad1d((-1, -2)), [2, 3]),
        (tnn.ConstantPad1d((1, -1), 7.5), [7.5, 1, 2, 3, 4]),
        (tnn.ConstantPad1d((-3, -2), 7.5), []),
    ],
    ids=str,
)
def test_row(module, row):
    np.testing.assert_array_equal(module.forward(ROW.astype(np.float32)), np.float32([row]))


@pytest.mark.parametrize(
    ("module", "n", "gradient"),
    [
        (tnn.ReplicationPad1d((2, 1)), 3, [6, 4, 11]),
        (tnn.ReflectionPad1d((2, 1)), 3, [3, 12, 6]),
        (tnn.CircularPad1d((2, 1)), 3, [9, 5, 7]),
        (tnn.ReplicationPad1d((-1, 2)), 3, [0, 1, 9]),
        (tnn.ZeroPad1d((-1, 1)), 4, [0, 1, 2, 3]),
    ],
    ids=str,
)
def test_gradient(module, n, gradient):
    x = np.zeros((1, n))
    g = np.arange(1.0, module.forward(x).shape[1] + 1)[None]
    np.testing.assert_array_equal(module.backward(x, g), [gradient])


def test_last_dimension_comes_first():
    x = np.arange(24.0).reshape(1, 2, 3, 4)
    y = tnn.ConstantPad3d((1, 0, 0, 2, 0, 1), -1.0).forward(x)
    assert y.shape == (1, 3, 5, 5)
    np.testing.assert_array_equal(y[:, :2, :3, 1:], x)
    np.testing.assert_array_equal(F.pad(x, (1, 0), value=2.0)[..., 0], np.full((1, 2, 3), 2.0))
    assert tnn.ZeroPad2d(2).padding == (2, 2, 2, 2)


@pytest.mark.parametrize("kind", ["Reflection", "Replication", "Circular", "Zero"])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_is_its_adjoint(kind, dims):
    rng = np.random.default_rng(1)
    module = getattr(tnn, f"{kind}Pad{dims}d")((2, -1, 1, 2, -1, 2)[: 2 * dims])
    x = rng.standard_normal((2, 3, *(4, 3, 5)[:dims]))
    y = module.forward(x)
    g = rng.standard_normal(y.shape)
    np.testing.assert_allclose((module.backward(x, g) * x).sum(), (g * y).sum(), rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: tnn.ReflectionPad1d(5).forward(ROW), ValueError),
        (lambda: tnn.CircularPad1d(6).forward(ROW), ValueError),
        (lambda: tnn.ZeroPad1d((-3, -3)).forward(ROW), ValueError),
        (lambda: tnn.ZeroPad2d((1, 2, 3)), ValueError),
        (lambda: F.pad(ROW, (1, 1), "reflect", 2.0), ValueError),
        (lambda: F.pad(ROW, (1, 1, 1, 1, 1, 1)), ValueError),
        (lambda: F.pad(ROW[None, None], (1, 1), "reflect"), NotImplementedError),
        (lambda: F.pad(ROW, (1, 1), "mirror"), NotImplementedError),
    ],
)
def test_refused(call, error):
    with pytest.raises(error):
        call()


def test_whole_numbers_and_nothing_left():
    tokens = np.array([[1, 2, 3]])
    assert F.pad(tokens, (1, 2)).tolist() == [[0, 1, 2, 3, 0, 0]] and F.pad(tokens, (1, 2)).dtype == tokens.dtype
    assert F.pad(tokens, (2, 1), "reflect").tolist() == [[3, 2, 1, 2, 3, 2]]
    assert tnn.ReplicationPad1d(1)(tokens).tolist() == [[1, 1, 2, 3, 3]]
    assert tnn.ReplicationPad2d(-1)(np.ones((1, 2, 4), np.float32)).shape == (1, 0, 2)
    with pytest.raises(ValueError, match="leaves nothing"):
        tnn.ReplicationPad1d(-1)(np.ones((2, 2), np.float32))
