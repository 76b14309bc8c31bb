"""``torch7.graph`` of sequences on the CPU: steps of recurrent modules and their criterions as one table."""

import numpy as np
import pytest
from training_step import gradient_step, training_step

import nn
import rnn  # noqa: F401
import torch7 as torch
from nn.capture import training
from nn.testing.tensors import leaves


def graph_of_nngraph():
    nn.FastLSTM.usenngraph = True
    try:
        return nn.Sequencer(nn.FastLSTM(4, 5))
    finally:
        nn.FastLSTM.usenngraph = False


CELLS = {
    "FastLSTM": lambda: nn.Sequencer(nn.FastLSTM(4, 5)),
    "LSTM": lambda: nn.Sequencer(nn.LSTM(4, 5)),
    "no peepholes": lambda: nn.Sequencer(nn.LSTM(4, 5, 9, False)),
    "GRU": lambda: nn.Sequencer(nn.GRU(4, 5)),
    "two cells": lambda: nn.Sequencer(nn.Sequential(nn.FastLSTM(4, 3), nn.GRU(3, 5))),
    "a graph": graph_of_nngraph,
    "a map": lambda: nn.Sequencer(nn.Sequential(nn.Linear(4, 5), nn.Tanh())),
}


class Language:
    """A model of words and its training."""

    def __init__(self, cell="FastLSTM", length=4, loss=nn.ClassNLLCriterion, type="torch.FloatTensor"):
        torch.manualSeed(1)
        self.length, self.random = length, np.random.default_rng(0)
        net = nn.Sequential(nn.LookupTable(7, 4), CELLS[cell]())
        self.net = net.add(nn.Sequencer(nn.Sequential(nn.Linear(5, 7), nn.LogSoftMax()))).type(type)
        self.criterion = nn.SequencerCriterion(loss()).type(type)

    def stepping(self):
        return training_step(self.net, self.criterion)

    def results(self, run, count):
        found = []
        for _ in range(count):
            x, t = self.random.integers(1, 8, (2, self.length, 3))
            found.append(repr(run(x, t)))
            found += [a.tobytes() for a in leaves([self.net.output, self.net.gradInput, *self.net.parameters()])]
            found += [self.criterion.output, [repr(c.output) for c in self.criterion.clones]]
            found += [a.tobytes() for m in self.recurrent() for t in tables(m) for a in t.values()]
        return found

    def recurrent(self):
        return [m for m in self.net.listModules() if isinstance(m, nn.AbstractRecurrent)]


def tables(module):
    return [t for name in ("outputs", "gradInputs", "gradOutputs", "cells") if (t := vars(module).get(name))]


@pytest.mark.parametrize("loss", [nn.ClassNLLCriterion, nn.CrossEntropyCriterion])
@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize("cell", CELLS)
def test_a_language_model(cell, length, loss):
    type = "torch.DoubleTensor" if length == 1 else "torch.FloatTensor"
    plain, caught = (Language(cell, length, loss, type) for _ in range(2))
    graph = torch.graph(caught.stepping())
    assert caught.results(graph, 7) == plain.results(plain.stepping(), 7)
    assert graph.captured() == ["the whole step: from a table"]


def longer(language):
    language.length = 6


def state(language):
    language.net.get(2).module.userPrevOutput = np.ones((3, 5), np.float32)


def of_ones_own(language):
    """The buffers of kernels look at other inputs meanwhile."""
    x = np.random.default_rng(1).standard_normal((4, 3, 4)).astype(np.float32)
    sequencer = language.net.get(2)
    sequencer.backward(x, np.ones_like(sequencer.forward(x)))
    sequencer.forward(np.asfortranarray(x))


def evaluated(language):
    language.net.evaluate().forward(np.ones((4, 3), np.int64))
    language.net.training()


CHANGES = {
    "a longer sequence": longer,
    "a state of one's own": state,
    "a state that lasts": lambda language: language.net.get(2).remember("both"),
    "weights": lambda language: language.net.get(2).module.parameters()[0][0].__imul__(0.5),
    "a forward beside it": lambda language: language.net.forward(np.ones((2, 3), np.int64)),
    "other inputs of the same sizes": of_ones_own,
    "evaluation": evaluated,
    "forget": lambda language: language.net.get(2).forget(),
    "modules of its own for every step": lambda language: language.net.get(2).module.sharedClones.pop(2),
    "a step's module": lambda language: language.net.get(3).module.sharedClones[2].replace(lambda m: m.clone()),
    "not fused": lambda language: setattr(language.net.get(2).module, "fused", False),
    "the mean": lambda language: setattr(language.criterion, "sizeAverage", True),
    "flat": lambda language: language.net.getParameters(),
    "a criterion's step": lambda language: language.criterion.clones.pop(),
    "cleared": lambda language: language.net.clearState(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_noticed(name):
    plain, caught = Language(), Language()
    step, graph = plain.stepping(), torch.graph(caught.stepping())
    assert caught.results(graph, 5) == plain.results(step, 5)
    for language in (plain, caught):
        CHANGES[name](language)
    assert caught.results(graph, 7) == plain.results(step, 7)


def test_a_class_that_no_longer_fuses(monkeypatch):
    plain, caught = Language(), Language()
    step, graph = plain.stepping(), torch.graph(caught.stepping())
    assert caught.results(graph, 5) == plain.results(step, 5)
    monkeypatch.setattr(nn.FastLSTM, "fused", False)
    assert caught.results(graph, 3) == plain.results(step, 3)
    assert graph.captured() != ["the whole step: from a table"]


def test_stochastic_gradient(monkeypatch):
    found, ready = [], []
    for after in (4, 10**9):
        monkeypatch.setattr(training, "AFTER", after)
        language = Language()
        data = [tuple(language.random.integers(1, 8, (2, 4, 3))) for _ in range(12)]
        trainer = nn.StochasticGradient(language.net, language.criterion)
        trainer.maxIteration, trainer.verbose, trainer.learningRateDecay = 3, False, 0.1
        trainer.train(data)
        found.append([p.tobytes() for p in language.net.parameters()[0]])
        ready.append(trainer._steps().step.ready)
    assert found[0] == found[1] and ready == [True, False]


@pytest.mark.parametrize("table", [False, True])
@pytest.mark.parametrize("make", [*CELLS.values(), lambda: nn.Repeater(nn.FastLSTM(4, 5), 3)])
def test_steps_of_the_input_itself(make, table):
    """Modules and the tables of kernels look at parts of the arguments, which lie elsewhere in every run."""
    repeats, found, random = isinstance(make(), nn.Repeater), [], np.random.default_rng(0)
    sizes = [(2, 4), (3, 2, 5)] if repeats else [(3, 2, 4), (3, 2, 5)]
    data = [[random.standard_normal(size) for size in sizes] for _ in range(7)]
    for catch in (False, True):
        torch.manualSeed(1)
        net = make()
        step = gradient_step(net)
        run, rows = torch.graph(step) if catch else step, []
        for x, g in data:
            given = (x, list(g)) if repeats else (list(x), list(g)) if table else (x, g)
            run(*given)
            rows.append([a.tobytes() for a in leaves([net.output, net.gradInput, *net.parameters()])])
        found.append(rows)
    assert found[0] == found[1]
    assert run.captured() == ["the whole step: from a table"]


def test_a_repeater_and_its_criterion():
    found, random = [], np.random.default_rng(0)
    data = [(random.standard_normal((2, 4)), random.integers(1, 4, 2)) for _ in range(7)]
    for catch in (False, True):
        torch.manualSeed(1)
        step_module = nn.Sequential(nn.FastLSTM(5, 5), nn.Linear(5, 3), nn.LogSoftMax())
        net = nn.Sequential(nn.Linear(4, 5), nn.Repeater(step_module, 3))
        criterion, rows = nn.RepeaterCriterion(nn.ClassNLLCriterion()), []
        step = training_step(net, criterion)
        run = torch.graph(step) if catch else step
        for x, t in data:
            rows += [repr(run(x, t)), criterion.output, [c.output for c in criterion.clones]]
            rows += [a.tobytes() for a in leaves([net.output, net.gradInput, criterion.gradInput, *net.parameters()])]
        found.append(rows)
    assert found[0] == found[1]
    assert run.captured() == ["the whole step: from a table"]


def test_passes_of_recurrent_modules_alone_run_by_themselves():
    language, other = Language(), Language()
    graph = torch.graph(training_step(other.net, other.criterion, pieces=True))
    assert other.results(graph, 5) == language.results(language.stepping(), 5)
    lines = graph.captured()
    assert "Sequential.forward: cannot be captured but in a whole step" in lines
    assert "SequencerCriterion.forward: cannot be captured but in a whole step" in lines
    assert "Sequential.updateParameters: from a table" in lines


REFUSED = {
    "nn.MaskZero (at 1.1)": lambda: nn.Sequencer(nn.FastLSTM(4, 5).maskZero(1)),
    "nn.FastLSTM (at 1)": lambda: nn.Sequencer(nn.FastLSTM(4, 5, 9, None, None, None, 0.5)),
    "nn.Dropout (at 1.1.2)": lambda: nn.Sequencer(nn.Sequential(nn.Linear(4, 5), nn.Dropout(0.5))),
    "nn.Recurrent (at 1)": lambda: nn.Sequencer(nn.Recurrent(5, nn.Linear(4, 5), nn.Linear(5, 5))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_captured_is_named(name):
    torch.manualSeed(1)
    net = REFUSED[name]()
    graph, x = torch.graph(lambda x: net.forward(x) is None), np.ones((3, 2, 4))
    graph(x)
    assert graph.captured() == [f"Sequencer.forward: cannot be captured: {name}"]
