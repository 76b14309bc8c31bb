"""Models that the original wrote: they load, compute, print and are written again; a second reader agrees."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torchfile
from records import HERE, load
from replay import agree
from t7_values import same

import nn
import rnn  # noqa: F401  (the models were printed with it)
import torch7 as torch
from torch7 import T7Error, TorchObject
from torch7.serialization.files import opened_records
from torch7.serialization.outline import outline
from torch7.serialization.packages import find_class
from torch7.serialization.records import Object

MODELS = load("t7")


FORMS = ["", ".ascii", ".cleared"]


def unknown(path, mode=None):
    """Classes in a file that are not registered (with the packages that are there)."""
    with opened_records(path, mode) as (root, _):
        return {e.item.name for e in outline(root) if type(e.item) is Object and not find_class(e.item.name)}


def read(name, form=""):
    path, mode = HERE / f"{name}{form}.t7", "ascii" if form == ".ascii" else None
    assert not unknown(path, mode)
    return torch.load(path, mode)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("record", MODELS, ids=lambda r: r["name"])
def test_recorded_models_run(record, form):
    model = read(record["name"], form).evaluate()
    agree(model.forward(record["input"]), record["output"], "output")
    agree(model.parameters()[0], record["params"], "parameters")
    assert str(model) == record["print"]


@pytest.mark.parametrize("mode", ["binary", "ascii"])
@pytest.mark.parametrize("record", MODELS, ids=lambda r: r["name"])
def test_models_survive_writing_with_equal_outputs(record, mode, tmp_path):
    model = read(record["name"])
    torch.save(tmp_path / "m.t7", model, mode)
    again = torch.load(tmp_path / "m.t7", mode)
    expected = model.evaluate().forward(record["input"])
    assert np.array_equal(again.evaluate().forward(record["input"]), expected)
    assert str(again) == str(model)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("record", MODELS, ids=lambda r: r["name"])
def test_models_are_written_as_they_were(record, form):
    """The same classes, versions and fields, each of the same type, in a file that Lua wrote and in ours."""
    model, mode = read(record["name"], form), "ascii" if form == ".ascii" else "binary"
    data = torch.serialize(model, mode)
    original = (HERE / f"{record['name']}{form}.t7").read_bytes()
    assert data.replace(b"-nan", b"nan") == original.replace(b"-nan", b"nan")


@pytest.mark.parametrize("record", MODELS, ids=lambda r: r["name"])
def test_loaded_models_train(record):
    model = read(record["name"]).training()
    output = model.forward(record["input"])
    model.zeroGradParameters()
    ones = [np.ones_like(o) for o in output] if isinstance(output, list) else np.ones_like(output)
    model.backward(record["input"], ones)
    before = [p.copy() for p in model.parameters()[0]]
    model.updateParameters(0.1)
    assert any(not np.array_equal(p, q) for p, q in zip(before, model.parameters()[0]))


def test_a_checkpoint():
    value = torch.load(HERE / "checkpoint.t7")
    assert not isinstance(value["model"], TorchObject)
    assert torch.serialize(value) == (HERE / "checkpoint.t7").read_bytes()


def plain(value, seen):
    """A value of torchfile's as ours, for comparison."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if isinstance(value, dict):
        if id(value) not in seen:
            seen[id(value)] = result = {}
            result.update((plain(k, seen), plain(v, seen)) for k, v in value.items())
        return seen[id(value)]
    if isinstance(value, list):
        if id(value) not in seen:
            seen[id(value)] = result = []
            result.extend(plain(v, seen) for v in value)
        return seen[id(value)]
    return value


def test_torchfile_reads_what_is_written(tmp_path):
    x = np.arange(12.0)
    value = {
        "text": "hello",
        "bytes": b"\xff",
        "numbers": [1, 2.5, -3],
        "yes": True,
        "nested": {"a": {"b": [[1], [2]]}},
        "x": x,
        "matrix": x.reshape(3, 4).T,
        "part": x[2:6],
    }
    value |= {d: np.arange(3).astype(d) for d in ("f4", "i8", "i4", "i2", "i1", "u1")}
    torch.save(tmp_path / "v.t7", value)
    back = plain(torchfile.load(str(tmp_path / "v.t7")), {})
    assert back.keys() == value.keys()
    for key, expected in value.items():
        if isinstance(expected, np.ndarray):
            assert back[key].dtype == expected.dtype and np.array_equal(back[key], expected), key
            assert back[key].strides == expected.strides, key
        else:
            assert back[key] == expected, key


@pytest.mark.parametrize("record", MODELS, ids=lambda r: r["name"])
def test_torchfile_reads_models_as_the_originals(record, tmp_path):
    torch.save(tmp_path / "m.t7", read(record["name"]))
    ours, theirs = (
        torchfile.load(str(p), use_list_heuristic=False) for p in (tmp_path / "m.t7", HERE / f"{record['name']}.t7")
    )
    stack = [(ours, theirs)]
    seen = set()
    while stack:
        a, b = stack.pop()
        if id(a) in seen:
            continue
        seen.add(id(a))
        assert type(a) is type(b)
        if isinstance(a, torchfile.TorchObject):
            assert a.torch_typename() == b.torch_typename()
            stack.append((a._obj, b._obj))
        elif isinstance(a, dict):
            assert a.keys() == b.keys()
            stack.extend((a[k], b[k]) for k in a)
        elif isinstance(a, list):
            stack.extend(zip(a, b, strict=True))
        elif isinstance(a, np.ndarray):
            assert a.strides == b.strides and np.array_equal(a, b, equal_nan=True)
        else:
            assert a == b


def test_numba_is_not_needed_to_read_and_write(tmp_path):
    path = tmp_path / "numba.py"
    path.write_text("raise ImportError('not here')")
    code = f"""if True:
        import sys, torch7
        value = torch7.load({str(HERE / "mlp.t7")!r})
        assert type(value).__name__ == "Sequential"
        assert torch7.serialize(value) == open({str(HERE / "mlp.t7")!r}, "rb").read()
        assert "numba" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(tmp_path)}, check=True)


@pytest.mark.parametrize("path", [pytest.param(p, id=p.name) for p in sorted(HERE.glob("*.t7"))])
def test_every_file_survives_reading_and_writing(path):
    mode = "ascii" if ".ascii" in path.name else "binary"
    value = torch.load(path, mode)
    again = torch.serialize(value, mode)
    assert same(torch.deserialize(again, mode), value) or "nn." in repr(value)
    assert torch.serialize(torch.deserialize(again, mode), mode) == again


def unsupervised():
    """Float layers without training, as a feature extractor is kept."""
    return nn.Sequential().add(nn.Reshape(108)).add(nn.Linear(108, 20)).add(nn.Tanh()).add(nn.Linear(20, 1)).float()


def convolutions():
    """Convolution, pooling and tables whose parameters lie on one storage."""
    net = nn.Sequential().add(nn.SpatialConvolution(3, 8, 3, 3)).add(nn.Tanh()).add(nn.SpatialMaxPooling(2, 2))
    net.add(nn.SpatialConvolutionMap(nn.tables.random(8, 4, 2), 2, 2)).add(nn.SpatialLPPooling(4, 2, 1, 1)).float()
    net.getParameters()
    return net


@pytest.mark.parametrize("mode", ["binary", "ascii"])
@pytest.mark.parametrize("build", [unsupervised, convolutions])
def test_models_run_in_another_process_as_here(build, mode, tmp_path):
    net, x = build().evaluate(), torch.randn(3, 6, 6).astype("float32")
    torch.save(tmp_path / "net.t7", net, mode)
    torch.save(tmp_path / "seen.t7", [x, net.forward(x).copy()])
    code = (
        "import sys, torch7; x, y = torch7.load(sys.argv[2]); net = torch7.load(sys.argv[1], sys.argv[3]);"
        "assert (net.forward(x) == y).all() and y.dtype == x.dtype and str(net) == sys.argv[4]"
    )
    command = [sys.executable, "-c", code, tmp_path / "net.t7", tmp_path / "seen.t7", mode, str(net)]
    subprocess.run(command, check=True)
    flat = [{p.__array_interface__["data"][0] - p.base.__array_interface__["data"][0] for p in m.parameters()[0]}
            for m in (net, torch.load(tmp_path / "net.t7", mode)) if build is convolutions]  # fmt: skip
    assert len(flat) == 0 or flat[0] == flat[1]


def objects_in_a_stream(path, number):
    """An ASCII file of pairs of tensors, one object after the other."""
    with torch.DiskFile(path, "w") as file:
        for n in range(number):
            file.writeObject([np.arange(n, n + 4, dtype=np.int32), np.array([n % 2], np.int32)])


@pytest.mark.parametrize("cut", [1, 7, 40])
def test_a_stream_of_objects_that_ends_in_the_middle(tmp_path, cut):
    path, objects = tmp_path / "stream.t7", []
    objects_in_a_stream(path, 31)
    path.write_bytes(path.read_bytes()[:-cut].rstrip(b"\n0123456789 "))
    with pytest.raises(T7Error, match="truncated"), torch.DiskFile(path) as file:
        for value in file:
            objects.append(value)
    assert len(objects) == 30
    assert all(same(x, np.arange(n, n + 4, dtype=np.int32)) and y == n % 2 for n, (x, y) in enumerate(objects))
