"""XOR (2-20-1), sample by sample: what a step costs when there is next to nothing to compute.

``nn.StochasticGradient`` against the same loop in PyTorch eager, in one process; microseconds a step.
"""

from __future__ import annotations

import contextlib
import io

import numpy as np

import nn
import torch7

from .timing import side_by_side

STEPS = 2000
OLD_TORCH = 30.0  # microseconds a step of LuaJIT Torch on an EPYC (Zen 4) core


def examples() -> list:
    """XOR as in the manual: normal inputs, -1 where the signs agree and 1 where they differ."""
    inputs = [torch7.randn(2) for _ in range(STEPS)]
    return [[x, np.array([-1.0 if x[0] * x[1] > 0 else 1.0])] for x in inputs]


def ours(data: list):
    net = nn.Sequential().add(nn.Linear(2, 20)).add(nn.Tanh()).add(nn.Linear(20, 1))
    trainer = nn.StochasticGradient(net, nn.MSECriterion())
    trainer.maxIteration = 1

    def epoch() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            trainer.train(data)

    return epoch


def pytorch(data: list):
    import torch

    net = torch.nn.Sequential(torch.nn.Linear(2, 20), torch.nn.Tanh(), torch.nn.Linear(20, 1)).double()
    criterion = torch.nn.MSELoss()
    pairs = [(torch.from_numpy(x), torch.from_numpy(t)) for x, t in data]
    sgd = torch.optim.SGD(net.parameters(), lr=0.01)

    def epoch() -> None:
        for x, t in pairs:
            sgd.zero_grad()
            criterion(net(x), t).backward()
            sgd.step()

    return epoch


def main() -> None:
    torch7.manualSeed(1)
    data = examples()
    times = side_by_side({"torch7": ours(data), "PyTorch": pytorch(data)})
    steps = {name: seconds / STEPS * 1e6 for name, seconds in times.items()}
    print(f"XOR 2-20-1, microseconds a step: torch7 {steps['torch7']:.1f}, PyTorch {steps['PyTorch']:.1f}")
    print(
        f"ratio to PyTorch {steps['PyTorch'] / steps['torch7']:.1f}, to the old Torch {OLD_TORCH / steps['torch7']:.1f}"
    )


if __name__ == "__main__":
    main()
