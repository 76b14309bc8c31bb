"""Captured steps share among the threads what a module alone leaves to its caller; the numbers are the same."""

import numpy as np
import pytest
from training_step import training_step

import nn
import torch7
from nn.thnn.cpu.runtime.parallel import alone, launch
from nn.thnn.transfer import threshold


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("units, shared", [(500, True), (50, False)])
def test_activations_between_layers(units, shared, threads):
    torch7.setnumthreads(threads)
    torch7.manualSeed(1)
    net = nn.Sequential(nn.Linear(9, units), nn.ReLU(), nn.Linear(units, 5), nn.LogSoftMax()).float()
    nets, random = (net, net.clone()), np.random.default_rng(2)
    plain, caught = (training_step(n, nn.ClassNLLCriterion().float()) for n in nets)
    graph = torch7.graph(caught)
    for _ in range(4):
        x, t = random.standard_normal((128, 9)).astype(np.float32), random.integers(1, 6, 128)
        assert repr(plain(x, t)) == repr(graph(x, t))
        for a, b in zip(*(n.parameters()[0] + n.parameters()[1] + [n.output, n.gradInput] for n in nets)):
            assert a.tobytes() == b.tobytes()
    assert graph.captured() == ["the whole step: from a table"]
    (capture,) = graph.whole.captures.values()
    regions = {call.arguments[0] for call in capture.program.kept[0] if call.kernel in (alone, launch)}
    for kernel in (threshold._exceeding, threshold._gradient):
        assert kernel.limit > 128 * units
        assert (kernel.region.addresses.get(np.dtype(np.float32)) in regions) == shared
