"""What several criterions share: margins, scores that would overflow, containers, threads, memory."""

import tracemalloc

import numba
import numpy as np
import pytest

import nn

ELEMENTWISE = {
    nn.MSECriterion: lambda x, t: (x - t) ** 2,
    nn.AbsCriterion: lambda x, t: np.abs(x - t),
    nn.SmoothL1Criterion: lambda x, t: np.where(np.abs(x - t) < 1, (x - t) ** 2 / 2, np.abs(x - t) - 0.5),
    nn.MarginCriterion: lambda x, t: np.maximum(0, 1 - x * t),
    nn.SoftMarginCriterion: lambda x, t: np.log1p(np.exp(-x * t)),
    nn.HingeEmbeddingCriterion: lambda x, t: np.where(t == 1, x, np.maximum(0, 1 - x)),
    nn.BCECriterion: lambda x, t: -np.log(np.where(t == 1, x, 1 - x)),
    nn.MultiLabelSoftMarginCriterion: lambda x, t: np.log1p(np.exp(x)) - t * x,
    nn.DistKLDivCriterion: lambda x, t: np.where(t > 0, t * (np.log(np.abs(t)) - x), 0),
}


def pairs(cls, dtype):
    generator = np.random.default_rng(3)
    t = generator.choice([-1, 1], 300_007)
    if cls in (nn.BCECriterion, nn.MultiLabelSoftMarginCriterion):
        t = (t + 1) // 2
    return generator.uniform(0.01, 0.99, t.size).astype(dtype), t.astype(dtype)


def long_cases():
    generator = np.random.default_rng(3)
    x, labels = generator.normal(size=(4000, 30)), generator.integers(1, 31, 4000)
    lists = np.zeros((4000, 30))
    lists[:, 0] = labels
    signs = generator.choice([-1.0, 1.0], 4000)
    yield nn.BCECriterion(np.linspace(0, 1, 30)), 1 / (1 + np.exp(-x)), (x > 0) * 1.0
    yield nn.MultiLabelSoftMarginCriterion(np.linspace(0, 1, 30)), x, (x > 1) * 1.0
    yield nn.MultiMarginCriterion(2), x, labels
    yield nn.MultiLabelMarginCriterion(), x, lists
    yield nn.CosineEmbeddingCriterion(), [x, x[::-1].copy()], signs
    yield nn.MarginRankingCriterion(), [x[:, 0].copy(), x[:, 1].copy()], signs
    yield nn.CrossEntropyCriterion(), x, labels
    yield nn.ClassNLLCriterion(), x, labels


LONG = list(long_cases())


def leaves(g):
    return [x.copy() for x in (g if isinstance(g, list) else [g])]


SMALL = [(cls(), *(v[:2000] for v in pairs(cls, np.float64))) for cls in ELEMENTWISE]
ROWS = np.ones((100, 30))
SMALL += [
    (nn.MultiCriterion().add(nn.MSECriterion(), 0.5).add(nn.AbsCriterion()), ROWS, 2 * ROWS),
    (nn.ParallelCriterion(True).add(nn.MSECriterion(), 0.5).add(nn.AbsCriterion()), [ROWS, ROWS], 2 * ROWS),
    (nn.ModuleCriterion(nn.MSECriterion(), nn.Tanh(), nn.Sigmoid()), ROWS, ROWS),
    (nn.ClassSimplexCriterion(30), ROWS, np.arange(100) % 30 + 1),
    (nn.WeightedMSECriterion(ROWS[0]), ROWS, ROWS),
    (nn.DistanceRatioCriterion(), [ROWS, ROWS], None),
    (nn.SpatialAutoCropMSECriterion(), np.ones((4, 10, 10)), np.ones((4, 12, 12))),
    (nn.L1Cost(), ROWS, None),
]


def test_margins_are_active_from_where():
    criterion = nn.MarginCriterion(1)
    assert criterion.forward(np.array([1.0, 0.5]), np.ones(2)) == 0.25
    assert criterion.backward(np.array([1.0, 0.5]), np.ones(2)).tolist() == [0, -0.5]
    ranking = nn.MarginRankingCriterion(1)
    pair = [np.array([2.0]), np.array([1.0])]
    assert ranking.forward(pair, 1) == 0
    assert [g.tolist() for g in ranking.backward(pair, 1)] == [[-1], [1]]


def test_scores_that_would_overflow():
    x, y = np.array([1000.0, -1000.0]), np.ones(2)
    soft, multi = nn.SoftMarginCriterion(), nn.MultiLabelSoftMarginCriterion()
    assert soft.forward(x, y) == multi.forward(x, y) == 500
    assert soft.backward(x, y).tolist() == [0, -0.5]
    ratio = nn.DistanceRatioCriterion()
    assert ratio.forward([x, x]) == pytest.approx(np.log(2))
    assert ratio.backward([x, x])[0].tolist() == [0.25, 0.25]


def test_adding_something_else():
    for container in (nn.MultiCriterion(), nn.ParallelCriterion()):
        with pytest.raises(TypeError, match="expecting a criterion"):
            container.add(None)
        assert container.add(nn.MSECriterion()) is container


@pytest.mark.parametrize("cls", ELEMENTWISE, ids=lambda c: c.__name__)
def test_long_sums_are_accurate_and_do_not_depend_on_threads(cls):
    criterion = cls().float()
    x, t = pairs(cls, np.float32)
    results = []
    threads = numba.get_num_threads()
    for n in (1, 2):
        numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))
        results.append((criterion.forward(x, t), criterion.backward(x, t).copy()))
    numba.set_num_threads(threads)
    assert results[0][0] == results[1][0]
    np.testing.assert_array_equal(results[0][1], results[1][1])
    exact = ELEMENTWISE[cls](x.astype(np.float64), t.astype(np.float64)).mean()
    assert results[0][0] == pytest.approx(exact, rel=2e-6)


@pytest.mark.parametrize("criterion, input, target", LONG, ids=[repr(c[0]) for c in LONG])
def test_batches_do_not_depend_on_threads(criterion, input, target):
    results = []
    threads = numba.get_num_threads()
    for n in (1, 2):
        numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))
        results.append([np.array(criterion.forward(input, target)), *leaves(criterion.backward(input, target))])
    numba.set_num_threads(threads)
    for a, b in zip(*results):
        np.testing.assert_array_equal(a, b)
    criterion.sizeAverage = False
    half = [[x[i : i + 2000] for x in leaves(input)] for i in (0, 2000)]
    half = [h if isinstance(input, list) else h[0] for h in half]
    total = sum(criterion.forward(h, target[i : i + 2000]) for h, i in zip(half, (0, 2000)))
    assert criterion.forward(input, target) == pytest.approx(total, rel=1e-12)
    criterion.sizeAverage = True


@pytest.mark.parametrize("criterion, input, target", SMALL + LONG, ids=[repr(c[0]) for c in SMALL + LONG])
def test_nothing_is_allocated_after_the_first_call(criterion, input, target):
    for _ in range(3):
        criterion.forward(input, target)
        criterion.backward(input, target)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    for _ in range(3):
        criterion.forward(input, target)
        criterion.backward(input, target)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 4000, f"{peak} bytes"
