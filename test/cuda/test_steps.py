"""Steps of LSTM, FastLSTM and GRU on the GPU: products and a launch or two for all the rest, with the CPU's numbers."""

import numpy as np
import pytest
import stand_in

import nn
import rnn  # noqa: F401
import torch7 as torch

NETS = {
    "LSTM": (lambda: nn.LSTM(6, 5), "lstm_forward", "lstm_backward"),
    "LSTM without peepholes": (lambda: nn.LSTM(6, 5, None, False), "lstm_forward", "lstm_backward"),
    "FastLSTM": (lambda: nn.FastLSTM(6, 5), "lstm_forward", "lstm_backward"),
    "GRU": (lambda: nn.GRU(6, 5), "gates", "reset_gradient"),
}
TYPES = {"torch.CudaTensor": (np.float32, 1e-5), "torch.CudaDoubleTensor": (np.float64, 1e-12)}
T, N = 5, 4


def trained(net, x, g, scale=0.5):
    y = net.forward(x)
    net.zeroGradParameters()
    return [y, net.backward(x, g, scale), *net.parameters()[1]]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", NETS)
def test_sequences(pretended, name, kind):
    make, forward, backward = NETS[name]
    dtype, tolerance = TYPES[kind]
    torch.manualSeed(2)
    here = nn.Sequencer(make()).type(torch.typename(np.empty(0, dtype)))
    there = here.clone().type(kind)
    random, seen = np.random.default_rng(0), []
    for n in (N, N, N, 2):  # the second input of a size finds the step fused
        x, g = (random.standard_normal((T, n, k)).astype(dtype) for k in (6, 5))
        stand_in.launches.clear()
        found = trained(there, pretended.asarray(x), pretended.asarray(g))
        for a, b in zip(found, trained(here, x, g), strict=True):
            np.testing.assert_allclose(a.get(), b, rtol=0, atol=tolerance)
        seen.append({name.partition("<")[0]: count for name, count in stand_in.launches.items()})
    assert seen[2][forward] == seen[2][backward] == T
    assert "Sigmoid_updateOutput" not in seen[2]


@pytest.mark.parametrize("name", NETS)
def test_warm_steps_wait_for_nothing(pretended, name):
    net, x = nn.Sequencer(NETS[name][0]()).cuda(), pretended.ones((T, N, 6), np.float32)
    g = pretended.ones((T, N, 5), np.float32)
    for _ in range(3):
        trained(net, x, g)
    waits, launches, _ = stand_in.counted(lambda: trained(net, x, g))
    names = {name.partition("<")[0] for name in launches}
    assert not waits and names.isdisjoint({"Sigmoid_updateOutput", "Tanh_updateOutput", "Sigmoid_updateGradInput"})


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_every_access_is_checked(pretended, name, monkeypatch):
    monkeypatch.setattr(stand_in, "MODE", "check")
    net, x = nn.Sequencer(NETS[name][0]()).cuda(), pretended.ones((3, 2, 6), np.float32)
    for _ in range(2):
        trained(net, x, pretended.ones((3, 2, 5), np.float32))


def test_a_network_that_was_changed_runs_by_itself(cupy):
    torch.manualSeed(2)
    here = nn.FastLSTM(6, 5).float()
    here.modules[0].apply(lambda m: setattr(m, "inplace", True) if isinstance(m, nn.Sigmoid) else None)
    there = nn.Sequencer(here.clone()).cuda()
    x = np.random.default_rng(0).standard_normal((T, N, 6)).astype(np.float32)
    for _ in range(2):
        y = nn.Sequencer(here).forward(x)
        np.testing.assert_allclose(there.forward(cupy.asarray(x)).get(), y, rtol=0, atol=1e-5)
