"""cutorch, cunn and cudnn on a machine without a GPU; optnet."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
import torch7
from rocks import cudnn, cunn, cutorch, optnet

ROOT = Path(nn.__file__).parents[1]


def network():
    return (
        nn.Sequential()
        .add(nn.SpatialConvolution(2, 3, 3, 3, 1, 1, 1))
        .add(nn.SpatialBatchNormalization(3))
        .add(nn.ReLU(True))
        .add(nn.SpatialMaxPooling(2, 2))
        .add(nn.ConcatTable().add(nn.Tanh()).add(nn.Sigmoid()))
        .add(nn.CAddTable())
    )


@pytest.mark.skipif(cutorch.getDeviceCount() > 0, reason="a GPU is here")
def test_no_device(monkeypatch):
    assert cutorch.getDeviceCount() == 0 and cutorch.getDevice() == 0
    cutorch.synchronize()
    torch7.manualSeed(5)
    first = torch7.rand(2)
    torch7.manualSeed(5)
    cutorch.manualSeed(9)
    assert (torch7.rand(2) == first).all() and cutorch.initialSeed() == 5
    for call in (
        lambda: cutorch.setDevice(1),
        lambda: cutorch.getDeviceProperties(1),
        lambda: cutorch.getMemoryUsage(),
    ):
        with pytest.raises(RuntimeError, match=r"there is no GPU here .* float\(\)"):
            call()


class Runtime:
    """What CuPy's runtime would say of two devices."""

    def __init__(self):
        self.device, self.waited = 0, 0

    def getDeviceCount(self):
        return 2

    def setDevice(self, n):
        self.device = n

    def getDevice(self):
        return self.device

    def deviceSynchronize(self):
        self.waited += 1

    def memGetInfo(self):
        return 10 + self.device, 100

    def getDeviceProperties(self, n):
        return {"name": b"G%d" % n, "totalGlobalMem": 7, "major": 9, "minor": 0, "multiProcessorCount": 4, "more": 1}


def test_devices_count_from_one(monkeypatch):
    runtime = Runtime()
    monkeypatch.setattr(cutorch, "_runtime", lambda: runtime)
    assert cutorch.getDeviceCount() == 2 and cutorch.getDevice() == 1
    cutorch.setDevice(2)
    assert runtime.device == 1 and cutorch.getDevice() == 2
    assert cutorch.withDevice(1, lambda: runtime.device) == 0 and cutorch.getDevice() == 2
    assert cutorch.getMemoryUsage() == (11, 100) and cutorch.getMemoryUsage(1) == (10, 100)
    assert cutorch.getDeviceProperties(2)["name"] == "G1"
    cutorch.synchronize()
    assert runtime.waited == 1
    cutorch.manualSeed(4)
    assert cutorch.initialSeed() == 4
    for wrong in (0, 3):
        with pytest.raises(IndexError, match=r"1\.\.2"):
            cutorch.setDevice(wrong)


def test_names_and_types():
    conv = cudnn.SpatialConvolution(2, 3, 3, 3, 2, 2, 1, 1)
    assert torch7.typename(conv) == "cudnn.SpatialConvolution" and isinstance(conv, nn.SpatialConvolution)
    assert str(conv) == "cudnn.SpatialConvolution(2 -> 3, 3x3, 2,2, 1,1)" and conv.fastest().setMode(1, 1, 1) is conv
    torch7.manualSeed(1)
    mine = cudnn.SpatialConvolution(2, 3, 3, 3, 1, 1, 0, padH=0, groups=1)
    torch7.manualSeed(1)
    assert np.array_equal(mine.weight, nn.SpatialConvolution(2, 3, 3, 3).weight)
    with pytest.raises(NotImplementedError, match="SpatialFullConvolution in groups"):
        cudnn.SpatialFullConvolution(4, 4, 3, 3, 1, 1, 0, 0, 0, 0, 2)
    assert str(cudnn.ReLU(True)) == "cudnn.ReLU" and cudnn.Tanh(True).forward(torch7.zeros(2)).tolist() == [0, 0]
    assert cudnn.SpatialCrossMapLRN().size == 5
    x = torch7.randn(2, 3, 4, 4)
    assert np.array_equal(cudnn.VolumetricSoftMax().forward(x), nn.SpatialSoftMax().forward(x))
    assert cudnn.ClippedReLU(True, 2).forward(torch7.Tensor([-1, 1, 3])).tolist() == [0, 1, 2]
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        cudnn.Nonsense
    cudnn.benchmark = cudnn.fastest = True
    cudnn.benchmark = cudnn.fastest = False


def test_groups_and_recurrent_layers():
    conv = cudnn.SpatialConvolution(4, 6, 3, 3, 1, 1, 1, 1, 2).fastest()
    assert conv.weight.shape == (6, 2, 3, 3) and torch7.typename(conv) == "cudnn.SpatialConvolution"
    assert str(conv) == "cudnn.SpatialConvolution(4 -> 6, 3x3, 1,1, 1,1) in 2 groups"
    x = torch7.randn(2, 4, 5, 5)
    halves = [nn.SpatialConvolution(2, 3, 3, 3, 1, 1, 1, 1) for _ in range(2)]
    for i, half in enumerate(halves):
        half.weight[...], half.bias[...] = conv.weight[3 * i : 3 * i + 3], conv.bias[3 * i : 3 * i + 3]
    expected = np.concatenate([half.forward(x[:, 2 * i : 2 * i + 2]) for i, half in enumerate(halves)], 1)
    assert np.allclose(conv.forward(x), expected)
    again = torch7.deserialize(torch7.serialize(nn.Sequential().add(conv)))
    assert np.array_equal(again.forward(x), conv.output)
    assert cudnn.convert(nn.Sequential().add(conv), nn).get(1) is conv and conv.clone().groups == 2
    lstm = cudnn.LSTM(3, 4, 1)
    assert torch7.typename(lstm) == "cudnn.LSTM" and lstm.forward(torch7.randn(5, 2, 3)).shape == (5, 2, 4)


def test_convert_both_ways():
    net = network()
    x = torch7.randn(2, 2, 4, 4)
    flat, _ = net.getParameters()
    expected = net.forward(x).copy()
    assert cudnn.convert(net, cudnn) is net
    types = [torch7.typename(m) for m in net.listModules()]
    assert types == [
        "nn.Sequential",
        "cudnn.SpatialConvolution",
        "cudnn.SpatialBatchNormalization",
        "cudnn.ReLU",
        "cudnn.SpatialMaxPooling",
        "nn.ConcatTable",
        "cudnn.Tanh",
        "cudnn.Sigmoid",
        "nn.CAddTable",
    ]
    assert len(net.findModules("cudnn.ReLU")[0]) == 1 and not net.findModules("nn.ReLU")[0]
    assert np.array_equal(net.forward(x), expected) and np.shares_memory(net.get(1).weight, flat)
    assert str(net.get(1)).startswith("cudnn.SpatialConvolution(2 -> 3")
    again = torch7.deserialize(torch7.serialize(net))
    assert np.array_equal(again.forward(x), expected)
    cudnn.convert(net, nn)
    assert not any(torch7.typename(m).startswith("cudnn") for m in net.listModules())
    cudnn.convert(net, cudnn, lambda m: isinstance(m, nn.ReLU))
    assert type(net.get(3)) is nn.ReLU and type(net.get(4)) is cudnn.SpatialMaxPooling
    cudnn.convert(net, "nn")
    assert np.array_equal(net.forward(x), expected) and np.array_equal(net.backward(x, net.output).shape, x.shape)
    more = nn.Sequential().add(cudnn.ClippedReLU(False, 3)).add(cudnn.VolumetricLogSoftMax())
    cudnn.convert(more, nn)
    assert [type(m) for m in more.modules] == [nn.HardTanh, nn.SpatialLogSoftMax]
    with pytest.raises(ValueError, match="nn or cudnn"):
        cudnn.convert(net, cunn)


@pytest.mark.parametrize("name", [*cudnn._LAYERS])
def test_every_layer_computes_what_nns_does(name):
    arguments = {
        "SpatialConvolution": (3, 2, 2, 2),
        "SpatialFullConvolution": (3, 2, 2, 2),
        "VolumetricConvolution": (3, 2, 2, 2, 2),
        "VolumetricFullConvolution": (3, 2, 2, 2, 2),
        "SpatialCrossMapLRN": (3,),
        "SpatialMaxPooling": (2, 2),
        "SpatialAveragePooling": (2, 2),
        "VolumetricMaxPooling": (2, 2, 2),
        "VolumetricAveragePooling": (2, 2, 2),
    }.get(name, (3,) if "Normalization" in name else ())
    sizes = (
        (2, 3, 4, 4, 4) if name.startswith("Volumetric") else (2, 3) if name == "BatchNormalization" else (2, 3, 4, 4)
    )
    x = torch7.randn(*(sizes[:2] if name.endswith("SoftMax") else sizes))
    made = []
    for package in (nn, cudnn):
        torch7.manualSeed(2)
        made.append(getattr(package, name)(*arguments))
    assert np.array_equal(made[0].forward(x), made[1].forward(x))
    assert np.array_equal(made[0].backward(x, made[0].output), made[1].backward(x, made[1].output))


@pytest.mark.parametrize("name", [*cudnn._LAYERS, *cudnn._MORE, "ClippedReLU"])
def test_files_hold_cudnns_names_and_load_as_nns(name):
    arguments = {"SpatialCrossMapLRN": (3,), "ClippedReLU": (True, 2), "BatchNormalization": (3,)}.get(name, ())
    arguments = arguments or ((3, 2, 2, 2, 2) if "Convolution" in name else (3, 2, 2) if "Pooling" in name else ())
    module = getattr(cudnn, name)(*(arguments or ((3,) if "Normalization" in name else ())))
    data = torch7.serialize(module)
    assert f"cudnn.{name}".encode() in data
    again = torch7.deserialize(data)
    assert torch7.typename(again).startswith("nn.") and isinstance(module, type(again))
    assert torch7.typename(module.clone()) == f"cudnn.{name}"


def test_cross_entropy_of_pictures():
    criterion = cudnn.SpatialCrossEntropyCriterion()
    x, labels = torch7.randn(2, 3, 4, 5), torch7.random(torch7.zeros(2, 4, 5), 1, 3)
    logs = nn.SpatialLogSoftMax().forward(x)
    by_hand = nn.SpatialClassNLLCriterion()
    assert criterion.forward(x, labels) == by_hand.forward(logs, labels)
    lsm = nn.SpatialLogSoftMax()
    lsm.forward(x)
    assert np.allclose(criterion.backward(x, labels), lsm.backward(x, by_hand.backward(logs, labels)))
    assert torch7.typename(torch7.deserialize(torch7.serialize(criterion))) == "cudnn.SpatialCrossEntropyCriterion"
    assert criterion.float().slsm.output.dtype == np.float32


def test_data_parallel_table_is_its_first_replica():
    net = network()
    x = torch7.randn(4, 2, 4, 4)
    alone = net.clone()
    expected = alone.forward(x).copy()
    many = cunn.DataParallelTable(1, True, True).add(net, [1, 2, 3, 4]).threads(lambda: None)
    alone.zeroGradParameters()
    many.zeroGradParameters()
    assert np.array_equal(many.forward(x), expected)
    assert np.array_equal(many.backward(x, expected, 2), alone.backward(x, expected, 2))
    flat, gradients = many.getParameters()
    assert np.array_equal(gradients, alone.getParameters()[1]) and len(flat) == len(alone.getParameters()[0])
    assert many.get(1) is net and many.add(net.clone(), 2).modules == [net] and type(many) is nn.DataParallelTable
    assert str(many).startswith("nn.DataParallelTable: 1 x nn.Sequential {")
    many.syncParameters()
    many.evaluate()
    assert not net.get(2).train
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        cunn.Nonsense


def test_cunn_loads_its_classes_when_they_are_asked_for():
    program = """if True:
        import sys, nn
        try:
            nn.DataParallelTable
        except AttributeError as e:
            print("AttributeError")
        from rocks import cunn
        print("rnn" in sys.modules, nn.Dropout(0.5))
        print(nn.DataParallelTable is cunn.DataParallelTable, nn.DataParallelTable(1).dimension)
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "AttributeError\nFalse nn.Dropout(0.500000)\nTrue 1\n"


def test_optnet():
    net = network()
    x = torch7.randn(2, 2, 4, 4)
    expected = net.forward(x).copy()
    assert optnet.optimizeMemory(net, x, {"inplace": True}) is net and np.array_equal(net.forward(x), expected)
    used = optnet.countUsedMemory(net)
    assert used["params"] == 8 * (2 * 3 * 9 + 3 + 6) and used["total_size"] == sum(
        v for k, v in used.items() if k != "total_size"
    )
    assert optnet.removeOptimization(net) is net
