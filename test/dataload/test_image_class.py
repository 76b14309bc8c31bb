import os

import numpy as np
import pytest
from PIL import Image

import dataload as dl
import torch7 as torch


def save(path, width, height, value=None, mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows, columns = np.mgrid[:height, :width]
    pixels = np.stack([rows * 255 // height, columns * 255 // width, rows * 0 + 90], 2).astype(np.uint8)
    image = Image.fromarray(pixels if value is None else np.full((height, width, 3), value, np.uint8))
    image.convert(mode).save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(("cat", "dog", "eel")):
        for i in range(2 + number):
            save(tmp_path / name / f"{i}.png", 30, 20, 40 * number + i)
    return tmp_path


def loader_of(folder, *args, **kwargs):
    return dl.ImageClass(folder, *(args or ([3, 20, 20],)), verbose=False, **kwargs)


def test_classes_and_images_are_numbered_in_order(folder):
    (folder / ".hidden").mkdir()
    (folder / "eel" / "deep").mkdir()
    save(folder / "eel" / "deep" / "x.JPG", 5, 5)
    (folder / "eel" / "notes.txt").write_text("no image")
    loader = loader_of(folder)
    assert loader.classes == ["cat", "dog", "eel"] and loader.iclasses == {"cat": 1, "dog": 2, "eel": 3}
    assert loader.size() == 10 and loader.size("eel") == 5 and loader.size(2) == 3
    assert loader.imageClass.tolist() == [1] * 2 + [2] * 3 + [3] * 5
    assert [c.tolist() for c in loader.classList] == [[1, 2], [3, 4, 5], [6, 7, 8, 9, 10]]
    assert loader.path(3) == str(folder / "dog" / "0.png")
    assert (
        loader.imagePath.dtype == np.int8
        and loader.imagePath.shape[1] == max(map(len, map(loader.path, range(1, 11)))) + 1
    )
    assert loader.isize() == [3, 20, 20] and loader.isize(False) == [10, 3, 20, 20]
    assert loader.tsize() == [] and loader.tsize(False) == [10]


def test_index_gives_inputs_targets_and_paths(folder):
    inputs, targets, paths = loader_of(folder).index([6, 1, 4])
    assert inputs.dtype == np.float32 and inputs.shape == (3, 3, 20, 20) and targets.dtype == np.int64
    assert targets.tolist() == [3, 1, 2] and [os.path.relpath(p, folder) for p in paths] == [
        "eel/0.png",
        "cat/0.png",
        "dog/1.png",
    ]
    np.testing.assert_allclose(inputs[:, 0, 0, 0], np.array([80, 0, 41]) / 255, rtol=1e-6)


def test_iterators_yield_three_values_and_reuse_their_arrays(folder):
    loader = loader_of(folder)
    batches = list(loader.subiter(3))
    assert [k for k, _, _ in batches] == [3, 6, 9] and batches[1][1] is batches[0][1]
    assert np.concatenate([t.copy() for _, _, t in loader.subiter(2)]).tolist() == [1, 1, 2, 2, 2, 3, 3, 3, 3]


def test_sample_draws_a_class_and_then_an_image(folder):
    loader = loader_of(folder)
    torch.manualSeed(11)
    expected = []
    for _ in range(20):
        images = loader.classList[torch.random(1, 3) - 1]
        expected.append(images[torch.random(1, len(images)) - 1])
    torch.manualSeed(11)
    _, targets, paths = loader.sample(20)
    assert paths == [loader.path(i) for i in expected]
    assert targets.tolist() == loader.imageClass[np.array(expected) - 1].tolist()


def test_load_image_scales_the_smaller_side(folder):
    save(folder / "cat" / "a.png", 60, 30)
    assert loader_of(folder, [3, 15, 99]).loadImage(folder / "cat" / "a.png").size == (30, 15)
    save(folder / "cat" / "b.jpg", 300, 900)
    assert loader_of(folder, [3, 50, 99]).loadImage(folder / "cat" / "b.jpg").size == (50, 150)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "CMYK", "1"])
@pytest.mark.parametrize("planes", [1, 3])
def test_every_kind_of_image_is_read(tmp_path, mode, planes):
    path = save(tmp_path / "a" / ("x.jpg" if mode == "CMYK" else "x.png"), 16, 16, 255, mode)
    inputs, *_ = loader_of(tmp_path, [planes, 16, 16]).index([1])
    assert inputs.shape == (1, planes, 16, 16) and inputs.min() > 0.98, path


def test_16_bit_images_are_scaled(tmp_path):
    (tmp_path / "a").mkdir()
    Image.fromarray(np.full((8, 8), 32768, np.uint16)).save(tmp_path / "a" / "x.png")
    assert loader_of(tmp_path, [1, 8, 8]).index([1])[0].mean() == pytest.approx(0.5, abs=0.01)


def test_sample_default_scales_to_the_sample_size(folder):
    inputs, *_ = loader_of(folder, [3, 20, 20], [3, 7, 9]).index([1])
    assert inputs.shape == (1, 3, 7, 9)


def test_sample_train_crops_where_the_draws_say(tmp_path):
    save(tmp_path / "a" / "x.png", 40, 30)
    loader = loader_of(tmp_path, [3, 30, 30], [3, 10, 12], "sampleTrain")
    whole = np.asarray(loader.loadImage(tmp_path / "a" / "x.png")).transpose(2, 0, 1) / np.float32(255)
    flips = set()
    for seed in range(12):
        torch.manualSeed(seed)
        top, left = int(np.ceil(torch.uniform(0, 20))), int(np.ceil(torch.uniform(0, 28)))
        flip = torch.uniform() > 0.5
        torch.manualSeed(seed)
        part = whole[:, top : top + 10, left : left + 12]
        np.testing.assert_array_equal(loader.index([1])[0][0], part[:, :, ::-1] if flip else part)
        flips.add(flip)
    assert flips == {True, False}


def test_sample_test_gives_ten_crops(tmp_path):
    save(tmp_path / "a" / "x.png", 40, 30)
    save(tmp_path / "b" / "x.png", 40, 30)
    loader = loader_of(tmp_path, [3, 30, 30], [3, 11, 12], "sampleTest")
    inputs, targets, _ = loader.index([1, 2])
    assert inputs.shape == (20, 3, 11, 12) and targets.tolist() == [1] * 10 + [2] * 10
    whole = np.asarray(loader.loadImage(loader.path(1))).transpose(2, 0, 1) / np.float32(255)
    for i, (top, left) in enumerate([(10, 14), (0, 0), (0, 28), (19, 0), (19, 28)]):
        np.testing.assert_array_equal(inputs[2 * i], whole[:, top : top + 11, left : left + 12])
        np.testing.assert_array_equal(inputs[2 * i + 1], inputs[2 * i][:, :, ::-1])


def test_a_samplefunc_of_ones_own(folder):
    def mean(loader, dst, path):
        dst[...] = np.asarray(loader.loadImage(path)).mean() / 255
        return dst

    def twice(loader, dst, path):
        return np.stack([mean(loader, dst, path)] * 2)

    loader = loader_of(folder, samplefunc=mean)
    inputs, *_ = loader.sub(3, 5)
    np.testing.assert_allclose(inputs[:, 0, 0, 0], np.array([40, 41, 42]) / 255, rtol=1e-5)
    inputs, targets, _ = loader.sub(2, 3, None, None, twice)
    assert targets.tolist() == [1, 1, 2, 2] and np.array_equal(inputs[0], inputs[1])
    _, inputs, _ = next(loader.subiter(2, None, "sampleDefault"))
    assert inputs.shape == (2, 3, 20, 20)


def test_order_of_classes_and_exclusions(folder):
    assert loader_of(folder, sortfunc=lambda a, b: a > b).classes == ["eel", "dog", "cat"]
    assert loader_of(folder, excludeFile="1.PNG").size() == 6
    (folder / "cat" / "raw").mkdir()
    save(folder / "cat" / "raw" / "z.png", 4, 4)
    assert loader_of(folder).size("cat") == 3 and loader_of(folder, excludeDir="*/raw/*").size("cat") == 2


def test_several_folders_are_one_set(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    save(other / "cat" / "more.png", 9, 9)
    save(other / "ant" / "new.png", 9, 9)
    loader = dl.ImageClass([str(folder), other], [3, 8, 8], verbose=False)
    assert loader.classes == ["ant", "cat", "dog", "eel"] and loader.size("cat") == 3


@pytest.mark.parametrize("content", [b"no image at all", b"", b"\x89PNG\r\n\x1a\n cut"])
def test_a_file_that_is_no_image_is_named(folder, content):
    bad = folder / "dog" / "9.png"
    bad.write_bytes(content)
    loader = loader_of(folder)
    with pytest.raises(ValueError, match=str(bad)):
        list(loader.subiter(4))
    assert loader.index([1])[1].tolist() == [1]


def test_a_damaged_image_is_named(folder):
    path = save(folder / "dog" / "9.jpg", 200, 200)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ValueError, match=str(path)):
        loader_of(folder).index([6])


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda f: (f / "void").mkdir() or loader_of(f), ValueError, "zero samples: void"),
        (lambda f: loader_of(f / "cat"), ValueError, "no class folders"),
        (lambda f: loader_of(f / "nowhere"), FileNotFoundError, "nowhere"),
        (lambda f: loader_of(f, [3, 20]), ValueError, "loadsize"),
        (lambda f: loader_of(f, [3, 20, 20], [2, 9, 9]), ValueError, "samplesize"),
        (lambda f: loader_of(f, [3, 20, 20], [3, 99, 9], "sampleTrain").index([1]), ValueError, "cannot crop"),
        (lambda f: loader_of(f).index([0]), IndexError, r"1\.\.9"),
        (lambda f: loader_of(f).index([10]), IndexError, r"1\.\.9"),
    ],
)
def test_what_cannot_be_loaded_says_so(folder, make, error, message):
    with pytest.raises(error, match=message):
        make(folder)


def test_verbose_reports(folder, capsys):
    dl.ImageClass(folder, [3, 8, 8])
    assert "9 images in 3 classes" in capsys.readouterr().out
