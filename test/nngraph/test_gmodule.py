"""What graphs do beyond the battery and the records."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import nn
import nngraph
import torch7 as torch

X = np.arange(12.0).reshape(3, 4) / 10


def two_towers():
    x = nn.Identity()()
    a, b = nn.Linear(4, 2)(x), nn.Tanh()(nn.Linear(4, 2)(x))
    return nn.gModule([x], [nn.CMulTable()([a, b])])


def passes(graph, x=X):
    graph.zeroGradParameters()
    output = graph.forward(x).copy()
    gradInput = graph.backward(x, np.ones_like(output)).copy()
    return [output, gradInput, *(g.copy() for g in graph.parameters()[1])]


def same(a, b):
    assert len(a) == len(b)
    for p, q in zip(a, b):
        np.testing.assert_array_equal(p, q)


# -- calls


def test_modules_are_called_on_tensors_as_before():
    linear = nn.Linear(4, 2)
    np.testing.assert_array_equal(linear(X), linear.forward(X))
    _, gradInput = linear(X, np.ones((3, 2)))
    assert gradInput.shape == X.shape
    assert nn.CAddTable()([X, X]).shape == X.shape
    loss, gradient = nn.MSECriterion()(X, X + 1)
    assert (loss, gradient.shape) == (1.0, X.shape)


@pytest.mark.parametrize(
    "call",
    [
        lambda: nn.Tanh()(None),
        lambda: nn.CAddTable()([nn.Identity()(), X]),
        lambda: nn.CAddTable()([nn.Identity()(), None]),
        lambda: nn.CAddTable()(nn.Identity()(), nn.Identity()()),
        lambda: nn.Linear(4, 2)(X, nn.Identity()()),
        lambda: nn.gModule([nn.Identity()()], nn.Identity()()),
        lambda: nn.gModule([nn.Identity()], [nn.Identity()()]),
        lambda: nn.Identity() - nn.Tanh(),
        lambda: nn.Identity()() + X,
        lambda: X * nn.Identity()(),
        lambda: X - nn.Tanh(),
    ],
)
def test_what_is_no_node_is_refused(call):
    with pytest.raises(TypeError):
        call()


def test_a_call_without_input_needs_nngraph(monkeypatch):
    monkeypatch.setattr(nn.Module, "_onNodes", None)
    with pytest.raises(TypeError, match="import nngraph"):
        nn.Tanh()()


def test_the_same_input_twice():
    x = nn.Identity()()
    with pytest.raises(ValueError, match="same input twice"):
        nn.CAddTable()([x, x])
    nn.CAddTable()([x, nn.Identity()(x)])


def test_a_chain_by_minus():
    x = -nn.Identity()
    h = x - nn.Linear(4, 3) - nn.Tanh()
    graph = nn.gModule([x], [[h, x] - nn.JoinTable(2)])
    assert graph.forward(X).shape == (3, 7)


# -- construction


def unused_input():
    x, y = nn.Identity()(), nn.Identity()()
    return [x, y], [nn.Tanh()(x)]


def unused_part():
    x = nn.Identity()()
    return [x], [x.split(2)[0]]


def unused_node():
    x = nn.Identity()()
    nn.Tanh()(x)
    return [x], [nn.Sigmoid()(x)]


def node_without_input():
    x = nn.Identity()()
    return [x], [nn.CAddTable()([x, nn.Linear(2, 2)()])]


def no_way():
    return [nn.Identity()()], [nn.Identity()()]


@pytest.mark.parametrize("make", [unused_input, unused_part, unused_node, node_without_input, no_way])
def test_graphs_that_are_not_whole_are_refused(make):
    inputs, outputs = make()
    with pytest.raises(ValueError, match=r"nn\.gModule: .*test_gmodule\.py"):
        nn.gModule(inputs, outputs)
    assert not any(node.children for node in inputs), "the nodes are changed"
    with pytest.raises(ValueError):
        nn.gModule(inputs, outputs)


def test_nodes_serve_after_a_graph_that_was_refused():
    x, y = nn.Identity()(), nn.Identity()()
    h = nn.CAddTable()([x, y])
    with pytest.raises(ValueError, match="without input"):
        nn.gModule([x], [h])
    assert nn.gModule([x, y], [h]).forward([X, X]).shape == X.shape


@pytest.mark.parametrize("inputs, outputs", [(0, 1), (1, 0)])
def test_no_inputs_or_no_outputs(inputs, outputs):
    x = nn.Identity()()
    with pytest.raises(ValueError, match="not supported"):
        nn.gModule([x] * inputs, [x] * outputs)


def test_a_node_twice_among_the_outputs():
    x = nn.Identity()()
    with pytest.raises(ValueError, match="twice"):
        nn.gModule([x], [x, x])


# -- wrong numbers of tables, and errors inside


def test_tables_of_other_sizes():
    a, b = nn.Identity()(), nn.Identity()()
    graph = nn.gModule([a, b], [nn.Tanh()(a), nn.Tanh()(b)])
    for wrong in ([X], [X, X, X]):
        with pytest.raises(ValueError, match=f"{len(wrong)} inputs instead of 2"):
            graph.forward(wrong)
    with pytest.raises(TypeError, match="table of 2 inputs"):
        graph.forward(X)
    graph.forward([X, X])
    with pytest.raises(ValueError, match="1 gradOutputs instead of 2"):
        graph.backward([X, X], [X])
    x = nn.Identity()()
    split = nn.gModule([x], [nn.CAddTable()(x.split(2))])
    with pytest.raises(ValueError, match="cannot split 3"):
        split.forward([X, X, X])
    with pytest.raises(TypeError, match="should be a table"):
        split.forward(X)
    assert split.forward((X, X)).shape == X.shape


def test_an_error_names_its_module_and_its_line():
    graph = two_towers()
    with pytest.raises(ValueError) as caught:
        graph.forward(np.ones((3, 5)))
    assert "In 2 module of nn.gModule, nn.Linear(4 -> 2), [test_gmodule.py]" in "".join(caught.value.__notes__)
    assert passes(graph)


def test_backward_needs_a_forward():
    graph = two_towers()
    with pytest.raises(ValueError, match="forward"):
        graph.backward(X, np.ones((3, 2)))
    graph.forward(X)
    with pytest.raises(ValueError, match="updateGradInput"):
        graph.accGradParameters(X, np.ones((3, 2)))


# -- what scripts reach for


def test_nodes_and_their_data():
    graph = two_towers()
    passes(graph)
    modules = [node.data.module for node in graph.forwardnodes if node.data.module]
    assert all(a is b for a, b in zip(modules, graph.modules))
    first = graph.forwardnodes[1]
    assert first.data.input[0] is X and len(first.data.gradOutput) == 2
    assert graph.innode is graph.forwardnodes[0] and graph.outnode is graph.backwardnodes[0]
    node = nn.Tanh()().annotate({"name": "hidden"}).annotate(description="text")
    assert (node.data.annotations.name, node.data.annotations["description"]) == ("hidden", "text")


def test_a_module_put_into_a_node_runs():
    graph = two_towers()
    node = next(n for n in graph.forwardnodes if isinstance(n.data.module, nn.Tanh))
    before = graph.forward(X).copy()
    node.data.module = nn.Sigmoid()
    assert not np.allclose(graph.forward(X), before)


def test_replace():
    graph = two_towers()
    graph.replace(lambda m: nn.Sigmoid() if isinstance(m, nn.Tanh) else m)
    kinds = [type(n.data.module) for n in graph.forwardnodes if n.data.module]
    assert kinds == [type(m) for m in graph.modules] and nn.Sigmoid in kinds and nn.Tanh not in kinds


def test_map_and_runForwardFunction():
    a, b = two_towers(), two_towers()
    a.map(b, lambda mine, theirs: mine.share(theirs, "weight", "bias"))
    same([a.forward(X)], [b.forward(X)])
    seen = []
    a.runForwardFunction(lambda module, x: seen.append(type(module)) or module.updateOutput(x), X)
    assert seen == [type(m) for m in a.modules]
    same([a.runForwardFunction("forward", X)], [b.forward(X)])


def test_verbose(capsys):
    graph = two_towers()
    graph.verbose = True
    graph.forward(X)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(graph.forwardnodes) and all(line.startswith(" V : ") for line in lines)


def test_a_module_without_gradient_adds_nothing():
    x = nn.Linear(4, 4)()
    stopped = nn.Tanh()
    graph = nn.gModule([x], [nn.CAddTable()([stopped(x), nn.Sigmoid()(x)])])
    stopped.updateGradInput = lambda input, gradOutput: None
    graph.forward(X)
    graph.backward(X, np.ones_like(X))
    sigmoid = next(m for m in graph.modules if isinstance(m, nn.Sigmoid))
    assert len(graph.forwardnodes[1].data.gradOutput) == 1
    np.testing.assert_array_equal(graph.forwardnodes[1].data.gradOutput[0], sigmoid.gradInput)


def test_steps_of_training():
    graph = two_towers()
    other = graph.clone()
    graph.zeroGradParameters()
    graph.forward(X)
    graph.backward(X, np.ones((3, 2)))
    graph.updateParameters(0.1)
    other.forward(X)
    other.backwardUpdate(X, np.ones((3, 2)), 0.1)
    for p, q in zip(graph.parameters()[0], other.parameters()[0]):
        np.testing.assert_allclose(p, q, rtol=1e-12)


def test_clearState_empties_nodes():
    graph = two_towers()
    first = passes(graph)
    graph.clearState()
    assert not any(node.data.input or node.data.gradOutput for node in graph.forwardnodes)
    same(passes(graph), first)


# -- copies


COPIES = {
    "clone": lambda g: g.clone(),
    "deepcopy": copy.deepcopy,
    "pickle": lambda g: pickle.loads(pickle.dumps(g)),
    "t7": lambda g: torch.deserialize(torch.serialize(g)),
    "ascii": lambda g: torch.deserialize(torch.serialize(g, "ascii"), "ascii"),
}


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_copies_between_forward_and_backward(make):
    graph = two_towers()
    first = passes(graph)
    graph.forward(X)
    new = make(graph)
    new.zeroGradParameters()
    gradInput = new.backward(X, np.ones((3, 2)))
    same([gradInput, *new.parameters()[1]], first[1:])
    assert all(n.data.module is m for n, m in zip([n for n in new.forwardnodes if n.data.module], new.modules))
    for a, b in zip(new.parameters()[0], graph.parameters()[0]):
        assert not np.shares_memory(a, b)


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_long_graphs(make):
    """Longer than Python may recurse."""
    x = h = nn.Identity()()
    for _ in range(1500):
        h = nn.AddConstant(1)(h)
    graph = make(nn.gModule([x], [h]))
    np.testing.assert_allclose(graph.forward(X), X + 1500)


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_a_part_of_the_data_is_copied_alone(make):
    data = np.zeros((100_000, 4))
    graph = nn.gModule([x := nn.Identity()()], [nn.Select(2, 1)(x)])
    graph.forward(data[:2])
    new = make(graph)
    held = [v for node in new.forwardnodes for v in node.data.input]
    assert all(v.size <= 8 and (v.base is None or v.base.size <= 8) for v in held)
    assert len(torch.serialize(graph)) < 100_000


def test_clones_share_what_is_named():
    graph = two_towers()
    flat, gradient = graph.getParameters()
    new = graph.clone("weight", "bias", "gradWeight", "gradBias")
    new.forward(X)
    new.backward(X, np.ones((3, 2)))
    assert np.abs(gradient).sum() > 0
    flat *= 2
    same([graph.forward(X)], [new.forward(X)])


def test_one_module_in_two_nodes():
    """Its parameters count once, and their gradients are those of both uses."""
    shared = nn.Linear(4, 4)
    x = nn.Identity()()
    graph = nn.gModule([x], [shared.clone("weight", "bias", "gradWeight", "gradBias")(shared(x))])
    flat, gradient = graph.getParameters()
    assert flat.size == 20
    graph.forward(X)
    graph.backward(X, np.ones_like(X))
    eps, want = 1e-6, np.empty(20)
    for i in range(20):
        flat[i] += eps
        up = graph.forward(X).sum()
        flat[i] -= 2 * eps
        want[i] = (up - graph.forward(X).sum()) / (2 * eps)
        flat[i] += eps
    np.testing.assert_allclose(gradient, want, rtol=1e-6)


def test_type():
    graph = two_towers()
    passes(graph)
    graph.float()
    assert {a.dtype for n in graph.forwardnodes for a in n.data.input} == {np.dtype(np.float32)}
    assert graph.forward(X.astype(np.float32)).dtype == np.float32
    with pytest.raises(TypeError):
        graph.forward(X)


def test_old_files_have_no_list_of_modules():
    graph = two_towers()
    record = torch.deserialize(torch.serialize(graph))
    fields = {k: v for k, v in vars(record).items() if k not in ("modules", "nInputs", "verbose", "_dtype")}
    old = torch.TorchObject("nn.gModule", fields)
    new = torch.deserialize(torch.serialize(old))
    assert [str(m) for m in new.modules] == [str(m) for m in graph.modules]
    same([new.forward(X)], [graph.forward(X)])


def test_lua_finds_its_tables_in_a_file():
    """Children by number and by node, sources by number and by their data, one data for both graphs."""
    data = torch.serialize(two_towers())
    with pytest.MonkeyPatch.context() as patch:
        for name in ("nn.gModule", "nngraph.Node", "graph.Graph", "graph.Edge"):
            patch.delitem(torch.registry._classes, name)
        with pytest.warns(UserWarning, match="no class"):
            graph = torch.deserialize(data)
    node = graph.forwardnodes[1]
    child = node.children[1]
    assert node.children[child] == 1 and graph.fg.nodes[node] == node.id
    assert child.data["mapindex"][1] is node.data and child.data["mapindex"][node.data] == 1
    assert any(other.data is node.data for other in graph.backwardnodes)
    edge = graph.fg.edges[1]
    assert {"from", "to"} == set(edge.fields)


def test_reading_needs_no_import():
    assert type(torch.deserialize(torch.serialize(nngraph.JustTable()))) is nngraph.JustTable


def test_nn_tells_where_its_classes_are():
    named = nn.elsewhere.CLASSES["nngraph"]
    assert {cls.__name__ for cls in vars(nngraph).values() if vars(nn).get(getattr(cls, "__name__", "")) is cls} == set(
        named
    )
    program = "import nn\ntry:\n    nn.gModule\nexcept AttributeError as error:\n    print(error)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "add `import nngraph`" in said
