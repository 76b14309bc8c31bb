import numpy as np
import pytest
from PIL import Image

import dataload as dl
from torch7 import lua_math


def save(path, shape, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(shape, value, np.uint8)).save(path, quality=95)


@pytest.fixture
def folder(tmp_path):
    for s, frames in enumerate((2, 3, 1), 1):
        for t in range(1, frames + 1):
            save(tmp_path / f"seq{s}" / f"input{t}.jpg", (28, 28, 3), 50 * s + 10 * t)
            save(tmp_path / f"seq{s}" / f"target{t}.jpg", (8, 8), 40 * s + t)
    (tmp_path / "empty").mkdir()
    return tmp_path


SIZES = [[3, 28, 28], [1, 8, 8]]


def loader_of(folder, batchsize=2, samplesize=(3, 24, 24), **kwargs):
    return dl.MultiImageSequence(folder, batchsize, SIZES, samplesize, verbose=False, **kwargs)


def values(batch, column):
    return np.rint(batch[:, column].mean((1, 2, 3)) * 255).astype(int).tolist()


def test_frames_follow_one_another_after_a_step_of_zeros(folder):
    loader = loader_of(folder)
    inputs, targets = loader.sub(1, 6)
    assert inputs.shape == (6, 2, 3, 24, 24) and targets.shape == (6, 2, 1, 7, 7)
    assert inputs.dtype == targets.dtype == np.float32
    assert values(inputs, 0) == [0, 60, 70, 0, 110, 120] and values(targets, 0) == [0, 41, 42, 0, 81, 82]
    assert values(inputs, 1) == [0, 160, 0, 60, 70, 0] and values(targets, 1) == [0, 121, 0, 41, 42, 0]
    again, _ = loader.sub(1, 2, inputs, targets)
    assert np.shares_memory(again, inputs) and values(again, 0) == [130, 0] and values(again, 1) == [110, 120]
    loader.reset()
    assert values(loader.sub(1, 3)[0], 0) == [0, 60, 70]


def test_sizes(folder):
    loader = loader_of(folder)
    assert loader.size() == 5 and loader.nframe == 6
    assert loader.isize() == [3, 24, 24] and loader.tsize(1) == [1, 7, 7]
    assert [k for k, _, _ in loader.subiter(2)] == [2, 4, 5]
    with pytest.raises(NotImplementedError):
        loader.isize(2)
    wide = dl.MultiImageSequence(folder, 1, [[3, 20, 40], [1, 10, 30]], [3, 10, 20])
    assert wide.tsize() == [1, 5, 15]
    assert dl.MultiImageSequence(folder, 1, SIZES).isize() == [3, 28, 28]


def test_the_count_of_frames_is_kept_in_a_file(folder, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache") / "index.t7"
    loader = loader_of(folder)
    loader.buildIndex(cache)
    (folder / "seq1" / "input2.jpg").unlink()
    again, anew = loader_of(folder), loader_of(folder)
    again.buildIndex(cache)
    assert again.seqdirs == loader.seqdirs and again.size() == 5
    anew.buildIndex(cache, True)
    assert anew.nframe == 5 and ["seq1", 1] in anew.seqdirs


def test_other_patterns(tmp_path):
    save(tmp_path / "a" / "frame1.png", (28, 28, 3), 100)
    save(tmp_path / "a" / "mask1.png", (8, 8), 200)
    loader = loader_of(tmp_path, 1)
    loader.inputpattern, loader.targetpattern = "frame%d.png", "mask%d.png"
    inputs, targets = loader.sub(1, 2)
    assert values(inputs, 0) == [0, 100] and values(targets, 0) == [0, 200]


def test_random_order(folder):
    loader = loader_of(folder, 1)
    loader.randseq = True
    lua_math.randomseed(3)
    got = values(loader.sub(1, 30)[0], 0)
    lua_math.randomseed(3)
    expected = []
    while len(expected) < 30:
        s = lua_math.random(1, 3)
        expected += [0, *(50 * s + 10 * t for t in range(1, (2, 3, 1)[s - 1] + 1))]
    assert got == expected[:30]


@pytest.fixture
def ramps(tmp_path):
    for t in range(1, 5):
        for name, size in (("input", 56), ("target", 28)):
            pixels = np.repeat(np.linspace(0, 250, size).astype(np.uint8)[:, None], size, 1)
            (tmp_path / "a").mkdir(exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / "a" / f"{name}{t}.png")
    return tmp_path


def ramp_loader(folder, samplefunc="sampleTrain", **attributes):
    loader = dl.MultiImageSequence(folder, 1, [[1, 56, 56], [1, 28, 28]], [1, 28, 28], samplefunc, False)
    loader.inputpattern, loader.targetpattern = "input%d.png", "target%d.png"
    for name, value in attributes.items():
        setattr(loader, name, value)
    return loader


def test_train_samples_are_cropped_at_one_place_in_a_sequence(ramps):
    lua_math.randomseed(7)
    inputs, targets = ramp_loader(ramps).sub(1, 5)
    assert all(np.array_equal(frame, inputs[1]) for frame in inputs[2:])
    lua_math.randomseed(7)
    top = int(np.ceil(lua_math.random() * 28))
    expected = np.linspace(0, 250, 56).astype(np.uint8)[top : top + 28] / np.float32(255)
    np.testing.assert_array_equal(inputs[1, 0, 0, :, 0], expected)
    assert abs(targets[1].mean() - inputs[1].mean()) < 0.03


def test_crops_at_every_step(ramps):
    lua_math.randomseed(7)
    inputs, _ = ramp_loader(ramps, cropeverystep=True).sub(1, 5)
    assert len({float(frame.mean()) for frame in inputs[1:]}) > 2


@pytest.mark.parametrize("everystep", [False, True])
def test_sizes_vary(ramps, everystep):
    loader, seen = ramp_loader(ramps, varyloadsize=True, scaleeverystep=everystep), []
    load = type(loader).loadImage

    def spy(self, path, idx, tracker):
        image = load(self, path, idx, tracker)
        seen.append((idx, image.width))
        return image

    loader.loadImage = spy.__get__(loader)
    lua_math.randomseed(5)
    loader.sub(1, 5)
    widths, targets = ([w for i, w in seen if i == idx] for idx in (1, 2))
    assert all(28 <= w <= 56 and abs(w / 2 - t) <= 1 for w, t in zip(widths, targets))
    assert (len(set(widths)) > 1) == everystep


def test_a_samplefunc_of_ones_own(folder):
    def frame_number(loader, input, target, inputpath, targetpath, tracker):
        input[...], target[...] = tracker["idx"], len(inputpath.name)

    inputs, targets = loader_of(folder, 1, samplefunc=frame_number).sub(1, 4)
    assert inputs[:, 0, 0, 0, 0].tolist() == [0, 1, 2, 0] and targets[1].max() == len("input1.jpg")


def test_what_cannot_be_loaded_says_so(folder, tmp_path_factory):
    with pytest.raises(ValueError, match="no sequences like"):
        loader_of(tmp_path_factory.mktemp("none")).size()
    with pytest.raises(ValueError, match="does not fit"):
        loader_of(folder, samplesize=(3, 99, 99))
    (folder / "seq1" / "target1.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"target1\.jpg"):
        loader_of(folder).sub(1, 3)
    with pytest.raises(NotImplementedError, match="subiter"):
        loader_of(folder).sampleiter(3)


def test_workers_have_their_own_trackers(folder):
    iterator = dl.AsyncIterator(loader_of(folder, 1), 2)
    seen = [values(x, 0) for _, x, _ in iterator.subiter(3, 12)]
    assert seen == [[0, 60, 70], [0, 60, 70], [0, 110, 120], [0, 110, 120]]
