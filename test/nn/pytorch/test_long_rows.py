"""Rows and columns longer than vectors and blocks: kernels beside plain NumPy."""

import numpy as np
import pytest

import nn.pytorch as tnn
import nn.pytorch.functional as F

R = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(3, 70), (2, 5, 1100), (1030, 20), (2, 3, 129)])
def test_softmax_of_columns(shape):
    dim = 0 if len(shape) == 2 else 1
    x, g = R.normal(size=shape), R.normal(size=shape)
    e = np.exp(x - x.max(dim, keepdims=True))
    y = e / e.sum(dim, keepdims=True)
    np.testing.assert_allclose(F.softmax(x, dim), y, rtol=1e-12)
    np.testing.assert_allclose(F.log_softmax(x, dim), np.log(y), rtol=1e-12)
    np.testing.assert_allclose(F.softmax_backward(g, x, dim)[0], y * (g - (y * g).sum(dim, keepdims=True)), atol=1e-12)
    slope = g - y * g.sum(dim, keepdims=True)
    np.testing.assert_allclose(F.log_softmax_backward(g, x, dim)[0], slope, atol=1e-10)


@pytest.mark.parametrize(("mode", "name"), [("constant", "constant"), ("reflect", "reflect"), ("replicate", "edge")])
@pytest.mark.parametrize("width", [5, 16, 41])
def test_padding(mode, name, width):
    x = R.normal(size=(2, 3, 4, width)).astype(np.float32)
    y = F.pad(x, (3, 2, 1, 2), mode)
    np.testing.assert_array_equal(y, np.pad(x, [(0, 0), (0, 0), (1, 2), (3, 2)], name))
    g = R.normal(size=y.shape).astype(np.float32)
    given = F.pad_backward(g, x, (3, 2, 1, 2), mode)[0]
    assert (g.astype(float) * y).sum() == pytest.approx((given.astype(float) * x).sum(), rel=1e-4)
    if mode == "constant":
        np.testing.assert_array_equal(given, g[:, :, 1:-2, 3:-2])
        np.testing.assert_array_equal(F.pad(x, (-2, 1), "constant", 7.5)[..., -1], np.full(x.shape[:3], 7.5))


def test_unfold_and_fold_are_transposes():
    for stride, padding, dilation in ((1, 1, 1), (2, 0, 1), (1, 2, 2), (3, 1, 1)):
        x, settings = R.normal(size=(2, 3, 5, 40)), (dilation, padding, stride)
        y = F.unfold(x, (2, 3), *settings)
        g = R.normal(size=y.shape)
        back = F.fold(g, (5, 40), (2, 3), *settings)
        assert (g * y).sum() == pytest.approx((back * x).sum(), rel=1e-12)
        kernel = R.normal(size=(1, 3, 2, 3))
        wanted = F.conv2d(x, kernel, None, stride, padding, dilation)
        np.testing.assert_allclose((kernel.ravel() @ y).reshape(wanted.shape), wanted, rtol=1e-9, atol=1e-12)


def test_glu_cosine_and_shuffles():
    x = R.normal(size=(3, 74))
    np.testing.assert_allclose(F.glu(x), x[:, :37] / (1 + np.exp(-x[:, 37:])), rtol=1e-12)
    a, b = R.normal(size=(4, 37)), R.normal(size=(4, 37))
    wanted = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    np.testing.assert_allclose(F.cosine_similarity(a, b), wanted, rtol=1e-12)
    z = R.normal(size=(2, 18, 5, 33))
    y = F.pixel_shuffle(z, 3)
    np.testing.assert_array_equal(y, z.reshape(2, 2, 3, 3, 5, 33).transpose(0, 1, 4, 2, 5, 3).reshape(2, 2, 15, 99))
    np.testing.assert_array_equal(F.pixel_unshuffle(y, 3), z)


@pytest.mark.parametrize("size", [(9, 50), (3, 20), (9, 20), (3, 50)])
def test_both_orders_of_axes_interpolate_alike(size):
    x = R.normal(size=(2, 3, 6, 35))
    along = F.interpolate(x.reshape(2, 18, 35), size[1], mode="linear").reshape(2, 3, 6, size[1])
    flipped = np.ascontiguousarray(along.swapaxes(2, 3)).reshape(2, 3 * size[1], 6)
    wanted = F.interpolate(flipped, size[0], mode="linear").reshape(2, 3, size[1], size[0]).swapaxes(2, 3)
    y = F.interpolate(x, size, mode="bilinear")
    np.testing.assert_allclose(y, wanted, rtol=1e-10, atol=1e-12)
    g = R.normal(size=y.shape)
    assert (g * y).sum() == pytest.approx((F.interpolate_backward(g, x, size, mode="bilinear")[0] * x).sum(), rel=1e-10)


def test_modules_reuse_their_results():
    layers = [tnn.ZeroPad2d(1), tnn.Upsample(scale_factor=2), tnn.PixelShuffle(2), tnn.GLU(1), tnn.Unfold(2)]
    for layer in [*layers, tnn.InstanceNorm2d(4), tnn.BatchNorm2d(4)]:
        x = R.normal(size=(2, 4, 5, 6)).astype(np.float32)
        g = np.ones_like(layer.forward(x))
        place, gx = layer.output.ctypes.data, layer.backward(x, g)
        assert layer.forward(x).ctypes.data == place, layer
        assert np.shares_memory(layer.backward(x, g), gx), layer


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("batch_first", [False, True])
def test_recurrent_layers_of_no_samples(kind, batch_first):
    m = getattr(tnn, kind)(5, 4, 2, batch_first=batch_first, bidirectional=True)
    x = np.zeros((0, 3, 5) if batch_first else (3, 0, 5), np.float32)
    y = m(x)[0]
    assert y.shape == (*x.shape[:2], 8)
    assert m.backward(x, [np.zeros_like(y)]).shape == x.shape
    assert not m.weight_ih_l0.grad.any()


def test_places_outside_the_plane_are_refused_by_max_pooling():
    x = R.normal(size=(1, 1, 4))
    y, places = F.max_pool1d(x, 2, return_indices=True)
    with pytest.raises(IndexError, match="indices must lie between 0 and 3"):
        F.max_pool1d_backward(y, x, 2, indices=places + 4)
