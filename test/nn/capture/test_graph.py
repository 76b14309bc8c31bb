"""``torch7.graph``: the numbers of the step, bit for bit, whatever changes between two calls."""

import types

import numpy as np
import pytest
from training_step import gradient_step, training_step

import nn
import nngraph  # noqa: F401
import optim
import rnn  # noqa: F401
import torch7
from nn.capture import captured, safe
from nn.testing.tensors import leaves


def lenet():
    net = nn.Sequential()
    net.add(nn.SpatialConvolution(1, 4, 5, 5)).add(nn.Tanh()).add(nn.SpatialMaxPooling(2, 2, 2, 2))
    net.add(nn.View(144)).add(nn.Linear(144, 20)).add(nn.ReLU(True))
    return net.add(nn.Linear(20, 5)).add(nn.LogSoftMax())


def perceptron():
    return nn.Sequential(nn.Linear(6, 9), nn.Sigmoid(), nn.Linear(9, 5), nn.LogSoftMax())


def normalised():
    net = nn.Sequential(nn.SpatialConvolution(2, 16, 3, 3, 1, 1, 1, 1), nn.SpatialBatchNormalization(16), nn.ReLU())
    net.add(nn.SpatialConvolution(16, 16, 3, 3, 2, 2, 1, 1)).add(nn.SpatialAveragePooling(3, 3))
    return net.add(nn.View(16)).add(nn.Linear(16, 5)).add(nn.LogSoftMax())


def up():
    net = nn.Sequential(nn.SpatialFullConvolution(2, 6, 4, 4, 2, 2, 1, 1), nn.LeakyReLU(0.2))
    return net.add(nn.SpatialConvolution(6, 1, 3, 3)).add(nn.View(64)).add(nn.Linear(64, 5)).add(nn.LogSoftMax())


def residual():
    body = nn.Sequential(nn.SpatialConvolution(2, 4, 3, 3, 1, 1, 1, 1), nn.SpatialBatchNormalization(4), nn.ReLU())
    body.add(nn.SpatialConvolution(4, 2, 3, 3, 1, 1, 1, 1))
    net = nn.Sequential(nn.ConcatTable(body, nn.Identity()), nn.CAddTable(), nn.ReLU())
    return net.add(nn.View(72)).add(nn.Linear(72, 5)).add(nn.LogSoftMax())


def inception():
    net = nn.Concat(2).add(nn.SpatialConvolution(2, 3, 1, 1)).add(nn.SpatialMaxPooling(3, 3, 1, 1, 1, 1))
    net.add(nn.Sequential(nn.SpatialConvolution(2, 2, 1, 1), nn.ReLU(), nn.SpatialConvolution(2, 4, 3, 3, 1, 1, 1, 1)))
    return nn.Sequential(net, nn.View(9 * 36), nn.Linear(9 * 36, 5), nn.LogSoftMax())


def tables():
    branches = nn.ConcatTable(nn.Linear(6, 4), nn.Sequential(nn.Linear(6, 4), nn.Tanh()), nn.Identity())
    parallel = nn.ParallelTable(nn.Tanh(), nn.Identity(), nn.Linear(6, 4))
    net = nn.Sequential(branches, parallel, nn.ConcatTable(nn.CMulTable(), nn.NarrowTable(1, 2)), nn.FlattenTable())
    net.add(nn.ConcatTable(nn.JoinTable(1, 1), nn.SelectTable(-1))).add(nn.JoinTable(2))
    return net.add(nn.Linear(16, 5)).add(nn.LogSoftMax())


def gated():
    x = nn.Identity()()
    gate, h = nn.Sigmoid()(nn.Linear(6, 4)(x)), nn.Tanh()(nn.Linear(6, 4)(x))
    joined = nn.JoinTable(1, 1)([nn.CMulTable()([gate, h]), nn.CSubTable()([h, gate]), x])
    return nn.Sequential(nn.gModule([x], [nn.LogSoftMax()(nn.Linear(14, 5)(joined))]))


NETWORKS = {
    "residual": (residual, (3, 2, 6, 6)),
    "inception": (inception, (3, 2, 6, 6)),
    "tables": (tables, (3, 6)),
    "graph of nngraph": (gated, (3, 6)),
    "lenet": (lenet, (3, 1, 16, 16)),
    "perceptron": (perceptron, (7, 6)),
    "one sample": (perceptron, (6,)),
    "normalised": (normalised, (4, 2, 6, 6)),
    "up": (up, (2, 2, 5, 5)),
    "view first": (lambda: nn.Sequential(nn.View(6), *perceptron().modules), (2, 3, 2)),
}


class Training:
    """A network and its loss, and the step that trains it, whole or in pieces that cannot be read as one."""

    def __init__(self, make, dtype, pieces=False, loss=nn.ClassNLLCriterion):
        torch7.manualSeed(1)
        self.net = make().type(torch7.typename(np.empty(0, dtype)))
        self.criterion = loss().type(self.net.type())
        self.step = training_step(self.net, self.criterion, pieces)

    def state(self):
        """All arrays of the modules and of the criterion."""
        found = []
        for x in [*self.net.listModules(), *safe.criterions_of(self.criterion)]:
            for name, value in vars(x).items():
                for array in leaves(value) if isinstance(value, list) else [value]:
                    if isinstance(array, np.ndarray):
                        found.append((name, array.tobytes()))
        for graph in self.net.findModules("nn.gModule")[0]:
            found += [a.tobytes() for node in graph.forwardnodes for a in leaves(node.data.input)]
            found += [a.tobytes() for node in graph.forwardnodes for a in leaves(node.data.gradOutput or [])]
        return found


def data(shape, n, dtype, seed=0):
    random = np.random.default_rng(seed)
    samples = shape[0] if len(shape) in (2, 4) else 1
    return [(random.standard_normal(shape).astype(dtype), random.integers(1, 6, samples)) for _ in range(n)]


def both(name, dtype=np.float64, pieces=False):
    """A network that trains by itself, the same in a graph, and the graph."""
    make, _ = NETWORKS[name]
    plain, caught = Training(make, dtype, pieces), Training(make, dtype, pieces)
    return plain, caught, torch7.graph(caught.step)


def compare(plain, caught, graph, batches):
    for n, (x, t) in enumerate(batches):
        assert repr(plain.step(x, t)) == repr(graph(x, t)), n
        assert plain.state() == caught.state(), n


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "pieces"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_graph_has_the_numbers_of_its_step(name, dtype, pieces):
    plain, caught, graph = both(name, dtype, pieces)
    shape = NETWORKS[name][1]
    if name == "view first":
        batches = [(x, t[:2]) for x, t in data((2, 3, 2), 8, dtype)]
        batches = [(x, np.arange(2) + 1) for x, _ in batches]
    else:
        batches = data(shape, 8, dtype)
    compare(plain, caught, graph, batches)
    lines = graph.captured()
    assert len(lines) == (6 if pieces else 1)
    assert all(line.endswith("from a table") for line in lines), lines


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "pieces"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy(dtype, pieces):
    def scores():
        return nn.Sequential(*perceptron().modules[:-1])

    plain, caught = (Training(scores, dtype, pieces, nn.CrossEntropyCriterion) for _ in range(2))
    graph = torch7.graph(caught.step)
    compare(plain, caught, graph, data((7, 6), 8, dtype))
    assert all(line.endswith("from a table") for line in graph.captured()), graph.captured()
    odd = (np.ones((7, 6), dtype), np.array([1, 2, -100, 3, -100, 1, 5]))
    compare(plain, caught, graph, [odd, odd, *data((7, 6), 3, dtype)])


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "pieces"])
@pytest.mark.parametrize(
    "change",
    [
        lambda net: net.evaluate(),
        lambda net: net.getParameters(),
        lambda net: net.modules.__setitem__(1, nn.ReLU6()),
        lambda net: net.insert(nn.Tanh(), 2),
        lambda net: net.remove(2),
        lambda net: setattr(net.modules[0], "weight", net.modules[0].weight * 0.5),
        lambda net: setattr(net.modules[0], "bias", None),
        lambda net: net.modules[0].weight.__imul__(0.5),
        lambda net: net.reset(),
        lambda net: net.clearState(),
        lambda net: net.forward(data(NETWORKS["normalised"][1], 1, np.float64)[0][0]),
        lambda net: net.forward(np.ones((9, 2, 6, 6))),
        lambda net: setattr(net.modules[1], "momentum", 0.5),
        lambda net: setattr(net.modules[1], "running_mean", net.modules[1].running_mean + 1),
        lambda net: setattr(net.modules[2], "updateOutput", lambda x: net.modules[1].output * 2),
        lambda net: setattr(net.modules[-2], "accGradParameters", lambda *a: None),
        lambda net: setattr(net.modules[0], "gradInput", None),
        lambda net: net.share(net.clone(), "weight"),
    ],
)
def test_a_change_of_the_network_is_noticed(change, pieces):
    plain, caught, graph = both("normalised", pieces=pieces)
    batches = data(NETWORKS["normalised"][1], 14, np.float64)
    compare(plain, caught, graph, batches[:6])
    for training in (plain, caught):
        torch7.manualSeed(5)
        change(training.net)
    compare(plain, caught, graph, batches[6:])


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "pieces"])
def test_other_arguments_are_noticed(pieces):
    plain, caught, graph = both("perceptron", pieces=pieces)
    batches = data((7, 6), 5, np.float64)
    odd = [
        data((3, 6), 1, np.float64)[0],
        (np.asfortranarray(batches[0][0]), batches[0][1]),
        (batches[0][0][::-1], batches[0][1]),
        (batches[0][0], batches[0][1].astype(np.float64)),
        (batches[0][0], batches[0][1].astype(np.int32)),
        (batches[0][0], np.where(np.arange(7) % 2, batches[0][1], -100)),
        (plain.net.modules[2].weight[:, :6].repeat(2, 0)[:7].copy(), batches[0][1]),
        (np.require(batches[1][0]), batches[1][1]),
    ]
    odd[-1][0].flags.writeable = False
    odd.append((np.full((7, 6), np.nan), batches[0][1]))
    compare(plain, caught, graph, batches)
    for x, t in odd:
        compare(plain, caught, graph, [(x, t), (x, t), *batches])


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "pieces"])
def test_arguments_in_the_memory_of_the_network_are_noticed(pieces):
    plain, caught, graph = both("perceptron", pieces=pieces)
    batches = data((7, 6), 5, np.float64)
    compare(plain, caught, graph, batches)
    for training, run in ((plain, plain.step), (caught, graph)):
        hidden = training.net.modules[0].output  # 7 x 9
        run(hidden.reshape(-1)[:42].reshape(7, 6), batches[0][1])
    assert plain.state() == caught.state()
    compare(plain, caught, graph, batches)


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "pieces"])
def test_errors_are_those_of_the_modules_and_change_nothing(pieces):
    plain, caught, graph = both("perceptron", pieces=pieces)
    batches = data((7, 6), 5, np.float64)
    compare(plain, caught, graph, batches)
    for x, t in (
        (batches[0][0], np.full(7, 9)),
        (np.ones((7, 5)), batches[0][1]),
        (batches[0][0].astype(np.float32), batches[0][1]),
        (None, batches[0][1]),
        ([batches[0][0]], batches[0][1]),
    ):
        with pytest.raises((ValueError, TypeError, IndexError)) as expected:
            plain.step(x, t)
        with pytest.raises(expected.type) as found:
            graph(x, t)
        assert str(found.value) == str(expected.value)
        assert [p.tobytes() for p in plain.net.parameters()[0]] == [p.tobytes() for p in caught.net.parameters()[0]]
    with pytest.raises(TypeError, match="missing"):
        graph(batches[0][0])
    compare(plain, caught, graph, batches)


def test_numbers_of_threads_and_exactness_are_noticed():
    plain, caught, graph = both("normalised", np.float32)
    batches = data(NETWORKS["normalised"][1], 12, np.float32)
    compare(plain, caught, graph, batches[:6])
    before = torch7.getnumthreads()
    torch7.exact(True)
    try:
        compare(plain, caught, graph, batches[6:9])
        torch7.setnumthreads(1)
        compare(plain, caught, graph, batches[9:])
    finally:
        torch7.exact(False)
        torch7.setnumthreads(before)


def test_a_method_of_a_class_is_noticed(monkeypatch):
    plain, caught, graph = both("perceptron")
    batches = data((7, 6), 9, np.float64)
    compare(plain, caught, graph, batches[:5])
    tanh = nn.Tanh.updateOutput
    monkeypatch.setattr(nn.Sigmoid, "updateOutput", lambda self, x: tanh(self, x))
    compare(plain, caught, graph, batches[5:])


def test_random_numbers_are_drawn_by_the_modules():
    def make():
        return nn.Sequential(nn.Linear(6, 9), nn.Dropout(0.5), nn.Linear(9, 5), nn.LogSoftMax())

    results = []
    for catch in (False, True):
        training = Training(make, np.float64)
        step = torch7.graph(training.step) if catch else training.step
        torch7.manualSeed(4)
        results.append([step(x, t) for x, t in data((7, 6), 8, np.float64)])
    assert results[0] == results[1]


def test_modules_of_ones_own_run():
    class Doubling(nn.Module):
        calls = 0

        def updateOutput(self, input):
            type(self).calls += 1
            self.output = input * 2
            return self.output

    net = nn.Sequential(nn.Linear(3, 4), Doubling())
    graph = torch7.graph(lambda x: net.forward(x))
    for _ in range(6):
        graph(np.ones(3))
    assert Doubling.calls == 6
    assert graph.captured() == ["Sequential.forward: cannot be captured: nn.Doubling (at 2)"]


def test_the_rest_of_a_step_runs_as_ever():
    seen, net = [], nn.Sequential(nn.Linear(3, 2))
    x = np.zeros(3)

    def step():
        x[...] += 1
        seen.append(float(x[0]))
        return net.forward(x).copy() if len(seen) % 2 else None

    graph = torch7.graph(step)
    for n in range(1, 9):
        result = graph()
        assert (result is None) == (n % 2 == 0)
        assert n % 2 == 0 or np.array_equal(result, net.modules[0].forward(np.full(3, n, float)))
    assert seen == list(range(1, 9))


@pytest.mark.parametrize("method", ["sgd", "adam"])
def test_optimisers(method):
    def run(catch):
        torch7.manualSeed(2)
        net, criterion = perceptron(), nn.ClassNLLCriterion()
        parameters, gradients = net.getParameters()
        state, losses = {"learningRate": 0.1, "momentum": 0.9, "learningRateDecay": 0.01}, []

        def step(x, t):
            def feval(_):
                gradients.fill(0)
                loss = criterion.forward(net.forward(x), t)
                net.backward(x, criterion.backward(net.output, t))
                return loss, gradients

            losses.append(getattr(optim, method)(feval, parameters, state)[1][0])

        step = torch7.graph(step) if catch else step
        for x, t in data((7, 6), 9, np.float64):
            step(x, t)
        return losses, parameters.tobytes(), step.captured() if catch else None

    (a, p, _), (b, q, lines) = run(False), run(True)
    assert a == b
    assert p == q
    assert all(line.endswith("from a table") for line in lines), lines


def test_free_names_may_mean_something_else():
    nets = [perceptron() for _ in range(2)]
    x, rate = np.ones((2, 6)), 0.1

    def step():
        net.zeroGradParameters()
        net.forward(x)
        net.backward(x, net.output)
        net.updateParameters(rate)

    net = nets[0]
    expected = net.clone()
    graph = torch7.graph(step)

    def by_hand(net, x, rate):
        net.zeroGradParameters()
        net.forward(x)
        net.backward(x, net.output)
        net.updateParameters(rate)

    for n in range(12):
        if n == 5:
            rate = 0.2
        if n == 8:
            net = nets[1]
            expected = net.clone()
        x = np.full((2, 6), n + 1.0)
        graph()
        by_hand(expected, x, rate)
        assert net.parameters()[0][0].tobytes() == expected.parameters()[0][0].tobytes(), n
        assert net.output.tobytes() == expected.output.tobytes()


def test_what_is_no_text_of_calls_is_captured_in_pieces():
    net, x = nn.Sequential(nn.Linear(3, 2)), np.ones(3)
    loop = torch7.graph(lambda: [net.forward(x) for _ in range(2)])
    for _ in range(4):
        loop()
    assert loop.captured() == ["Sequential.forward: from a table"]
    source = "def step():\n    net.forward(x)\n"
    names = {"net": net, "x": x}
    exec(source, names)  # its source is not known
    graph = torch7.graph(names["step"])
    for _ in range(4):
        graph()
    assert graph.captured() == ["Sequential.forward: from a table"]


def test_source_that_is_not_the_code(monkeypatch):
    net, x = nn.Sequential(nn.Linear(3, 2)), np.ones(3)

    def step():
        net.forward(x)

    other = step.__code__.replace(co_consts=(None, 1))
    changed = types.FunctionType(other, step.__globals__, "step", None, step.__closure__)
    graph = torch7.graph(changed)
    for _ in range(4):
        graph()
    assert graph.captured() == ["Sequential.forward: from a table"]


def test_a_capture_that_never_holds_is_given_up():
    net = nn.Sequential(nn.Linear(3, 2))

    def step(x):
        net.forward(x)
        return net.output

    graph = torch7.graph(step)
    for n in range(40):
        net.modules[0].weight = net.modules[0].weight.copy()
        net.modules[0].weight[0, 0] = n
        assert graph(np.ones(3))[0] == net.modules[0].forward(np.ones(3))[0]
    assert [c.failed for c in graph.whole.captures.values()] == [captured.ATTEMPTS]


def test_a_step_that_returns_nothing_is_captured_whole():
    net, criterion = perceptron(), nn.ClassNLLCriterion()
    x, t = data((7, 6), 1, np.float64)[0]

    def step():
        criterion.forward(net.forward(x), t)
        net.backward(x, criterion.backward(net.output, t))

    graph = torch7.graph(step)
    for _ in range(4):
        assert graph() is None
    assert graph.captured() == ["the whole step: from a table"]


def test_refusals():
    with pytest.raises(TypeError, match="takes a function, not int"):
        torch7.graph(3)
    graph = torch7.graph(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        graph()


def test_in_strict_mode_the_modules_run():
    net = nn.Sequential(nn.Linear(3, 2))
    graph = torch7.graph(lambda x: net.forward(x))
    with torch7.strict(True):
        for _ in range(5):
            graph(np.ones(3))
    assert not any(line.endswith("from a table") for line in graph.captured())


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "pieces"])
def test_tables_as_arguments(pieces):
    def network():
        torch7.manualSeed(3)
        x, state, gate = nn.Identity()(), nn.Identity()(), nn.Identity()()
        h = nn.Tanh()(nn.CAddTable()([nn.Linear(4, 5)(x), nn.Linear(5, 5)(state)]))
        return nn.gModule([x, state, gate], [h, nn.CMulTable()([h, gate])])

    nets = [network() for _ in range(2)]

    def around(net, pieces):
        def step(x, g):
            net.zeroGradParameters()
            net.forward(x)
            net.backward(x, g)
            net.updateParameters(0.1)

        return (lambda x, g: step(x, g)) if pieces else step

    plain, graph = around(nets[0], pieces), torch7.graph(around(nets[1], pieces))
    random = np.random.default_rng(0)
    for n in range(12):
        rows = 3 if n != 7 else 2
        x = [random.standard_normal((rows, size)) for size in (4, 5, 5)]
        g = [random.standard_normal((rows, 5)) for _ in range(2)]
        plain(x, g)
        graph(x, g)
        found = [[net.output, net.gradInput, *net.parameters()] for net in nets]
        assert [a.tobytes() for a in leaves(found[0])] == [a.tobytes() for a in leaves(found[1])], n
        if n == 6:
            assert all(line.endswith("from a table") for line in graph.captured()), graph.captured()


def test_one_array_in_two_places():
    nets = [nn.Sequential(nn.Linear(4, 4), nn.Tanh()) for _ in range(2)]
    nets[1] = nets[0].clone()

    def around(net):
        def step(x, g):
            net.zeroGradParameters()
            net.forward(x)
            net.backward(x, g)

        return step

    plain, graph = around(nets[0]), torch7.graph(around(nets[1]))
    random = np.random.default_rng(0)
    for n in range(14):
        x = random.standard_normal((3, 4))
        g = x if n < 6 or n == 10 else random.standard_normal((3, 4))
        plain(x, g)
        graph(x, g)
        assert nets[0].modules[0].gradWeight.tobytes() == nets[1].modules[0].gradWeight.tobytes(), n


def test_backward_of_another_input_than_forward_had():
    nets = [nn.Sequential(nn.Identity(), nn.Linear(4, 3), nn.Tanh()) for _ in range(2)]
    nets[1] = nets[0].clone()
    random = np.random.default_rng(0)
    graph = torch7.graph(lambda x, other, g: (nets[1].forward(x), nets[1].backward(other, g), None)[2])
    for n in range(14):
        x, other, g = (random.standard_normal((2, size)) for size in (4, 4, 3))
        other = x if n < 7 else other
        nets[0].forward(x)
        nets[0].backward(other, g)
        graph(x, other, g)
        for a, b in zip(nets[0].parameters()[1], nets[1].parameters()[1]):
            assert a.tobytes() == b.tobytes(), n


@pytest.mark.parametrize("memory", ["neither", "both"])
def test_sequences(memory):
    torch7.manualSeed(1)
    nets = [nn.Sequential(nn.SeqLSTM(4, 5).remember(memory), nn.SeqGRU(5, 3).remember(memory))]
    nets.append(nets[0].clone())

    plain, graph = gradient_step(nets[0]), torch7.graph(gradient_step(nets[1]))
    random = np.random.default_rng(0)
    for n in range(14):
        x, g = random.standard_normal((6, 2, 4)), random.standard_normal((6, 2, 3))
        if n == 7:
            assert graph.captured() == ["the whole step: from a table"]
            for net in nets:
                net.modules[0].forget()
        if n == 9:
            for net in nets:
                net.modules[0].userPrevOutput = np.ones((2, 5))
        plain(x, g)
        graph(x, g)
        found = [[net.output, net.gradInput, *net.parameters()] for net in nets]
        assert [a.tobytes() for a in leaves(found[0])] == [a.tobytes() for a in leaves(found[1])], n


REFUSED = {
    "nn.Recurrent (at 1.1)": lambda: nn.Sequential(nn.Sequencer(nn.Recurrent(3, nn.Linear(4, 3), nn.Linear(3, 3)))),
    "nn.SeqLSTM (at 1.1)": lambda: nn.Sequential(nn.Sequential(nn.SeqLSTM(4, 3).maskZero()), nn.Identity()),
    "nn.SeqBRNN (at 2)": lambda: nn.Sequential(nn.SeqGRU(4, 3), nn.SeqBRNN(3, 3)),
    "nn.Dropout (at 1.2)": lambda: nn.Sequential(nn.Sequential(nn.SeqGRU(4, 3), nn.Dropout(0.5)), nn.Tanh()),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_captured_is_named_and_runs(name):
    torch7.manualSeed(1)
    nets = [REFUSED[name]()]
    nets.append(nets[0].clone())

    steps = gradient_step(nets[0]), torch7.graph(gradient_step(nets[1]))
    random = np.random.default_rng(0)
    for n in range(6):
        x, g = random.standard_normal((6, 2, 4)), random.standard_normal((6, 2, 3))
        found = []
        for net, step in zip(nets, steps):
            torch7.manualSeed(n)
            step(x, g)
            found.append([a.tobytes() for a in leaves([net.output, net.gradInput, *net.parameters()])])
        assert found[0] == found[1], n
    lines = steps[1].captured()
    assert f"Sequential.forward: cannot be captured: {name}" in lines
    assert not any(line.endswith("from a table") for line in lines)


def test_modules_of_pytorch_run_and_are_named():
    import nn.pytorch as tnn

    layer = tnn.Linear(3, 2)
    graph = torch7.graph(lambda x: layer(x))
    for n in range(5):
        x = np.full((2, 3), n, np.float32)
        assert np.array_equal(graph(x), layer(x))
    assert graph.captured() == ["layer: cannot be captured: a module of nn.pytorch"]
