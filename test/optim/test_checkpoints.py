"""A run cut in two by a .t7 file goes on bit for bit."""

import subprocess
import sys

import numpy as np
import pytest

import optim
import torch7 as torch

RUNS = {
    "sgd": {"learningRate": 0.01, "momentum": 0.9, "weightDecay": 1e-3, "learningRateDecay": 0.1},
    "nag": {"learningRate": 1e-3},
    "asgd": {"eta0": 0.01, "t0": 2},
    "adam": {"learningRateDecay": 0.1},
    "adamax": {},
    "adagrad": {"learningRate": 0.1},
    "adadelta": {},
    "rmsprop": {},
    "rprop": {"niter": 2},
    "cg": {"maxIter": 4},
    "lbfgs": {"maxIter": 3, "learningRate": 0.1, "nCorrection": 4},
}


def valley(x):
    a, b = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    g = np.zeros_like(x)
    g[:-1] = -40 * x[:-1] * a - 2 * b
    g[1:] += 20 * a
    return float((10 * a**2 + b**2).sum()), g


@pytest.mark.parametrize("mode", ["binary", "ascii"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("method", RUNS)
def test_resumes(method, dtype, mode, tmp_path):
    step = getattr(optim, method)
    x, config = np.array([-1, 0.5, 2, 0.3], dtype), dict(RUNS[method])
    for _ in range(3):
        step(valley, x, config)
    torch.save(tmp_path / "run.t7", {"x": x, "config": config}, mode)
    again = torch.load(tmp_path / "run.t7", mode)
    for _ in range(5):
        losses = step(valley, x, config)[1]
        assert step(valley, again["x"], again["config"])[1] == losses
    np.testing.assert_array_equal(again["x"], x)
    assert again["x"].dtype == dtype


@pytest.mark.parametrize("method", RUNS)
def test_saves_the_state_before_any_step_too(method, tmp_path):
    torch.save(tmp_path / "run.t7", {"config": RUNS[method], "state": {}})
    run = torch.load(tmp_path / "run.t7")
    x, y = np.array([-1, 0.5, 2, 0.3]), np.array([-1, 0.5, 2, 0.3])
    state = run["state"] or {}
    assert (run["config"] == []) == (RUNS[method] == {})
    for _ in range(2):
        getattr(optim, method)(valley, x, run["config"], state)
    state = {}
    for _ in range(2):
        getattr(optim, method)(valley, y, RUNS[method], state)
    np.testing.assert_array_equal(x, y)


def test_import_is_light():
    code = "import sys, optim; print([m for m in ('numba', 'cupy', 'matplotlib', 'PIL') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
