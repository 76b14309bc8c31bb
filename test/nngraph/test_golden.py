"""Every recorded graph of the original: its numbers, its order and its file."""

from pathlib import Path

import pytest
import records
import replay

import nn
import torch7 as torch

GOLDEN = Path(records.__file__).parent
RECORDS = [pytest.param(r, id=r["name"]) for r in records.graphs()]


def built(record):
    torch.manualSeed(record["seed"])
    return replay.build(record)


def read(record):
    return torch.load(GOLDEN / f"graph-{record['number']}.t7")


def order(graph):
    """What both orders are, where the edges go, and which numbers the nodes have."""
    forward = [(str(n.data.module), n.id, n.data.forwardNodeId, [c.id for c in n.children]) for n in graph.forwardnodes]
    backward = [(str(n.data.module), n.id, [c.id for c in n.children]) for n in graph.backwardnodes]
    return forward, backward, [str(m) for m in graph.modules]


@pytest.mark.parametrize("record", RECORDS)
def test_record(record):
    replay.replay_module(record)


@pytest.mark.parametrize("record", RECORDS)
def test_order(record):
    assert order(built(record)) == order(read(record))


@pytest.mark.parametrize("record", RECORDS)
def test_file(record):
    """A file that Lua wrote runs, also after it was written again, and the one that we write of the same graph."""
    model = read(record)
    assert type(model) is nn.gModule
    fresh = built(record)
    fresh.forward(record["input"])
    fresh.backward(record["input"], record["gradOutput"])
    for graph in (model, again(model), again(fresh), again(model.clone())):
        assert order(graph) == order(model)
        replay.agree(graph.forward(record["input"]), record["output"], "output")
        replay.replay_backward(graph, record)


@pytest.mark.parametrize("record", RECORDS)
def test_file_after_its_backward(record):
    """A gradient that was saved in between is there: accGradParameters goes on from it."""
    model = read(record)
    model.zeroGradParameters()
    model.accGradParameters(record["input"], record["gradOutput"])
    replay.agree(list(model.parameters()[1]), record["gradParams"], "parameter gradients")


def again(model):
    return torch.deserialize(torch.serialize(model))
