"""The kernels of NCEModule against their formulas, with noise of the batch and of each sample."""

import numpy as np
import pytest

import torch7 as torch
from nn import thnn

CLASSES = 60


@pytest.fixture(params=[1, 3])
def threads(request):
    before = torch.getnumthreads()
    torch.setnumthreads(request.param)
    yield request.param
    torch.setnumthreads(before)


def words(random, samples, k, shared):
    """Classes, the plan of where they are, and those of each sample: targets, noise."""
    if shared:
        drawn = random.integers(1, CLASSES + 1, k + samples)
        return drawn, (k, 1, 0, 0), drawn[k:], np.tile(drawn[:k], (samples, 1))
    drawn = random.integers(1, CLASSES + 1, (samples, k + 1))
    return drawn.reshape(-1), (0, k + 1, 1, k + 1), drawn[:, 0], drawn[:, 1:]


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-12), (np.float32, 2e-5)])
@pytest.mark.parametrize("samples, k, width", [(1, 1, 1), (5, 3, 7), (40, 25, 250), (33, 6, 129)])
def test_formulas(shared, dtype, tolerance, samples, k, width, threads):
    random = np.random.default_rng(1)
    weight = random.standard_normal((CLASSES, width)) / np.sqrt(width)
    bias, x = random.standard_normal(CLASSES), random.standard_normal((samples, width))
    drawn, plan, target, noise = words(random, samples, k, shared)
    w, c, inputs = weight.astype(dtype), bias.astype(dtype), x.astype(dtype)

    pt, ps = np.empty(samples, dtype), np.empty((samples, k), dtype)
    thnn.NCEModule_updateOutput(inputs, w, c, drawn, plan, 0.25, pt, ps)
    scores = np.exp(x @ weight.T + bias) / 4
    each = np.arange(samples)
    np.testing.assert_allclose(pt, scores[each, target - 1], tolerance)
    np.testing.assert_allclose(ps, scores[each[:, None], noise - 1], tolerance)

    a, b = random.standard_normal(samples).astype(dtype), random.standard_normal((samples, k)).astype(dtype)
    dx = np.empty_like(inputs)
    thnn.NCEModule_updateGradInput(a, b, w, drawn, plan, dx)
    slopes = np.zeros((samples, CLASSES))
    np.add.at(slopes, (each, target - 1), a)
    np.add.at(slopes, (each[:, None], noise - 1), b)
    np.testing.assert_allclose(dx, slopes @ weight, tolerance, 10 * tolerance)

    dweight, dbias = np.ones_like(w), np.ones_like(c)
    thnn.NCEModule_accGradParameters(inputs, a, b, drawn, plan, -0.5, dweight, dbias)
    np.testing.assert_allclose(dweight, 1 - slopes.T @ x / 2, tolerance, 10 * tolerance)
    np.testing.assert_allclose(dbias, 1 - slopes.sum(0) / 2, tolerance, 10 * tolerance)


def test_the_number_of_threads_does_not_matter():
    random = np.random.default_rng(2)
    x, a, b = (random.standard_normal(s).astype(np.float32) for s in ((70, 250), 70, (70, 25)))
    weight, bias = random.standard_normal((CLASSES, 250)).astype(np.float32), np.zeros(CLASSES, np.float32)
    drawn, plan, *_ = words(random, 70, 25, True)
    before, results = torch.getnumthreads(), []
    for count in (1, 2, 3):
        torch.setnumthreads(count)
        arrays = [np.zeros_like(y) for y in (a, b, x, weight, bias)]
        thnn.NCEModule_updateOutput(x, weight / 16, bias, drawn, plan, 1, *arrays[:2])
        thnn.NCEModule_updateGradInput(a, b, weight, drawn, plan, arrays[2])
        thnn.NCEModule_accGradParameters(x, a, b, drawn, plan, 1, *arrays[3:])
        results.append([y.tobytes() for y in arrays])
    torch.setnumthreads(before)
    assert results[0] == results[1] == results[2]
