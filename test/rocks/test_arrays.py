"""npy4th and hdf5: arrays in files."""

import numpy as np
import pytest

from rocks import hdf5, matio, npy4th


def test_npy(tmp_path):
    name = f"{tmp_path}/a.npy"
    x = np.arange(6.0).reshape(2, 3)
    npy4th.savenpy(name, x)
    assert np.array_equal(np.load(name), x) and np.array_equal(npy4th.loadnpy(name), x)
    npy4th.savenpy(name, x + 6, "a")
    assert np.array_equal(npy4th.loadnpy(name), np.arange(12.0).reshape(4, 3))
    with pytest.raises(ValueError, match=r"4x3 torch\.DoubleTensor, which 2x2"):
        npy4th.savenpy(name, np.zeros((2, 2)), "a")
    assert npy4th.loadnpy(name).shape == (4, 3)
    with pytest.raises(TypeError, match="a tensor is needed"):
        npy4th.savenpy(name, [1, 2])


@pytest.mark.parametrize(
    "dtype,expected",
    [
        ("?", np.uint8),
        ("u1", np.uint8),
        ("i4", np.int32),
        ("<u4", np.int64),
        (">f8", np.float64),
        (">i2", np.int16),
        ("f2", np.float16),
    ],
)
def test_types_that_torch_has(tmp_path, dtype, expected):
    x = np.array([[0, 1], [1, 0]]).astype(dtype)
    np.save(f"{tmp_path}/a.npy", np.asfortranarray(x))
    got = npy4th.loadnpy(f"{tmp_path}/a.npy")
    assert got.dtype == expected and got.dtype.isnative and got.flags.c_contiguous and np.array_equal(got, x)


def test_npz(tmp_path):
    np.savez(f"{tmp_path}/a.npz", x=np.zeros(3), y=np.ones((2, 2), np.float32))
    table = npy4th.loadnpz(f"{tmp_path}/a.npz")
    assert sorted(table) == ["x", "y"] and table["y"].dtype == np.float32
    np.save(f"{tmp_path}/b.npy", np.array(["a"]))
    with pytest.raises(TypeError, match="no Torch type"):
        npy4th.loadnpy(f"{tmp_path}/b.npy")


def test_hdf5(tmp_path):
    h5py = pytest.importorskip("h5py")
    name = f"{tmp_path}/a.h5"
    x = np.arange(24.0).reshape(4, 6)
    f = hdf5.open(name, "w")
    f.write("/path/to/data", x)
    f.write("labels", np.arange(5), hdf5.DataSetOptions().setChunked(2).setDeflate(4))
    f.write("model", {"weight": x.astype(np.float32), "sizes": [np.ones(1), np.zeros(2)], "rate": 0.5})
    with pytest.raises(ValueError, match="already"):
        f.write("labels", x)
    with pytest.raises(TypeError, match="tensors, numbers"):
        f.write("bad", object())
    f.close()
    with h5py.File(name) as plain:
        assert plain["labels"].chunks == (2,) and plain["labels"].compression == "gzip"
    with hdf5.open(name, "r") as f:
        assert np.array_equal(f.read("/path/to/data").all(), x)
        assert np.array_equal(f.read("path/to/data").partial([2, 3], [1, 2]), x[1:3, 0:2])
        assert f.read("path/to/data").dataspaceSize() == [4, 6] and f.read("labels").all().dtype == np.int64
        model = f.read("model").all()
        assert (
            model["weight"].dtype == np.float32 and model["rate"].tolist() == [0.5] and model["sizes"][2].shape == (2,)
        )
        assert set(f.all()) == set(f.read("/").all()) == {"path", "labels", "model"}
        with pytest.raises(KeyError, match="nothing is called other"):
            f.read("other")
        with pytest.raises(IndexError):
            f.read("path/to/data").partial([0, 3], [1, 2])
        with pytest.raises(ValueError, match="2 dimensions"):
            f.read("path/to/data").partial([1, 3])
    with pytest.raises(ValueError, match="'r', 'r\\+'"):
        hdf5.open(name, "x")


def test_matlab(tmp_path, monkeypatch):
    io = pytest.importorskip("scipy.io")
    name = f"{tmp_path}/a.mat"
    x = np.arange(6.0).reshape(2, 3)
    matio.save(name, x)
    assert np.array_equal(io.loadmat(name)["x"], x) and np.array_equal(matio.load(name, "x"), x)
    data = {"a": x.astype(np.float32), "s": "text", "n": 3, "cells": [x, "y"], "net": {"w": x, "name": "n"}}
    matio.save(name, data)
    table = matio.load(name)
    assert set(table) == set(data) and table["a"].dtype == np.float32 and table["n"].tolist() == [[3]]
    assert table["s"].dtype == np.int8 and table["s"].tobytes() == b"text"
    assert np.array_equal(table["cells"][0], x) and np.array_equal(table["net"]["w"], x)
    assert set(matio.load(name, ["a", "n"])) == {"a", "n"} and matio.load(name, "s", True) == "text"
    monkeypatch.setattr(matio, "use_lua_strings", True)
    assert matio.load(name)["net"]["name"] == "n" and matio.load(name, "cells")[1] == "y"
    structs = np.zeros((1, 2), [("k", object)])
    structs[0, 0]["k"], structs[0, 1]["k"] = 1.0, np.array([[True]])
    io.savemat(name, {"list": structs})
    assert [part["k"].dtype for part in matio.load(name, "list")] == [np.float64, np.uint8]
    with pytest.raises(KeyError, match="has no other"):
        matio.load(name, "other")
    with pytest.raises(TypeError, match="tensors, numbers"):
        matio.save(name, {"f": print})
    (tmp_path / "new.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(400))
    with pytest.raises(ValueError, match=r"version 7\.3"):
        matio.load(f"{tmp_path}/new.mat")
