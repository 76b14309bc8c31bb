"""Learn XOR with nn.StochasticGradient, as the manual's chapter on training does.

Lua:    trainer = nn.StochasticGradient(mlp, criterion); trainer:train(dataset)

The printed errors are those of Lua Torch after torch.manualSeed(16).
"""

import sys
from typing import Any

import numpy as np

import nn
import torch7 as torch


class Dataset(dict[int, Any]):
    """What Lua scripts train on: ``dataset[i]`` is an example, ``dataset.size()`` their number."""

    def size(self) -> int:
        return len(self)


def main(seed: int = 16, samples: int = 100, epochs: int = 10) -> None:
    torch.manualSeed(seed)
    dataset = Dataset()
    for i in range(1, samples + 1):
        input = torch.randn(2)
        output = np.array([-1.0 if input[0] * input[1] > 0 else 1.0])
        dataset[i] = [input, output]

    mlp = nn.Sequential()
    mlp.add(nn.Linear(2, 20))
    mlp.add(nn.Tanh())
    mlp.add(nn.Linear(20, 1))

    criterion = nn.MSECriterion()
    trainer = nn.StochasticGradient(mlp, criterion)
    trainer.learningRate = 0.01
    trainer.maxIteration = epochs
    trainer.train(dataset)

    for x in ([0.5, 0.5], [0.5, -0.5], [-0.5, 0.5], [-0.5, -0.5]):
        print(x, "->", round(float(mlp.forward(np.array(x))[0]), 4))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
