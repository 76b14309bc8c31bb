"""The first-order methods against their formulas, and what they promise about x, the gradient and the state."""

import pickle

import numpy as np
import pytest

import optim
from torch7.threads import getnumthreads, setnumthreads

METHODS = ["sgd", "nag", "asgd", "adam", "adamax", "adagrad", "adadelta", "rmsprop", "rprop"]


BIG = 40_000


CONFIGS = {
    "sgd": {"learningRate": 0.1, "momentum": 0.9, "dampening": 0.3, "weightDecay": 0.01, "learningRateDecay": 0.1},
    "nag": {"learningRate": 0.1, "momentum": 0.8, "weightDecay": 0.01, "learningRateDecay": 0.1},
    "asgd": {"eta0": 0.1, "lambda": 0.02, "alpha": 0.6, "t0": 1},
    "adam": {"learningRate": 0.1, "beta1": 0.7, "beta2": 0.9, "weightDecay": 0.01, "learningRateDecay": 0.1},
    "adamax": {"learningRate": 0.1, "beta1": 0.7, "beta2": 0.9, "weightDecay": 0.01},
    "adagrad": {"learningRate": 0.1, "learningRateDecay": 0.1, "weightDecay": 0.01},
    "adadelta": {"rho": 0.8, "eps": 1e-3, "weightDecay": 0.01},
    "rmsprop": {"learningRate": 0.1, "alpha": 0.8, "weightDecay": 0.01, "initialMean": 0.5},
    "rprop": {"stepsize": 0.2, "stepsizemax": 0.25, "stepsizemin": 0.08},
}


def sgd(x, gradient, c):
    v = None
    for n in range(4):
        g = gradient(x) + c["weightDecay"] * x
        v = g if v is None else c["momentum"] * v + (1 - c["dampening"]) * g
        x = x - c["learningRate"] / (1 + n * c["learningRateDecay"]) * v
    return x


def nag(x, gradient, c):
    v = 0 * x
    for n in range(4):
        x = x + c["momentum"] * v
        d = c["learningRate"] / (1 + n * c["learningRateDecay"]) * (gradient(x) + c["weightDecay"] * x)
        x, v = x - d, c["momentum"] * v - d
    return x


def asgd(x, gradient, c):
    eta = c["eta0"]
    for t in range(1, 5):
        x = (1 - c["lambda"] * eta) * x - eta * gradient(x)
        eta = c["eta0"] / (1 + c["lambda"] * c["eta0"] * t) ** c["alpha"]
    return x


def adam(x, gradient, c):
    m = v = 0 * x
    for t in range(1, 5):
        g = gradient(x) + c["weightDecay"] * x
        m, v = c["beta1"] * m + (1 - c["beta1"]) * g, c["beta2"] * v + (1 - c["beta2"]) * g**2
        lr = c["learningRate"] / (1 + (t - 1) * c["learningRateDecay"])
        x = x - lr * np.sqrt(1 - c["beta2"] ** t) / (1 - c["beta1"] ** t) * m / (np.sqrt(v) + 1e-8)
    return x


def adamax(x, gradient, c):
    m = u = 0 * x
    for t in range(1, 5):
        g = gradient(x) + c["weightDecay"] * x
        m, u = c["beta1"] * m + (1 - c["beta1"]) * g, np.maximum(c["beta2"] * u, np.abs(g) + 1e-38)
        x = x - c["learningRate"] / (1 - c["beta1"] ** t) * m / u
    return x


def adagrad(x, gradient, c):
    v = 0 * x
    for n in range(4):
        g = gradient(x) + c["weightDecay"] * x
        v = v + g**2
        x = x - c["learningRate"] / (1 + n * c["learningRateDecay"]) * g / (np.sqrt(v) + 1e-10)
    return x


def adadelta(x, gradient, c):
    v = a = 0 * x
    for _ in range(4):
        g = gradient(x) + c["weightDecay"] * x
        v = c["rho"] * v + (1 - c["rho"]) * g**2
        d = np.sqrt(a + c["eps"]) / np.sqrt(v + c["eps"]) * g
        a = c["rho"] * a + (1 - c["rho"]) * d**2
        x = x - d
    return x


def rmsprop(x, gradient, c):
    m = np.full_like(x, c["initialMean"])
    for _ in range(4):
        g = gradient(x) + c["weightDecay"] * x
        m = c["alpha"] * m + (1 - c["alpha"]) * g**2
        x = x - c["learningRate"] * g / (np.sqrt(m) + 1e-8)
    return x


def rprop(x, gradient, c):
    last, size = 0 * x, np.full_like(x, c["stepsize"])
    for _ in range(4):
        g = gradient(x)
        same = np.sign(g * last)
        size = size * np.select([same > 0, same < 0], [1.2, 0.5], 1)
        size = np.clip(size, c["stepsizemin"], c["stepsizemax"])
        g = np.where(same < 0, 0, g)
        x, last = x - np.sign(g) * size, g
    return x


def gradient(x):
    return np.sin(3 * x) + 2 * x


def feval(x):
    return float((x**2 - np.cos(3 * x) / 3).sum()), gradient(x)


def start(size, dtype=np.float64):
    return np.random.default_rng(size).standard_normal(size).astype(dtype)


@pytest.mark.parametrize("size", [1, 1037, BIG])
@pytest.mark.parametrize("method", METHODS)
def test_formula(method, size):
    x, config = start(size), dict(CONFIGS[method])
    expected = globals()[method](x.copy(), gradient, CONFIGS[method])
    for _ in range(4):
        getattr(optim, method)(feval, x, config)
    np.testing.assert_allclose(x, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_float32_stays_float32_and_near(method):
    x, y = start(2000, np.float32), start(2000)
    state32, state64 = {}, {}
    for _ in range(3):
        getattr(optim, method)(feval, x, CONFIGS[method], state32)
        getattr(optim, method)(feval, y, CONFIGS[method], state64)
    assert all(a.dtype != np.float64 for a in state32.values() if isinstance(a, np.ndarray))
    np.testing.assert_allclose(x, y, rtol=0, atol=1e-4 * abs(y).max())


@pytest.mark.parametrize("method", METHODS)
def test_minimises_a_bowl(method):
    centre = np.arange(5.0)
    x, config = np.zeros(5), {"learningRate": 0.1, "eta0": 0.1, "eps": 1e-2, "lambda": 0}
    config |= {"momentum": 0.5} if method == "sgd" else {}
    for _ in range(3000):
        _, (f,), *_ = getattr(optim, method)(lambda x: (((x - centre) ** 2).sum(), 2 * (x - centre)), x, config)
    assert f < 0.02


@pytest.mark.parametrize("method", METHODS)
def test_runs_in_place_without_touching_the_gradient(method):
    x, g = start(9), start(9)[::-1].copy()
    y, kept, state = x, g.copy(), {}
    for _ in range(3):
        z, losses, *_ = getattr(optim, method)(lambda x: (2.5, g), x, CONFIGS[method], state)
        assert z is y
        assert losses == [2.5]
        np.testing.assert_array_equal(g, kept)


@pytest.mark.parametrize("method", METHODS)
def test_state_resumes_bit_for_bit(method):
    x, config = start(50), dict(CONFIGS[method])
    step = getattr(optim, method)
    for _ in range(3):
        step(feval, x, config)
    y, again = pickle.loads(pickle.dumps((x, config)))
    for _ in range(4):
        step(feval, x, config)
        step(feval, y, again)
    np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("method", METHODS)
def test_state_arrays_are_made_once(method):
    x, state = start(30), {}
    step = getattr(optim, method)
    step(feval, x, CONFIGS[method], state)
    step(feval, x, CONFIGS[method], state)
    arrays = {key: value for key, value in state.items() if isinstance(value, np.ndarray)}
    assert arrays
    step(feval, x, CONFIGS[method], state)
    assert all(state[key] is value for key, value in arrays.items())


@pytest.mark.parametrize("method", METHODS)
def test_config_keywords_and_state_are_interchangeable(method):
    runs = []
    for how in ("config", "keywords", "mixed"):
        x, state, config = start(7), {}, CONFIGS[method]
        named = {("lambda_" if k == "lambda" else k): v for k, v in config.items()}
        for _ in range(3):
            if how == "config":
                getattr(optim, method)(feval, x, dict(config), state)
            elif how == "keywords":
                getattr(optim, method)(feval, x, state=state, **named)
            else:
                half = dict(list(config.items())[1:]) | {next(iter(config)): 7}
                getattr(optim, method)(feval, x, half, state, **dict([next(iter(named.items()))]))
        runs.append(x)
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[0], runs[2])


@pytest.mark.parametrize("method", METHODS)
def test_the_number_of_threads_does_not_matter(method):
    before = getnumthreads()
    runs = []
    try:
        for threads in (1, 2):
            setnumthreads(threads)
            x, state = start(BIG + 7, np.float32), {}
            for _ in range(3):
                getattr(optim, method)(feval, x, CONFIGS[method], state)
            runs.append(x)
    finally:
        setnumthreads(before)
    np.testing.assert_array_equal(*runs)


@pytest.mark.parametrize("method", METHODS)
def test_strides_and_shapes(method):
    x = start(12).reshape(3, 4)
    wide = np.zeros((3, 8))
    strided = wide[:, ::2]
    strided[...] = x
    plain, states = x.reshape(-1).copy(), ({}, {}, {})
    for _ in range(3):
        getattr(optim, method)(lambda x: (0.0, gradient(x).reshape(-1)), x, CONFIGS[method], states[0])
        getattr(optim, method)(lambda x: (0.0, np.asfortranarray(gradient(x))), strided, CONFIGS[method], states[1])
        getattr(optim, method)(feval, plain, CONFIGS[method], states[2])
    np.testing.assert_array_equal(x.reshape(-1), plain)
    np.testing.assert_array_equal(strided, x)
    assert not wide[:, 1::2].any()


@pytest.mark.parametrize("method", METHODS)
def test_refusals_leave_everything_as_it_was(method):
    step, x, state = getattr(optim, method), start(6), {}
    step(feval, x, CONFIGS[method], state)
    kept, kept_state = x.copy(), pickle.dumps(state)
    with pytest.raises(TypeError, match=r"gradient is 6 torch.FloatTensor.* x is 6 torch.DoubleTensor"):
        step(lambda x: (0.0, gradient(x).astype(np.float32)), x, CONFIGS[method], state)
    with pytest.raises(ValueError, match=r"gradient is 5 torch.DoubleTensor.* x is 6"):
        step(lambda x: (0.0, gradient(x)[:5]), x, CONFIGS[method], state)
    with pytest.raises(TypeError, match="must return f and df/dx"):
        step(lambda x: 1.0, x, CONFIGS[method], state)
    np.testing.assert_allclose(x, kept, rtol=0, atol=1e-15)
    assert pickle.dumps(state) == kept_state
    with pytest.raises(TypeError, match="no setting 'learningrate'"):
        step(feval, x, learningrate=1)
    with pytest.raises(TypeError, match="config must be a dict"):
        step(feval, x, [0.1])
    with pytest.raises(TypeError, match="state must be a dict, not list"):
        step(feval, x, {}, [])
    with pytest.raises(TypeError, match="FloatTensor or DoubleTensor"):
        step(feval, np.arange(4), {})
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        step(feval, x, {})


@pytest.mark.parametrize("method", METHODS)
def test_state_of_another_model_is_refused(method):
    state = {}
    getattr(optim, method)(feval, start(6), CONFIGS[method], state)
    with pytest.raises(ValueError, match="x is 5"):
        getattr(optim, method)(feval, start(5), CONFIGS[method], state)
    with pytest.raises(TypeError, match="one type"):
        getattr(optim, method)(feval, start(6, np.float32), CONFIGS[method], state)


@pytest.mark.parametrize("size", [5, BIG])
@pytest.mark.parametrize("momentum", [0, 0.9])
def test_rates_and_decays_for_each_parameter(momentum, size):
    rates, decays = abs(start(size)), abs(start(size + 1)[1:])
    x, y, state = start(size), start(size), {}
    v = None
    for _ in range(3):
        config = {"learningRate": 0.1, "momentum": momentum, "learningRates": rates, "weightDecays": decays}
        optim.sgd(feval, x, config, state)
        g = gradient(y) + decays * y
        v = g if v is None else momentum * v + (1 - momentum) * g
        y = y - 0.1 * rates * v
    np.testing.assert_allclose(x, y, rtol=0, atol=1e-12)


def test_rprop_takes_niter_steps():
    x, y, config, state = start(5), start(5), dict(CONFIGS["rprop"]), {}
    _, losses = optim.rprop(feval, x, {**config, "niter": 4})
    one = [optim.rprop(feval, y, config, state)[1][0] for _ in range(4)]
    assert losses == one
    np.testing.assert_array_equal(x, y)


def test_nan_reaches_the_parameters():
    for method in METHODS:
        x = np.ones(2)
        for _ in range(2):
            getattr(optim, method)(lambda x: (np.nan, np.array([np.nan, 1.0])), x, CONFIGS[method], {})
        assert np.isfinite(x[1])
        assert method == "rprop" or np.isnan(x[0])


def test_nothing_to_minimise():
    for method in METHODS:
        x, losses, *_ = getattr(optim, method)(lambda x: (1.0, np.zeros(0)), np.zeros(0))
        assert (x.size, losses) == (0, [1.0])
