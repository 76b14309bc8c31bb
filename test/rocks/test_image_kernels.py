"""Kernels and convolutions against their formulas; minmax, grids, drawing, made pictures."""

import math

import numpy as np
import pytest

from rocks import display, image

rng = np.random.default_rng(5)


def test_gaussian():
    g = image.gaussian(5, 0.3, 2, False, 4, 3, 0.2, 0.4, 0.4, 0.6)
    assert g.shape == (3, 4)
    for v in range(3):
        for u in range(4):
            du = (u + 1 - (0.4 * 4 + 0.5)) / (0.2 * 4)
            dv = (v + 1 - (0.6 * 3 + 0.5)) / (0.4 * 3)
            assert math.isclose(g[v, u], 2 * math.exp(-(du**2 + dv**2) / 2))
    assert image.gaussian().shape == (3, 3) and image.gaussian()[1, 1] == 1
    assert np.array_equal(image.gaussian({"size": 7, "sigma": 0.1}), image.gaussian(7, 0.1))
    assert math.isclose(image.gaussian(size=5, normalize=True, amplitude=9).sum(), 1)
    out = np.zeros((2, 6), np.float32)
    assert image.gaussian(tensor=out) is out and out.max() <= 1 and out[0, 0] == out[1, 5]


def test_gaussian1D_and_laplacian():
    row = image.gaussian1D(4, 0.2, 3, False, 0.3)
    expected = [3 * math.exp(-(((i - (0.3 * 4 + 0.5)) / (0.2 * 4)) ** 2) / 2) for i in range(1, 5)]
    assert np.allclose(row, expected)
    assert math.isclose(image.gaussian1D({"size": 9, "normalize": True}).sum(), 1)
    k = image.laplacian({"width": 5, "height": 4, "sigma": 0.2, "amplitude": 2})
    for i in range(1, 5):
        for j in range(1, 6):
            s = ((i - (0.5 * 5 + 0.5)) / (0.2 * 5)) ** 2 / 2 + ((j - (0.5 * 4 + 0.5)) / (0.2 * 4)) ** 2 / 2
            assert math.isclose(k[i - 1, j - 1], 2 * (1 - s) * math.exp(-s), abs_tol=1e-12)


def turned_sum(x, k, j, i):
    rows, columns = k.shape
    total = 0
    for v in range(rows):
        for u in range(columns):
            y, z = j + v - rows + 1, i + u - columns + 1
            if 0 <= y < x.shape[0] and 0 <= z < x.shape[1]:
                total += x[y, z] * k[rows - 1 - v, columns - 1 - u]
    return total


@pytest.mark.parametrize("sizes", [(3, 3), (2, 5), (4, 1)])
def test_convolve(sizes):
    x, k = rng.random((2, 6, 7)), rng.random(sizes)
    full = np.stack(
        [
            [[turned_sum(plane, k, j, i) for i in range(7 + sizes[1] - 1)] for j in range(6 + sizes[0] - 1)]
            for plane in x
        ]
    )
    assert np.allclose(image.convolve(x, k, "full"), full)
    assert np.allclose(image.convolve(x, k), full[:, sizes[0] - 1 : 6, sizes[1] - 1 : 7])
    top, left = math.ceil(sizes[0] / 2) - 1, math.ceil(sizes[1] / 2) - 1
    assert np.allclose(image.convolve(x, k, "same"), full[:, top : top + 6, left : left + 7])
    assert np.allclose(image.convolve(x[0], k, "same"), full[0, top : top + 6, left : left + 7])
    dst = np.zeros((2, 6, 7))
    assert image.convolve(dst, x, k, "same") is dst and np.allclose(dst, full[:, top : top + 6, left : left + 7])
    with pytest.raises(ValueError, match="full, valid or same"):
        image.convolve(x, k, "half")


def test_lcn():
    x, k = rng.random((1, 14, 13)) * 9, image.gaussian(size=5, normalize=True)
    z = (x[0] - x.mean()) / x[0].std(ddof=1)
    got = image.lcn(x, k)
    assert got.shape == (10, 9)
    for j, i in ((0, 0), (4, 3), (9, 8)):
        part = z[j : j + 5, i : i + 5]
        mean = (part * k[::-1, ::-1]).sum()
        deviation = math.sqrt(max((part**2 * k[::-1, ::-1]).sum() - mean**2, 0))
        assert math.isclose(got[j, i], (z[j + 2, i + 2] - mean) / max(deviation, 1), abs_tol=1e-10)
    assert image.lcn(x[0]).shape == (6, 5)


def test_morphology():
    x = np.zeros((5, 6))
    x[1:4, 1:5] = 1
    inner = np.zeros((5, 6))
    inner[2, 2:4] = 1
    assert np.array_equal(image.erode(x), inner)
    assert np.array_equal(image.dilate(inner), x)
    assert np.array_equal(image.erode(np.ones((3, 3))), np.ones((3, 3)))
    assert image.erode(np.ones((3, 3)), None, 0).sum() == 1
    arrow = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 0.0]])
    assert image.dilate(inner, arrow)[2].tolist() == [0, 1, 1, 0, 0, 0]


def test_pyramid():
    x = rng.random((3, 8, 8))
    first, second, third = image.gaussianpyramid(x, [1, 0.5, 0.25])
    k = image.gaussian(width=3, normalize=True)
    assert np.array_equal(first, x)
    assert np.allclose(second, image.scale(image.convolve(x, k, "same"), 4, 4, "simple"))
    assert third.shape == (3, 2, 2)


def test_minmax():
    x = np.array([1.0, 2, 5])
    assert image.minmax({"tensor": x}).tolist() == [0, 0.25, 1]
    assert image.minmax(tensor=x, min=2, max=4).tolist() == [-0.5, 0, 1.5]
    assert image.minmax(tensor=x, min=2, max=4, saturate=True).tolist() == [0, 0, 1]
    assert image.minmax(tensor=np.array([-1.0, 0, 4]), symm=True).tolist() == [3 / 8, 0.5, 1]
    assert x.tolist() == [1, 2, 5]
    assert image.minmax(tensor=x, inplace=True) is x and x.tolist() == [0, 0.25, 1]
    out = np.zeros(3)
    assert image.minmax(tensor=np.array([3.0, 3, 3]), tensorOut=out) is out and out.tolist() == [0, 0, 0]


def test_grid():
    x = np.arange(5 * 1 * 2 * 3, dtype=np.float64).reshape(5, 1, 2, 3)
    grid = image.toDisplayTensor({"input": x, "padding": 2, "nrow": 3})
    assert grid.shape == (1, 2 * 4, 3 * 5)
    for k in range(5):
        top, left = (k // 3) * 4 + 1, (k % 3) * 5 + 1
        assert np.allclose(grid[:, top : top + 2, left : left + 3], x[k] / 29)
    assert grid[0, 0, 0] == 1
    planes = image.toDisplayTensor(x[:, 0], 0, 5)
    assert np.allclose(planes, np.concatenate(list(x[:, 0]), 1) / 29)
    each = image.toDisplayTensor(input=[x[0], x[1]], scaleeach=True)
    assert each.min() == 0 and np.allclose(each[0, :, :3], each[0, :, 3:])
    assert np.allclose(image.toDisplayTensor(x[4]), (x[4] - 24) / 5)
    assert image.toDisplayTensor([np.zeros((2, 3)), np.ones((2, 3))]).shape == (1, 2, 6)
    with pytest.raises(ValueError, match="1 or 3 planes"):
        image.toDisplayTensor(np.zeros((2, 4, 3, 3)))


def test_display_writes_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x = rng.random((3, 4, 5))
    win = image.display({"image": x, "zoom": 2, "legend": "a"})
    assert image.load(display.file(win)).shape == (3, 8, 10)
    assert image.display(image=x[:1], win=win) == win
    assert image.load(display.file(win)).shape == (1, 4, 5)


def test_rectangles():
    x = np.zeros((3, 7, 9))
    y = image.drawRect(x, 3, 2, 6, 5)
    expected = np.zeros((7, 9))
    expected[1:5, 2:6] = 1
    expected[2:4, 3:5] = 0
    assert np.array_equal(y[0], expected) and not y[1:].any() and not x.any()
    wide = image.drawRect(x, 3, 3, 6, 5, {"lineWidth": 3, "color": [0, 255, 51], "inplace": True})
    assert wide is x and x[1, 1:6, 1:7].all() and x[1].sum() == 30 and x[2].max() == 0.2
    assert image.drawRect(np.zeros((3, 4, 4), np.uint8), -3, -3, 9, 9).sum() == 0


def test_text():
    x = np.zeros((3, 20, 40))
    y = image.drawText(x, "Hi\nthere", 2, 3, {"color": [0, 255, 0]})
    assert y[1].any() and not y[0].any() and not x.any()
    assert not y[:, :2].any() and not y[:, :, 0].any() and y[1, 10:18].any()
    z = image.drawText(x, "A", 1, 1, {"bg": [0, 0, 255], "size": 2})
    assert (z[2, :16, :12] + z[0, :16, :12] == 1).all() and not z[:, 16:].any()
    wrapped = image.drawText(x, "abcdefghijkl", 1, 1)
    assert wrapped[0, 8:].any() and not image.drawText(x, "abcdefghijkl", 1, 1, {"wrap": False})[0, 8:].any()


def test_made_pictures():
    lena, fabio = image.lena(), image.fabio()
    assert lena.shape == (3, 512, 512) and fabio.shape == (257, 271)
    assert 0 <= lena.min() < 0.2 < 0.8 < lena.max() <= 1 and lena.std() > 0.1
    assert np.allclose(lena * 255, np.round(lena * 255))
