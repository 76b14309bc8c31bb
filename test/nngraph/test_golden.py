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


def damaged(fields):
    """Files whose graph cannot be: what was changed, and how."""
    first, last = fields.forwardnodes[1], fields.forwardnodes[-1]
    return {
        "orders": lambda: fields.backwardnodes.pop(),
        "no nodes": lambda: fields.forwardnodes.__setitem__(2, 3),
        "order": lambda: fields.forwardnodes.reverse(),
        "innode": lambda: setattr(fields, "innode", last),
        "source": lambda: last.data.mapindex.__setitem__(1, first.data),
        "number": lambda: last.data.mapindex.__setitem__(fields.forwardnodes[-2].data, 7),
        "module": lambda: first.data.__setitem__("module", 3),
        "split": lambda: first.data.__setitem__("nSplitOutputs", 0.5),
        "select": lambda: last.data.__setitem__("selectindex", 1),
        "no edges": lambda: fields.bg.edges.clear(),
        "no order": lambda: setattr(fields, "forwardnodes", None),
        "edge": lambda: setattr(fields.bg.edges[0], "to", None),
        "edges": lambda: fields.bg.edges.__setitem__(0, 1),
        "modules": lambda: fields.modules.__setitem__(0, 4),
        "inputs": lambda: setattr(fields, "nInputs", 5),
    }


@pytest.mark.parametrize("what", damaged(read(records.graphs()[0])))
def test_a_graph_that_cannot_be_is_refused_when_it_is_read(what):
    model = read(records.graphs()[0])
    damaged(model)[what]()
    with pytest.raises(torch.T7Error, match=r"nn\.gModule"):
        again(torch.TorchObject("nn.gModule", {k: v for k, v in vars(model).items() if k != "_dtype"}))
