"""Captured steps write the gradients of weights that they would clear and add to, with the numbers of the modules."""

import numpy as np
import pytest
from training_step import training_step

import nn
import torch7
from nn.thnn.cpu.replay.clearing import CLEARING


def perceptron():
    return nn.Sequential(nn.Linear(48, 40), nn.ReLU(), nn.Linear(40, 5), nn.LogSoftMax())


def deep():
    net = nn.Sequential(nn.Linear(48, 40), nn.ReLU(), nn.Linear(40, 30), nn.ReLU(), nn.Linear(30, 5))
    return net.add(nn.LogSoftMax())


def flat():
    net = deep()
    net.getParameters()
    return net


def shared():
    first = nn.Linear(48, 48)
    second = first.clone("weight", "bias", "gradWeight", "gradBias")
    return nn.Sequential(first, nn.ReLU(), second, nn.Linear(48, 5), nn.LogSoftMax())


def twice(net, criterion):
    """Two backwards: the second one adds."""

    def step(x, t):
        net.zeroGradParameters()
        net.backward(x, criterion.backward(net.forward(x), t))
        loss = criterion.forward(net.output, t)
        net.backward(x, criterion.backward(net.output, t))
        net.updateParameters(0.05)
        return loss

    return step


def never(net, criterion):
    """Gradients are summed over the steps."""

    def step(x, t):
        loss = criterion.forward(net.forward(x), t)
        net.backward(x, criterion.backward(net.output, t))
        net.updateParameters(0.05)
        return loss

    return step


def afterwards(net, criterion):
    """Gradients are cleared when they have been used."""

    def step(x, t):
        loss = criterion.forward(net.forward(x), t)
        net.backward(x, criterion.backward(net.output, t))
        net.updateParameters(0.05)
        net.zeroGradParameters()
        return loss

    return step


#: Network, step, and how often gradients are cleared: those of biases, small weights, and what others have to do with.
CASES = {
    "once": (perceptron, training_step, 3),
    "two": (deep, training_step, 4),
    "views of one array": (flat, training_step, 5),
    "shared": (shared, training_step, 5),
    "twice": (perceptron, twice, 3),
    "never": (perceptron, never, 0),
    "afterwards": (perceptron, afterwards, 4),
}


@pytest.mark.parametrize("dtype", ["float", "double"])
@pytest.mark.parametrize("name", CASES)
def test_gradients_are_written(name, dtype):
    make, step_of, cleared = CASES[name]
    torch7.manualSeed(3)
    net = getattr(make(), dtype)()
    nets = net, net.clone()
    criterions = [getattr(nn.ClassNLLCriterion(), dtype)() for _ in nets]
    plain, caught = (step_of(n, c) for n, c in zip(nets, criterions))
    graph, random = torch7.graph(caught), np.random.default_rng(1)
    for n in range(6):
        x = random.standard_normal((33, 48)).astype(net.modules[0].weight.dtype)
        t = random.integers(1, 6, 33)
        assert repr(plain(x, t)) == repr(graph(x, t)), n
        for a, b in zip(*(m.parameters()[0] + m.parameters()[1] for m in nets)):
            assert a.tobytes() == b.tobytes(), n
        if step_of is training_step:  # what is there before a step does not matter
            for m in nets:
                for gradient in m.parameters()[1]:
                    gradient.fill(np.nan)
    assert graph.captured() == ["the whole step: from a table"]
    (capture,) = graph.whole.captures.values()
    kernels = [call.kernel for call in capture.program.kept[0] if call.code is not None]
    assert sum(f"{k.__module__}.{k.__name__}" == CLEARING for k in kernels) == cleared
