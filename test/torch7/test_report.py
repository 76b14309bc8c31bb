"""``torch7.load(file, report=True)``: what a file holds, and whether it will run."""

import numpy as np

import nn
import torch7 as torch

HEAD = b"V 1"


def reported(value, *renamed):
    data = torch.serialize(value)
    for old, new in renamed:
        data = data.replace(len(old).to_bytes(4, "little") + old, len(new).to_bytes(4, "little") + new)
    return torch.load(data, report=True)


def net():
    return nn.Sequential().add(nn.SpatialConvolution(1, 2, 3, 3)).add(nn.ReLU()).add(nn.Reshape(8)).add(nn.Linear(8, 3))


def test_a_network_that_runs():
    report = reported({"model": net().float().evaluate(), "epoch": 3})
    assert isinstance(report, torch.Report) and report.runs and not report.missing and not report.replaced
    (network,) = report.networks
    assert (network.place, network.name, network.parameters) == ("model", "nn.Sequential", 47)
    assert (network.type, network.mode, network.runs) == ("torch.FloatTensor", "evaluation", True)
    assert report.parameters == 47 and report.types == {"torch.FloatTensor": 47} and report.functions == 0
    assert report.classes == dict.fromkeys(["nn.Sequential", "nn.SpatialConvolution", "nn.ReLU", "nn.Reshape"], 1) | {
        "nn.Linear": 1
    }
    assert str(report).splitlines()[-1].endswith("torch.FloatTensor, evaluation: runs")
    assert report.encoding.startswith("binary, longs of 8 bytes") and report.tree[1] == "table of 2, 47 parameters"


def test_mode_and_type_stand_where_they_change():
    model = net().evaluate()
    model.modules[3].training()
    lines = reported(model).tree
    assert "nn.Sequential, 47 parameters, torch.DoubleTensor, evaluation" in lines
    assert "    [4]: nn.Linear, 27 parameters, training" in lines and "    [2]: nn.ReLU" in lines


def test_replaced_classes():
    report = reported([net()], (b"nn.ReLU", b"cudnn.ReLU"), (b"nn.SpatialConvolution", b"cudnn.SpatialConvolution"))
    assert report.replaced == {"cudnn.ReLU": "nn.ReLU", "cudnn.SpatialConvolution": "nn.SpatialConvolution"}
    assert report.runs and any("cudnn.ReLU, here nn.ReLU" in line for line in report.tree)


def test_unknown_classes_and_their_places():
    report = reported({"net": net()}, (b"nn.ReLU", b"nn.MyReLU"))
    assert report.unknown == {"nn.MyReLU": ["net.modules[2]"]} and not report.runs
    assert report.missing == ["no class nn.MyReLU is known here: register one by nn.register or torch7.class_"]
    assert str(report).splitlines()[-1].startswith("net: nn.Sequential, 47 parameters")
    assert "does not run: no class nn.MyReLU" in str(report)
    own = reported(net(), (b"nn.Sequential", b"my.Sequential"))
    assert own.networks[0].name == "my.Sequential" and not own.runs


def test_another_class_of_the_name():
    record = torch.TorchObject("nn.Linear", {"output": np.zeros(1), "gradInput": np.zeros(1), "rows": 3})
    report = reported(record)
    assert report.unknown == {"nn.Linear": [""]}
    assert report.missing[0].startswith("its nn.Linear is another class than the one here")


def test_what_else_is_missing():
    model = net()
    model.modules[3].weight = np.empty(0)
    assert reported(model).missing == ["nn.Linear.weight is empty, at modules[4]"]
    model = net()
    model.modules[1].forwards = torch.LuaFunction(8, b"code")
    report = reported(model, (b"forwards", b"forward"))
    assert report.missing == ["nn.ReLU.forward is a Lua function, which does not run, at modules[2]"]
    assert report.functions == 1
    model = net()
    model.modules[3].float()
    assert "of several types, torch.DoubleTensor, torch.FloatTensor" in reported(model).missing[0]


def test_no_network():
    report = reported({"x": np.zeros(3), "obj": torch.TorchObject("my.Data", {"n": 1})})
    assert report.networks == [] and not report.runs and report.unknown == {"my.Data": ["obj"]}


def test_old_files_tell_no_type():
    model = net()
    report = reported(model, (b"_type", b"_tYpe"))
    assert report.networks[0].type == "torch.DoubleTensor" and report.networks[0].mode is None
