"""``nn.StochasticGradient``: recorded errors, rates, hooks, data sets and log lines."""

import warnings

import numpy as np
import pytest
from records import load
from replay import agree

import nn
import torch7 as torch


def xor_examples(n):
    """The manual's XOR data: inputs of normal numbers, -1 where the signs agree and 1 where they differ."""
    examples = []
    for _ in range(n):
        input = torch.randn(2)
        examples.append([input, np.array([-1.0 if input[0] * input[1] > 0 else 1.0])])
    return examples


class LuaDataset(dict):
    """A data set as Lua scripts write it: ``size()`` and 1-based examples."""

    def size(self):
        return len(self)


def xor_network():
    return nn.Sequential().add(nn.Linear(2, 20)).add(nn.Tanh()).add(nn.Linear(20, 1))


@pytest.mark.parametrize("as_lua", [False, True], ids=["list", "Lua data set"])
def test_recorded_xor_run(as_lua, capsys):
    record = next(r for r in load("training") if r["name"] == "xor StochasticGradient")
    torch.manualSeed(record["seed"])
    examples = xor_examples(record["samples"])
    net, errors = xor_network(), []
    trainer = nn.StochasticGradient(net, nn.MSECriterion())
    trainer.learningRate = record["learningRate"]
    trainer.maxIteration = record["maxIteration"]
    trainer.hookIteration = lambda trainer, iteration, error: errors.append(error)
    trainer.train(LuaDataset(enumerate(examples, 1)) if as_lua else examples)
    agree(errors, record["errors"], "errors")
    agree(net.parameters()[0], record["params"], "parameters")
    predictions = [float(net.forward(np.array(x))[0]) for x in ([0.5, 0.5], [0.5, -0.5])]
    agree(predictions, record["predictions"], "predictions")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "# StochasticGradient: training"
    assert lines[1] == f"# current error = {record['errors'][0]:.14g}"
    assert lines[-2] == "# StochasticGradient: you have reached the maximum number of iterations"
    assert lines[-1] == f"# training error = {record['errors'][-1]:.14g}"


class Rates(nn.Linear):
    """Remembers the rates it is trained with."""

    def accUpdateGradParameters(self, input, gradOutput, lr):
        self.seen = [*getattr(self, "seen", []), lr]


def test_rate_of_epoch_k_is_divided_by_one_plus_k_times_decay(capsys):
    net = Rates(2, 1)
    trainer = nn.StochasticGradient(net, nn.MSECriterion())
    trainer.learningRate, trainer.learningRateDecay, trainer.maxIteration = 0.1, 0.5, 4
    trainer.train([[np.ones(2), np.ones(1)]])
    np.testing.assert_allclose(net.seen, [0.1, 0.1 / 2, 0.1 / 2.5, 0.1 / 3])


@pytest.mark.parametrize("shuffle", [True, False])
def test_order_is_drawn_once_and_drawn_even_if_not_used(shuffle, capsys):
    seen = []
    trainer = nn.StochasticGradient(nn.Linear(1, 1), nn.MSECriterion())
    trainer.maxIteration, trainer.shuffleIndices = 2, shuffle
    trainer.hookExample = lambda trainer, example: seen.append(int(example[0][0]))
    torch.manualSeed(3)
    expected = [int(i) for i in torch.randperm(5)] if shuffle else [1, 2, 3, 4, 5]
    torch.manualSeed(3)
    trainer.train([[np.array([i + 1.0]), np.zeros(1)] for i in range(5)])
    assert seen == expected * 2
    torch_after = torch.uniform()
    torch.manualSeed(3)
    torch.randperm(5)
    assert torch.uniform() == torch_after


def test_not_verbose_still_reports_the_end(capsys):
    trainer = nn.StochasticGradient(nn.Linear(1, 1), nn.MSECriterion())
    trainer.verbose, trainer.maxIteration = False, 1
    trainer.train([[np.ones(1), np.ones(1)]])
    assert [line.partition(" =")[0] for line in capsys.readouterr().out.splitlines()] == [
        "# StochasticGradient: training",
        "# StochasticGradient: you have reached the maximum number of iterations",
        "# training error",
    ]


def test_without_a_maximum_only_an_error_in_a_hook_ends_it(capsys):
    def stop(trainer, iteration, error):
        if iteration == 30:
            raise StopIteration

    trainer = nn.StochasticGradient(nn.Linear(1, 1), nn.MSECriterion())
    trainer.maxIteration, trainer.hookIteration = 0, stop
    with pytest.raises(StopIteration):
        trainer.train([[np.ones(1), np.ones(1)]])
    assert capsys.readouterr().out.count("current error") == 29


def test_empty_data_set_is_refused():
    with pytest.raises(ValueError, match="empty"):
        nn.StochasticGradient(nn.Linear(1, 1), nn.MSECriterion()).train([])


def test_an_error_names_its_place_and_leaves_the_network_usable(capsys):
    net = xor_network()
    trainer = nn.StochasticGradient(net, nn.MSECriterion())
    with pytest.raises(ValueError, match="size mismatch") as info:
        trainer.train([[np.ones(3), np.ones(1)]])
    assert info.value.__notes__ == ["In 1 module of nn.Sequential:"]
    trainer.maxIteration = 1
    trainer.train([[np.ones(2), np.ones(1)]])


def constant(n):
    return {i: [np.full(2, float(i)), np.zeros(1)] for i in range(1, n + 1)}


@pytest.mark.parametrize(
    "size",
    [{}, {"size": 3}, {"size": lambda: 3}, {"size": lambda self: len(self) - 1}],
    ids=["none", "number", "function", "method"],
)
def test_a_table_of_examples_from_1_on(size):
    seen = []
    trainer = nn.StochasticGradient(nn.Linear(2, 1), nn.MSECriterion())
    trainer.maxIteration, trainer.shuffleIndices = 1, False
    trainer.hookExample = lambda trainer, example: seen.append(example[0][0])
    trainer.train({**constant(3), **size})
    assert seen == [1, 2, 3]


def test_a_table_that_lacks_examples():
    trainer = nn.StochasticGradient(nn.Linear(2, 1), nn.MSECriterion())
    with pytest.raises(ValueError, match=r"no example 3 of 1\.\.4"):
        trainer.train({**constant(2), 4: [np.ones(2), np.zeros(1)], "size": 4})
    with pytest.raises(ValueError, match="the data set is empty"):
        trainer.train({"size": lambda: 0})


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("learningrate", "learningRate"),
        ("learning_rate", "learningRate"),
        ("maxIterations", "maxIteration"),
        ("learningRateDeacy", "learningRateDecay"),
    ],
)
def test_a_misspelt_field_warns(wrong, right):
    trainer = nn.StochasticGradient(nn.Linear(2, 1), nn.MSECriterion())
    with pytest.warns(UserWarning, match=f"no field '{wrong}' .* is '{right}' meant") as seen:
        setattr(trainer, wrong, 1)
    assert [w.filename for w in seen if w.category is UserWarning] == [__file__]


def test_fields_and_notes_of_ones_own_do_not_warn():
    trainer = nn.StochasticGradient(nn.Linear(2, 1), nn.MSECriterion())
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        for name in ("learningRate", "maxIteration", "verbose", "hookIteration", "best", "epoch", "momentum"):
            setattr(trainer, name, 1)
        trainer.validation = 1


def test_an_example_that_is_no_pair():
    trainer = nn.StochasticGradient(nn.Linear(2, 1), nn.MSECriterion())
    for dataset in ([1, 2], [[np.zeros(2)]], {1: None, "size": 1}):
        with pytest.raises(TypeError, match=r"example [01] is no pair \(input, target\)"):
            trainer.train(dataset)


def test_nan_warns_once_and_training_goes_on(capsys):
    net = nn.Linear(2, 1)
    net.weight[...] = np.nan
    trainer, errors = nn.StochasticGradient(net, nn.MSECriterion()), []
    trainer.maxIteration = 4
    trainer.hookIteration = lambda trainer, iteration, error: errors.append(error)
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match="NaN in iteration 1, learningRate 0.01") as seen:
            trainer.train([[np.ones(2), np.ones(1)]] * 2)
        assert [w.filename for w in seen if w.category is RuntimeWarning] == [__file__]
    assert len(errors) == 8 and np.isnan(errors).all()
