"""``torch7.graph`` of sequences on a GPU: steps of recurrent modules and their criterions as one CUDA graph."""

import numpy as np
import pytest
import stand_in
import stand_in_graphs
from training_step import gradient_step, training_step

import nn
import rnn  # noqa: F401
import torch7 as torch


class Language:
    """A model of words and its training."""

    def __init__(self, cupy, length=4):
        torch.manualSeed(1)
        self.cupy, self.length, self.random = cupy, length, np.random.default_rng(0)
        net = nn.Sequential(nn.LookupTable(7, 4), nn.Sequencer(nn.FastLSTM(4, 5)))
        self.net = net.add(nn.Sequencer(nn.Sequential(nn.Linear(5, 7), nn.LogSoftMax()))).cuda()
        self.criterion = nn.SequencerCriterion(nn.ClassNLLCriterion()).cuda()

    def words(self):
        return self.cupy.asarray(self.random.integers(1, 8, (self.length, 3)))

    def stepping(self):
        return training_step(self.net, self.criterion)

    def results(self, run, count):
        found = []
        for _ in range(count):
            loss = float(run(self.words(), self.words()))
            found.append((loss, self.net.output.get().tobytes(), self.net.gradInput.get().tobytes()))
            found.append([p.get().tobytes() for p in self.net.parameters()[0]])
        return found


@pytest.fixture(autouse=True)
def proved(cupy):
    """A first network of a kind finds out which kernels take it."""
    language = Language(cupy)
    language.results(language.stepping(), 2)


@pytest.mark.parametrize("length", [1, 4, 40])
def test_a_language_model(cupy, length):
    plain, caught = Language(cupy, length), Language(cupy, length)
    graph = torch.graph(caught.stepping())
    assert caught.results(graph, 7) == plain.results(plain.stepping(), 7)
    assert graph.captured() == ["the whole step: from a table"]


def test_a_captured_language_model_is_one_launch(pretended):
    language = Language(pretended)
    graph = torch.graph(language.stepping())
    language.results(graph, 5)
    x, t = language.words(), language.words()
    before = stand_in_graphs.launched
    waits, _, allocations = stand_in.counted(lambda: graph(x, t))
    assert stand_in_graphs.launched == before + 1 and not waits and not allocations


def longer(language):
    language.length = 6


def state(language):
    lstm = language.net.get(2).module
    lstm.userPrevOutput, lstm.userPrevCell = (language.cupy.ones((3, 5), np.float32) for _ in range(2))


CHANGES = {
    "a longer sequence": longer,
    "a state of one's own": state,
    "a state that lasts": lambda language: language.net.get(2).remember("both"),
    "weights": lambda language: language.net.get(2).module.parameters()[0][0].__imul__(0.5),
    "a forward beside it": lambda language: language.net.forward(language.words()[:2]),
    "modules of its own for every step": lambda language: language.net.get(2).module.sharedClones.pop(2),
    "the mean": lambda language: setattr(language.criterion, "sizeAverage", True),
    "flat": lambda language: language.net.getParameters(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_noticed(cupy, name):
    plain, caught = Language(cupy), Language(cupy)
    step, graph = plain.stepping(), torch.graph(caught.stepping())
    assert caught.results(graph, 5) == plain.results(step, 5)
    for language in (plain, caught):
        CHANGES[name](language)
    assert caught.results(graph, 6) == plain.results(step, 6)


@pytest.mark.parametrize("kind", [nn.Linear, nn.FastLSTM, nn.GRU])
def test_tables_of_steps(cupy, kind):
    found, random = [], np.random.default_rng(0)
    data = [
        [[cupy.asarray(random.standard_normal((2, size)).astype(np.float32)) for _ in range(3)] for size in (4, 5)]
        for _ in range(7)
    ]
    for catch in (False, False, True):
        torch.manualSeed(1)
        net = nn.Sequencer(kind(4, 5)).cuda()

        step = gradient_step(net)
        run = torch.graph(step) if catch else step
        rows = [[y.get().tobytes() for y in [*run(x, g), *net.output, *net.parameters()[0]]] for x, g in data]
        found.append(rows)
    assert found[1] == found[2]
    assert run.captured() == ["the whole step: from a table"]


def test_passes_of_recurrent_modules_alone_run_by_themselves(cupy):
    language, other = Language(cupy), Language(cupy)
    graph = torch.graph(training_step(other.net, other.criterion, pieces=True))
    assert other.results(graph, 5) == language.results(language.stepping(), 5)
    lines = graph.captured()
    assert "Sequential.forward: cannot be captured but in a whole step" in lines
    assert "Sequential.updateParameters: from a table" in lines


def test_what_keeps_a_network_from_being_captured_is_named(cupy):
    net = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Kmeans(2, 4))).cuda()
    graph, x = torch.graph(lambda x: net.forward(x) is None), cupy.ones((2, 3), np.float32)
    graph(x)
    assert graph.captured() == ["Sequential.forward: cannot be captured: nn.Kmeans (at 2.1)"]
