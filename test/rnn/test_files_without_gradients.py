"""Networks from which a program took all gradients before it saved them train on after loading."""

import numpy as np
import pytest

import nn
import torch7 as torch
from nn.testing.case import run, same


def siamese():
    net = nn.Sequential().add(nn.Linear(3, 3)).add(nn.Tanh())
    twin = net.clone("weight", "bias", "gradWeight", "gradBias")
    return nn.Sequential().add(nn.ParallelTable().add(net).add(twin)).add(nn.CSubTable())


def convolutions():
    net = nn.Sequential().add(nn.SpatialConvolution(1, 2, 3, 3)).add(nn.SpatialBatchNormalization(2))
    return net.add(nn.Threshold()).add(nn.SpatialMaxPooling(2, 2)).add(nn.Reshape(8)).add(nn.Linear(8, 2))


NETS = {
    "perceptron": (lambda: nn.Sequential().add(nn.Linear(3, 4)).add(nn.Threshold()).add(nn.Linear(4, 2)), (5, 3)),
    "convolutions": (convolutions, (3, 1, 6, 6)),
    "batch normalisation": (lambda: nn.BatchNormalization(3), (4, 3)),
    "siamese": (siamese, [(2, 3), (2, 3)]),
    "mapped": (lambda: nn.MapTable(nn.Linear(3, 2)), [(2, 3), (2, 3), (2, 3)]),
    "reversed": (lambda: nn.ReverseTable(), [(2, 3), (2, 1)]),
    "sequencer": (lambda: nn.Sequencer(nn.LSTM(3, 2)), [(2, 3), (2, 3)]),
    "both ways": (lambda: nn.BiSequencer(nn.GRU(3, 2)), [(2, 3), (2, 3)]),
    "glimpse": (lambda: nn.SpatialGlimpse(2, 2), [(2, 1, 6, 6), (2, 2)]),
}


def strip(module):
    for name in ("gradInput", "gradWeight", "gradBias"):
        setattr(module, name, None)


@pytest.mark.parametrize("name", NETS)
def test_it_trains_on(name):
    make, shapes = NETS[name]
    torch.manualSeed(1)
    net = make()
    x = [torch.randn(*s) for s in shapes] if isinstance(shapes, list) else torch.randn(*shapes)
    expected = run(net.clone(), x)
    for module in net.listModules():
        strip(module)
    for result, value in zip(run(torch.deserialize(torch.serialize(net)), x), expected):
        same(result, value, name)


def test_gradient_inputs_that_were_not_wanted_stay_away():
    net = nn.Sequential().add(nn.Linear(3, 4)).add(nn.Tanh())
    net.modules[0].gradInput = None
    loaded = torch.deserialize(torch.serialize(net))
    assert loaded.modules[0].gradInput is None and loaded.modules[1].gradInput is not None


def test_a_module_used_twice_in_a_row_has_two_outputs():
    pooling = nn.SpatialLPPooling(1, 2, 2, 2)
    linear = nn.Linear(2, 2)
    net = nn.Sequential().add(pooling).add(nn.SpatialConvolution(1, 1, 1, 1)).add(pooling)
    net = torch.deserialize(torch.serialize(net.add(nn.Reshape(2)).add(linear).add(nn.Tanh()).add(linear)))
    apart = net.clone()
    for i in (2, 6):
        apart.modules[i] = apart.modules[i].clone()
    x = torch.randn(1, 4, 8)
    for result, value in zip(run(net, x)[:2], run(apart, x)[:2]):
        same(result, value, "pooling twice")
    first, second = net.get(5), net.get(7)
    assert np.shares_memory(first.weight, second.weight) and np.shares_memory(first.gradWeight, second.gradWeight)
