"""Every module of the battery in a graph: the numbers of a copy that trains by itself."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import nn
import torch7
from nn.testing import Case
from nn.testing.tensors import copied, leaves

FILES = sorted(path.stem for path in Path(__file__).parent.parent.glob("cases_*.py"))
CASES = [case for name in FILES for case in import_module(name).CASES if isinstance(case, Case)]
TENSORS = [case for case in CASES if isinstance(case.input, tuple)]


def trained(net, x, g):
    y = net.forward(x)
    net.zeroGradParameters()
    net.backward(x, g if isinstance(y, list) else g[0])
    net.updateParameters(0.01)
    return y


def results(net, x):
    parameters, gradients = net.parameters()[:2]
    found = [net.output, net.gradInput, x, *parameters, *gradients]
    return [a.tobytes() for a in leaves(found)]


@pytest.mark.parametrize("case", TENSORS, ids=str)
def test_a_graph_has_the_numbers_of_the_module(case):
    module = case.module()
    nets = [nn.Sequential().add(module.clone()) for _ in range(2)]
    random = np.random.default_rng(0)
    graph = torch7.graph(lambda x, g: trained(nets[1], x, g))
    for n in range(7):
        x = random.standard_normal(case.input)
        torch7.manualSeed(n)
        y = nets[0].modules[0].clone().forward(copied(x))
        g = [random.standard_normal(np.shape(v)) for v in (y if isinstance(y, list) else [y])]
        found = []
        for net, step in ((nets[0], lambda x, g: trained(nets[0], x, g)), (nets[1], graph)):
            mine, gradient = copied(x), [v.copy() for v in g]
            torch7.manualSeed(n)
            step(mine, gradient)
            found.append(results(net, mine))
        assert found[0] == found[1], n
