"""F.interpolate and the Upsample layers: PyTorch's numbers, gradients by differences, refusals."""

import numpy as np
import pytest
from gradients import agrees, function_agrees

import nn.pytorch as tnn
import nn.pytorch.functional as F

X = np.array([1.0, 2, 4, 8]).reshape(1, 1, 4)
PLANE = np.array([[1.0, 2, 4], [8, 16, -32]]).reshape(1, 1, 2, 3)
#: settings and what PyTorch 2.13 gives for X
LINES = [
    ({"size": 7, "mode": "linear"}, [1, 19 / 14, 27 / 14, 3, 30 / 7, 46 / 7, 8]),
    ({"size": 7, "mode": "linear", "align_corners": True}, [1, 1.5, 2, 3, 4, 6, 8]),
    ({"scale_factor": 1.3, "mode": "linear"}, [1, 43 / 26, 37 / 13, 62 / 13, 102 / 13]),
    ({"scale_factor": 1.3, "mode": "linear", "recompute_scale_factor": True}, [1, 1.7, 3, 5.2, 8]),
    ({"size": 7, "mode": "nearest"}, [1, 1, 2, 2, 4, 4, 8]),
    ({"size": 7, "mode": "nearest-exact"}, [1, 1, 2, 4, 4, 8, 8]),
    ({"size": 3, "mode": "area"}, [1.5, 3, 6]),
    ({"size": 1, "mode": "linear", "align_corners": True}, [1]),
]
#: the same for PLANE
PLANES = [
    (
        {"size": (2, 4), "mode": "bicubic"},
        [0.92822265625, 1.419921875, 2.83056640625, 4.1435546875, 7.42578125, 18.390625, -0.41796875, -35.4453125],
    ),
    ({"size": (1, 2), "mode": "bilinear", "antialias": True}, [6.1875, -5.375]),
    (
        {"size": (2, 2), "mode": "bicubic", "antialias": True},
        [1.2696629213483148, 3.340288924558587, 12.72552166934189, -14.88282504012841],
    ),
]
MODES = [
    ("nearest", 1),
    ("nearest-exact", 2),
    ("area", 2),
    ("linear", 1),
    ("bilinear", 2),
    ("bicubic", 2),
    ("trilinear", 3),
]


@pytest.mark.parametrize("settings, expected", LINES)
def test_lines(settings, expected):
    np.testing.assert_allclose(F.interpolate(X, **settings).ravel(), expected, rtol=1e-14)


@pytest.mark.parametrize("settings, expected", PLANES)
def test_planes(settings, expected):
    np.testing.assert_allclose(F.interpolate(PLANE, **settings).ravel(), expected, rtol=1e-14)


@pytest.mark.parametrize("mode, dims", MODES)
def test_gradients(mode, dims):
    x = np.random.default_rng(1).normal(size=(2, 2, *(3, 4, 2)[:dims]))
    function_agrees(F.interpolate, F.interpolate_backward, x, size=(5, 3, 4)[:dims], mode=mode)
    function_agrees(F.interpolate, F.interpolate_backward, x, scale_factor=1.4, mode=mode)
    if mode in ("bilinear", "bicubic"):
        function_agrees(F.interpolate, F.interpolate_backward, x, size=(2, 3), mode=mode, antialias=True)
        function_agrees(F.interpolate, F.interpolate_backward, x, size=(5, 3), mode=mode, align_corners=True)


def test_nan_stays_where_its_taps_are():
    x = X.copy()
    x[..., 3] = np.nan
    for mode, count in (("nearest", 2), ("linear", 3)):
        assert np.isnan(F.interpolate(x, 8, mode=mode)).ravel().tolist() == [False] * (8 - count) + [True] * count
    np.testing.assert_array_equal(F.interpolate(x, 4, mode="linear"), x)
    gx = F.interpolate_backward(np.array([1.0, np.inf, 1, 1]).reshape(1, 1, 4), X[..., :2], 4)[0]
    assert gx.ravel().tolist() == [np.inf, 2]


def test_layers():
    rng = np.random.default_rng(2)
    assert repr(tnn.Upsample(scale_factor=2)) == "Upsample(scale_factor=2.0, mode='nearest')"
    assert repr(tnn.UpsamplingBilinear2d(size=(3, 4))) == "UpsamplingBilinear2d(size=(3, 4), mode='bilinear')"
    x = rng.normal(size=(2, 2, 2, 3))
    agrees(tnn.Upsample(size=(3, 2), mode="bicubic"), x)
    agrees(tnn.UpsamplingNearest2d(scale_factor=2), x)
    agrees(tnn.UpsamplingBilinear2d(size=(3, 5)), x)
    np.testing.assert_array_equal(tnn.UpsamplingBilinear2d((3, 5))(x), F.upsample_bilinear(x, (3, 5)))
    np.testing.assert_array_equal(F.upsample_nearest(x, scale_factor=2), F.interpolate(x, scale_factor=2))
    assert F.interpolate(x[:0], (3, 5), mode="bilinear").shape == (0, 2, 3, 5)
    assert F.interpolate(x.astype(np.float32), (3, 5), mode="bilinear").dtype == np.float32


@pytest.mark.parametrize(
    "settings, error",
    [
        ({}, ValueError),
        ({"size": 2, "scale_factor": 2}, ValueError),
        ({"size": (2, 2, 2)}, ValueError),
        ({"size": 2, "mode": "linear"}, NotImplementedError),
        ({"size": 2, "mode": "sinc"}, NotImplementedError),
        ({"size": 2, "align_corners": True}, ValueError),
        ({"size": 2, "antialias": True}, ValueError),
        ({"size": 0}, ValueError),
        ({"size": 2, "recompute_scale_factor": True}, ValueError),
    ],
)
def test_refusals(settings, error):
    with pytest.raises(error, match=r"interpolate|size"):
        F.interpolate(PLANE, **settings)
