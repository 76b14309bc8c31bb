"""A character model with an LSTM of nodes, its copies in time and rmsprop: the losses that Torch printed."""

import numpy as np

import nn
import optim
import torch7 as torch

TEXT = "the quick brown fox jumps over the lazy dog. " * 6
LETTERS = {c: i for i, c in enumerate(dict.fromkeys(TEXT), 1)}
DATA = np.array([LETTERS[c] for c in TEXT])
N, T, H, E, B = len(LETTERS), 8, 12, 6, 3
LOSSES = {5: (3.2281, 0.3533), 10: (2.8309, 0.3641), 15: (2.3609, 0.3102), 20: (2.1159, 0.3584)}
LOSSES |= {25: (1.8930, 0.4603), 30: (1.7596, 0.4680)}


def lstm():
    x, previous_c, previous_h = nn.Identity()(), nn.Identity()(), nn.Identity()()
    letters = nn.LookupTable(N, E)(x)
    sums = nn.CAddTable()([nn.Linear(E, 4 * H)(letters), nn.Linear(H, 4 * H)(previous_h)])
    i, f, o, g = nn.SplitTable(2)(nn.Reshape(4, H)(sums)).split(4)
    i, f, o, g = nn.Sigmoid()(i), nn.Sigmoid()(f), nn.Sigmoid()(o), nn.Tanh()(g)
    c = nn.CAddTable()([nn.CMulTable()([f, previous_c]), nn.CMulTable()([i, g])])
    h = nn.CMulTable()([o, nn.Tanh()(c)])
    return nn.gModule([x, previous_c, previous_h], [c, h, nn.LogSoftMax()(nn.Linear(H, N)(h))])


def batch(position):
    starts = [(position + b * 40) % (len(DATA) - T - 1) for b in range(B)]
    return np.stack([DATA[s : s + T] for s in starts]), np.stack([DATA[s + 1 : s + T + 1] for s in starts])


def through_time(clones, criterion, state, xs, ys):
    """Forward and backward; returns the loss and leaves the last state in ``state``."""
    c, h, predictions = {0: state[0]}, {0: state[1]}, {}
    loss = 0
    for t in range(1, T + 1):
        c[t], h[t], predictions[t] = clones[t - 1].forward([xs[:, t - 1], c[t - 1], h[t - 1]])
        loss += criterion.forward(predictions[t], ys[:, t - 1])
    dc, dh = np.zeros((B, H)), np.zeros((B, H))
    for t in range(T, 0, -1):
        d = criterion.backward(predictions[t], ys[:, t - 1])
        _, dc, dh = clones[t - 1].backward([xs[:, t - 1], c[t - 1], h[t - 1]], [dc, dh, d])
    state[0][...], state[1][...] = c[T], h[T]
    return loss / T


def test_losses():
    torch.manualSeed(123)
    model, criterion = lstm(), nn.ClassNLLCriterion()
    parameters, gradients = model.getParameters()
    torch.uniform(parameters, -0.15, 0.15)
    clones = [model.clone("weight", "bias", "gradWeight", "gradBias") for _ in range(T)]
    state = np.zeros((B, H)), np.zeros((B, H))
    options = {"learningRate": 2e-2, "alpha": 0.95}

    for i in range(1, 31):

        def feval(x, position=(i - 1) * T + 1):
            gradients.fill(0)
            loss = through_time(clones, criterion, state, *batch(position))
            gradients[...] = np.clip(gradients / T, -5, 5)
            return loss, gradients

        _, loss = optim.rmsprop(feval, parameters, options)
        if i in LOSSES:
            assert (round(loss[0], 4), round(float(np.linalg.norm(gradients)), 4)) == LOSSES[i]
