"""Layers of nnx by their formulas."""

import numpy as np

import nn
import torch7 as torch


def neighbourhood(x, kernel):
    """The sum weighted by ``kernel`` over windows and planes of C x H x W, zero outside."""
    kH, kW = kernel.shape
    padded = np.pad(x, ((0, 0), (kH // 2,) * 2, (kW // 2,) * 2))
    shifts = [(a, b) for a in range(kH) for b in range(kW)]
    H, W = x.shape[1:]
    return sum(kernel[a, b] * padded[:, a : a + H, b : b + W].sum(0) for a, b in shifts)


def test_spatial_normalization():
    x, kernel = torch.randn(2, 6, 7), np.outer([1.0, 2, 1], [1, 3, 1])
    module, k = nn.SpatialNormalization(2, kernel), kernel / kernel.sum()
    coef = neighbourhood(np.ones_like(x), k)
    z = x - neighbourhood(x, k) / coef
    s = np.sqrt(neighbourhood(z**2, k)) / coef
    s = np.broadcast_to(s, x.shape)
    assert np.allclose(module.forward(x), z / np.maximum(s, s.mean()))


def test_its_gradient_with_the_mean_held():
    x, g = torch.randn(1, 6, 7), torch.randn(1, 6, 7)
    module = nn.SpatialNormalization(1, np.ones((3, 3)))
    module.forward(x)
    gradient = module.backward(x, g).copy()
    k = np.ones((3, 3)) / 9
    coef = neighbourhood(np.ones_like(x), k)

    def loss(x, mean=None):
        z = x - neighbourhood(x, k) / coef
        s = np.sqrt(neighbourhood(z**2, k)) / coef
        return (g * z / np.maximum(s, s.mean() if mean is None else mean)).sum(), s.mean()

    mean = loss(x)[1]
    for place in [(0, 0, 0), (0, 3, 2), (0, 5, 6), (0, 2, 4)]:
        step = np.zeros_like(x)
        step[place] = 1e-6
        measured = (loss(x + step, mean)[0] - loss(x - step, mean)[0]) / 2e-6
        assert abs(measured - gradient[place]) < 1e-6


def test_a_classifier_sees_every_pixel():
    x, linear = torch.randn(2, 3, 4, 5), nn.Linear(3, 2)
    module = nn.SpatialClassifier(linear)
    expected = np.einsum("kc,nchw->nkhw", linear.weight, x) + linear.bias[:, None, None]
    assert np.allclose(module.forward(x), expected)
    assert module.parameters()[0][0] is linear.weight


def test_parameters_of_another_type_than_the_buffers():
    """A program set weights of floats in a network that computed in doubles, before modules had a type."""
    module = nn.Sequential().add(nn.Linear(2, 2)).add(nn.Tanh())
    x = torch.randn(3, 2)
    expected = module.forward(x).copy()
    module.modules[0].weight = module.modules[0].weight.astype(np.float32)
    data = torch.serialize(module).replace(b"_type", b"_tYpe")
    loaded = torch.deserialize(data)
    assert loaded.modules[0].weight.dtype == np.float64
    assert np.allclose(loaded.forward(x), expected, atol=1e-6)


def test_images_without_contrast_and_a_fixed_threshold():
    module = nn.SpatialNormalization(1, np.ones((3, 3)))
    assert np.abs(module.forward(np.full((1, 5, 5), 7.0))).max() < 1e-9
    x = torch.randn(1, 5, 5)
    z = module.forward(x) * np.maximum(module._s[0], module._s[0].mean())
    fixed = nn.SpatialNormalization(1, np.ones((3, 3)), 100)
    assert np.allclose(fixed.forward(x), z / 100)
