"""Recurrent modules and a sequence for them: T steps of N samples, D inputs and H units."""

import numpy as np
import pytest

import nn
import torch7 as torch

T, N, D, H = 4, 3, 5, 2

CELLS = {
    "LSTM": lambda: nn.LSTM(D, H),
    "FastLSTM": lambda: nn.FastLSTM(D, H),
    "GRU": lambda: nn.GRU(D, H),
    "MuFuRu": lambda: nn.MuFuRu(D, H),
    "Recurrent": lambda: nn.Recurrent(H, nn.Linear(D, H), nn.Linear(H, H)),
    "Recurrence": lambda: feedback(),
    "Recursor": lambda: nn.Recursor(nn.Sequential().add(nn.FastLSTM(D, H)).add(nn.Linear(H, H))),
}
STATED = ["LSTM", "FastLSTM", "GRU", "MuFuRu", "Recurrence"]
cells = pytest.mark.parametrize("name", CELLS)


def feedback():
    pair = nn.ParallelTable().add(nn.Linear(D, H)).add(nn.Linear(H, H))
    return nn.Recurrence(nn.Sequential().add(pair).add(nn.CAddTable()).add(nn.Tanh()), H, 1)


def made(name):
    torch.manualSeed(3)
    return CELLS[name]().training()


def sequence(steps=T, width=D):
    torch.manualSeed(4)
    return [torch.randn(N, width) for _ in range(steps)]


def gradients(module):
    return np.concatenate([g.ravel() for g in module.parameters()[1]])


def near(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
