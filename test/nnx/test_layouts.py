"""Layouts of checkpoints of public projects, each as a small file: they load, run, train on and go out again."""

import numpy as np
import pytest

import nn
import nngraph  # noqa: F401
import torch7 as torch
from nn.testing.case import run, same


def convnet():
    torch.manualSeed(2)
    net = nn.Sequential().add(nn.SpatialConvolution(1, 2, 3, 3)).add(nn.SpatialBatchNormalization(2)).add(nn.ReLU(True))
    net.add(nn.SpatialMaxPooling(2, 2, 2, 2)).add(nn.SpatialCrossMapLRN(3)).add(nn.Dropout(0.5)).add(nn.View(-1))
    net.modules[-1].setNumInputDims(3)
    return net.add(nn.Linear(8, 3)).add(nn.LogSoftMax())


def images():
    return np.random.default_rng(1).standard_normal((2, 1, 6, 6)).astype(np.float32)


def renamed(data, *pairs):
    """A file with other names: their lengths stand before them."""
    for old, new in pairs:
        data = data.replace(len(old).to_bytes(4, "little") + old, len(new).to_bytes(4, "little") + new)
    return data


def proved(net, x, expected, tolerance=1e-6):
    """The network computes ``expected``, learns, and is the same from a file of ours."""
    net.evaluate()
    same(net.forward(x), expected, "output", tolerance)
    same(torch.deserialize(torch.serialize(net)).forward(x), net.forward(x), "round trip")
    net.training()
    run(net, x)
    net.updateParameters(0.01)


@pytest.fixture
def net():
    return convnet().float().evaluate()


LONGS = [(b"torch.Long" + kind, b"torch.CudaLong" + kind) for kind in (b"Tensor", b"Storage")]
TO_CUDNN = [
    (f"nn.{name}".encode(), f"cudnn.{name}".encode())
    for name in ("SpatialConvolution", "SpatialBatchNormalization", "ReLU", "SpatialMaxPooling", "SpatialCrossMapLRN")
]


def test_a_network_on_a_gpu(net):
    x, expected = images(), net.forward(images()).copy()
    data = torch.serialize({"model": net, "opt": {"gpuid": 0}, "epoch": 3, "optimState": {"t": 5}})
    names = [(b"torch.FloatTensor", b"torch.CudaTensor"), (b"torch.FloatStorage", b"torch.CudaStorage")]
    loaded = torch.deserialize(renamed(data, *names, *LONGS, *TO_CUDNN))
    assert loaded["model"].type() == "torch.FloatTensor" and loaded["epoch"] == 3
    proved(loaded["model"], x, expected)


def test_a_network_in_half_precision(net):
    x, expected = images(), net.forward(images()).copy()
    halves = torch.deserialize(torch.serialize(net))
    for module in halves.listModules():
        for name, value in vars(module).items():
            if getattr(value, "dtype", None) == np.float32:
                setattr(module, name, value.astype(np.float16))
    halves.modules[1].running_var = halves.modules[1].running_var.astype(np.float32)
    halves.apply(lambda m: setattr(m, "_type", "torch.CudaHalfTensor"))
    data = torch.serialize(halves)
    names = [(b"torch.Half" + kind, b"torch.CudaHalf" + kind) for kind in (b"Tensor", b"Storage")]
    loaded = torch.deserialize(renamed(data, *names))
    assert loaded.type() == "torch.FloatTensor" and loaded.get(1).weight.dtype == np.float32
    proved(loaded, x, expected, 1e-2)


def test_flat_parameters_stay_one_vector(net):
    x, expected = images(), net.forward(images()).copy()
    flat, _ = net.getParameters()
    loaded = torch.deserialize(torch.serialize([flat, net, net.clone().float()]))
    loaded[0] *= 1
    assert np.shares_memory(loaded[0], loaded[1].get(1).weight) and np.shares_memory(loaded[0], loaded[1].get(8).bias)
    proved(loaded[1], x, expected)


@pytest.mark.parametrize("depth", ["", "nn.DataParallelTable", "nn.DataParallel"])
def test_replicas(net, depth):
    x, expected = images(), net.forward(images()).copy()
    fields = {
        "modules": {1: net, 2: net.clone()},
        "dimension": 1,
        "gpuAssignments": [1, 2],
        "_type": "torch.CudaTensor",
    }
    value = torch.TorchObject(depth, fields, 3) if depth else net
    proved(torch.deserialize(torch.serialize({"net": value}))["net"], x, expected)


def test_cleared_networks(net):
    x, expected = images(), net.forward(images()).copy()
    net.backward(x, expected)
    proved(torch.deserialize(torch.serialize(net.clearState())), x, expected)


def test_buffers_over_one_another(net, monkeypatch):
    """optnet lays the outputs of several modules over one storage, fb.resnet's ShareGradInput the gradients."""
    x, expected = images(), net.forward(images()).copy()
    reference = [value.copy() for value in run(net.clone().evaluate(), x)[2]]
    room = np.zeros(4096, np.float32)
    monkeypatch.setattr("torch7.serialization.writer.is_part", lambda x: False)  # as Lua, which writes what lies there
    for module in net.modules:
        for name in ("output", "gradInput"):
            value = getattr(module, name)
            size = value.size or 8
            setattr(module, name, room[:size].reshape(value.shape if value.size else (8,)))
    loaded = torch.deserialize(torch.serialize(net))
    same(run(loaded.evaluate(), x)[2], reference, "gradients", 1e-6)
    proved(loaded, x, expected)


def test_methods_that_are_functions_in_the_file(net):
    """nn's old share and dontBackward put functions into modules; old programs left closures in theirs."""
    x, expected = images(), net.forward(images()).copy()
    for name in ("accUpdateGradParameters", "hook"):
        setattr(net.get(1), name, torch.LuaFunction(8, b"\x1bLJ bytes", {"self": None}))
    with pytest.warns(UserWarning, match="Lua functions do not run"):
        loaded = torch.deserialize(torch.serialize(net))
    proved_net = loaded.clone()
    for module in proved_net.listModules():
        vars(module).pop("_lua_fields", None)
    proved(proved_net, x, expected)
    assert loaded.get(1).shared is True


def without(*names):
    return dict.fromkeys(names)


BORDER, STEPS = without("padW", "padH"), without("dW", "dH")
ROUNDED = {**BORDER, "ceil_mode": None}
OLD = [
    # class, fields that old files lack or have in another form, module of today
    ("nn.SpatialConvolutionMM", {**STEPS, **BORDER}, lambda: nn.SpatialConvolutionMM(2, 3, 3, 3)),
    ("nn.SpatialConvolutionMM", {**BORDER, "padding": 1}, lambda: nn.SpatialConvolutionMM(2, 3, 3, 3, 1, 1, 1, 1)),
    ("nn.SpatialConvolution", {**STEPS, **BORDER}, lambda: nn.SpatialConvolution(2, 3, 3, 3)),
    ("cudnn.SpatialConvolution", {"groups": 1, **BORDER}, lambda: nn.SpatialConvolution(2, 3, 3, 3)),
    ("nn.SpatialMaxPooling", ROUNDED, lambda: nn.SpatialMaxPooling(2, 2, 2, 2)),
    ("cudnn.SpatialMaxPooling", ROUNDED, lambda: nn.SpatialMaxPooling(2, 2, 2, 2)),
    (
        "nn.SpatialAveragePooling",
        {**ROUNDED, **without("count_include_pad", "divide")},
        lambda: sums(nn.SpatialAveragePooling(2, 2, 2, 2)),
    ),
    (
        "nn.SpatialFullConvolution",
        {**BORDER, **without("adjW", "adjH")},
        lambda: nn.SpatialFullConvolution(2, 1, 3, 3),
    ),
    ("nn.Threshold", {"inplace": None}, lambda: nn.Threshold(0.1, 0)),
    ("nn.ReLU", {"inplace": None, "threshold": None, "val": None}, lambda: nn.ReLU()),
    ("cudnn.ReLU", {"inplace": None, "threshold": None, "val": None}, lambda: nn.ReLU()),
    ("nn.LeakyReLU", {"inplace": None}, lambda: nn.LeakyReLU(0.2)),
    ("nn.SpatialDropout", {"p": 0.25, "noise": None}, lambda: nn.SpatialDropout(0.25).evaluate()),
    ("nn.Reshape", {"batchMode": None, "batchsize": None}, lambda: nn.Reshape(50)),
    ("nn.View", {"numInputDims": None, "numElements": None}, lambda: nn.View(-1, 50)),
    ("nn.Dropout", {"inplace": None, "stochasticInference": None}, lambda: nn.Dropout(0.5).evaluate()),
    ("nn.Sum", {"nInputDims": None, "sizeAverage": None, "squeeze": None}, lambda: nn.Sum(2)),
    ("nn.Mean", {"nInputDims": None, "sizeAverage": None, "squeeze": None}, lambda: nn.Mean(2)),
    ("nn.Max", {"nInputDims": None}, lambda: nn.Max(2)),
    ("nn.Replicate", {"dim": None, "ndim": None}, lambda: nn.Replicate(3)),
    ("nn.MulConstant", {"inplace": None}, lambda: nn.MulConstant(2)),
    ("nn.SoftMax", {}, lambda: nn.SoftMax()),
    ("nn.Power", {}, lambda: nn.Power(2)),
    ("nn.SpatialSubSampling", {}, lambda: nn.SpatialSubSampling(2, 2, 2, 2, 2)),
    ("nn.SpatialLPPooling", {**STEPS, **without("kW", "kH")}, lambda: nn.SpatialLPPooling(2, 2, 2, 2, 2, 2)),
    ("nn.SpatialZeroPadding", {}, lambda: nn.SpatialZeroPadding(1, 1, 1, 1)),
    ("nn.Contiguous", {}, lambda: nn.Contiguous()),
    ("nn.Copy", {"dontCast": None, "forceCopy": None}, lambda: nn.Copy("torch.DoubleTensor", "torch.DoubleTensor")),
]  # fmt: skip


def sums(pooling):
    """Without the field ``divide`` a file is from when windows were only summed."""
    pooling.divide = False
    return pooling


@pytest.mark.parametrize("number", range(len(OLD)), ids=lambda n: f"{OLD[n][0]}-{n}")
@pytest.mark.parametrize("typed", [True, False])
def test_old_fields(number, typed):
    name, changes, make = OLD[number]
    torch.manualSeed(4)
    module, x = make(), np.random.default_rng(0).standard_normal((2, 5, 5))
    expected = module.forward(x.copy())
    expected = [e.copy() for e in expected] if isinstance(expected, list) else expected.copy()
    held = torch.deserialize(torch.serialize(torch.TorchObject("my.Module", fields_of(module))))
    for field, value in changes.items():
        held.fields.pop(field, None)
        if value is not None:
            held.fields[field] = value
    for field in [] if typed else ["_type", "train"]:
        held.fields.pop(field, None)
    held.torch_typename = name
    loaded = torch.deserialize(torch.serialize(held))
    same(loaded.evaluate().forward(x.copy()), expected, name)
    gradient = [e.copy() for e in expected] if isinstance(expected, list) else expected.copy()
    loaded.training().forward(x.copy())
    if name not in ("nn.Dropout", "nn.SpatialDropout"):
        loaded.zeroGradParameters()
        loaded.backward(x.copy(), gradient)
        loaded.updateParameters(0.1)


def fields_of(module):
    """What a file holds of a module: its fields as a record of another class reads them."""
    with pytest.warns(UserWarning, match="no class"):
        name = torch.typename(module).encode()
        data = torch.serialize(module)
        return torch.deserialize(renamed(data, (name, b"xx" + name[2:]))).fields
