"""Pictures in files and in memory."""

import io
import struct
import zlib

import numpy as np
import pytest

import torch7
from rocks import image

Image = pytest.importorskip("PIL.Image")
rng = np.random.default_rng(6)
PIXELS = rng.integers(0, 256, (3, 5, 7), dtype=np.uint8)


@pytest.mark.parametrize("suffix", ["png", "PNG", "ppm"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_there_and_back_without_loss(tmp_path, suffix, dtype):
    name = f"{tmp_path}/a.{suffix}"
    image.save(name, PIXELS.astype(dtype) / dtype(255))
    assert np.array_equal(image.load(name, 3, "byte"), PIXELS)
    x = image.load(name)
    assert x.dtype == np.float64 and np.allclose(x, PIXELS / 255, atol=1e-12)
    image.save(name, image.load(name, None, "float"))
    assert np.array_equal(image.load(name, None, "byte"), PIXELS)


def test_default_type_and_depth(tmp_path):
    name = f"{tmp_path}/a.png"
    image.savePNG(name, PIXELS)
    torch7.setdefaulttensortype("torch.FloatTensor")
    try:
        assert image.load(name).dtype == np.float32 and image.load(name, 3, "double").dtype == np.float64
    finally:
        torch7.setdefaulttensortype("torch.DoubleTensor")
    gray = 0.299 * PIXELS[0] + 0.587 * PIXELS[1] + 0.114 * PIXELS[2]
    assert np.allclose(image.load(name, 1)[0], gray / 255, atol=1e-6)
    assert np.abs(image.load(name, 1, "byte")[0] - gray).max() < 1
    image.save(name, PIXELS[:1])
    assert image.load(name).shape == (1, 5, 7)
    assert np.array_equal(image.load(name, 3, "byte"), PIXELS[:1].repeat(3, 0))
    image.save(name, PIXELS[0])
    assert np.array_equal(image.load(name, None, "byte")[0], PIXELS[0])


def test_kinds_of_png(tmp_path):
    name = f"{tmp_path}/a.png"
    Image.fromarray(np.dstack([*PIXELS, PIXELS[0]])).save(name)
    assert image.load(name, None, "byte").shape == (4, 5, 7)
    assert np.array_equal(image.load(name, 3, "byte"), PIXELS)
    deep = (PIXELS[0].astype(np.uint16) << 8) + 7
    Image.fromarray(deep).save(name)
    assert np.allclose(image.load(name)[0], deep / 65535)
    assert np.array_equal(image.load(name, 1, "byte")[0], PIXELS[0])
    Image.fromarray(PIXELS[0] > 100).save(name)
    assert np.array_equal(image.load(name)[0], PIXELS[0] > 100)


def _png_of_16_bits(pixels):
    """The bytes of a PNG file: height x width x 3 or 4 numbers below 65536."""
    height, width, planes = pixels.shape
    head = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[planes], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("planes", (3, 4))
def test_colours_of_16_bits(tmp_path, planes):
    pixels = np.random.default_rng(3).integers(0, 65536, (4, 6, planes))
    name = tmp_path / "wide.png"
    name.write_bytes(_png_of_16_bits(pixels))
    expected = pixels.transpose(2, 0, 1)
    assert np.allclose(image.load(name, None, "double") * 65535, expected, atol=1e-7)
    assert np.array_equal(image.load(name, None, "byte"), expected >> 8)
    gray = np.tensordot((0.299, 0.587, 0.114), expected[:3] / 65535, 1)
    assert np.allclose(image.load(name, 1, "double")[0], gray)
    assert np.allclose(image.load(name, 1, "byte")[0], gray * 255, atol=2)


def test_values_beyond_are_cut(tmp_path):
    name = f"{tmp_path}/a.png"
    image.save(name, np.array([[-1, 0, 0.5, 1, 7]]))
    assert image.load(name, 1, "byte")[0].tolist() == [[0, 0, 127, 255, 255]]


def test_jpeg_in_files_and_in_memory(tmp_path):
    smooth = np.stack([np.linspace(0, 1, 64)[None].repeat(64, 0)] * 3)
    name = f"{tmp_path}/a.jpg"
    image.save(name, smooth)
    assert np.abs(image.load(name) - smooth).max() < 0.03
    good, poor = (image.compressJPG(image.lena(), q) for q in (95, 20))
    assert good.dtype == np.uint8 and good.ndim == 1 and len(good) > 2 * len(poor)
    assert np.abs(image.decompressJPG(good, 3, "float") - image.lena()).mean() < 0.02
    assert image.decompress(poor, 1, "byte").shape == (1, 512, 512)
    out = io.BytesIO()
    Image.fromarray(PIXELS.transpose(1, 2, 0)).save(out, "PNG")
    assert np.array_equal(image.decompressPNG(np.frombuffer(out.getvalue(), np.uint8), 3, "byte"), PIXELS)
    with pytest.raises(TypeError, match="ByteTensor"):
        image.decompress(np.zeros(9))


def test_the_contents_tell_the_kind(tmp_path):
    image.savePNG(f"{tmp_path}/a.dat", PIXELS)
    assert np.array_equal(image.load(f"{tmp_path}/a.dat", 3, "byte"), PIXELS)
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"b\.png"):
        image.load(f"{tmp_path}/b.png")
    with pytest.raises(FileNotFoundError):
        image.load(f"{tmp_path}/c.png")


def test_sizes(tmp_path):
    name = f"{tmp_path}/a.png"
    image.save(name, PIXELS)
    assert image.getSize(name).tolist() == [3, 5, 7] and image.getSize(name).dtype == np.int64
    assert image.getPNGsize(name) == (3, 5, 7)


def test_what_is_refused(tmp_path):
    with pytest.raises(ValueError, match="png, jpg"):
        image.save(f"{tmp_path}/a.bmp", PIXELS)
    with pytest.raises(ValueError, match="5x5x5x5"):
        image.save(f"{tmp_path}/a.png", np.zeros((5, 5, 5, 5)))
    with pytest.raises(ValueError, match="3 planes"):
        image.save(f"{tmp_path}/a.ppm", PIXELS[0])
    assert image.is_supported("JPG") and not image.is_supported("gif")
