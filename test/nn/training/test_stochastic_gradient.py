"""``nn.StochasticGradient``: recorded errors, rates, hooks, data sets and log lines."""

import numpy as np
import pytest
from records import load
from replay import agree

import nn
import torch7 as torch


def xor_examples(n):
    """The manual's XOR data: inputs of normal numbers, -1 where the signs agree and 1 where they differ."""
    examples = []
    for _ in range(n):
        input = torch.randn(2)
        examples.append([input, np.array([-1.0 if input[0] * input[1] > 0 else 1.0])])
    return examples


class LuaDataset(dict):
    """A data set as Lua scripts write it: ``size()`` and 1-based examples."""

    def size(self):
        return len(self)


def xor_network():
    return nn.Sequential().add(nn.Linear(2, 20)).add(nn.Tanh()).add(nn.Linear(20, 1))


@pytest.mark.parametrize("as_lua", [False, True], ids=["list", "Lua data set"])
def test_recorded_xor_run(as_lua, capsys):
    record = next(r for r in load("training") if r["name"] == "xor StochasticGradient")
    torch.manualSeed(record["seed"])
    net, trainer_errors = build_like(record)
    examples = xor_examples(record["samples"])
    dataset = LuaDataset({i: e for i, e in enumerate(examples, 1)}) if as_lua else examples
    trainer = nn.StochasticGradient(net, nn.MSECriterion())
    trainer.learningRate = record["learningRate"]
    trainer.maxIteration = record["maxIteration"]
    trainer.hookIteration = lambda self, iteration, error: trainer_errors.append(error)
    trainer.train(dataset)
    agree(trainer_errors, record["errors"], "errors")
    agree(net.parameters()[0], record["params"], "parameters")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "# StochasticGradient: training"
    assert lines[1] == f"# current error = {record['errors'][0]:.14g}"
    assert lines[-2] == "# StochasticGradient: you have reached the maximum number of iterations"
    assert lines[-1] == f"# training error = {record['errors'][-1]:.14g}"


def build_like(record):
    return xor_network(), []
