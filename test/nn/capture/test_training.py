"""StochasticGradient: captured steps have the numbers of the modules."""

import numpy as np
import pytest

import nn
import torch7
from nn.capture import training


def network():
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))


def classifier():
    return network().add(nn.LogSoftMax())


def examples(kind):
    random = np.random.default_rng(0)
    inputs = random.standard_normal((9, 4))
    if kind == "numbers":
        return [(x, random.standard_normal(3)) for x in inputs]
    labels = random.integers(1, 4, 9)
    return [(x, int(t) if kind == "labels" else np.array([t])) for x, t in zip(inputs, labels)]


def run(monkeypatch, after, kind, make_criterion, prepare):
    monkeypatch.setattr(training, "AFTER", after)
    torch7.manualSeed(7)
    net = (network if kind == "numbers" else classifier)()
    trainer = nn.StochasticGradient(net, make_criterion())
    trainer.maxIteration, trainer.learningRate, trainer.verbose = 6, 0.05, False
    losses, data = [], examples(kind)
    trainer.hookIteration = lambda trainer, iteration, error: losses.append(error)
    data = prepare(trainer, data) or data
    trainer.train(data)
    state = [p.tobytes() for p in net.parameters()[0]]
    return losses, state, trainer.criterion.output, trainer


def with_labels_of_both_kinds(trainer, data):
    return [(x, np.array([int(t)]) if n in (3, 4, 7) else t) for n, (x, t) in enumerate(data)]


def with_hook(trainer, data):
    trainer.hookExample = lambda trainer, example: None


def with_decay(trainer, data):
    trainer.learningRateDecay = 0.1


def with_a_set_of_lua(trainer, data):
    return {n + 1: example for n, example in enumerate(data)}


def with_a_change(trainer, data):
    def hook(trainer, iteration, error):
        before(trainer, iteration, error)
        if iteration == 3:
            trainer.module.modules[1] = nn.Sigmoid()

    before, trainer.hookIteration = trainer.hookIteration, hook


def with_another_module(trainer, data):
    def hook(trainer, iteration, error):
        before(trainer, iteration, error)
        if iteration == 3:
            trainer.module = trainer.module.clone()

    before, trainer.hookIteration = trainer.hookIteration, hook


def with_another_rate(trainer, data):
    def hook(trainer, iteration, error):
        before(trainer, iteration, error)
        trainer.learningRate = 0.02

    before, trainer.hookIteration = trainer.hookIteration, hook


KINDS = [
    ("numbers", nn.MSECriterion),
    ("numbers", nn.AbsCriterion),
    ("numbers", lambda: nn.SmoothL1Criterion(False)),
    ("labels", nn.ClassNLLCriterion),
    ("arrays", nn.ClassNLLCriterion),
    ("labels", lambda: nn.ClassNLLCriterion(None, False)),
    ("arrays", lambda: nn.ClassNLLCriterion(np.array([1, 2, 3.0]))),
    ("arrays", nn.CrossEntropyCriterion),
]


@pytest.mark.parametrize(
    "prepare",
    [
        lambda *a: None,
        with_hook,
        with_decay,
        with_a_set_of_lua,
        with_a_change,
        with_another_module,
        with_another_rate,
    ],
)
@pytest.mark.parametrize(("kind", "criterion"), KINDS)
def test_captured_steps_have_the_numbers_of_the_modules(monkeypatch, kind, criterion, prepare):
    modules = run(monkeypatch, 10**9, kind, criterion, prepare)
    tables = run(monkeypatch, 4, kind, criterion, prepare)
    assert modules[:3] == tables[:3]
    assert modules[3].criterion.output == tables[3].criterion.output


@pytest.mark.parametrize("hook", [None, with_hook])
def test_labels_as_numbers_and_in_arrays(monkeypatch, hook):
    def prepare(trainer, data):
        trainer.maxIteration = 40
        if hook:
            hook(trainer, data)
        return with_labels_of_both_kinds(trainer, data)

    results = [run(monkeypatch, after, "labels", nn.ClassNLLCriterion, prepare)[:3] for after in (10**9, 4)]
    assert results[0] == results[1]


@pytest.mark.parametrize(("kind", "criterion"), KINDS[:6])
def test_steps_are_captured(monkeypatch, kind, criterion):
    trainer = run(monkeypatch, 4, kind, criterion, lambda *a: None)[3]
    assert nn.training._steps[trainer].step.ready


def test_a_rate_that_is_the_same_as_another_number(monkeypatch):
    def prepare(trainer, data):
        trainer.learningRate, trainer.learningRateDecay = 1.0, 0.5

    modules, tables = (
        run(monkeypatch, after, "numbers", lambda: nn.MSECriterion(False), prepare) for after in (10**9, 3)
    )
    assert modules[:3] == tables[:3]


@pytest.mark.parametrize("label", [0, 4, 2**70])
def test_a_wrong_label_is_an_error_in_a_captured_step(monkeypatch, label):
    trainer = run(monkeypatch, 4, "labels", nn.ClassNLLCriterion, lambda *a: None)[3]
    before = [p.tobytes() for p in trainer.module.parameters()[0]]
    with pytest.raises((IndexError, ValueError, OverflowError, TypeError)) as found:
        trainer._epoch([(np.ones(4), label)], [0], 0.1)
    with pytest.raises(found.type):
        trainer.criterion.forward(trainer.module.forward(np.ones(4)), label)
    assert before == [p.tobytes() for p in trainer.module.parameters()[0]]


def test_a_trainer_keeps_nothing_of_it_in_its_fields(monkeypatch):
    trainer = run(monkeypatch, 4, "labels", nn.ClassNLLCriterion, lambda *a: None)[3]
    assert set(vars(trainer)) == set(vars(nn.StochasticGradient(network(), nn.MSECriterion())))
