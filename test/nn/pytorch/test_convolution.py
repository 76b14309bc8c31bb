"""Convolution layers: borders, output sizes, starts from the seed, refusals."""

import numpy as np
import pytest

import nn.pytorch as tnn
import nn.pytorch.functional as F


def ones(module):
    for p in module.parameters():
        p.data[...] = 1
    return module.double()


def test_same_is_longer_on_the_right():
    module = ones(tnn.Conv1d(1, 1, 4, padding="same", bias=False))
    x = np.arange(1.0, 6)[None]
    np.testing.assert_array_equal(module.forward(x), [[6, 10, 14, 12, 9]])
    np.testing.assert_array_equal(module.backward(x, np.ones((1, 5))), [[2, 3, 4, 4, 3]])
    assert module.padding == "same"


@pytest.mark.parametrize(
    ("mode", "row"),
    [
        ("zeros", [0, 0, 1, 2, 3, 4]),
        ("circular", [3, 4, 1, 2, 3, 4]),
        ("reflect", [3, 2, 1, 2, 3, 4]),
        ("replicate", [1, 1, 1, 2, 3, 4]),
    ],
)
def test_padding_mode(mode, row):
    module = tnn.Conv1d(1, 1, 3, padding=2, padding_mode=mode, bias=False).double()
    module.weight.data[...] = [1, 0, 0]
    x = np.arange(1.0, 5)[None]
    y = module.forward(x)
    np.testing.assert_array_equal(y, [row])
    g = np.arange(1.0, 7)[None]
    np.testing.assert_allclose((module.backward(x, g) * x).sum(), (g * y).sum())


def test_extra_cells_hold_the_bias():
    x = np.array([[1.0, 2]])
    module = ones(tnn.ConvTranspose1d(1, 1, 2, 2, output_padding=1))
    module.bias.data[...] = 5
    np.testing.assert_array_equal(module.forward(x), [[6, 6, 7, 7, 5]])


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("extra", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
def test_output_padding_beyond_the_stride(stride, extra, padding):
    rng = np.random.default_rng(3)
    x, w = rng.standard_normal((2, 3, 4)), rng.standard_normal((3, 2, 3))
    y = F.conv_transpose1d(x, w, None, stride, padding, extra, 1, 3)
    full = np.zeros((2, 2, 3 * stride + 7 + extra))
    for i in range(4):
        for k in range(3):
            full[:, :, i * stride + 3 * k] += x[:, :, i] @ w[:, :, k]
    full = full[:, :, padding : full.shape[2] - padding]
    np.testing.assert_allclose(y, full, rtol=1e-12, atol=1e-12)
    g = rng.standard_normal(y.shape)
    gx, gw, _ = F.conv_transpose1d_backward(g, x, w, None, stride, padding, extra, 1, 3)
    np.testing.assert_allclose([(gx * x).sum(), (gw * w).sum()], [(g * y).sum()] * 2, rtol=1e-10)


@pytest.mark.parametrize("size", [[11, 12], [2, 3, 12, 11], [1, 1, 11, 11]])
def test_output_size(size):
    module, x = tnn.ConvTranspose2d(2, 3, 3, stride=2, padding=1), np.ones((1, 2, 6, 6), np.float32)
    assert module.forward(x, output_size=size).shape == (1, 3, *size[-2:])
    assert module.backward(x, np.ones((1, 3, *size[-2:]), np.float32)).shape == x.shape
    with pytest.raises(ValueError, match=r"between \[11, 11\] and \[12, 12\]"):
        module.forward(x, output_size=[13, 11])


def test_starts_of_a_seed():
    tnn.manual_seed(0)
    module = tnn.Conv2d(1, 1, (1, 2))
    tnn.manual_seed(0)
    expected = tnn.random.uniform_(np.empty(3, np.float32), -(0.5**0.5), 0.5**0.5)
    np.testing.assert_allclose([*module.weight.data.ravel(), module.bias.data[0]], expected, rtol=1e-6)


def test_empty_batch():
    module = tnn.Conv2d(2, 3, 2)
    x = np.zeros((0, 2, 4, 4), np.float32)
    y = module.forward(x)
    assert y.shape == (0, 3, 3, 3)
    assert module.backward(x, y).shape == x.shape
    assert not module.weight.grad.any()


@pytest.mark.parametrize(
    "call",
    [
        lambda: tnn.Conv1d(3, 2, 1, groups=2),
        lambda: tnn.Conv1d(2, 2, 1, groups=0),
        lambda: tnn.Conv1d(2, 2, 1, padding="half"),
        lambda: tnn.Conv1d(2, 2, 1, stride=2, padding="same"),
        lambda: tnn.Conv1d(2, 2, 1, padding_mode="mirror"),
        lambda: tnn.ConvTranspose1d(2, 2, 1, padding_mode="circular"),
        lambda: F.conv1d(np.ones((1, 2, 3)), np.ones((2, 3, 1))),
        lambda: F.conv1d(np.ones((1, 2, 3)), np.ones((2, 2, 4))),
        lambda: F.conv1d(np.ones((1, 2, 3)), np.ones((2, 2, 1)), np.ones(3)),
        lambda: F.conv1d(np.ones((1, 2, 3)), np.ones((2, 2, 1)), stride=0),
        lambda: F.conv1d(np.ones((1, 2, 3)), np.ones((2, 2, 1)), padding=-1),
        lambda: F.conv2d(np.ones((1, 2, 3)), np.ones((2, 2, 1))),
        lambda: F.conv_transpose1d(np.ones((1, 2, 3)), np.ones((2, 2, 1)), output_padding=1),
        lambda: F.conv_transpose1d(np.ones((1, 2, 3)), np.ones((2, 2, 1)), padding=5),
    ],
)
def test_refused(call):
    with pytest.raises(ValueError):
        call()


def test_output_size_by_position():
    up, x = tnn.ConvTranspose2d(2, 3, 3, stride=2, padding=1), np.ones((1, 2, 4, 4), np.float32)
    y = up(x, (8, 8))
    assert y.shape == (1, 3, 8, 8)
    assert up.backward(x, np.ones_like(y)).shape == x.shape
    np.testing.assert_array_equal(up(x, output_size=(8, 8)), y)
    with pytest.raises(TypeError):
        up(x, (8, 8), 3)


def test_output_padding_of_a_stride_and_any_order_of_memory():
    layer = tnn.ConvTranspose1d(2, 1, 2, padding=1, output_padding=1, dilation=2, dtype="float64")
    x = np.random.default_rng(0).normal(size=(5, 2, 2)).transpose(2, 1, 0)
    expected = layer(np.ascontiguousarray(x)).copy()
    np.testing.assert_array_equal(layer(x), expected)
