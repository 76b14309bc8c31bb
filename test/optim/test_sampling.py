"""cmaes and de."""

import numpy as np
import pytest

import optim
import torch7 as torch


def bowl(x):
    return float(((x - np.arange(1.0, x.size + 1)) ** 2).sum())


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_cmaes_finds_the_bottom(n):
    torch.manualSeed(7)
    x = np.zeros(n)
    best, losses, evaluations = optim.cmaes(bowl, x, {"sigma": 0.5, "maxEval": 4000})
    np.testing.assert_allclose(best, np.arange(1, n + 1), atol=1e-4)
    np.testing.assert_array_equal(x, 0)
    assert losses[0] == bowl(x)
    assert losses[-1] == min(losses) == bowl(best)
    generations = len(losses) - 2
    assert evaluations == generations * (4 + int(3 * np.log(n)))


def test_cmaes_repeats_with_the_seed_and_draws_whole_generations():
    runs = []
    for _ in range(2):
        torch.manualSeed(3)
        runs.append(optim.cmaes(bowl, np.zeros(4), sigma=0.3, popsize=7, maxEval=30))
        rest = torch.normal()
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    assert runs[0][1:] == runs[1][1:]
    assert runs[0][2] == 35
    torch.manualSeed(3)
    torch.normal(np.empty(35 * 4))
    assert torch.normal() == rest


def test_cmaes_first_generation_is_sigma_normal_around_x():
    torch.manualSeed(11)
    normals = torch.normal(np.empty((6, 2)))
    seen = []
    torch.manualSeed(11)
    optim.cmaes(lambda x: seen.append(x.copy()) or bowl(x), np.ones(2), sigma=0.5, maxEval=6)
    np.testing.assert_allclose(seen[1:], 1 + 0.5 * normals)


def test_cmaes_settings(capsys):
    torch.manualSeed(1)
    _, losses, evaluations = optim.cmaes(
        lambda x: (bowl(x), None), np.zeros(2), {"sigma": 9}, {"sigma": 0.5, "ftarget": 0.1}
    )
    assert losses[-1] < 0.1 <= min(losses[:-2])
    best, _, evaluations = optim.cmaes(
        bowl, np.zeros(2, np.float32), sigma=0.5, min_iterations=3, maxEval=1, verb_disp=2
    )
    assert (best.dtype, evaluations) == (np.float32, 18)
    assert capsys.readouterr().out.startswith("cmaes: 12 evaluations, f = ")
    for sigma in (None, 0, -1):
        with pytest.raises(ValueError, match="sigma"):
            optim.cmaes(bowl, np.zeros(2), sigma=sigma)


def test_cmaes_ends_at_its_target():
    torch.manualSeed(1)
    assert optim.cmaes(lambda x: 3.0, np.zeros(2), sigma=0.5, ftarget=3)[2] == 6
    torch.manualSeed(1)
    floor = optim.cmaes(lambda x: max(bowl(x), 4.0), np.zeros(2), sigma=0.5, ftarget=4, maxEval=600)
    assert (floor[1][-2:], floor[2] < 600) == ([4.0, 4.0], True)


def test_cmaes_axes_have_the_signs_of_lapack_on_the_upper_triangle():
    """Torch's symeig reads the upper triangle, and the signs of the axes decide what the normal numbers mean."""
    torch.manualSeed(2)
    strategy = optim.cmaes.__globals__["_Strategy"](np.zeros(4), 0.5, None)
    for _ in range(3):
        points = strategy.ask()
        strategy.tell(points, [bowl(p) for p in points])
    strategy.decomposed = -1000
    strategy.ask()
    _, axes = np.linalg.eigh(strategy.covariance, "U")
    np.testing.assert_array_equal(strategy.axes, axes)


CONFIG = {"popsize": 20, "scaleFactor": 0.5, "crossoverRate": 0.9, "maxFEs": 4000, "minRegion": -5, "maxRegion": 5}


def test_de_finds_the_bottom_the_same_way_every_time():
    runs = []
    for seed in (1, 2):
        torch.manualSeed(seed)
        before = torch.getRNGState()
        runs.append(optim.de(bowl, np.zeros(3), CONFIG))
        np.testing.assert_array_equal(torch.getRNGState(), before)
    np.testing.assert_allclose(runs[0][0], [1, 2, 3], atol=1e-6)
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    np.testing.assert_array_equal(runs[0][1], runs[1][1])
    assert runs[0][1].shape == (4000,)


def test_de_starts_from_uniform_points_of_its_own_generator():
    seen = []
    optim.de(lambda x: seen.append(x.copy()) or bowl(x), np.zeros(2), {**CONFIG, "maxFEs": 20})
    expected = torch.uniform(np.empty((20, 2)), -5, 5, generator=torch.Generator().manualSeed(1))
    np.testing.assert_array_equal(seen, expected)


def test_de_first_children_follow_the_rule():
    """Replayed by hand: best is the point of the highest f, the whole child is of i == jrand."""
    g = torch.Generator().manualSeed(1)
    points = torch.uniform(np.empty((20, 2)), -5, 5, generator=g)
    best = points[np.argmax([bowl(p) for p in points])]
    expected = points.copy()
    for i in range(1, 21):
        p = q = i
        while p == i:
            p = torch.random(1, 20, generator=g)
        while q in (i, p):
            q = torch.random(1, 20, generator=g)
        whole = torch.random(1, 2, generator=g)
        for j in range(2):
            if torch.uniform(generator=g) < 0.3 or i == whole:
                expected[i - 1, j] = best[j] + 0.5 * (points[p - 1, j] - points[q - 1, j])
    seen = []
    optim.de(lambda x: seen.append(x.copy()) or bowl(x), np.zeros(2), {**CONFIG, "crossoverRate": 0.3, "maxFEs": 40})
    np.testing.assert_array_equal(seen[20:], expected)


def replay(f, x, c):
    """Torch's rule written out: children first, then parents replaced, the best point only by a child that did."""
    g = torch.Generator().manualSeed(1)
    n, size = c["popsize"], x.size
    points = torch.uniform(np.empty((n, size), x.dtype), c["minRegion"], c["maxRegion"], generator=g)
    fitness = np.array([f(p) for p in points], x.dtype)
    losses = list(fitness)
    best, least = points[fitness.argmax()].copy(), fitness.max()
    while len(losses) + 1 < c["maxFEs"]:
        children = points.copy()
        for i in range(1, n + 1):
            p = q = i
            while p == i:
                p = torch.random(1, n, generator=g)
            while q in (i, p):
                q = torch.random(1, n, generator=g)
            whole = torch.random(1, size, generator=g)
            for j in range(size):
                if torch.uniform(generator=g) < c["crossoverRate"] or i == whole:
                    step = float(points[p - 1, j]) - float(points[q - 1, j])
                    children[i - 1, j] = float(best[j]) + c["scaleFactor"] * step
        found = np.array([f(child) for child in children], x.dtype)
        losses.extend(found)
        for i in range(n):
            if found[i] <= fitness[i]:
                points[i], fitness[i] = children[i], found[i]
                if found[i] < least:
                    best, least = children[i].copy(), found[i]
    return best, losses


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("popsize", "generations"), [(4, 3), (5, 8), (8, 5)])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_de_follows_the_rule_to_the_end(dtype, popsize, generations, size):
    c = {**CONFIG, "popsize": popsize, "crossoverRate": 0.4, "maxFEs": popsize * generations}
    best, losses = optim.de(bowl, np.zeros(size, dtype), c)
    expected, values = replay(bowl, np.zeros(size, dtype), c)
    np.testing.assert_array_equal(best, expected)
    np.testing.assert_array_equal(losses, values)
    assert losses.dtype == dtype


def test_de_never_evaluates_more_than_told():
    best, losses = optim.de(lambda x: (bowl(x), None), np.zeros(3, np.float32), {**CONFIG, "maxFEs": None}, maxEval=47)
    assert (best.dtype, len(losses)) == (np.float32, 47)
    assert bowl(best.astype(np.float64)) <= losses.max()


def test_de_names_what_is_missing():
    with pytest.raises(ValueError, match="must give scaleFactor, crossoverRate, maxFEs"):
        optim.de(bowl, np.zeros(2))
    with pytest.raises(ValueError, match="popsize must be from 3"):
        optim.de(bowl, np.zeros(2), CONFIG, popsize=2)
