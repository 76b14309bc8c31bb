"""Every optimiser's recorded run, call by call."""

import numpy as np
import pytest
from landscapes import valley
from records import load

import optim

RUNS = load("optim")


def name(run):
    return "-".join([run["optimiser"], *map(str, dict(run["config"]))])


def close(got, expected, tolerance):
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * max(1, np.abs(expected).max()))


def follow(run, x, tolerance, state=None, here=lambda x: x):
    """The recorded calls from ``x`` on; ``here`` makes its numbers an array of NumPy's."""
    dtype, config = x.dtype, dict(run["config"])
    for losses, expected in zip(run["losses"], run["xs"], strict=True):
        y, got, *_ = getattr(optim, run["optimiser"])(valley, x, config, state)
        assert y is x and x.dtype == dtype
        close(got, losses, tolerance)
        close(here(x), expected, tolerance)


@pytest.mark.parametrize("apart", [False, True], ids=["state in config", "state apart"])
@pytest.mark.parametrize("run", RUNS, ids=name)
def test_run(run, apart):
    follow(run, run["x0"].copy(), 1e-9, {} if apart else None)


@pytest.mark.parametrize("run", [r for r in RUNS if r["optimiser"] not in ("cg", "lbfgs")], ids=name)
def test_run_in_float32(run):
    follow(run, run["x0"].astype(np.float32), 1e-4)
