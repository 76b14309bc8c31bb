"""Package graph: orders, and pictures."""

import shutil

import numpy as np
import pytest

import nn
import nngraph
from nngraph import graph


def diamond():
    nodes = [graph.Node(name) for name in "abcd"]
    g = graph.Graph()
    a, b, c, d = nodes
    g.add([graph.Edge(a, b), graph.Edge(a, c), graph.Edge(b, d), graph.Edge(c, d)])
    return g, nodes


def names(nodes):
    return "".join(n.data for n in nodes)


def test_orders():
    g, (a, *_) = diamond()
    assert names(g.topsort()[0]) == "abcd" and [n.id for n in g.nodes] == [1, 2, 3, 4]
    assert names(g.roots()) == "a" and names(g.leaves()) == "d"
    turned, twins = g.reverse()
    assert names(turned.topsort()[0]) == "dbca" and twins[a].data is a.data
    seen = []
    a.dfs(seen.append)
    assert names(seen) == "dbca"
    seen = []
    a.bfs(seen.append)
    assert names(seen) == "abcd"
    assert names(a.graph().nodes) == "abcd"


def test_cycles_are_refused():
    g, (a, _, _, d) = diamond()
    g.add(graph.Edge(d, a))
    with pytest.raises(ValueError, match="cycles"):
        g.topsort()
    with pytest.raises(TypeError, match="Edge"):
        g.add([a])


def net():
    x = nn.Identity()()
    h = nn.Tanh()(nn.Linear(4, 2)(x)).annotate({"name": "hidden", "graphAttributes": {"color": "red"}})
    return nn.gModule([x], [nn.CAddTable()([h, nn.Linear(4, 2)(x)]).annotate(description='a "sum"')])


def test_dot_text():
    g = net()
    g.forward(np.array([[1.0, np.inf, 2, 3]]))
    text = graph.dot(g.fg, "a title")
    lines = text.splitlines()
    assert lines[0] == "digraph G {" and lines[-1] == "}" and 'label="a title";' in lines
    assert sum(" -> " in line and "[" not in line for line in lines) == len(g.fg.edges)
    assert "color=red" in text and "hidden (" in text and "module = nn.Tanh" in text
    assert 'desc = a \\"sum\\"' in text and "Tensor[1x4]inf" in text and "[test_graph.py]" in text
    assert graph.dot(g.bg) == g.bg.todot() == nngraph.simple_print.todot(g.bg)


def test_dot_files(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    g = net()
    graph.dot(g.fg, "title", tmp_path / "net")
    assert (tmp_path / "net.dot").read_text() == g.fg.todot("title")
    assert [p.name for p in tmp_path.iterdir()] == ["net.dot"]
    graph.dot(g.fg, None, tmp_path / "other.dot")
    assert (tmp_path / "other.dot").read_text() == g.fg.todot()
    with pytest.raises(FileNotFoundError, match="Graphviz"):
        graph.dot(g.fg, "title", tmp_path / "net.png")


def test_dot_runs_graphviz(tmp_path, monkeypatch):
    """A program that stands for Graphviz's gets the text and the kind of the picture."""
    program = tmp_path / "dot"
    program.write_text('#!/bin/sh\nhead -n 1 > "$3"\necho "$1" >> "$3"\n')
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))
    for name, kind, written in [
        ("net", "svg", "net.svg"),
        ("net.png", "png", "net.png"),
        ("net.pdf", "pdf", "net.pdf"),
    ]:
        graph.dot(net().fg, "title", tmp_path / name)
        assert (tmp_path / written).read_text() == f"digraph G {{\n-T{kind}\n"


def test_setDebug_draws_what_failed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    g = net()
    nngraph.setDebug(True)
    try:
        with pytest.raises(ValueError):
            g.forward(np.ones((2, 5)))
        g.name = "mine"
        with pytest.raises(ValueError):
            g.forward(np.ones((2, 5)))
    finally:
        nngraph.setDebug(False)
    for name in ("nngraph_1in_1out.dot", "mine.dot"):
        red = [line for line in (tmp_path / name).read_text().splitlines() if "fillcolor=red" in line]
        assert len(red) == 1 and "nn.Linear(4 -> 2)" in red[0]
    with pytest.raises(ValueError):
        g.forward(np.ones((2, 5)))
    assert len(list(tmp_path.iterdir())) == 2


def test_annotateNodes():
    first = nn.Identity()()
    second = nn.Tanh()(first).annotate(name="kept")
    nngraph.annotateNodes()
    assert (first.data.annotations.name, second.data.annotations.name) == ("first", "kept")
