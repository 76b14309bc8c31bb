"""cg, lbfgs, their line search and interpolation, and FistaLS."""

import copy
import pickle

import numpy as np
import pytest
from landscapes import valley

import optim
import torch7 as torch

RIDGE = np.random.default_rng(5).standard_normal((12, 6))
ANSWER = np.array([1.0, -2.0, 0.0, 3.0, 0.0, 0.0])


def bowl(x):
    weights = np.arange(1.0, x.size + 1).reshape(x.shape)
    return float((weights * x**2).sum() / 2), weights * x


@pytest.mark.parametrize("learning", [{}, {"lineSearch": optim.lswolfe}])
def test_lbfgs_finds_the_valley(learning):
    x = np.array([-1.0, 0.5, 2.0, 0.3])
    y, losses, evaluations = optim.lbfgs(valley, x, maxIter=100, **learning)
    assert y is x
    assert losses[-1] < 1e-8
    assert evaluations <= 125
    np.testing.assert_allclose(x, 1, atol=1e-3)


def test_cg_finds_the_valley():
    x = np.array([-1.0, 0.5, 2.0, 0.3])
    y, losses, evaluations = optim.cg(valley, x, maxEval=150)
    assert y is x
    assert losses == sorted(losses, reverse=True)
    assert (losses[-1] < 1e-10, evaluations) == (True, 150)


def hyperbola(x):
    return float((np.exp(x) + np.exp(-x)).sum()), np.exp(x) - np.exp(-x)


def rosenbrock(x):
    a = x[1:] - x[:-1] ** 2
    g = np.zeros_like(x)
    g[:-1] = -400 * x[:-1] * a - 2 * (1 - x[:-1])
    g[1:] += 200 * a
    return float((100 * a**2 + (1 - x[:-1]) ** 2).sum()), g


def test_cg_counts_the_first_evaluation_of_a_line_search_before_its_budget():
    """Recorded in Lua."""
    x = np.array([3.0, -1.0])
    assert optim.cg(hyperbola, x, maxEval=6)[2] == 6
    np.testing.assert_allclose(x, [1.673960691535729, -0.8444417614097], rtol=1e-13)
    x = np.array([-0.43249058, 0.58460189, 0.47821502, 0.43376536])
    _, losses, evaluations = optim.cg(valley, x, maxIter=8)
    assert evaluations == 10
    np.testing.assert_allclose(losses[-1], 3.535471, atol=5e-7)
    _, losses, evaluations = optim.cg(rosenbrock, np.array([-1.0, 1.0, 0.5]), maxIter=40)
    assert (f"{losses[-1]:.5f}", evaluations) == ("2.27179", 50)


@pytest.mark.parametrize("budget", [1, 2, 3, 4, 5, 7, 12.5, -9])
def test_cg_stays_within_its_budget(budget):
    x = np.array([-1.0, 0.5, 2.0, 0.3])
    calls = []
    _, losses, evaluations = optim.cg(lambda x: calls.append(1) or valley(x), x, maxEval=budget)
    assert len(calls) == evaluations <= abs(budget) + 1
    assert losses[-1] == valley(x)[0]


@pytest.mark.parametrize("method", [optim.cg, optim.lbfgs])
def test_shapes_and_types(method):
    x = np.ones((2, 3), np.float32)
    method(lambda x: (bowl(x)[0], bowl(x)[1].astype(np.float32)), x, maxIter=30)
    assert abs(x).max() < 1e-3
    with pytest.raises(TypeError, match="gradient"):
        method(bowl, x)


@pytest.mark.parametrize("method", [optim.cg, optim.lbfgs])
def test_nothing_left_to_do(method):
    x = np.zeros(4)
    _, losses, evaluations = method(bowl, x)
    assert (losses[0], evaluations >= 1) == (0.0, True)
    np.testing.assert_array_equal(x, 0)


@pytest.mark.parametrize("maxIter", [8, 10])
def test_cg_gives_up_where_there_is_no_bottom(maxIter):
    x = np.zeros(3)
    with np.errstate(all="ignore"):
        _, losses, _ = optim.cg(lambda x: (float(-x.sum()), -np.ones(3)), x, maxIter=maxIter)
    assert losses == [0.0]
    np.testing.assert_array_equal(x, 0)


def test_lbfgs_stops_where_the_gradient_is_small():
    _, losses, evaluations = optim.lbfgs(bowl, np.full(3, 1e-7))
    assert (len(losses), evaluations) == (1, 1)


@pytest.mark.parametrize("method", [optim.cg, optim.lbfgs])
def test_the_gradient_may_be_one_buffer(method):
    buffer = np.zeros(4)

    def reuse(x):
        f, buffer[...] = valley(x)
        return f, buffer

    x, y = np.array([-1.0, 0.5, 2.0, 0.3]), np.array([-1.0, 0.5, 2.0, 0.3])
    assert method(reuse, x, {})[1:] == method(valley, y, {})[1:]
    np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("corrections", [2, 100])
def test_lbfgs_resumes_bit_for_bit(corrections):
    config = {"maxIter": 4, "nCorrection": corrections}
    x, state = np.array([-1.0, 0.5, 2.0, 0.3]), {}
    for _ in range(2):
        optim.lbfgs(valley, x, config, state)
    y, again = pickle.loads(pickle.dumps((x, state)))
    for _ in range(3):
        assert optim.lbfgs(valley, x, config, state)[1:] == optim.lbfgs(valley, y, config, again)[1:]
    np.testing.assert_array_equal(x, y)
    assert len(state["old_dirs"]) <= corrections
    assert len(state["dir_bufs"]) + len(state["old_dirs"]) <= corrections + 1


def test_verbose(capsys):
    optim.lbfgs(bowl, np.ones(3), verbose=True)
    optim.cg(bowl, np.ones(3), verbose=True)
    optim.lbfgs(bowl, np.ones(3), lineSearch=optim.lswolfe, lineSearchOptions={"verbose": True})
    out = capsys.readouterr().out
    assert all(name in out for name in ("lbfgs:", "cg:", "lswolfe:"))


@pytest.mark.parametrize("t", [1e-4, 0.1, 1.0, 30.0])
def test_lswolfe_meets_its_conditions(t):
    start = np.array([-1.0, 0.5, 2.0, 0.3])
    f0, g0 = valley(start)
    d = -g0 / abs(g0).sum()
    slope = float(g0 @ d)
    calls = []

    def count(x):
        calls.append(x.copy())
        return valley(x)

    f, g, x, t, evaluations = optim.lswolfe(count, start.copy(), t, d, f0, g0, slope)
    np.testing.assert_allclose(x, start + t * d)
    assert f == valley(x)[0]
    np.testing.assert_array_equal(g, valley(x)[1])
    assert f <= f0 + 1e-4 * t * slope
    assert abs(g @ d) <= 0.9 * abs(slope)
    assert evaluations == len(calls)


def test_lswolfe_steps_back_from_where_f_is_not_finite():
    def wall(x):
        return (float((x - 1) ** 2 @ np.ones(1)), 2 * (x - 1)) if x[0] < 2 else (np.nan, np.full(1, np.nan))

    f, _, x, _, _ = optim.lswolfe(wall, np.zeros(1), 5.0, np.ones(1), 1.0, np.array([-2.0]), -2.0)
    assert f < 1
    assert 0 < x[0] < 2


def test_lswolfe_goes_on_from_the_lower_end_even_if_it_is_too_high():
    """A new point lower than both ends that still breaks the Wolfe condition is the low end of the next bracket."""
    seen = []

    def bumpy(x):
        seen.append(float(x[0]))
        t = x[0]
        return float(0.3 * (t - 2) ** 2 + 0.05 * np.sin(40 * t)), np.array([0.6 * (t - 2) + 2 * np.cos(40 * t)])

    f0, g0 = bumpy(np.zeros(1))
    options = {"c1": 0.95, "c2": 0.01, "maxIter": 6}
    f, _, x, t, n = optim.lswolfe(bumpy, np.zeros(1), 3.5, np.ones(1), f0, g0, float(g0[0]) - 1.5, options)
    tried = [bumpy(np.array([t]))[0] for t in seen[: n + 1]]
    assert f == min(tried)
    assert x[0] == t


def test_polyinterp_finds_the_minimum_of_its_polynomial():
    def cubic(x):
        return x, x**3 - 3 * x, 3 * x**2 - 3

    for points in ([cubic(0.0), cubic(2.0)], [cubic(2.0), cubic(0.0)]):
        np.testing.assert_allclose(optim.polyinterp(points), (1, -2), atol=1e-12)
    np.testing.assert_allclose(optim.polyinterp([cubic(0.0), cubic(0.5)], 0, 5), (1, -2), atol=1e-9)
    np.testing.assert_allclose(optim.polyinterp([cubic(0.0), cubic(0.5)], 0, 0.8), (0.8, 0.8**3 - 2.4), atol=1e-9)
    np.testing.assert_allclose(optim.polyinterp([cubic(-0.5), cubic(0.5), cubic(2.0)]), (1, -2), atol=1e-6)


def test_polyinterp_takes_the_middle_where_there_is_no_minimum():
    assert optim.polyinterp([(0, 0, 1), (1, np.nan, 1)])[0] == 0.5
    assert optim.polyinterp([(0, 0, -3), (2, -6, -3)])[0] == 1
    with pytest.raises(ValueError, match="N x 3, not 2x2"):
        optim.polyinterp([(0, 1), (1, 2)])


def squares(x, need=None):
    error = RIDGE @ (x - ANSWER)
    return (0.5 * float(error @ error), RIDGE.T @ error) if need == "dx" else 0.5 * float(error @ error)


def shrink(v, length):
    v[...] = np.sign(v) * np.maximum(abs(v) - 0.01 / length, 0)


@pytest.mark.parametrize("accelerated", [False, True])
def test_fista_finds_sparse_answers(accelerated):
    x = np.ones(6)
    y, history = optim.FistaLS(
        squares, lambda x: 0.01 * abs(x).sum(), shrink, x, maxiter=800, errthres=1e-12, doFistaUpdate=accelerated
    )
    np.testing.assert_allclose(y, ANSWER, atol=0.01)
    np.testing.assert_array_equal(x, y)
    assert set(history[0]) == {"nline", "L", "F", "Fply", "Gply", "Q"}
    assert all(entry["F"] == entry["Fply"] + entry["Gply"] for entry in history)
    assert history[-1]["F"] < history[0]["F"]
    assert history[-1]["F"] == squares(y) + 0.01 * abs(y).sum()


@pytest.mark.parametrize("accelerated", [False, True])
@pytest.mark.parametrize(("maxline", "tries"), [(0, 1), (1, 2), (3, 4), (20, 14)])
def test_fista_has_one_try_more_than_maxline(accelerated, maxline, tries):
    """L grows before each new try only; where none does, the point is that of the iteration before (ISTA: zeros)."""
    settings = {"maxline": maxline, "maxiter": 1, "doFistaUpdate": accelerated, "L": 0.1}
    y, [entry] = optim.FistaLS(squares, lambda x: 0.0, lambda v, length: None, np.zeros(6), settings)
    assert (entry["nline"], settings["L"]) == (tries, entry["L"])
    np.testing.assert_allclose(entry["L"], 0.1 * 1.5 ** (tries - 1))
    assert y.any() == (maxline == 20)


def test_fista_judges_the_point_it_goes_on_from():
    """f and g of the history are those of y, the point that momentum leads to."""
    seen = []

    def value(x, need=None):
        seen.append(x.copy())
        return squares(x, need)

    _, history = optim.FistaLS(value, lambda x: 0.0, shrink, np.zeros(6), doFistaUpdate=True, maxiter=5, verbose=True)
    assert [squares(entry["y"]) for entry in history] == [entry["F"] for entry in history]
    assert any((entry["xk"] != entry["y"]).any() for entry in history)


def test_fista_is_plain_unless_told():
    runs = [
        optim.fista(squares, lambda x: 0.0, lambda v, length: None, np.zeros(6), {"doFistaUpdate": d, "maxiter": 9})[0]
        for d in (None, False, True)
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[1], runs[2])


def test_fista_verbose_keeps_its_points(capsys):
    _, history = optim.FistaLS(squares, lambda x: 0.0, lambda v, length: None, np.zeros(6), verbose=True, maxiter=3)
    assert history[0]["xk"].shape == (6,)
    assert capsys.readouterr().out.count("FistaLS:") == 3


def test_checkgrad():
    x = np.array([-1.0, 0.5, 2.0])
    difference, gradient, estimate = optim.checkgrad(valley, x)
    assert difference < 1e-8
    np.testing.assert_allclose(gradient, estimate, atol=1e-5)
    np.testing.assert_array_equal(x, [-1, 0.5, 2])
    assert optim.checkgrad(lambda x: (valley(x)[0], -valley(x)[1]), x)[0] > 1
    assert optim.checkgrad(lambda x: (0.0, 0 * x), x, 1e-3)[0] == 0


def test_lbfgs_keeps_as_many_spare_tensors_as_lua():
    x, state = np.array([3.0, -1.0]), {}
    optim.lbfgs(lambda x: (float((x * x * x * x).sum()), 4 * x**3), x, {"maxIter": 6, "nCorrection": 3}, state)
    assert len(state["old_dirs"]) == 3
    for spare, kept in (("dir_bufs", "old_dirs"), ("stp_bufs", "old_stps")):
        assert len(state[spare]) + len(state[kept]) == 4
        assert all(t.shape == x.shape for t in state[spare])


def test_lbfgs_makes_arrays_as_they_are_needed():
    def feval(x):
        return float((x**4).sum()), 4 * x**3

    x, state = np.array([1.0, -2.0, 0.5]), {}
    optim.lbfgs(feval, x, {"maxIter": 4, "nCorrection": 50}, state)
    for key in ("dir_bufs", "stp_bufs"):
        spare, kept = state[key], state["old_dirs"]
        assert list.__len__(spare) + spare.unmade + len(kept) == len(spare) + len(kept) == 51
        assert spare.unmade == len(spare) > 40
        for copied in (pickle.loads(pickle.dumps(spare)), copy.deepcopy(spare), list(spare)):
            assert type(copied) is list and len(copied) == len(spare)
            assert all(a.shape == (3,) and not a.any() for a in copied) and spare[-1].shape == (3,)
    loaded = torch.deserialize(torch.serialize(state))
    assert len(loaded["dir_bufs"]) == len(state["dir_bufs"])
    assert not np.shares_memory(loaded["dir_bufs"][0], loaded["dir_bufs"][1])
    ours, theirs = x.copy(), x.copy()
    more = {"maxIter": 6, "nCorrection": 3}
    for _ in range(3):
        optim.lbfgs(feval, ours, more, state)
        optim.lbfgs(feval, theirs, more, loaded)
    np.testing.assert_array_equal(ours, theirs)


def test_cg_ends_where_steps_are_below_rounding():
    A, b = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([1.0, -1.0])
    x, state = np.zeros(2), {"maxIter": 5}  # 6.25 evaluations a call
    for _ in range(12):
        x, _, evaluations = optim.cg(lambda x: (0.5 * x @ A @ x - b @ x, A @ x - b), x, state)
        assert evaluations < 100
    np.testing.assert_allclose(x, [0.6, -0.8], atol=1e-12)
