"""What all poolings have in common: sizes, borders, indices, errors."""

import numpy as np
import pytest

import nn
import torch7 as torch

SIZES = [
    ((2, 3, 0), [1, 1, 2, 2, 2, 3, 3, 3, 4]),
    ((1, 3, 0), [1, 2, 2, 2, 3, 3, 3, 4, 4]),
    ((3, 3, 1), [1, 1, 2, 2, 2, 3, 3, 3, 4]),
    ((2, 3, 1), [1, 1, 2, 2, 2, 3, 3, 3, 4]),
    ((3, 2, 1), [1, 2, 2, 3, 3, 4, 4, 5, 5]),
    ((2, 2, 1), [1, 2, 2, 3, 3, 4, 4, 5, 5]),
]


def ceil_sizes(pool, sizes):
    return [pool.forward(np.ones((1, n, n))).shape[1] for n in sizes]


@pytest.mark.parametrize("setting, expected", SIZES)
@pytest.mark.parametrize("cls", [nn.SpatialMaxPooling, nn.SpatialAveragePooling])
def test_ceil_sizes(cls, setting, expected):
    k, d, p = setting
    assert ceil_sizes(cls(k, k, d, d, p, p).ceil(), range(1, 10)) == expected


def test_strides_default_to_the_kernel_in_max_and_to_1_in_average_pooling():
    x = np.ones((1, 6, 6))
    assert nn.SpatialMaxPooling(2, 3).forward(x).shape == (1, 2, 3)
    assert nn.SpatialAveragePooling(2, 3).forward(x).shape == (1, 4, 5)


@pytest.mark.parametrize("cls", [nn.SpatialMaxPooling, nn.SpatialAveragePooling])
def test_border_of_at_most_half_a_window(cls):
    assert cls(3, 3, 1, 1, 1, 1).forward(np.ones((1, 3, 3))).shape == (1, 3, 3)
    with pytest.raises(ValueError, match="half"):
        cls(3, 3, 1, 1, 2, 2).forward(np.ones((1, 3, 3)))


BACKWARD = [
    (lambda: nn.SpatialMaxPooling(2, 2), (2, 4, 5)),
    (lambda: nn.SpatialDilatedMaxPooling(2, 2, 1, 1, 0, 0, 2, 1), (2, 4, 5)),
    (lambda: nn.SpatialAveragePooling(2, 2), (2, 4, 5)),
    (lambda: nn.SpatialAdaptiveMaxPooling(2, 3), (2, 4, 5)),
    (lambda: nn.SpatialAdaptiveAveragePooling(2, 3), (2, 4, 5)),
    (lambda: nn.SpatialFractionalMaxPooling(2, 2, 2, 2), (2, 4, 5)),
    (lambda: nn.SpatialUpSamplingBilinear(2), (2, 4, 5)),
    (lambda: nn.UpSampling(2, "nearest"), (2, 1, 4, 5)),
    (lambda: nn.UpSampling(2, "linear"), (2, 1, 4, 5)),
    (lambda: nn.TemporalMaxPooling(2), (2, 4, 5)),
    (lambda: nn.VolumetricMaxPooling(2, 2, 2), (2, 2, 4, 5)),
    (lambda: nn.VolumetricAveragePooling(2, 2, 2), (2, 2, 4, 5)),
]


ANY_SIZE = (
    nn.SpatialAdaptiveMaxPooling,
    nn.SpatialAdaptiveAveragePooling,
    nn.SpatialFractionalMaxPooling,
    nn.SpatialUpSamplingBilinear,
    nn.UpSampling,
)


@pytest.mark.parametrize("make, shape", BACKWARD, ids=lambda x: repr(x()) if callable(x) else "")
def test_backward_with_another_input_than_forward(make, shape):
    module = make()
    gradOutput = np.ones_like(module.forward(torch.randn(*shape)))
    for axis in range(len(shape)):
        for size in (1, shape[axis] + 4):
            other = (*shape[:axis], size, *shape[axis + 1 :])
            if other != shape and (axis == 0 or not isinstance(module, ANY_SIZE)):
                with pytest.raises(ValueError):
                    module.updateGradInput(np.ones(other), gradOutput)
    assert module.updateGradInput(np.ones(shape), gradOutput).shape == shape


INDEXED = [
    (lambda: nn.SpatialMaxPooling(2, 2), (2, 4, 4)),
    (lambda: nn.SpatialAdaptiveMaxPooling(2, 2), (2, 4, 4)),
    (lambda: nn.SpatialFractionalMaxPooling(2, 2, 2, 2), (2, 4, 4)),
    (lambda: nn.TemporalMaxPooling(2), (2, 4, 4)),
    (lambda: nn.VolumetricMaxPooling(2, 2, 2), (2, 4, 4, 4)),
]


@pytest.mark.parametrize("make, shape", INDEXED, ids=lambda x: repr(x()) if callable(x) else "")
@pytest.mark.parametrize("place", [10**6, -7])
def test_indices_out_of_range(make, shape, place):
    module, x = make(), torch.randn(*shape)
    gradOutput = np.ones_like(module.forward(x))
    module.indices[...] = place
    with pytest.raises(ValueError, match="outside"):
        module.updateGradInput(x, gradOutput)
    module.indices = np.ones(3, np.int64)
    with pytest.raises(ValueError, match="indices"):
        module.updateGradInput(x, gradOutput)
    module.forward(x)
    module.updateGradInput(x, gradOutput)


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda: nn.SpatialMaxPooling(2, 0), (1, 4, 4)),
        (lambda: nn.SpatialMaxPooling(2, 2, 0, 1), (1, 4, 4)),
        (lambda: nn.SpatialDilatedMaxPooling(2, 2, 1, 1, 0, 0, 0, 1), (1, 4, 4)),
        (lambda: nn.SpatialAveragePooling(2, 2, 1, 0), (1, 4, 4)),
        (lambda: nn.TemporalMaxPooling(2, 0), (4, 4)),
        (lambda: nn.VolumetricMaxPooling(2, 2, 2, 1, 0, 1), (1, 4, 4, 4)),
        (lambda: nn.VolumetricAveragePooling(0, 2, 2), (1, 4, 4, 4)),
    ],
)
def test_windows_and_steps_are_positive(make, shape):
    with pytest.raises(ValueError, match="greater than zero"):
        make().forward(np.ones(shape))
