"""Recorded training loops: the model's draws, every loss and the parameters at the end."""

import numpy as np
import pytest
from records import load
from replay import agree, build

import optim
import rnn  # noqa: F401
import torch7 as torch

RUNS = [r for r in load("training") if "optimiser" in r]


def redraw(recorded, classes):
    """The input or target as it was drawn after the model: normal numbers, or classes one word each."""
    if isinstance(recorded, list):
        return [redraw(r, classes) for r in recorded]
    if recorded.dtype.kind == "f":
        return torch.randn(*recorded.shape).astype(recorded.dtype)
    return torch.random(np.empty_like(recorded), 1, classes)


def largest(recorded):
    return max(int(np.max(r)) for r in recorded) if isinstance(recorded, list) else int(recorded.max())


def trained(run, model, criterion, flat, input, target):
    """The losses of the recorded steps; ``flat``: parameters and gradients."""
    x, gradient = flat

    def feval(_):
        gradient.fill(0)
        output = model.forward(input)
        loss = criterion.forward(output, target)
        model.backward(input, criterion.backward(output, target))
        return loss, gradient

    losses, config = [], dict(run["config"])
    for _ in range(run["steps"]):
        losses += getattr(optim, run["optimiser"])(feval, x, config)[1]
    return losses


@pytest.mark.parametrize("run", RUNS, ids=lambda r: r["name"])
def test_run(run):
    torch.manualSeed(run["seed"])
    model, criterion = build(run["model"]), build(run["criterion"])
    x, gradient = model.getParameters()
    agree(x, run["params0"], "initial parameters")
    for recorded in (run["input"], run["target"]):
        drawn = redraw(recorded, largest(recorded))
        assert isinstance(recorded, list) or recorded.dtype.kind == "i" or np.allclose(drawn, recorded)

    losses = trained(run, model, criterion, (x, gradient), run["input"], run["target"])
    agree(losses, run["losses"], "losses")
    agree(x, run["params"], "parameters")
