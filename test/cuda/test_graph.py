"""``torch7.graph`` on a GPU: a CUDA graph with the numbers of the step, bit for bit, whatever changes."""

import numpy as np
import pytest
import stand_in
import stand_in_graphs
from test_lenet import Training as LeNet
from training_step import training_step

import nn
import nngraph  # noqa: F401
import optim
import rnn  # noqa: F401
import torch7 as torch
from nn.capture import training as stochastic
from nn.thnn.cuda import workspace
from nn.thnn.cuda.replay.program import Program
from torch7 import arrays


def perceptron():
    return nn.Sequential(nn.Linear(6, 9), nn.Sigmoid(), nn.Linear(9, 5), nn.LogSoftMax())


def normalised():
    net = nn.Sequential(nn.SpatialConvolution(2, 4, 3, 3, 1, 1, 1, 1), nn.SpatialBatchNormalization(4), nn.ReLU(True))
    return net.add(nn.SpatialMaxPooling(2, 2, 2, 2)).add(nn.View(36)).add(nn.Linear(36, 5)).add(nn.LogSoftMax())


NETWORKS = {
    "perceptron": (perceptron, (7, 6)),
    "normalised": (normalised, (4, 2, 6, 6)),
    "view first": (lambda: nn.Sequential(nn.View(6), *perceptron().modules), (2, 3, 2)),
}


class Training:
    def __init__(self, name, pieces=False, kind="torch.CudaTensor"):
        torch.manualSeed(1)
        self.net, self.criterion = NETWORKS[name][0]().type(kind), nn.ClassNLLCriterion().type(kind)
        self.step = training_step(self.net, self.criterion, pieces)

    def state(self, cupy):
        found = []
        for x in [*self.net.listModules(), self.criterion]:
            found += [(k, v.get().tobytes()) for k, v in vars(x).items() if type(v) is cupy.ndarray]
        return found


def batches(cupy, name, n, dtype=np.float32):
    random, shape = np.random.default_rng(0), NETWORKS[name][1]
    return [
        (cupy.asarray(random.standard_normal(shape).astype(dtype)), cupy.asarray(random.integers(1, 6, shape[0])))
        for _ in range(n)
    ]


def both(name, pieces=False, kind="torch.CudaTensor"):
    plain, caught = Training(name, pieces, kind), Training(name, pieces, kind)
    return plain, caught, torch.graph(caught.step)


def compare(cupy, plain, caught, graph, data):
    losses = []
    for n, (x, t) in enumerate(data):
        losses.append((plain.step(x, t), graph(x, t)))
        assert plain.state(cupy) == caught.state(cupy), n
    for n, (a, b) in enumerate(losses):  # asked for late: every loss keeps its value
        assert float(a) == float(b), n


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "pieces"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_graph_has_the_numbers_of_its_step(cupy, name, pieces):
    plain, caught, graph = both(name, pieces)
    compare(cupy, plain, caught, graph, batches(cupy, name, 6))
    lines = graph.captured()
    if name != "view first":  # whose output is the argument of another pass
        assert len(lines) == (6 if pieces else 1)
        assert all(line.endswith("from a table") for line in lines), lines


def test_doubles(cupy):
    plain, caught, graph = both("perceptron", kind="torch.CudaDoubleTensor")
    compare(cupy, plain, caught, graph, batches(cupy, "perceptron", 5, np.float64))
    assert graph.captured() == ["the whole step: from a table"]


def test_a_captured_step_is_one_launch(pretended):
    training = LeNet(pretended.asarray)
    x, t = training.images, training.labels
    graph = torch.graph(training_step(training.net, training.criterion))
    for _ in range(4):
        graph(x[0], t[0])
    before = stand_in_graphs.launched
    waits, launches, allocations = stand_in.counted(lambda: graph(x[1], t[1]))
    assert stand_in_graphs.launched == before + 1
    assert not waits and not allocations
    assert sum(launches.values()) <= 3, "two copies into the graph's own places, one of the loss out of it"


CHANGES = {
    "evaluate": lambda net: net.evaluate(),
    "flat": lambda net: net.getParameters(),
    "exchanged": lambda net: net.modules.__setitem__(2, nn.ReLU6().cuda()),
    "inserted": lambda net: net.insert(nn.Tanh().cuda(), 2),
    "removed": lambda net: net.remove(3),
    "new weight": lambda net: setattr(net.modules[0], "weight", net.modules[0].weight * 0.5),
    "no bias": lambda net: setattr(net.modules[0], "bias", None),
    "in place": lambda net: net.modules[0].weight.__imul__(0.5),
    "cleared": lambda net: net.clearState(),
    "another batch": lambda net: net.forward(arrays.cupy().ones((9, 2, 6, 6), np.float32)),
    "momentum": lambda net: setattr(net.modules[1], "momentum", 0.5),
    "mean": lambda net: setattr(net.modules[1], "running_mean", net.modules[1].running_mean + 1),
    "a method": lambda net: setattr(net.modules[-2], "accGradParameters", lambda *a: None),
    "shared": lambda net: net.share(net.clone(), "weight"),
    "a larger workspace": lambda net: workspace.take("packed weights", np.float32, 1 << 16),
}


#: Those that are also made where every pass is a graph of its own.
IN_PIECES = ["exchanged", "flat", "in place", "a method"]


@pytest.mark.parametrize(("change", "pieces"), [*((c, False) for c in CHANGES), *((c, True) for c in IN_PIECES)])
def test_a_change_is_noticed(cupy, change, pieces):
    plain, caught, graph = both("normalised", pieces)
    data = batches(cupy, "normalised", 6)
    compare(cupy, plain, caught, graph, data[:4])
    for training in (plain, caught):
        CHANGES[change](training.net)
    compare(cupy, plain, caught, graph, data[4:])


def test_other_shapes_types_and_settings(cupy):
    plain, caught, graph = both("normalised")
    data = batches(cupy, "normalised", 9)
    compare(cupy, plain, caught, graph, data[:4])
    compare(cupy, plain, caught, graph, [(x[:2], t[:2]) for x, t in data[4:5]])
    torch.allow_tf32(True)
    try:
        compare(cupy, plain, caught, graph, data[4:6])
    finally:
        torch.allow_tf32(False)
    compare(cupy, plain, caught, graph, data[6:])
    for call in (graph, caught.step):
        with pytest.raises(TypeError, match=r"module\.(float|double)\(\)|another device"):
            call(np.ones((4, 2, 6, 6), np.float32), np.ones(4))
    with pytest.raises(TypeError, match="CudaDoubleTensor"):
        graph(data[0][0].astype(np.float64), data[0][1])
    compare(cupy, plain, caught, graph, data[:3])


def test_memory_that_is_given_back_is_not_read(cupy):
    """The arguments of the recorded call are gone, and so is scratch memory that a larger piece replaced."""
    plain, caught, graph = both("normalised")
    for _ in range(5):
        compare(cupy, plain, caught, graph, batches(cupy, "normalised", 1))
        workspace.take("packed weights", np.float32, workspace._kept[next(iter(workspace._kept))].size + 4096)
    assert graph.captured() == ["the whole step: from a table"]


def test_a_graph_that_outlives_its_memory(pretended):
    x = pretended.ones(3, np.float32)

    def compute():
        x.__imul__(2)

    program = Program(compute, ())
    assert program.run() == 0 and (x.get() == 2).all()
    compute = x = None
    with pytest.raises(RuntimeError, match="memory that was given back"):
        program.run()


def test_a_bad_label(cupy):
    _, _, graph = both("perceptron")
    data = batches(cupy, "perceptron", 5)
    for x, t in data:
        graph(x, t)
    t = data[0][1].copy()
    t[2] = 9
    loss, good = graph(data[0][0], t), graph(*data[1])
    with pytest.raises(IndexError, match=r"labels are 1\.\.5 as in Lua"):
        float(loss)
    assert np.isfinite(float(good))


def test_what_waits_or_draws_runs_by_itself(cupy):
    torch.manualSeed(1)  # the CPU alone: its numbers are copied
    net = nn.Sequential(nn.Linear(6, 4), nn.Dropout(0.5)).cuda()
    seen, x = [], cupy.asarray(np.ones((2, 6), np.float32))

    def step():
        seen.append(float(net.forward(x).sum()))

    graph = torch.graph(step)
    for _ in range(5):
        graph()
    assert len(set(seen)) > 1 and graph.captured() == ["Sequential.forward: cannot be captured: nn.Dropout (at 2)"]


@pytest.mark.parametrize("method", ["sgd", "adam"])
def test_optimisers(cupy, method):
    def run(catch):
        torch.manualSeed(2)
        net, criterion = perceptron().cuda(), nn.ClassNLLCriterion().cuda()
        parameters, gradients = net.getParameters()
        state, losses = {"learningRate": 0.1}, []

        def step(x, t):
            def feval(_):
                gradients.fill(0)
                loss = criterion.forward(net.forward(x), t)
                net.backward(x, criterion.backward(net.output, t))
                return loss, gradients

            losses.append(getattr(optim, method)(feval, parameters, state)[1][0])

        step = torch.graph(step) if catch else step
        for x, t in batches(cupy, "perceptron", 6):
            step(x, t)
        return list(map(float, losses)), parameters.get().tobytes(), step.captured() if catch else None

    (a, p, _), (b, q, lines) = run(False), run(True)
    assert a == b and p == q
    assert all(line.endswith("from a table") for line in lines), lines


def trained(cupy, monkeypatch, after, kind, decay):
    """Losses of epochs, parameters, and what ran the steps, of a trainer that captures after so many examples."""
    monkeypatch.setattr(stochastic, "AFTER", after)
    torch.manualSeed(1)
    net = perceptron().cuda()
    trainer = nn.StochasticGradient(
        net, nn.MSECriterion().cuda() if kind == "numbers" else nn.ClassNLLCriterion().cuda()
    )
    trainer.maxIteration, trainer.learningRateDecay, trainer.verbose = 3, decay, False
    losses, random = [], np.random.default_rng(0)
    trainer.hookIteration = lambda trainer, iteration, error: losses.append(float(error))
    examples = []
    for n in range(8):
        x = cupy.asarray(random.standard_normal(6).astype(np.float32))
        t = 1 + n % 5 if kind == "labels" else cupy.asarray(np.array([1 + n % 5]))
        examples.append((x, cupy.asarray(random.standard_normal(5).astype(np.float32)) if kind == "numbers" else t))
    trainer.train(examples)
    return losses, [p.get().tobytes() for p in net.parameters()[0]], trainer._steps().step


@pytest.mark.parametrize("decay", [0, 0.1])
@pytest.mark.parametrize("kind", ["labels", "arrays", "numbers"])
def test_stochastic_gradient_is_captured_by_itself(cupy, monkeypatch, kind, decay):
    losses, parameters, step = trained(cupy, monkeypatch, 1000, kind, decay)
    assert step.program is None
    again, same, step = trained(cupy, monkeypatch, 2, kind, decay)
    assert again == losses and same == parameters
    assert step.ready and step.runs >= 5


def test_a_captured_step_of_stochastic_gradient_waits_for_nothing(pretended, monkeypatch):
    monkeypatch.setattr(stochastic, "AFTER", 0)
    net, criterion = perceptron().cuda(), nn.ClassNLLCriterion().cuda()
    steps, x = stochastic.Steps(net, criterion), pretended.ones(6, np.float32)
    for _ in range(4):
        steps(x, 2, 0.1)
    before = stand_in_graphs.launched
    waits, _, allocations = stand_in.counted(lambda: steps(x, 3, 0.1))
    assert stand_in_graphs.launched == before + 1 and not waits and not allocations


def graphed():
    x = nn.Identity()()
    a, b = nn.Linear(6, 5)(x), nn.Tanh()(nn.Linear(6, 5)(x))
    return nn.gModule([x], [nn.CAddTable()([a, b])])


def tables():
    net = nn.Sequential(nn.ConcatTable(nn.Linear(6, 4), nn.Sequential(nn.Linear(6, 4), nn.Tanh())))
    return net.add(nn.ConcatTable(nn.CAddTable(), nn.JoinTable(1, 1))).add(nn.JoinTable(1, 1)).add(nn.Linear(12, 5))


WHOLE = {
    "tables": (tables, (4, 6)),
    "a graph of nngraph": (graphed, (4, 6)),
    "SeqLSTM": (lambda: nn.Sequential(nn.SeqLSTM(6, 4), nn.View(-1, 4), nn.Linear(4, 5)), (3, 2, 6)),
    "SeqGRU": (lambda: nn.Sequential(nn.SeqGRU(6, 5)), (3, 2, 6)),
    "steps of FastLSTM": (lambda: nn.Sequential(nn.Sequencer(nn.FastLSTM(6, 5))), (3, 2, 6)),
    "steps of LSTM": (lambda: nn.Sequential(nn.Sequencer(nn.LSTM(6, 5))), (3, 2, 6)),
    "steps of GRU": (lambda: nn.Sequential(nn.Sequencer(nn.GRU(6, 5))), (3, 2, 6)),
    "steps of Linear": (lambda: nn.Sequencer(nn.Sequential(nn.Linear(6, 5), nn.Tanh())), (3, 2, 6)),
    "steps of Recurrent": (
        lambda: nn.Sequencer(nn.Recurrent(5, nn.Linear(6, 5), nn.Linear(5, 5), nn.Tanh(), 9)),
        (3, 2, 6),
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_networks_of_all_kinds(cupy, name):
    make, shape = WHOLE[name]
    results, random = [], np.random.default_rng(0)
    data = [[cupy.asarray(random.standard_normal(shape).astype(np.float32)) for _ in range(2)] for _ in range(6)]
    for catch in (False, False, True):  # a first network of a kind finds out which kernels take it
        torch.manualSeed(1)
        net, found = make().cuda(), []
        step, shaped = training_step(net, nn.MSECriterion().cuda()), net.forward(data[0][0])
        run = torch.graph(step) if catch else step
        for x, t in data:
            loss = run(x, cupy.ones_like(shaped) * t.reshape(-1)[0])
            found.append((float(loss), net.output.get().tobytes(), net.gradInput.get().tobytes()))
            found.append([p.get().tobytes() for p in net.parameters()[0]])
        results.append(found)
    assert results[1] == results[2]
    assert run.captured() == ["the whole step: from a table"]


@pytest.mark.parametrize("weights", [None, [1.0, 2, 0.5, 1, 1]])
def test_cross_entropy(cupy, weights):
    results = []
    for catch in (False, True):
        torch.manualSeed(1)
        net = nn.Sequential(nn.Linear(6, 5)).cuda()
        criterion = nn.CrossEntropyCriterion(None if weights is None else np.array(weights)).cuda()

        def step(x, t, net=net, criterion=criterion):
            loss = criterion.forward(net.forward(x), t)
            net.backward(x, criterion.backward(net.output, t))
            return loss

        run = torch.graph(lambda x, t, step=step: step(x, t)) if catch else step
        data = batches(cupy, "perceptron", 6)
        results.append([(float(run(x, t)), net.gradInput.get().tobytes()) for x, t in data])
    assert results[0] == results[1]
