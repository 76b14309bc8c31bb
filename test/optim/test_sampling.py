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


def test_de_never_evaluates_more_than_told():
    best, losses = optim.de(lambda x: (bowl(x), None), np.zeros(3, np.float32), {**CONFIG, "maxFEs": None}, maxEval=47)
    assert (best.dtype, len(losses)) == (np.float32, 47)
    assert bowl(best.astype(np.float64)) <= losses.max()


def test_de_names_what_is_missing():
    with pytest.raises(ValueError, match="must give scaleFactor, crossoverRate, maxFEs"):
        optim.de(bowl, np.zeros(2))
    with pytest.raises(ValueError, match="popsize must be from 3"):
        optim.de(bowl, np.zeros(2), CONFIG, popsize=2)
