"""Pooling, unpooling, padding and upsampling beyond the battery: sizes, ties, encodings, worked numbers, errors."""

import numpy as np
import pytest

import nn
import torch7 as torch

LOWEST = -np.finfo(np.float64).max
SIZES = [
    ((2, 3, 0), [1, 1, 2, 2, 2, 3, 3, 3, 4]),
    ((1, 3, 0), [1, 2, 2, 2, 3, 3, 3, 4, 4]),
    ((3, 3, 1), [1, 1, 2, 2, 2, 3, 3, 3, 4]),
    ((2, 3, 1), [1, 1, 2, 2, 2, 3, 3, 3, 4]),
    ((3, 2, 1), [1, 2, 2, 3, 3, 4, 4, 5, 5]),
    ((2, 2, 1), [1, 2, 2, 3, 3, 4, 4, 5, 5]),
]


def counting(*shape):
    """1, 2, 3, ... in this shape."""
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


def ceil_sizes(pool, sizes):
    return [pool.forward(np.ones((1, n, n))).shape[1] for n in sizes]


@pytest.mark.parametrize("setting, expected", SIZES)
@pytest.mark.parametrize("cls", [nn.SpatialMaxPooling, nn.SpatialAveragePooling])
def test_ceil_sizes(cls, setting, expected):
    k, d, p = setting
    assert ceil_sizes(cls(k, k, d, d, p, p).ceil(), range(1, 10)) == expected


def test_floor_sizes():
    assert nn.SpatialMaxPooling(3, 2, 2, 1, 1, 1).forward(np.ones((1, 5, 8))).shape == (1, 6, 4)
    assert nn.SpatialMaxPooling(2, 2).ceil().floor().forward(np.ones((1, 5, 5))).shape == (1, 2, 2)


def test_strides_default_to_the_kernel_in_max_and_to_1_in_average_pooling():
    x = np.ones((1, 6, 6))
    assert nn.SpatialMaxPooling(2, 3).forward(x).shape == (1, 2, 3)
    assert nn.SpatialAveragePooling(2, 3).forward(x).shape == (1, 4, 5)


def test_first_maximum_wins_and_nothing_beats_nan():
    pool = nn.SpatialMaxPooling(2, 2)
    x = np.array([[[3, 3, np.nan, 1], [3, 3, 0, 1], [np.nan] * 2 + [-np.inf] * 2, [np.nan] * 2 + [-np.inf] * 2]])
    np.testing.assert_array_equal(pool.forward(x), [[[3, 1], [LOWEST, LOWEST]]])
    np.testing.assert_array_equal(pool.indices, [[[1, 4], [0, 0]]])
    gradInput = pool.backward(x, counting(1, 2, 2))
    assert gradInput[0, 0, 0] == 1 and gradInput[0, 0, 3] == 2 and np.count_nonzero(gradInput) == 2


def test_overlapping_windows_add_their_gradients():
    x = np.array([[[0.0, 9, 0], [0, 0, 0]]])
    pool = nn.SpatialMaxPooling(2, 2, 1, 1)
    pool.forward(x)
    np.testing.assert_array_equal(pool.backward(x, np.ones((1, 1, 2))), [[[0, 2, 0], [0, 0, 0]]])


@pytest.mark.parametrize("cls", [nn.SpatialMaxPooling, nn.SpatialAveragePooling])
def test_border_of_at_most_half_a_window(cls):
    assert cls(3, 3, 1, 1, 1, 1).forward(np.ones((1, 3, 3))).shape == (1, 3, 3)
    with pytest.raises(ValueError, match="half"):
        cls(3, 3, 1, 1, 2, 2).forward(np.ones((1, 3, 3)))


def test_average_counts_the_border_or_not():
    x = np.ones((1, 4, 4))
    pool = nn.SpatialAveragePooling(3, 3, 2, 2, 1, 1)
    np.testing.assert_allclose(pool.forward(x), [[[4 / 9, 2 / 3], [2 / 3, 1]]])
    np.testing.assert_allclose(pool.setCountExcludePad().forward(x), 1)
    ceil = pool.setCountIncludePad().ceil().forward(x)
    np.testing.assert_allclose(ceil[0, 2], [1 / 3, 0.5, 0.25])


def test_average_of_windows_beyond_the_image():
    output = nn.SpatialAveragePooling(2, 2, 3, 3).ceil().forward(np.ones((1, 6, 6)))
    assert output.shape == (1, 3, 3) and np.isnan(output[0, 2]).all() and (output[0, :2, :2] == 1).all()
    assert nn.SpatialAveragePooling(1, 1, 3, 3).ceil().forward(np.ones((1, 5, 5)))[0, 2, 2] == 0


def test_average_of_old_files_is_a_sum():
    pool = nn.SpatialAveragePooling(2, 2)
    for name in ("divide", "ceil_mode", "count_include_pad", "padW", "padH"):
        delattr(pool, name)
    old = torch.deserialize(torch.serialize(pool))
    assert old.forward(np.ones((1, 2, 2))).item() == 4


def test_sums_are_means_times_the_size_of_a_whole_window():
    pool = nn.SpatialAveragePooling(2, 2, 2, 2).ceil()
    pool.divide = False
    x = np.array([[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]])
    np.testing.assert_array_equal(pool.forward(x), [[[12, 18], [30, 36]]])
    np.testing.assert_array_equal(pool.backward(x, np.ones((1, 2, 2))), [[[1, 1, 2], [1, 1, 2], [2, 2, 4]]])


def test_adaptive_windows():
    row = counting(1, 1, 21)
    average = nn.SpatialAdaptiveAveragePooling(7, 1).forward(row)
    np.testing.assert_allclose(average.ravel(), [2, 5, 8, 11, 14, 17, 20])
    largest = nn.SpatialAdaptiveMaxPooling(7, 1).forward(row)
    np.testing.assert_array_equal(largest.ravel(), [4, 7, 9, 13, 15, 18, 21])
    same = nn.SpatialAdaptiveMaxPooling(13, 1).forward(counting(1, 1, 13))
    np.testing.assert_array_equal(same.ravel(), [1, 2, 3, 4, 5, 6, 8, 8, 9, 10, 11, 12, 13])


def test_adaptive_indices_are_row_and_column_in_the_window():
    pool = nn.SpatialAdaptiveMaxPooling(2, 1)
    pool.forward(counting(1, 2, 4))
    assert pool.indices.shape == (2, 1, 1, 2)
    np.testing.assert_array_equal(pool.indices.reshape(2, 2), [[2, 2], [2, 2]])


def test_fractional():
    torch.manualSeed(5)
    pool = nn.SpatialFractionalMaxPooling(2, 2, 3, 3)
    output = pool.forward(counting(1, 8, 8))
    np.testing.assert_array_equal(output.ravel(), [10, 13, 16, 34, 37, 40, 58, 61, 64])
    np.testing.assert_allclose(pool.randomSamples.ravel(), [0.221993171, 0.0551801207], rtol=1e-8)


def test_fractional_volume():
    torch.manualSeed(5)
    pool = nn.VolumetricFractionalMaxPooling(2, 2, 2, 3, 2, 2)
    output = pool.forward(counting(1, 5, 6, 8))
    np.testing.assert_array_equal(output.ravel(), [58, 61, 64, 90, 93, 96, 202, 205, 208, 234, 237, 240])
    pool = nn.VolumetricFractionalMaxPooling(2, 2, 2, 1, 2, 3)
    assert pool.forward(counting(1, 8, 7, 6)).shape == (1, 3, 2, 1)


def test_fixed_pooling_regions():
    pool, x = nn.SpatialFractionalMaxPooling(2, 2, 4, 4), torch.randn(2, 3, 11, 11)
    pool.forward(x)
    first = pool.randomSamples.copy()
    pool.forward(x)
    assert (pool.randomSamples != first).any()
    kept = pool.randomSamples.copy()
    assert pool.fixPoolingRegions() is pool
    pool.forward(x)
    np.testing.assert_array_equal(pool.randomSamples, kept)
    pool.forward(x[:1])
    assert pool.randomSamples.shape == (1, 3, 2)
    pool.fixPoolingRegions(False).forward(x)
    assert (pool.randomSamples != kept).any()


def test_fractional_errors():
    with pytest.raises(ValueError, match="2 or more"):
        nn.SpatialFractionalMaxPooling(1, 2, 3, 3)
    with pytest.raises(ValueError, match="ratios"):
        nn.SpatialFractionalMaxPooling(2, 2, 3, 0.5)
    with pytest.raises(ValueError, match="too large"):
        nn.SpatialFractionalMaxPooling(2, 2, 3, 3).forward(np.ones((1, 4, 4)))
    with pytest.raises(ValueError, match="NaN"):
        nn.SpatialFractionalMaxPooling(2, 2, 2, 2).forward(np.full((1, 8, 8), np.nan))
    with pytest.raises(ValueError, match="forward first"):
        nn.SpatialFractionalMaxPooling(2, 2, 2, 2).backward(np.ones((1, 8, 8)), np.ones((1, 2, 2)))


def test_temporal_indices_count_from_0_in_the_window():
    pool = nn.TemporalMaxPooling(2, 1)
    pool.forward(np.array([[1.0, 5], [2, 5], [0, np.nan], [np.nan, np.nan]]))
    np.testing.assert_array_equal(pool.indices, [[1, 0], [0, 0], [0, -1]])


def test_volumetric_indices_pack_the_place_in_the_window():
    pool = nn.VolumetricMaxPooling(2, 2, 2)
    pool.forward(counting(1, 2, 2, 2))
    assert pool.indices.item() & 0xFFFFFF == 0x010101
    pool = nn.VolumetricMaxPooling(3, 3, 3, 1, 1, 1, 1, 1, 1)
    pool.forward(counting(1, 2, 2, 2))
    assert pool.indices[0, 0, 0, 0] & 0xFFFFFF == 0x020202


def test_dilated_volume_is_a_dilated_plane():
    x = np.ones(10)
    x[6] = 8
    plane = nn.SpatialDilatedMaxPooling(1, 5, 1, 1, 0, 2, 1, 2).forward(x.reshape(1, 10, 1))
    np.testing.assert_array_equal(plane.ravel(), [8, 1, 8, 1, 8, 1])
    volume = nn.VolumetricDilatedMaxPooling(5, 1, 1, 1, 1, 1, 2, 0, 0, 2, 1, 1)
    np.testing.assert_array_equal(volume.forward(x.reshape(1, 10, 1, 1)).ravel(), [8, 1, 8, 1, 8, 1])
    gradInput = volume.backward(x.reshape(1, 10, 1, 1), np.array([1.0, 0, 0, 0, 0, 0]).reshape(1, 6, 1, 1))
    assert gradInput[0, 6, 0, 0] == 1


def test_lp_pooling():
    x = counting(1, 2, 2)
    np.testing.assert_allclose(nn.SpatialLPPooling(1, 2, 2, 2).forward(x).item(), 30**0.5)
    np.testing.assert_allclose(nn.SpatialLPPooling(1, 3, 2, 2).forward(x).item(), 100 ** (1 / 3))
    module = nn.SpatialLPPooling(1, 2, 2, 2)
    assert module.parameters()[:2] == ([], []) and module.zeroGradParameters() is module


class TestUnpooling:
    def test_puts_maxima_back(self):
        pool = nn.SpatialMaxPooling(2, 2)
        x = np.array([[[1.0, 2, 5], [3, 0, 6]]])
        output = nn.SpatialMaxUnpooling(pool).forward(pool.forward(x))
        np.testing.assert_array_equal(output, [[[0, 0, 0], [3, 0, 0]]])

    def test_volume(self):
        pool = nn.VolumetricMaxPooling(2, 2, 2)
        x = counting(1, 2, 2, 2)
        output = nn.VolumetricMaxUnpooling(pool).forward(pool.forward(x))
        assert output[0, 1, 1, 1] == 8 and np.count_nonzero(output) == 1

    def test_wants_a_pooling_module(self):
        for cls, other in (
            (nn.SpatialMaxUnpooling, nn.SpatialDilatedMaxPooling(2, 2)),
            (nn.SpatialMaxUnpooling, nn.ReLU()),
            (nn.VolumetricMaxUnpooling, nn.SpatialMaxPooling(2, 2)),
        ):
            with pytest.raises((TypeError, ValueError), match="MaxPooling module"):
                cls(other)

    def test_wants_windows_side_by_side(self):
        with pytest.raises(ValueError, match="stride"):
            nn.SpatialMaxUnpooling(nn.SpatialMaxPooling(3, 3, 2, 2))

    def test_wants_the_pooled_shape(self):
        pool = nn.SpatialMaxPooling(2, 2)
        pool.forward(np.ones((1, 4, 4)))
        with pytest.raises(ValueError, match="indices"):
            nn.SpatialMaxUnpooling(pool).forward(np.ones((1, 3, 3)))

    def test_refuses_places_outside(self):
        pool = nn.SpatialMaxPooling(2, 2)
        pool.forward(np.ones((1, 4, 4)))
        pool.indices[0, 0, 0] = 98
        with pytest.raises((ValueError, IndexError), match="98"):
            nn.SpatialMaxUnpooling(pool).forward(np.ones((1, 2, 2)))


class TestPadding:
    def test_reflection(self):
        x = counting(1, 3, 3)
        output = nn.SpatialReflectionPadding(2, 1, 1, 2).forward(x)
        assert output.shape == (1, 6, 6)
        np.testing.assert_array_equal(output[0, 0], [6, 5, 4, 5, 6, 5])

    def test_negative_sides_crop(self):
        output = nn.SpatialReflectionPadding(-1, 1, 0, 0).forward(counting(1, 1, 3))
        np.testing.assert_array_equal(output, [[[2, 3, 2]]])

    def test_missing_sides_are_the_first(self):
        assert nn.SpatialZeroPadding(1).forward(np.ones((1, 2, 2))).shape == (1, 4, 4)

    def test_reflection_wants_a_larger_image(self):
        with pytest.raises(ValueError, match="ReflectionPadding"):
            nn.SpatialReflectionPadding(3, 0, 0, 0).forward(np.ones((1, 3, 3)))

    def test_volume(self):
        module = nn.VolumetricReplicationPadding(1, 2, 3, 4, 5, 6)
        assert module.forward(np.ones((1, 2, 3, 4))).shape == (1, 13, 10, 7)

    def test_cropped_to_nothing(self):
        with pytest.raises(ValueError, match="too small"):
            nn.SpatialZeroPadding(-1, -1, 0, 0).forward(np.ones((1, 2, 2)))


class TestUpSampling:
    def test_nearest(self):
        output = nn.SpatialUpSamplingNearest(2).forward(counting(1, 1, 2))
        np.testing.assert_array_equal(output, [[[1, 1, 2, 2]] * 2])

    def test_bilinear_positions_are_float32(self):
        output = nn.SpatialUpSamplingBilinear(2).forward(counting(1, 2, 3))
        expected = [1, 1.40000001, 1.80000001, 2.20000005, 2.60000002, 3]
        np.testing.assert_allclose(output[0, 0], expected, rtol=0, atol=5e-9)

    def test_wanted_size(self):
        module = nn.SpatialUpSamplingBilinear({"oheight": 5, "owidth": 6})
        assert module.forward(np.ones((1, 2, 3))).shape == (1, 5, 6)
        assert repr(module) == "nn.SpatialUpSamplingBilinear(5, 6)"

    @pytest.mark.parametrize("mode, scale", [("nearest", 2), ("linear", 3)])
    def test_volume(self, mode, scale):
        shape = nn.UpSampling(scale, mode).forward(np.ones((1, 1, 2, 3, 4))).shape
        assert shape == (1, 1, 2 * scale, 3 * scale, 4 * scale)

    def test_printed(self):
        assert repr(nn.UpSampling(2)) == "nn.UpSampling(2x, nearest)"
        size = {"odepth": 2, "oheight": 3, "owidth": 4}
        assert repr(nn.UpSampling(size, "linear")) == "nn.UpSampling(2x3x4, linear)"

    def test_errors(self):
        for wrong in (0, 1.5):
            with pytest.raises(ValueError, match="scale_factor"):
                nn.SpatialUpSamplingNearest(wrong)
        with pytest.raises(ValueError, match="scale_factor"):
            nn.UpSampling({"oheight": 3, "owidth": 4}, "nearest")
        with pytest.raises(ValueError, match="depth"):
            nn.UpSampling({"oheight": 3, "owidth": 4}, "linear").forward(np.ones((1, 1, 2, 2, 2)))
        with pytest.raises(ValueError, match="4D or 5D"):
            nn.UpSampling(2).forward(np.ones((1, 2, 2)))


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


def test_unpooling_after_another_forward_of_the_pooling():
    for pooling, unpooling, shape, larger in [
        (nn.SpatialMaxPooling(2, 2), nn.SpatialMaxUnpooling, (1, 4, 4), (1, 5, 5)),
        (nn.VolumetricMaxPooling(2, 2, 2), nn.VolumetricMaxUnpooling, (1, 2, 4, 4), (1, 3, 5, 5)),
    ]:
        y = pooling.forward(counting(*shape)).copy()
        module = unpooling(pooling)
        gradOutput = np.ones_like(module.forward(y))
        pooling.forward(counting(*larger))
        with pytest.raises(ValueError):
            module.updateGradInput(y, gradOutput)
        pooling.indices[...] = 10**6
        with pytest.raises(ValueError, match="invalid max index"):
            module.updateGradInput(y, np.ones(larger))


def test_regions_stay_inside_whatever_the_random_samples():
    pool = nn.SpatialFractionalMaxPooling(2, 2, 3, 3).fixPoolingRegions()
    x = counting(1, 8, 8)
    pool.forward(x)
    pool.randomSamples[...] = -50.7
    assert pool.forward(x).max() == 64


def test_up_sampling_to_a_size_as_files_hold_it():
    module = nn.UpSampling({"oheight": 3, "owidth": 4}, "bilinear")
    del vars(module)["odepth"]
    assert str(module) == "nn.UpSampling(3x4, linear)"
    with pytest.raises(ValueError, match="depth"):
        module.forward(np.ones((1, 1, 2, 2, 2)))


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


def test_volumetric_indices_of_lua_tell_by_their_four_low_bytes():
    pool, x = nn.VolumetricMaxPooling(2, 2, 2), counting(1, 2, 2, 4)
    pool.forward(x)
    pool.indices |= 7 << 40
    pool.indices[0, 0, 0, 0] = 0x1FFFFFFFF
    gradInput = pool.updateGradInput(x, np.ones((1, 1, 1, 2)))
    assert gradInput[0, 1, 1, 3] == 1 and gradInput.sum() == 1
