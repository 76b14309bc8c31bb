"""Pictures scaled, cut, moved, turned and warped, against the formulas pixel by pixel."""

import math

import numpy as np
import pytest

import torch7
from rocks import image

rng = np.random.default_rng(3)


def linear_row(src, to):
    """One row in another length, in single precision and step by step."""
    n = len(src)
    if to == n:
        return np.array(src)
    out = np.zeros(to)
    if to > n:
        step = np.float32((n - 1) / (to - 1))
        for i in range(to - 1):
            at = np.float32(i) * step
            left = int(at)
            f = float(at - left)
            out[i] = src[0] if n == 1 else (1 - f) * src[left] + f * src[left + 1]
        out[-1] = src[-1]
        return out
    step = n / to
    for i in range(to):
        first, last = i * step, (i + 1) * step
        cells = [(max(0, min(last, c + 1) - max(first, c)), src[c]) for c in range(n)]
        out[i] = sum(w * v for w, v in cells) / sum(w for w, _ in cells)
    return out


def cubic_row(src, to):
    n = len(src)
    if to == n:
        return np.array(src)
    out = np.zeros(to)
    step = (n - 1) / max(to - 1, 1)
    for i in range(to - 1):
        left = int(i * step)
        t = i * step - left
        p1, p2 = src[left], src[left + 1]
        p0 = src[left - 1] if left > 0 else 2 * p1 - p2
        p3 = src[left + 2] if left + 2 < n else 2 * p2 - p1
        out[i] = p1 + t * (
            (p2 - p0) / 2 + t * (p0 - 2.5 * p1 + 2 * p2 - p3 / 2 + t * (-p0 / 2 + 1.5 * p1 - 1.5 * p2 + p3 / 2))
        )
    out[-1] = src[-1]
    return out


def scaled(x, width, height, row):
    rows = np.stack([[row(line, width) for line in plane] for plane in x])
    return np.stack([np.stack([row(column, height) for column in plane.T], 1) for plane in rows])


@pytest.mark.parametrize("width,height", [(9, 5), (3, 11), (7, 6), (1, 1), (14, 12), (2, 6), (7, 1)])
@pytest.mark.parametrize("mode,row", [("bilinear", linear_row), ("bicubic", cubic_row)])
def test_scale_interpolates_rows_then_columns(width, height, mode, row):
    x = rng.random((2, 6, 7))
    assert np.allclose(image.scale(x, width, height, mode), scaled(x, width, height, row), atol=1e-6)
    assert np.allclose(image.scale(x[0], width, height, mode), scaled(x[:1], width, height, row)[0], atol=1e-6)


def test_bilinear_is_the_default_and_floats_stay_floats():
    x = rng.random((1, 4, 4)).astype(np.float32)
    assert np.array_equal(image.scale(x, 3, 5), image.scale(x, 3, 5, "bilinear"))
    assert image.scale(x, 3, 5).dtype == np.float32


@pytest.mark.parametrize("n,to", [(7, 3), (3, 7), (93, 49), (49, 99), (230, 151), (1, 4), (11, 6), (6, 11)])
def test_simple_takes_the_pixels_that_single_precision_gives(n, to):
    step = np.float32(n) / np.float32(to)
    places = [min(int(np.float32(i) * step), n - 1) for i in range(to)]
    x = np.arange(n, dtype=np.float64)[None].repeat(2, 0)
    assert image.scale(x, to, 2, "simple")[0].tolist() == [x[0][p] for p in places]


def test_simple_rounds_as_single_precision_does():
    """In double precision other pixels would be taken: there are such sizes."""
    differing = 0
    for n in range(1, 60):
        for to in range(1, 60):
            i = np.arange(to)
            double = np.minimum((i * (n / to)).astype(int), n - 1)
            single = image.scale(np.arange(n, dtype=np.float64)[None], to, 1, "simple")[0].astype(int)
            step = np.float32(n) / np.float32(to)
            assert single.tolist() == [min(int(np.float32(j) * step), n - 1) for j in range(to)]
            differing += int((double != single).any())
    assert differing > 0


@pytest.mark.parametrize(
    "size,expected",
    [
        (10, (5, 10)),
        ("10", (5, 10)),
        ("^10", (10, 20)),
        ("8x6", (6, 8)),
        ("*2", (16, 32)),
        ("*1/3", (2, 5)),
        (5, (2, 5)),
        ("*0.5", (4, 8)),
    ],
)
def test_sizes_in_one_word(size, expected):
    assert image.scale(np.zeros((3, 8, 16)), size).shape[1:] == expected
    assert image.scale(np.zeros((8, 16)), size, "simple").shape == expected


def test_scale_into_a_tensor():
    x, dst = rng.random((2, 4, 6)), np.zeros((2, 8, 3))
    assert image.scale(dst, x, "simple") is dst
    assert np.array_equal(dst, image.scale(x, 3, 8, "simple"))


def test_bytes_are_cut_as_in_c():
    x = np.array([[0, 255]], np.uint8)
    assert image.scale(x, 4, 1).tolist() == [[0, 85, 170, 255]]
    assert image.scale(np.array([[0, 1]], np.uint8), 3, 1).tolist() == [[0, 0, 1]]
    wild = np.array([[0, 255, 0, 255]], np.uint8)
    assert image.scale(wild, 9, 1, "bicubic").dtype == np.uint8


def test_scale_says_what_is_wrong():
    x = np.zeros((3, 4, 4))
    with pytest.raises(ValueError, match="simple, bicubic or bilinear"):
        image.scale(x, 2, 2, "cubic")
    with pytest.raises(ValueError, match="'WxH'"):
        image.scale(x, "big")
    with pytest.raises(ValueError, match=r"3x4x4 torch\.DoubleTensor to width 0"):
        image.scale(x, 0, 2)


def test_crop_by_places_and_by_format():
    x = np.arange(60.0).reshape(1, 5, 12)
    assert np.array_equal(image.crop(x, 2, 1, 6, 4), x[:, 1:4, 2:6])
    assert np.array_equal(image.crop(x, 2, 1), x[:, 1:, 2:])
    starts = {"c": (1, 4), "tl": (0, 0), "tr": (0, 8), "bl": (2, 0), "br": (2, 8)}
    for form, (top, left) in starts.items():
        assert np.array_equal(image.crop(x, form, 4, 3), x[:, top : top + 3, left : left + 4])
    dst = np.zeros((1, 3, 4))
    assert image.crop(dst, x, 2, 1, 6, 4) is dst and np.array_equal(dst, x[:, 1:4, 2:6])
    assert np.array_equal(image.crop(dst, x, 3, 2), x[:, 2:5, 3:7])
    assert np.array_equal(image.crop(np.zeros((1, 6, 4)), x, 2, 1, 6, 4), image.scale(x[:, 1:4, 2:6], 4, 6))
    with pytest.raises(IndexError, match="12 x 5 from"):
        image.crop(x, 1, 0, 13, 5)
    with pytest.raises(ValueError, match="tl, tr"):
        image.crop(x, "x", 2, 2)
    assert not np.shares_memory(image.crop(x, 0, 0, 2, 2), x)


def test_flips():
    x = rng.random((2, 3, 4))
    assert np.array_equal(image.hflip(x), x[:, :, ::-1])
    assert np.array_equal(image.vflip(x), x[:, ::-1])
    assert np.array_equal(image.hflip(x[0]), x[0][:, ::-1])
    for dim in (1, 2, 3):
        assert np.array_equal(image.flip(x, dim), np.flip(x, dim - 1))
    dst = np.zeros_like(x)
    assert image.hflip(dst, x) is dst and np.array_equal(dst, x[:, :, ::-1])
    same = x.copy()
    assert np.array_equal(image.vflip(same, same), x[:, ::-1])
    with pytest.raises(IndexError):
        image.flip(x, 4)


@pytest.mark.parametrize("dx,dy", [(1, 0), (-2, 1), (0, -1), (3, 2), (9, 0), (0, 0)])
def test_translate(dx, dy):
    x = rng.random((2, 4, 5))
    expected = np.zeros_like(x)
    for j in range(4):
        for i in range(5):
            if 0 <= j + dy < 4 and 0 <= i + dx < 5:
                expected[:, j + dy, i + dx] = x[:, j, i]
    assert np.array_equal(image.translate(x, dx, dy), expected)


def turned(x, theta, bilinear):
    rows, columns = x.shape
    t = np.float32(theta)
    kind = np.float64 if bilinear else np.float32
    cos, sin = kind(np.cos(kind(t))), kind(np.sin(kind(t)))
    xc, yc = columns / 2, rows / 2
    out = np.zeros_like(x)
    for j in range(rows):
        for i in range(columns):
            a, b = kind(i - xc), kind(j - yc)
            ri, rj = cos * a - sin * b, cos * b + sin * a
            if not bilinear:
                ii, jj = int(ri) + int(xc), int(rj) + int(yc)
                if 0 <= ii < columns and 0 <= jj < rows:
                    out[j, i] = x[jj, ii]
                continue
            ii, jj = math.floor(ri), math.floor(rj)
            wi, wj = ri - ii, rj - jj
            ii, jj = ii + int(xc), jj + int(yc)
            if 0 <= ii < columns - 1 and 0 <= jj < rows - 1:
                out[j, i] = (1 - wi) * (1 - wj) * x[jj, ii] + wi * (1 - wj) * x[jj, ii + 1]
                out[j, i] += (1 - wi) * wj * x[jj + 1, ii] + wi * wj * x[jj + 1, ii + 1]
    return out


@pytest.mark.parametrize("theta", [0.0, 0.3, -1.2, math.pi / 2, math.pi, 5.0])
@pytest.mark.parametrize("sizes", [(6, 6), (5, 8), (7, 3)])
def test_rotate(theta, sizes):
    x = rng.random(sizes)
    assert np.array_equal(image.rotate(x, theta), turned(x, theta, False))
    assert np.allclose(image.rotate(x, theta, "bilinear"), turned(x, theta, True), atol=1e-12)
    both = np.stack([x, 2 * x])
    assert np.array_equal(image.rotate(both, theta, "simple")[1], 2 * turned(x, theta, False))
    assert np.array_equal(image.rotate(np.zeros_like(x), x, theta), turned(x, theta, False))


def at(x, v, u):
    return x[:, min(max(v, 0), x.shape[1] - 1), min(max(u, 0), x.shape[2] - 1)]


def sample(x, y_place, x_place, mode):
    v, u = math.floor(y_place), math.floor(x_place)
    dy, dx = y_place - v, x_place - u
    if mode == "simple":
        return at(x, math.floor(y_place + 0.5), math.floor(x_place + 0.5))
    if mode == "bilinear":
        top = (1 - dx) * at(x, v, u) + dx * at(x, v, u + 1)
        return (1 - dy) * top + dy * ((1 - dx) * at(x, v + 1, u) + dx * at(x, v + 1, u + 1))
    if mode == "bicubic":

        def line(values, d):
            points = np.array([-1, 0, 1, 2.0])
            powers = np.vander(points, 4, increasing=True)
            return sum(c * d**k for k, c in enumerate(np.linalg.solve(powers, np.array(values))))

        return line([line([at(x, v + j, u + i) for i in (-1, 0, 1, 2)], dx) for j in (-1, 0, 1, 2)], dy)

    def window(d):
        return 1.0 if abs(d) < 1e-6 else 3 * math.sin(math.pi * d) * math.sin(math.pi * d / 3) / (math.pi * d) ** 2

    wu = [window(x_place - (u + i)) if abs(x_place - (u + i)) <= 3 else 0 for i in range(-2, 4)]
    wv = [window(y_place - (v + j)) if abs(y_place - (v + j)) <= 3 else 0 for j in range(-2, 4)]
    total = sum(a * b * at(x, v + j, u + i) for b, j in zip(wv, range(-2, 4)) for a, i in zip(wu, range(-2, 4)))
    return total / (sum(wu) * sum(wv))


@pytest.mark.parametrize("mode", ["simple", "bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("clamp", ["clamp", "pad"])
def test_warp(mode, clamp):
    x = rng.random((2, 6, 7))
    field = (rng.random((2, 4, 5)) * 8 - 3).astype(np.float32).astype(np.float64)
    more = (True, clamp, 0.25) if clamp == "pad" else (True, clamp)
    result = image.warp(x, field, mode, *more)
    for j in range(4):
        for i in range(5):
            v, u = (
                float(np.float32(field[0, j, i]) + np.float32(j)),
                float(np.float32(field[1, j, i]) + np.float32(i)),
            )
            outside = v < 0 or v > 5 or u < 0 or u > 6
            inside = sample(x, min(max(v, 0), 5), min(max(u, 0), 6), mode)
            expected = 0.25 if outside and clamp == "pad" else inside
            assert np.allclose(result[:, j, i], expected, atol=1e-6)


def test_warp_forms_of_the_call():
    x = rng.random((1, 4, 4))
    field = np.zeros((2, 4, 4))
    assert np.allclose(image.warp(x, field), x)
    assert np.allclose(image.warp(x[0], field), x[0])
    assert np.array_equal(image.warp(x, field, "simple", False), np.full_like(x, x[0, 0, 0]))
    dst = np.zeros((1, 4, 4))
    assert image.warp(dst, x, field, "simple") is dst and np.array_equal(dst, x)
    with pytest.raises(ValueError, match="clamp_mode = 'pad'"):
        image.warp(x, field, "simple", True, "clamp", 1)
    with pytest.raises(ValueError, match="3x4x4"):
        image.warp(x, np.zeros((3, 4, 4)))


@pytest.mark.parametrize("name", ["polar", "logpolar"])
@pytest.mark.parametrize("mode", ["valid", "full"])
def test_polar(name, mode):
    x = rng.random((1, 6, 9))
    side = 9
    simple, smooth = (getattr(image, name)(x, how, mode) for how in ("simple", "bilinear"))
    assert simple.shape == smooth.shape == (1, side, side)
    most = math.hypot(6, 9) / 2 if mode == "full" else 3.0
    for j in range(side):
        for i in range(side):
            r = most * i / side if name == "polar" else math.exp(i * math.log(most) / side)
            a = 2 * math.pi * j / side
            v, u = r * math.cos(a) + 3, -r * math.sin(a) + 4.5
            vf, uf = math.floor(v), math.floor(u)
            inside = 0 <= vf < 6 and 0 <= uf < 9
            assert simple[0, j, i] == (x[0, vf, uf] if inside else 0)
            if 0 <= vf < 5 and 0 <= uf < 8:
                assert math.isclose(smooth[0, j, i], sample(x, v, u, "bilinear")[0], abs_tol=1e-9)
    assert torch7.isTensor(getattr(image, name)(x))


def test_affine_transformations():
    """Turns by a quarter and flips are exact; a shift takes pixels from further down and right."""
    x = rng.random((2, 5, 5))
    assert np.allclose(image.affinetransform(x, np.eye(2)), x)
    turned = image.affinetransform(x, np.array([[0.0, 1], [-1, 0]]))
    assert np.allclose(turned, np.rot90(x, -1, (1, 2))) or np.allclose(turned, np.rot90(x, 1, (1, 2)))
    assert np.allclose(turned[:, 0, 0], x[:, 0, 4])  # (y, x) from c + M (p - c): (-2, -2) comes from (-2, 2)
    assert np.allclose(image.affinetransform(x, -np.eye(2), "simple"), x[:, ::-1, ::-1])
    shifted = image.affinetransform(x, np.eye(2), "simple", [-1, -2], "pad", 0.25)
    assert np.allclose(shifted[:, :4, :3], x[:, 1:, 2:]) and np.allclose(shifted[:, 4], 0.25)
    dst = np.zeros_like(x)
    assert image.affinetransform(dst, x, np.eye(2)) is dst and np.allclose(dst, x)
    with pytest.raises(ValueError, match="a matrix of 2 x 2 and a translation of 2, got 2x5x5"):
        image.affinetransform(x, np.eye(3))
