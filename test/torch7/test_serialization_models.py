"""Models that the original wrote: they load, compute, print and are written again; a second reader agrees."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torchfile
from records import HERE, load
from replay import agree
from t7_values import head, number, same, storage, string, table, tensor

import nn
import rnn  # noqa: F401  (the models were printed with it)
import torch7 as torch
from torch7 import T7Error, TorchObject, registry
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


# -- a second reader


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


# -- fields of old files


def module(index, name, *fields):
    """An object with fields, and the tensors in it."""
    return head(index, name) + table(index + 1, *[(string(k), v) for k, v in fields])


def doubles(index, values):
    values = np.asarray(values, float)
    strides = tuple(s // 8 for s in values.strides)
    return tensor(index, values.shape, strides, 1, storage(index + 1, values.ravel()))


def test_the_type_of_modules_written_before_there_was_a_type_field():
    weight = tensor(3, (1, 2), (2, 1), 1, storage(4, [1, 2], b"torch.FloatStorage", "<f4"), b"torch.FloatTensor")
    bias = tensor(5, (1,), (1,), 1, storage(6, [3], b"torch.FloatStorage", "<f4"), b"torch.FloatTensor")
    linear = torch.deserialize(module(1, b"nn.Linear", (b"weight", weight), (b"bias", bias)))
    assert linear.type() == "torch.FloatTensor"
    assert linear.forward(np.ones(2, np.float32)).tolist() == [6]


def test_a_linear_layer_without_bias():
    linear = torch.deserialize(module(1, b"nn.Linear", (b"weight", doubles(3, [[1, 2]]))))
    assert linear.forward(np.ones(2)).tolist() == [3] and len(linear.parameters()[0]) == 1


def test_batch_normalization_before_version_2():
    fields = [(b"running_mean", doubles(3, [1, 2])), (b"running_std", doubles(5, [2, 4])), (b"eps", number(0.01))]
    fields += [(b"momentum", number(0.1)), (b"train", b"\5\0\0\0\0\0\0\0"), (b"affine", b"\5\0\0\0\0\0\0\0")]
    layer = torch.deserialize(module(1, b"nn.BatchNormalization", *fields))
    np.testing.assert_allclose(layer.running_var, [0.24, 0.0525])
    assert not hasattr(layer, "running_std")
    assert torch.serialize(layer).startswith(head(1, b"nn.BatchNormalization", b"V 2"))


def test_shared_modules_of_old_files_are_marked_as_shared():
    share = b"\7\0\0\0\5\0\0\0\2\0\0\0LJ" + table(6)
    fields = [(b"weight", doubles(3, [[1.0, 2]])), (b"accUpdateGradParameters", share)]
    with pytest.warns(UserWarning, match="accUpdateGradParameters"):
        linear = torch.deserialize(module(1, b"nn.Linear", *fields))
    assert linear.shared is True


def aged(module, *lacking, **old):
    """A module as an old file has it: some fields lack, others have old names or values."""
    fields = {k: v for k, v in vars(module).items() if k not in ("_dtype", "_type", *lacking)}
    return torch.deserialize(torch.serialize(TorchObject(registry.class_name(type(module)), fields | old, 1)))


AGED = {
    "SpatialConvolution": ([1, 2, 3, 3], ["dW", "dH", "padW", "padH"], {}),
    "SpatialConvolutionMM": ([1, 2, 3, 3], ["dW", "dH", "padW", "padH"], {}),
    "SpatialMaxPooling": ([2, 2], ["padW", "padH", "ceil_mode", "indices"], {}),
    "SpatialAveragePooling": ([2, 2], ["padW", "padH", "ceil_mode", "count_include_pad"], {}),
    "VolumetricMaxPooling": ([1, 2, 2], ["padT", "padW", "padH", "ceil_mode"], {}),
    "HardTanh": ([], ["min_val", "max_val", "inplace"], {}),
    "ELU": ([], ["inplace"], {}),
    "LeakyReLU": ([], ["inplace"], {}),
    "Reshape": ([64], ["batchMode"], {}),
    "View": ([-1], ["numInputDims"], {}),
    "Squeeze": ([], ["numInputDims"], {}),
    "Max": ([1], ["nInputDims", "_indices"], {}),
    "Mean": ([1], ["nInputDims", "squeeze", "sizeAverage"], {}),
    "Sum": ([1], ["nInputDims", "squeeze", "sizeAverage"], {}),
    "Padding": ([1, 2, 3], ["value", "index"], {}),
    "Dropout": ([0.5], ["inplace", "stochastic_inference"], {}),
    "GradientReversal": ([], ["lambda_"], {}),
}


@pytest.mark.parametrize("name", AGED)
def test_fields_that_old_files_lack(name):
    import nn

    arguments, lacking, old = AGED[name]
    module = getattr(nn, name)(*arguments).evaluate()
    x = np.linspace(-2, 2, 64).reshape(1, 1, 8, 8)
    again = aged(module, *lacking, **old)
    expected = module.forward(x)
    assert np.array_equal(again.forward(x), expected) and str(again) == str(module)
    assert np.array_equal(again.backward(x, expected), module.backward(x, expected))


def test_one_padding_for_both_sides_and_a_flat_weight():
    import nn

    convolution = nn.SpatialConvolution(1, 2, 3, 3, 1, 1, 1, 1)
    flat = {name: vars(convolution)[name].reshape(2, 9) for name in ("weight", "gradWeight")}
    again = aged(convolution, "padW", "padH", padding=1, **flat)
    x = np.linspace(-2, 2, 64).reshape(1, 1, 8, 8)
    assert np.array_equal(again.forward(x), convolution.forward(x)) and (again.padW, again.padH) == (1, 1)


def test_a_lookup_table_before_version_4():
    import nn

    table = nn.LookupTable(4, 2)
    again = aged(table, "paddingValue", "maxNorm", "normType", "shouldScaleGradByFreq", "_count", "_input")
    x, gradOutput = np.array([[1, 3], [4, 3]]), np.arange(8.0).reshape(2, 2, 2)
    assert np.array_equal(again.forward(x), table.forward(x))
    again.backward(x, gradOutput)
    table.backward(x, gradOutput)
    assert np.array_equal(again.gradWeight, table.gradWeight)
    assert torch.serialize(table).startswith(head(1, b"nn.LookupTable", b"V 4"))


def test_a_module_on_a_device_has_a_header():
    import nn

    gpu = nn.GPU(nn.Linear(2, 3), 2)
    data = torch.serialize([gpu, 5])
    header = table(3, (number(1), string(b"torch.DoubleTensor")), (number(2), number(2)))
    assert head(2, b"nn.GPU") + header in data
    back, five = torch.deserialize(data)
    assert five == 5 and back.device == 2 and np.array_equal(back.forward(np.ones(2)), gpu.forward(np.ones(2)))
    record = torch.deserialize(data.replace(b"nn.Linear", b"no.Linear"))[0]
    assert isinstance(record.modules[0], TorchObject)


def test_dropout_of_version_1_scales_when_evaluating():
    import nn

    again = aged(nn.Dropout(0.25), "v2").evaluate()
    assert again.forward(np.ones(4)).tolist() == [0.75] * 4


@pytest.mark.parametrize(
    "name, target, lacking",
    [
        ("ClassNLLCriterion", 2, ["sizeAverage", "output_tensor", "total_weight_tensor", "target", "ignoreIndex"]),
        ("MultiMarginCriterion", 2, ["p", "margin", "weights"]),
        ("MultiLabelMarginCriterion", np.array([2, 0, 0]), ["target", "isTarget"]),
        ("HingeEmbeddingCriterion", np.array([1, -1, 1]), ["sizeAverage"]),
    ],
)
def test_fields_that_old_criterions_lack(name, target, lacking):
    import nn

    criterion, x = getattr(nn, name)(), np.array([0.5, -1, 2])
    target = target.astype(float) if name.startswith("Hinge") else target
    again = aged(criterion, *lacking)
    assert again.forward(x, target) == criterion.forward(x, target)
    assert np.array_equal(again.backward(x, target), criterion.backward(x, target))


def test_normalised_weights_are_made_again():
    import nn

    layer = nn.WeightNorm(nn.SpatialConvolution(2, 3, 3, 3))
    x = np.linspace(-2, 2, 128).reshape(1, 2, 8, 8)
    expected = layer.evaluate().forward(x).copy()
    inner = layer.modules[0]
    kept = {k: v for k, v in vars(inner).items() if k not in ("weight", "gradWeight", "_dtype")}
    again = aged(layer, modules=[TorchObject("nn.SpatialConvolution", kept)], weightSize=inner.weight.shape)
    np.testing.assert_allclose(again.forward(x), expected, rtol=1e-12)
    assert np.array_equal(again.backward(x, expected), layer.backward(x, expected))
    fields = torch.deserialize(torch.serialize(layer).replace(b"nn.WeightNorm", b"no.WeightNorm")).fields
    assert fields["weightSize"] == inner.weight.shape and fields["viewIn"] == (3, 18)
    assert fields["viewOut"] == inner.weight.shape and fields["bias"] is fields["modules"][0].bias


def test_index_buffers_that_were_cast_to_floats():
    import nn

    x = np.linspace(-2, 2, 64).reshape(1, 1, 8, 8)
    for module in (nn.SpatialMaxPooling(2, 2), nn.Max(3), nn.Min(3)):
        module.forward(x)
        casts = {k: v.astype(np.float64) for k, v in vars(module).items() if getattr(v, "dtype", None) == np.int64}
        again = aged(module, **casts)
        assert casts and np.array_equal(again.forward(x), module.output)
        assert np.array_equal(again.backward(x, module.output), module.backward(x, module.output))


def test_buffers_that_are_not_contiguous_are_not_written_to():
    import nn

    x = np.arange(6.0).reshape(2, 3)
    for module in (nn.LogSoftMax(), nn.Tanh(), nn.Linear(3, 3)):
        expected = module.forward(x).copy()
        module.output = module.gradInput = np.zeros((3, 2)).T
        again = torch.deserialize(torch.serialize(module))
        assert np.array_equal(again.forward(x), expected)
        assert again.backward(x, expected).flags.c_contiguous


def test_fields_that_lua_needs_are_written():
    import nn

    def fields(module):
        data = torch.serialize(module)
        name = registry.class_name(type(module)).encode()
        return torch.deserialize(data.replace(name, name.replace(b"nn.", b"no."), 1)).fields

    assert fields(nn.Reshape(2, 3))["batchsize"] == (1, 2, 3) and fields(nn.Reshape(2, 3))["size"] == (2, 3)
    assert fields(nn.View(2, -1))["size"] == (2, -1)
    convolution = fields(nn.SpatialConvolution(1, 1, 2, 2).float().training())
    assert convolution["finput"].size == 0 and convolution["finput"].dtype == np.float32
    assert convolution["fgradInput"] is not convolution["finput"]
    if hasattr(nn, "JoinTable"):
        assert fields(nn.JoinTable(1))["size"] == ()
    if hasattr(nn, "FlattenTable"):
        assert fields(nn.FlattenTable())["input_map"] == []
    assert fields(nn.Add(3))["_ones"].tolist() == [1]
    assert fields(nn.LogSigmoid().float().training())["buffer"].dtype == np.float32
    assert {"maxIdx", "mask", "maxVals", "gradMaxVals"} < set(fields(nn.CMaxTable()))
    assert {"minIdx", "mask", "minVals", "gradMaxVals"} < set(fields(nn.CMinTable()))
    assert fields(nn.CosineDistance().training())["ones"].size == 0
    bottle = fields(nn.Bottle(nn.Linear(2, 3), 2, 3))
    assert (bottle["inShape"].size, bottle["outShape"].size) == (2, 3)
    linear = nn.LinearWeightNorm(3, 2)
    linear.v *= 2
    norm, scale = fields(linear)["norm"], fields(linear)["scale"]
    np.testing.assert_allclose(norm * scale, linear.g)
    np.testing.assert_allclose(norm, np.linalg.norm(linear.v, axis=1, keepdims=True))


# -- classes of cudnn


def as_cudnn(module, **driving):
    """A module as cudnn wrote it."""
    name = registry.class_name(type(module)).replace("nn.", "cudnn.")
    fields = {k: v for k, v in vars(module).items() if k not in ("_dtype", "threshold", "val", "divide")}
    return TorchObject(name, fields | {"iSize": (0, 0, 0, 0), "_type": "torch.CudaTensor"} | driving, 1)


def test_cudnn_layers_run():
    import nn

    net = nn.Sequential()
    net.add(nn.SpatialConvolution(1, 2, 3, 3)).add(nn.SpatialBatchNormalization(2)).add(nn.ReLU(True))
    net.add(nn.SpatialMaxPooling(2, 2, 2, 2)).add(nn.View(-1).setNumInputDims(3)).add(nn.Linear(18, 3))
    net.add(nn.LogSoftMax()).float().evaluate()
    image = np.linspace(-1, 1, 64, dtype=np.float32).reshape(1, 1, 8, 8)
    expected = net.forward(image).copy()
    modules = list(net.modules)
    for k, driving in ((0, {"groups": 1, "fmode": 1}), (1, {}), (2, {"mode": "CUDNN_RELU"}), (3, {"mode": "MAX"})):
        modules[k] = as_cudnn(modules[k], **driving)
    modules[6] = as_cudnn(modules[6], mode="CUDNN_SOFTMAX_MODE_INSTANCE", algorithm="CUDNN_SOFTMAX_LOG", ssm=True)
    cudnn = TorchObject("nn.Sequential", {"modules": modules, "_type": "torch.CudaTensor", "train": False})
    loaded = torch.deserialize(torch.serialize(cudnn))
    assert np.array_equal(loaded.forward(image), expected)
    assert loaded.type() == "torch.FloatTensor" and str(loaded) == str(net)
    assert b"cudnn" not in torch.serialize(loaded)
    batch = np.repeat(image, 2, 0)
    assert loaded.training().backward(batch, np.ones_like(loaded.forward(batch))).shape == batch.shape


# -- without the packages that are not needed


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


# -- every file of the repository, and files of the kinds that are found in public projects


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
