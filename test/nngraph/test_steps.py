"""Graphs as steps of recurrent networks, and shared clones."""

import numpy as np

import nn
import rnn  # noqa: F401
import torch7 as torch


def cell():
    x, h = nn.Identity()(), nn.Identity()()
    return nn.gModule([x, h], [nn.Tanh()(nn.Linear(3, 4)(x) + nn.Linear(4, 4)(h))])


def test_a_recurrence_of_a_graph():
    """The same as the formula in plain arrays, and its gradient."""
    torch.manualSeed(1)
    graph = cell()
    net = nn.Sequencer(nn.Recurrence(graph, 4, 1))
    (w, b, u, v), _ = graph.parameters()
    steps = [torch.randn(2, 3) for _ in range(4)]
    h = np.zeros((2, 4))
    for x, output in zip(steps, net.forward(steps)):
        h = np.tanh(x @ w.T + b + h @ u.T + v)
        np.testing.assert_allclose(output, h, atol=1e-12)
    flat, gradient = net.getParameters()
    gradOutput = [np.ones((2, 4))] * 4
    net.zeroGradParameters()
    net.forward(steps)
    net.backward(steps, gradOutput)
    for i in range(0, flat.size, 5):
        losses = []
        for move in (1e-6, -2e-6, 1e-6):
            flat[i] += move
            losses.append(sum(o.sum() for o in net.forward(steps)))
        np.testing.assert_allclose(gradient[i], (losses[0] - losses[1]) / 2e-6, rtol=1e-5, atol=1e-8)


def test_shared_clones_train_the_same_tensors():
    graph = cell()
    for new in (graph.sharedClone(), graph.stepClone()):
        for p, q in zip(graph.parameters()[0] + graph.parameters()[1], new.parameters()[0] + new.parameters()[1]):
            assert np.shares_memory(p, q)
        assert not {id(n) for n in graph.forwardnodes} & {id(n) for n in new.forwardnodes}
        assert [n.data.module for n in new.forwardnodes if n.data.module] == new.modules


def test_serial_modes_reach_into_nodes():
    x = nn.Identity()()
    graph = nn.gModule([x], [nn.Linear(3, 2)(x)])
    graph.forward(np.ones((2, 3)))
    graph.apply(lambda m: m.clearState())
    assert len(torch.serialize(graph)) < 20_000
