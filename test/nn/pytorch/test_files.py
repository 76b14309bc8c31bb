"""State dicts in files: round trips, PyTorch's zip format, hostile and damaged files."""

import io
import pickle
import resource
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

import nn.pytorch as tnn


class Tied(tnn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = tnn.Linear(3, 3), tnn.Linear(3, 3)
        self.b.weight = self.a.weight
        self.register_buffer("count", np.array(5))


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_round_trip(ending, tmp_path):
    tnn.manual_seed(1)
    a, b = Tied(), Tied()
    tnn.save(a, tmp_path / f"m.{ending}")
    state = tnn.load(tmp_path / f"m.{ending}")
    assert state["count"].shape == () and state["count"].dtype == np.int64
    b.load_state_dict(state)
    for name, value in a.state_dict().items():
        np.testing.assert_array_equal(b.state_dict()[name], value)
    tnn.save(OrderedDict(x=np.arange(6.0).reshape(2, 3).T, e=np.empty((0, 2), "f4")), tmp_path / f"n.{ending}")
    again = tnn.load(tmp_path / f"n.{ending}")
    np.testing.assert_array_equal(again["x"], np.arange(6.0).reshape(2, 3).T)
    assert again["e"].shape == (0, 2)
    with pytest.raises(ValueError, match="files end in"):
        tnn.save(a, tmp_path / "m.h5")


class Global:
    """Pickled as the global of this module and name, called with ``arguments``."""

    def __init__(self, module, name, *arguments):
        self.module, self.name, self.arguments = module, name, arguments


class Storage:
    def __init__(self, kind, key, count):
        self.kind, self.key, self.count = kind, key, count


def opcodes(x):
    """Pickle opcodes of nested tuples, dicts, numbers, strings, globals and storages, without importing anything."""
    if isinstance(x, Global):
        call = b"" if x.arguments == ("bare",) else opcodes(tuple(x.arguments)) + b"R"
        return f"c{x.module}\n{x.name}\n".encode() + call
    if isinstance(x, Storage):
        saved = ("storage", Global("torch", x.kind, "bare"), x.key, "cpu", x.count)
        return opcodes(saved) + b"Q"
    if isinstance(x, tuple):
        return b"(" + b"".join(map(opcodes, x)) + b"t"
    if isinstance(x, dict):
        return b"}(" + b"".join(opcodes(k) + opcodes(v) for k, v in x.items()) + b"u"
    return pickle.dumps(x, 2)[2:-1]


def write(path, value, **data):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + opcodes(value) + b".")
        for key, array in data.items():
            archive.writestr(f"archive/data/{key.strip('_')}", np.asarray(array).tobytes())
    return path


def tensor(key, count, offset, size, stride, kind="FloatStorage"):
    storage = Storage(kind, key, count)
    return Global("torch._utils", "_rebuild_tensor_v2", storage, offset, size, stride, False, {})


def test_zip_format(tmp_path):
    numbers = np.arange(6, dtype=np.float32)
    value = {
        "a": tensor("0", 6, 0, (2, 3), (3, 1)),
        "t": tensor("0", 6, 1, (2, 2), (1, 2)),
        "n": tensor("1", 1, 0, (), (), "LongStorage"),
        "h": tensor("2", 2, 0, (2,), (1,), "BFloat16Storage"),
        "p": Global("torch._utils", "_rebuild_parameter", tensor("0", 6, 5, (1,), (1,)), True, {}),
    }
    half = np.array([0x3F80, 0xC000], np.uint16)
    state = tnn.load(write(tmp_path / "m.pth", value, _0=numbers, _1=np.array([7]), _2=half))
    np.testing.assert_array_equal(state["a"], numbers.reshape(2, 3))
    np.testing.assert_array_equal(state["t"], [[1, 3], [2, 4]])
    assert state["n"].shape == () and state["n"] == 7
    np.testing.assert_array_equal(state["h"], [1, -2])
    np.testing.assert_array_equal(state["p"], [5])


def test_what_checkpoints_hold_beside_tensors(tmp_path):
    number = Global(
        "numpy._core.multiarray", "scalar", Global("numpy", "dtype", "f8", False, True), b"\0" * 6 + b"\x04@"
    )
    value = {
        "device": Global("torch", "device", "cuda", 1),
        "size": Global("torch", "Size", (2, 3)),
        "seen": Global("__builtin__", "set", (1, 2)),
        "best": number,
        "counts": Global("collections", "defaultdict"),
        "z": tensor("0", 1, 0, (1,), (1,), "ComplexFloatStorage"),
    }
    state = tnn.load(write(tmp_path / "m.pth", value, _0=np.array([1 + 2j], np.complex64)))
    assert state["device"] == "cuda:1" and state["size"] == (2, 3) and state["seen"] == {1, 2}
    assert state["best"] == 2.5 and state["counts"] == {} and state["z"][0] == 1 + 2j


@pytest.mark.parametrize(
    "value, message",
    [
        (
            Global("numpy._core.multiarray", "scalar", Global("numpy", "dtype", "O8"), b"12345678"),
            "a number of the type",
        ),
        (Global("_codecs", "encode", "x", "rot13"), "bytes of an unknown kind"),
        (Global("builtins", "int", "1"), "not callable"),
        (tensor("0", 6, 0, (2, 4), (3, 1)), "a tensor ends at 6"),
        (tensor("0", 6, -1, (2,), (1,)), "offset -1"),
        (tensor("0", 6, 0, (1000, 1000), (0, 0)), "repeats"),
        (tensor("0", 7, 0, (2,), (1,)), "24 bytes, 7 elements"),
        (tensor("9", 6, 0, (2,), (1,)), "no item named"),
        (Global("os", "system", "true"), r"os\.system, which is no tensor"),
        (Global("builtins", "eval", "1"), "no tensor and no container"),
        (Global("torch", "nn"), r"torch\.nn, which is no tensor"),
    ],
)
def test_refused(value, message, tmp_path):
    path = write(tmp_path / "m.pth", value, _0=np.arange(6, dtype=np.float32))
    with pytest.raises(ValueError, match=rf"m\.pth: .*{message}"):
        tnn.load(path)


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_types_are_those_that_layers_compare_by_identity(ending, tmp_path):
    path = tmp_path / f"state.{ending}"
    tnn.save({"a": np.ones(3, np.float32), "b": np.ones(3)}, path)
    assert [x.dtype is np.dtype(x.dtype.type) for x in tnn.load(path).values()] == [True, True]


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_a_full_disk_leaves_the_old_file(ending, tmp_path):
    path = tmp_path / f"state{ending}"
    tnn.save({"a": np.ones(3)}, path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match=f"too large.*{path.name}"):
            tnn.save({"a": np.zeros(1_000_000)}, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == [path] and tnn.load(path)["a"].tolist() == [1, 1, 1]


def test_damaged_files(tmp_path):
    whole = io.BytesIO()
    write(whole, {"a": tensor("0", 6, 0, (6,), (1,))}, _0=np.arange(6, dtype=np.float32))
    data = whole.getvalue()
    for n in range(0, len(data), 7):
        (tmp_path / "cut.pth").write_bytes(data[:n])
        with pytest.raises(ValueError, match="cut"):
            tnn.load(tmp_path / "cut.pth")
    (tmp_path / "old.pt").write_bytes(pickle.dumps([1, 2]))
    with pytest.raises(ValueError, match="not in the zip format"):
        tnn.load(tmp_path / "old.pt")
    tnn.save({"a": np.ones((2, 3), "f4")}, tmp_path / "m.safetensors")
    data = (tmp_path / "m.safetensors").read_bytes()
    for old, new in ((b"[2, 3]", b"[2, 4]"), (b"F32", b"F64"), (b"[0, 24]", b"[0, 99]"), (data[:8], b"\xff" * 8)):
        (tmp_path / "bad.safetensors").write_bytes(data.replace(old, new))
        with pytest.raises(ValueError, match="bad"):
            tnn.load(tmp_path / "bad.safetensors")


def test_a_damaged_archive_of_arrays_is_told(tmp_path):
    tnn.save({"a": np.ones((2, 3)), "b": np.arange(4)}, tmp_path / "m.npz")
    data = (tmp_path / "m.npz").read_bytes()
    spoilt = [data[:n] for n in range(0, len(data), 23)]
    for n in range(0, len(data), 5):
        spoilt.append(data[:n] + bytes([data[n] ^ 0x55]) + data[n + 1 :])
    for number, bad in enumerate(spoilt):
        (tmp_path / "bad.npz").write_bytes(bad)
        try:
            tnn.load(tmp_path / "bad.npz")
        except ValueError as error:
            assert "bad.npz" in str(error), number
    (tmp_path / "bad.npz").write_bytes(b"")
    with pytest.raises(ValueError, match=r"bad\.npz"):
        tnn.load(tmp_path / "bad.npz")
    with pytest.raises(FileNotFoundError):
        tnn.load(tmp_path / "none.npz")


@pytest.mark.parametrize(
    "header",
    [
        b'{"__metadata__": [1]}',
        b'{"__metadata__": {"tied": 3}}',
        b'{"__metadata__": {"tied": "["}}',
        b'{"a": {"dtype": "F32", "shape": [0, 9000000000000000000000], "data_offsets": [0, 0]}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_header_is_told(header, tmp_path):
    (tmp_path / "bad.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(ValueError, match=r"bad\.safetensors: damaged"):
        tnn.load(tmp_path / "bad.safetensors")


def test_any_name_goes_into_an_archive(tmp_path):
    state = {"file": np.arange(3), "allow_pickle": np.ones(2), "a/b.c": np.zeros((0, 2))}
    tnn.save(state, tmp_path / "m.npz")
    loaded = tnn.load(tmp_path / "m.npz")
    assert list(loaded) == list(state)
    for name, x in state.items():
        np.testing.assert_array_equal(loaded[name], x)
    with pytest.raises(ValueError, match="__tied__"):
        tnn.save({"__tied__": np.ones(1)}, tmp_path / "n.npz")
