"""``torch7.cuda.warm()``: what a training compiles at its first step is compiled before it."""

import numpy as np
import pytest

import nn
import torch7 as torch
from nn.thnn.cuda import texts
from nn.thnn.cuda.runtime import Kernels
from torch7 import warming
from torch7.__main__ import main


def small(nn):
    net = nn.Sequential(nn.SpatialConvolution(1, 2, 3, 3), nn.ReLU(), nn.View(8), nn.Linear(8, 3), nn.LogSoftMax())
    return net, [(2, 1, 4, 4)]


@pytest.mark.parametrize("types", [("float",), ("float", "double")])
def test_a_warm_network_compiles_nothing(cupy, types, monkeypatch):
    monkeypatch.setattr(warming, "_lenet", small)
    monkeypatch.setattr(warming, "_programs", lambda kind, place: [next(iter(PROGRAMS(kind, place)))])
    lines, made = [], []
    torch.cuda.warm("cnn", types, lines.append)
    assert len(lines) == 1 and lines[0].startswith("LeNet: ")
    monkeypatch.setattr(Kernels, "function", lambda self, name: made.append(name))
    for kind in types:
        net, shapes = small(nn)
        net.type(f"torch.Cuda{'Double' * (kind == 'double')}Tensor")
        net.forward(cupy.ones(shapes[0], np.float32 if kind == "float" else np.float64))
    assert not made


PROGRAMS = warming._programs


def test_recurrent_networks_words_and_optimisers(cupy, monkeypatch):
    place = warming.Place(cupy)
    for run in (warming._words, warming._optimisers):
        run(np.float32, place)
    torch.cuda.warm("rnn", say=lambda line: None)


def test_every_kernel(cupy, monkeypatch, capsys):
    made = []
    monkeypatch.setattr(Kernels, "function", lambda self, name: made.append((self.title, name)))
    assert main(["warm", "kernels"]) == 0
    expected = {(title, name) for title, (_, names) in texts.texts().items() for name in names if "<double" not in name}
    assert set(made) == expected and len(made) == len(expected)
    assert "convolution/convolution: " in capsys.readouterr().out


def test_refusals(cupy):
    with pytest.raises(ValueError, match="nothing of the kind 'gnn'"):
        torch.cuda.warm("gnn")
