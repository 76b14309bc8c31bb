"""What each setting of the first-order methods does."""

import numpy as np
import pytest

import optim


def unit(x):
    return 0.0, np.ones_like(x)


def test_dampening_is_the_momentum_unless_set():
    x, config = np.zeros(1), {"learningRate": 0.1, "momentum": 0.9}
    for _ in range(3):
        optim.sgd(unit, x, config)
    np.testing.assert_allclose(x, -0.3)
    x, config = np.zeros(1), {"learningRate": 0.1, "momentum": 0.9, "dampening": 0}
    for _ in range(3):
        optim.sgd(unit, x, config)
    np.testing.assert_allclose(x, -0.561)


def test_nesterov():
    x, config = np.zeros(1), {"learningRate": 0.1, "momentum": 0.5, "dampening": 0, "nesterov": True}
    optim.sgd(unit, x, config)
    np.testing.assert_allclose(x, -0.15)
    optim.sgd(unit, x, config)
    np.testing.assert_allclose(x, -0.15 - 0.175)


@pytest.mark.parametrize("settings", [{"momentum": 0.9}, {"dampening": 0}, {"momentum": 0.9, "dampening": 0.1}])
def test_nesterov_needs_momentum_and_no_dampening(settings):
    with pytest.raises(ValueError, match="Nesterov momentum requires a momentum and zero dampening"):
        optim.sgd(unit, np.zeros(1), nesterov=True, **settings)


def test_nag_needs_momentum():
    with pytest.raises(ValueError, match="Momentum must be positive"):
        optim.nag(unit, np.zeros(1), momentum=0)


def test_weight_decay_goes_before_weight_decays():
    x, y = np.ones(2), np.ones(2)
    optim.sgd(unit, x, weightDecay=0.5, weightDecays=np.array([7.0, 8.0]))
    optim.sgd(unit, y, weightDecay=0.5)
    np.testing.assert_array_equal(x, y)


def test_nag_with_rates():
    x, y, state = np.zeros(2), np.zeros(2), {}
    for _ in range(2):
        optim.nag(unit, x, {"learningRates": np.array([2.0, 0.0])}, state)
    optim.nag(unit, y[:1], learningRate=2e-3, state=(s := {}))
    optim.nag(unit, y[:1], learningRate=2e-3, state=s)
    np.testing.assert_allclose(x, y)


def test_rates_must_fit():
    with pytest.raises(ValueError, match=r"learningRates is 3 .* x is 2"):
        optim.sgd(unit, np.zeros(2), learningRates=np.ones(3))


def test_asgd_writes_its_defaults_and_averages():
    x, config = np.array([4.0]), {"t0": 0, "eta0": 0.5}
    points = []
    for _ in range(4):
        _, _, mean = optim.asgd(lambda x: (x[0] ** 2, 2 * x), x, config)
        points.append(x[0])
    assert (config["lambda"], config["alpha"], config["t"]) == (1e-4, 0.75, 4)
    average = points[0]
    for n, point in enumerate(points[1:], 1):
        average += (point - average) / n
    np.testing.assert_allclose(mean, average)


def test_adagrad_says_when_nothing_is_kept(capsys):
    optim.adagrad(unit, np.zeros(1))
    optim.adadelta(unit, np.zeros(1))
    optim.rprop(unit, np.zeros(1))
    for method in (optim.adagrad, optim.adadelta, optim.rprop):
        method(unit, np.zeros(1), {})
    assert capsys.readouterr().out == (
        "no state table, ADAGRAD initializing\nno state table, ADADELTA initializing\n"
        "no state table RPROP initializing\n"
    )
