"""Normalisations beyond the battery: worked numbers, draws, kernels, files."""

import numpy as np
import pytest

import nn
import torch7 as torch

IMAGE = np.arange(1.0, 17).reshape(1, 4, 4)
ONES = np.ones((3, 3))


def test_subtractive():
    output = nn.SpatialSubtractiveNormalization(1, ONES).forward(IMAGE)
    np.testing.assert_allclose(output.ravel()[:8], [-2.5, -2, -2, -1.5, -0.5, 0, 0, 0.5], atol=1e-14)


def test_divisive():
    output = nn.SpatialDivisiveNormalization(1, ONES).forward(IMAGE)
    np.testing.assert_allclose(output[0, 0], [0.164121988, 0.359210604, 0.449719013, 0.454003483], rtol=1e-8)


def test_divisive_of_nothing_is_nothing():
    assert not nn.SpatialDivisiveNormalization(1, ONES).forward(np.zeros((1, 4, 4))).any()


@pytest.mark.parametrize("cls", [nn.SpatialSubtractiveNormalization, nn.SpatialDivisiveNormalization])
def test_a_vector_is_half_of_a_product(cls):
    whole, half = cls(1, ONES).forward(IMAGE), cls(1, np.ones(3)).forward(IMAGE)
    np.testing.assert_allclose(half, whole, atol=1e-14)


@pytest.mark.parametrize(
    "kernel, draws", [(np.ones(3), (2 * 3 + 2) + (2 * 3 + 1)), (np.ones((3, 5)), 2 * 15 + 1)], ids=["1D", "2D"]
)
@pytest.mark.parametrize("cls, estimators", [("Subtractive", 1), ("Divisive", 2), ("Contrastive", 3)])
def test_construction_draws_what_its_convolutions_draw(cls, estimators, kernel, draws):
    torch.manualSeed(4)
    getattr(nn, f"Spatial{cls}Normalization")(2, kernel)
    after = torch.uniform()
    torch.manualSeed(4)
    torch.rand(draws * estimators)
    assert after == torch.uniform()


def test_the_caller_s_kernel_is_left_alone():
    kernel = np.full(3, 2.0)
    module = nn.SpatialContrastiveNormalization(4, kernel)
    assert (kernel == 2).all()
    np.testing.assert_allclose(module.kernel, np.full(3, 1 / 6))
    assert module.normalizer.get(1).kernel is module.kernel


def test_default_kernel():
    assert nn.SpatialSubtractiveNormalization().kernel.shape == (9, 9)


@pytest.mark.parametrize("shape", [(2,), (3, 4), (3, 3, 3)])
@pytest.mark.parametrize("cls", ["Subtractive", "Divisive", "Contrastive"])
def test_wrong_kernels(cls, shape):
    with pytest.raises(ValueError, match="odd"):
        getattr(nn, f"Spatial{cls}Normalization")(1, np.ones(shape))


def test_threshold_and_its_value():
    module = nn.SpatialDivisiveNormalization(1, ONES, 100, 7)
    np.testing.assert_allclose(module.forward(IMAGE), IMAGE / 7)
    assert nn.SpatialContrastiveNormalization(1, ONES, 0.5).thresval == 0.5


def test_another_size_after_the_first():
    for cls in (nn.SpatialSubtractiveNormalization, nn.SpatialDivisiveNormalization):
        module, other = cls(1, ONES), torch.randn(2, 1, 5, 3)
        module.forward(IMAGE)
        np.testing.assert_allclose(module.forward(other), cls(1, ONES).forward(other), rtol=1e-13)


def test_cross_map_lrn():
    module = nn.SpatialCrossMapLRN(3, 1, 1, 1)
    x = np.arange(1.0, 6).reshape(5, 1, 1)
    module.forward(x)
    np.testing.assert_allclose(module.scale.ravel(), [8 / 3, 17 / 3, 32 / 3, 53 / 3, 44 / 3])
    expected = [0.239727509, -0.129230644, -0.109183747, -0.109868061, -0.0520173498]
    np.testing.assert_allclose(module.backward(x, np.ones((5, 1, 1))).ravel(), expected, rtol=1e-8)


def test_cross_map_lrn_against_its_formula():
    x = torch.randn(7, 30, 20)
    for size in (1, 2, 5, 6, 20):
        module = nn.SpatialCrossMapLRN(size, 0.3, 0.6, 1.5)
        first, last = (size - 1) // 2, size // 2
        sums = [np.square(x[max(0, c - first) : c + last + 1]).sum(0) for c in range(7)]
        expected = x * (1.5 + 0.3 / size * np.array(sums)) ** -0.6
        np.testing.assert_allclose(module.forward(x), expected, rtol=1e-12)
        single = module.clone().float().forward(x.astype(np.float32))
        np.testing.assert_allclose(single, expected, atol=1e-6 * np.abs(expected).max())


def test_cross_map_lrn_defaults_and_errors():
    module = nn.SpatialCrossMapLRN(5)
    assert (module.alpha, module.beta, module.k) == (1e-4, 0.75, 1)
    with pytest.raises(ValueError, match="size"):
        nn.SpatialCrossMapLRN(0)
    with pytest.raises(ValueError, match="forward"):
        module.updateGradInput(np.ones((1, 2, 2)), np.ones((1, 2, 2)))
