"""What the normalisations by a neighbourhood have in common: kernels, draws, sizes."""

import numpy as np
import pytest

import nn
import torch7 as torch

IMAGE = np.arange(1.0, 17).reshape(1, 4, 4)


ONES = np.ones((3, 3))


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


@pytest.mark.parametrize("shape", [(2,), (3, 4), (3, 3, 3)])
@pytest.mark.parametrize("cls", ["Subtractive", "Divisive", "Contrastive"])
def test_wrong_kernels(cls, shape):
    with pytest.raises(ValueError, match="odd"):
        getattr(nn, f"Spatial{cls}Normalization")(1, np.ones(shape))


def test_another_size_after_the_first():
    for cls in (nn.SpatialSubtractiveNormalization, nn.SpatialDivisiveNormalization):
        module, other = cls(1, ONES), torch.randn(2, 1, 5, 3)
        module.forward(IMAGE)
        np.testing.assert_allclose(module.forward(other), cls(1, ONES).forward(other), rtol=1e-13)


@pytest.mark.parametrize("name", ["Subtractive", "Divisive", "Contrastive"])
def test_border_coefficients_have_the_precision_of_the_type(name):
    module = getattr(nn, f"Spatial{name}Normalization")(3, np.ones((3, 3)))
    x = np.random.default_rng(1).random((2, 3, 7, 5))
    module.float().forward(x.astype(np.float32))
    converted = module.double().forward(x).copy()
    assert np.array_equal(converted, module.clearState().forward(x))
