"""F.grid_sample and F.affine_grid: PyTorch's numbers, gradients by differences, what is outside, refusals."""

import numpy as np
import pytest
from gradients import function_agrees

import nn.pytorch.functional as F

PLANE = np.array([[1.0, 2, 4], [8, 16, -32]]).reshape(1, 1, 2, 3)
GRID = np.array([[-0.9, 0.3], [1.4, -0.2], [-3.1, 2.2]]).reshape(1, 1, 3, 2)
#: mode and padding, and what PyTorch 2.13 gives for PLANE at GRID
SAMPLES = [
    ("bilinear", "zeros", [4.29, 0, 0]),
    ("bilinear", "border", [6.6, -6.8, 8]),
    ("bilinear", "reflection", [6.6, -5.5, -6.8]),
    ("nearest", "zeros", [8, 0, 0]),
    ("nearest", "border", [8, 4, 8]),
    ("nearest", "reflection", [8, 4, 4]),
    ("bicubic", "zeros", [4.20454125, 0.43223625, 0]),
    ("bicubic", "border", [6.0173865, -6.044, 8]),
    ("bicubic", "reflection", [5.61321, -5.04416725, -8.08296875]),
]


@pytest.mark.parametrize("mode, padding, expected", SAMPLES)
def test_samples(mode, padding, expected):
    y = F.grid_sample(PLANE, GRID, mode, padding, align_corners=False)
    np.testing.assert_allclose(y.ravel(), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_gradients(mode, padding, align_corners):
    rng = np.random.default_rng(4)
    for dims in (2, 3)[: 1 if mode == "bicubic" else 2]:
        x, grid = rng.normal(size=(2, 2, *(3, 4, 2)[:dims])), rng.uniform(-1.6, 1.6, (2, *(2, 1, 2)[:dims], dims))
        settings = {"mode": mode, "padding_mode": padding, "align_corners": align_corners}
        function_agrees(F.grid_sample, F.grid_sample_backward, x, grid, **settings)


def test_nan_and_infinite_places():
    """In planes NaN counts as place 0 within a border; in volumes as the last, and nothing is inside without one."""
    for dims, (zero, bound) in ((2, (np.nan, 1)), (3, (0, 4))):
        x, grid = np.arange(1.0, 5).reshape(1, *[1] * dims, 4), np.zeros((1, *[1] * dims, dims))
        grid[..., 0] = np.nan
        np.testing.assert_equal(F.grid_sample(x, grid).item(), zero)
        assert F.grid_sample(x, grid, "nearest").item() == 0
        assert F.grid_sample(x, grid, padding_mode="border").item() == bound
        grid[..., 0] = np.inf
        assert F.grid_sample(x, grid, padding_mode="border").item() == 4


def test_the_nearest_place_has_no_gradient_by_the_grid():
    x = np.full((1, 1, 2, 2), np.inf)
    assert (
        F.grid_sample_backward(np.ones((1, 1, 1, 3)), x, GRID, "nearest")[1].tolist() == np.zeros(GRID.shape).tolist()
    )


def test_affine_grid():
    theta = np.arange(6.0).reshape(1, 2, 3)
    np.testing.assert_allclose(F.affine_grid(theta, (1, 1, 2, 2)).ravel(), [1.5, 1.5, 1.5, 4.5, 2.5, 5.5, 2.5, 8.5])
    identity = np.eye(3, 4)[None]
    x = np.random.default_rng(3).normal(size=(1, 2, 3, 4, 2))
    for align in (False, True):
        np.testing.assert_allclose(F.grid_sample(x, F.affine_grid(identity, x.shape, align), align_corners=align), x)
        function_agrees(F.affine_grid, F.affine_grid_backward, theta, (1, 1, 3, 2), align)


def test_refusals():
    with pytest.raises(ValueError, match=r"\(1, 1, 3, 3\)"):
        F.grid_sample(PLANE, np.zeros((1, 1, 3, 3)))
    with pytest.raises(ValueError, match="bicubic"):
        F.grid_sample(np.zeros((1, 1, 2, 2, 2)), np.zeros((1, 1, 1, 1, 3)), "bicubic")
    with pytest.raises(ValueError, match="wrap"):
        F.grid_sample(PLANE, GRID, padding_mode="wrap")
    with pytest.raises(TypeError, match="float32"):
        F.grid_sample(PLANE, GRID.astype(np.float32))
    with pytest.raises(ValueError, match="affine_grid"):
        F.affine_grid(np.zeros((1, 2, 3)), (1, 1, 2, 2, 2))


def test_the_gradient_by_a_grid_in_any_order_of_memory():
    r = np.random.default_rng(0)
    x, grid = r.normal(size=(2, 1, 3, 3)), r.normal(size=(2, 4, 3, 2)).transpose(3, 1, 2, 0)
    g = np.ones((2, 1, 4, 3))
    expected = F.grid_sample_backward(g, x, np.ascontiguousarray(grid))
    for found, wanted in zip(F.grid_sample_backward(g, x, grid), expected):
        np.testing.assert_array_equal(found, wanted)
