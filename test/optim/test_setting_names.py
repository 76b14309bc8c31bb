"""Names of settings: one that is misspelt is named, those of other methods are no mistake."""

import warnings

import numpy as np
import pytest

import optim


def unit(x):
    return 0.0, np.ones_like(x)


EVERY = [optim.sgd, optim.adam, optim.adamax, optim.adagrad, optim.adadelta, optim.rmsprop, optim.rprop, optim.asgd]
EVERY += [optim.nag, optim.cg, optim.lbfgs]


@pytest.fixture
def unjudged(monkeypatch):
    monkeypatch.setattr(optim.common, "_judged", set())


@pytest.mark.parametrize(
    ("method", "wrong", "right"),
    [
        (optim.sgd, "learningrate", "learningRate"),
        (optim.sgd, "learning_rate", "learningRate"),
        (optim.adam, "LearningRate", "learningRate"),
        (optim.sgd, "wieghtDecay", "weightDecay"),
        (optim.nag, "momentun", "momentum"),
        (optim.adam, "beta_1", "beta1"),
        (optim.rprop, "stepSize", "stepsize"),
        (optim.cg, "maxIters", "maxIter"),
        (optim.cg, "maxiter", "maxIter"),
        (optim.lbfgs, "nCorrections", "nCorrection"),
        (optim.rmsprop, "epsilion", "epsilon"),
    ],
)
def test_a_misspelt_setting_is_named_once(unjudged, method, wrong, right):
    config = {wrong: 0.5}
    with pytest.warns(UserWarning, match=f"'{wrong}' .* is '{right}' meant") as seen:
        for _ in range(3):
            method(unit, np.zeros(1), config)
    assert [w.filename for w in seen if w.category is UserWarning] == [__file__]


@pytest.mark.parametrize("method", EVERY)
def test_a_table_shared_by_methods_and_script_is_no_mistake(unjudged, method):
    config = {
        "learningRate": 0.1,
        "weightDecay": 0,
        "momentum": 0.9,
        "batchSize": 32,
        "maxEpoch": 3,
        "lr": 1,
        "save": "x",
        "seed": 1,
    }
    config.update(learningRateMin=1e-5, learningRates=None, weightDecays=None, rho=0.5, gpu=0, decay=1, rnn_size=2)
    config.update({1: "a", "epoch": 4, "maxiter": 5, "maxIter": 5, "nesterov": False, "evalCounter": 0, "beta2": 0.9})
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        for _ in range(3):
            method(unit, np.zeros(1), config)


def test_every_setting_is_known_to_all(monkeypatch):
    asked = {}

    def note(method, config, state, keywords, **defaults):
        asked[method] = {name.rstrip("_") for name in defaults}
        raise InterruptedError

    for name in [
        "sgd",
        "adam",
        "adamax",
        "adagrad",
        "adadelta",
        "rmsprop",
        "rprop",
        "asgd",
        "nag",
        "cg",
        "lbfgs",
        "lswolfe",
        "FistaLS",
        "cmaes",
        "de",
    ]:
        method = getattr(optim, name)
        monkeypatch.setitem(method.__globals__, "resolve", note)
        with pytest.raises(InterruptedError):
            method(*[{}] * {"lswolfe": 8, "FistaLS": 5}.get(name, 3))
    assert set().union(*asked.values()) == optim.common.SETTINGS
    assert len(asked) == 15


@pytest.mark.parametrize(
    ("method", "keys"),
    [
        ("sgd", "evalCounter dfdx decayParameters deltaParameters"),
        ("nag", "evalCounter dfdx deltaParameters"),
        ("asgd", "eta_t mu_t t ax tmp"),
        ("adam", "t m v denom"),
        ("adamax", "t m u max"),
        ("adagrad", "evalCounter paramVariance paramStd"),
        ("adadelta", "evalCounter paramVariance paramStd delta accDelta"),
        ("rmsprop", "m tmp"),
        ("rprop", "delta stepsize sign psign nsign zsign dminmax"),
    ],
)
def test_state_keys(method, keys):
    x, state = np.ones(3), {}
    rates = {"learningRates": np.ones(3)} if method in ("sgd", "nag") else {}
    rates |= {"weightDecays": np.ones(3), "momentum": 0.9} if method == "sgd" else {}
    getattr(optim, method)(unit, x, rates, state)
    assert set(state) == set(keys.split())
