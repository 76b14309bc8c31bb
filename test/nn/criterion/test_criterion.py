"""Rules of the criterions beyond the battery: labels, ties, edges, toggles, random signs, threads, memory."""

import tracemalloc
import warnings

import numba
import numpy as np
import pytest

import nn
import torch7 as torch


def logs(n, classes=5):
    return nn.LogSoftMax().forward(torch.randn(n, classes)).copy()


# -- class labels


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8, np.float32, np.float64])
def test_labels_of_any_type(dtype):
    x, labels = logs(4), np.array([2, 5, 1, 3])
    expected = -x[np.arange(4), labels - 1].mean()
    for criterion in (nn.ClassNLLCriterion(), nn.ClassNLLCriterion(np.ones(5))):
        assert criterion.forward(x, labels.astype(dtype)) == pytest.approx(expected)
        assert criterion.total_weight == 4
        assert criterion.total_weight_tensor.tolist() == [4]


@pytest.mark.parametrize(
    "label", [3, 3.0, np.int32(3), np.float64(3), np.array(3), np.array([3]), np.array([3.0, 1.0])]
)
def test_label_of_one_sample(label):
    x = logs(1)[0]
    assert nn.ClassNLLCriterion().forward(x, label) == -x[2]
    assert nn.CrossEntropyCriterion().forward(x, label if np.size(label) == 1 else 3) == pytest.approx(-x[2])


@pytest.mark.parametrize("label", [0, 6, -1, -3.0])
@pytest.mark.parametrize("make", [nn.ClassNLLCriterion, nn.CrossEntropyCriterion, nn.MultiMarginCriterion])
def test_labels_outside_the_classes(make, label):
    criterion = make()
    x, good, bad = logs(2), np.array([1, 5]), np.array([1, label])
    loss, gradInput = criterion.forward(x, good), criterion.backward(x, good).copy()
    for method in (criterion.forward, criterion.backward):
        with pytest.raises(IndexError, match=rf"labels are 1\.\.5 as in Lua, got {int(label)}"):
            method(x, bad)
        assert criterion.forward(x, good) == loss
        np.testing.assert_array_equal(criterion.backward(x, good), gradInput)


def test_ignored_labels_count_nowhere():
    x = logs(3)
    criterion = nn.ClassNLLCriterion(None, None, 0)
    assert criterion.forward(x, np.array([0, 2, 0])) == -x[1, 1]
    gradInput = criterion.backward(x, np.array([0, 2, 0]))
    assert gradInput[1, 1] == -1 and np.count_nonzero(gradInput) == 1
    assert criterion.forward(x, np.array([0, 0, 0])) == 0
    assert not criterion.backward(x, np.array([0, 0, 0])).any()


def test_weights_of_no_sum_give_no_gradient():
    x, labels = logs(2), np.array([1, 2])
    criterion = nn.ClassNLLCriterion(np.array([-1.0, 0, 1, 1, 1]))
    assert criterion.forward(x, labels) == -x[0, 0]
    assert criterion.total_weight == -1
    assert not criterion.backward(x, labels).any()
    assert nn.ClassNLLCriterion(np.zeros(5)).forward(x, labels) == 0


def test_weight_of_one_sample_cancels():
    x = logs(1)[0]
    criterion = nn.ClassNLLCriterion(np.array([1.0, 3, 1, 1, 1]))
    assert criterion.forward(x, 2) == pytest.approx(-x[1])
    assert criterion.backward(x, 2)[1] == -1
    criterion.sizeAverage = False
    assert criterion.forward(x, 2) == pytest.approx(-3 * x[1])
    assert criterion.backward(x, 2)[1] == -3


def test_weights_are_copied_and_checked():
    weights = np.ones(5)
    criterion = nn.ClassNLLCriterion(weights)
    weights[:] = 7
    assert criterion.weights.tolist() == [1] * 5
    for make in (nn.ClassNLLCriterion, nn.BCECriterion, nn.MultiLabelSoftMarginCriterion, nn.SpatialClassNLLCriterion):
        with pytest.raises(ValueError, match="1-D"):
            make(np.ones((2, 5)))


def test_cross_entropy_follows_changes_of_size_average():
    x, labels = torch.randn(4, 3), np.array([1, 2, 3, 1])
    criterion = nn.CrossEntropyCriterion()
    mean = criterion.forward(x, labels)
    criterion.sizeAverage = False
    assert criterion.forward(x, labels) == pytest.approx(4 * mean)
    criterion.nll.sizeAverage = True
    assert criterion.forward(x, labels) == pytest.approx(mean)


def test_cross_entropy_without_sizes_of_one():
    criterion = nn.CrossEntropyCriterion()
    x = torch.randn(4, 1)
    assert criterion.forward(x, 2) == pytest.approx(nn.CrossEntropyCriterion().forward(x[:, 0], 2))
    assert criterion.backward(x, 2).shape == (4, 1)
    with pytest.raises(ValueError, match="1x1"):
        criterion.forward(np.ones((1, 1)), 1)


def test_spatial_labels():
    x = -np.arange(1.0, 13).reshape(1, 3, 2, 2)
    criterion = nn.SpatialClassNLLCriterion()
    assert criterion.forward(x, np.array([[[1, 2], [3, 1]]])) == 5.5
    assert criterion.total_weight == 4


def test_multi_label_list_ends_at_the_first_zero():
    x = np.array([0.1, 0.2, 0.4, 0.8])
    criterion = nn.MultiLabelMarginCriterion()
    assert criterion.forward(x, np.array([4, 1, 0, 3])) == criterion.forward(x, np.array([4, 1, 0, 0]))
    assert criterion.isTarget.tolist() == [1, 0, 0, 1]
    assert criterion.forward(x, np.zeros(4)) == 0


# -- ties and edges


def test_absolute_error_of_a_tie():
    x = np.array([1.0, 2.0])
    criterion = nn.AbsCriterion()
    assert criterion.forward(x, np.array([1.0, 3.0])) == 0.5
    assert criterion.backward(x, np.array([1.0, 3.0])).tolist() == [0.5, -0.5]


def test_smooth_l1():
    criterion, x = nn.SmoothL1Criterion(), np.array([0, 0.5, 2, -3])
    assert criterion.forward(x, np.zeros(4)) == 1.03125
    assert criterion.backward(x, np.zeros(4)).tolist() == [0, 0.125, 0.25, -0.25]


def test_bce_at_the_ends():
    criterion = nn.BCECriterion(None, False)
    for module, dtype in ((criterion, np.float64), (criterion.clone().float(), np.float32)):
        assert module.forward(np.zeros(1, dtype), np.ones(1, dtype)) == pytest.approx(27.6310211, rel=1e-6)
    for x in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="between 0~1"):
            criterion.forward(np.array([x]), np.ones(1))


def test_hinge_embedding_edges():
    criterion = nn.HingeEmbeddingCriterion(1)
    criterion.sizeAverage = None
    x, y = np.array([0.5, 1.0, 1.5, 0.25]), np.array([1, -1, -1, 0])
    assert criterion.forward(x, y) == 0.5 + 0 + 0 + (0.25 + 0.75)
    assert criterion.backward(x, y).tolist() == [1, -1, 0, 0]


def test_margins_are_active_from_where():
    criterion = nn.MarginCriterion(1)
    assert criterion.forward(np.array([1.0, 0.5]), np.ones(2)) == 0.25
    assert criterion.backward(np.array([1.0, 0.5]), np.ones(2)).tolist() == [0, -0.5]
    ranking = nn.MarginRankingCriterion(1)
    pair = [np.array([2.0]), np.array([1.0])]
    assert ranking.forward(pair, 1) == 0
    assert [g.tolist() for g in ranking.backward(pair, 1)] == [[-1], [1]]


def test_ranking_by_a_number_compares_the_first_elements():
    criterion = nn.MarginRankingCriterion(0.5)
    pair = [np.array([1.0, 9.0]), np.array([2.0, 9.0])]
    assert criterion.forward(pair, 1) == 1.5
    assert [g.shape for g in criterion.backward(pair, 1)] == [(1,), (1,)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_zeros_of_the_ranking_gradients_have_torchs_sign(dtype):
    """Torch multiplied a mask by -1, by the labels, by the labels alone: recorded prints show -0.0000 and 0.0000."""
    a, b = np.array([9, 0, 0, -9, 5] * 5, dtype), np.array([0, 9, -9, 0, 0] * 5, dtype)
    labels = np.array([1, -1, 1, -1, -1] * 5, dtype)
    da, db = nn.MarginRankingCriterion().type(torch.type(a)).backward([a, b], labels)
    np.testing.assert_array_equal(da[:4], 0)
    np.testing.assert_array_equal(np.signbit(da), [True, False, True, False, False] * 5)
    np.testing.assert_array_equal(np.signbit(db), [False, True, False, True, True] * 5)
    for label in (1, -1):
        for g in nn.MarginRankingCriterion().backward([np.array([9.0 * label]), np.array([0.0])], label):
            assert g.tolist() == [0] and not np.signbit(g).any()


def test_rows_of_the_cosine_loss_that_are_far_enough_have_plain_zeros():
    a, b = np.array([[1.0, -2.0], [1.0, 1.0]]), np.array([[-1.0, 2.0], [1.0, 1.0]])
    for g in nn.CosineEmbeddingCriterion().backward([a, b], np.array([-1.0, -1.0])):
        assert g[0].tolist() == [0, 0] and not np.signbit(g[0]).any()
        np.testing.assert_allclose(g[1], 0, atol=1e-12)


def test_cosine_embedding_of_other_labels_and_exact_matches():
    criterion = nn.CosineEmbeddingCriterion()
    pair = [np.array([[3.0, 4.0], [1.0, 0.0]]), np.array([[4.0, 3.0], [0.0, 2.0]])]
    assert criterion.forward(pair, np.array([0, 1])) == pytest.approx((0.96 + 1) / 2)
    zero = [np.zeros(2), np.ones(2)]
    assert criterion.forward(zero, -1) == 0
    assert not criterion.backward(zero, -1)[0].any()


def test_scores_that_would_overflow():
    x, y = np.array([1000.0, -1000.0]), np.ones(2)
    soft, multi = nn.SoftMarginCriterion(), nn.MultiLabelSoftMarginCriterion()
    assert soft.forward(x, y) == multi.forward(x, y) == 500
    assert soft.backward(x, y).tolist() == [0, -0.5]
    ratio = nn.DistanceRatioCriterion()
    assert ratio.forward([x, x]) == pytest.approx(np.log(2))
    assert ratio.backward([x, x])[0].tolist() == [0.25, 0.25]


def test_weighted_mse_weights_the_target_alone():
    criterion = nn.WeightedMSECriterion(np.array([2.0, 3.0]))
    assert criterion.forward(np.array([[1.0, 1], [2, 2]]), np.ones((2, 2))) == 1.5


def test_crop_takes_the_middle():
    target = np.arange(25.0).reshape(1, 5, 5)
    criterion = nn.SpatialAutoCropMSECriterion()
    assert criterion.forward(target[:, 1:3, 1:4].copy(), target) == 0
    assert not criterion.backward(target[:, 1:3, 1:4].copy(), target).any()


def test_simplex():
    for n in (2, 3, 6):
        s = nn.ClassSimplexCriterion(n).simplex
        np.testing.assert_allclose(s @ s.T, np.full((n, n), -1 / (n - 1)) + np.eye(n) * n / (n - 1), atol=1e-14)
        assert not s[:, -1].any()
    np.testing.assert_allclose(nn.ClassSimplexCriterion(3).simplex[1], [-0.5, np.sqrt(0.75), 0])
    criterion = nn.ClassSimplexCriterion(4)
    assert criterion.getTopPrediction(criterion.simplex[[2, 0, 3]] + 0.1).tolist() == [3, 1, 4]
    assert criterion.getPredictions(criterion.simplex[1]).shape == (1, 4)
    for n in (1, 2.5, None):
        with pytest.raises(ValueError, match="above 1"):
            nn.ClassSimplexCriterion(n)


def test_l1_hinge_draws_signs_of_zeros():
    pair = [np.array([1.0, 5, 1, 1, 0]), np.array([1.0, 4, 1, 1, 2])]
    criterion = nn.L1HingeEmbeddingCriterion()
    torch.manualSeed(5)
    expected = [2 * torch.random(2) - 3 for _ in range(3)]
    torch.manualSeed(5)
    a, b = criterion.backward(pair, 1)
    assert a.tolist() == [expected[0], 1, expected[1], expected[2], -1]
    assert (a == -b).all()


# -- criterions of criterions


def test_adding_something_else():
    for container in (nn.MultiCriterion(), nn.ParallelCriterion()):
        with pytest.raises(TypeError, match="expecting a criterion"):
            container.add(None)
        assert container.add(nn.MSECriterion()) is container


def test_weights_of_criterions_are_not_converted():
    criterion = nn.MultiCriterion().add(nn.MSECriterion(), 0.1).float()
    assert criterion.weights == [0.1]
    x = np.ones(3, np.float32)
    assert criterion.forward(x, 0 * x) == pytest.approx(0.1)


def test_parallel_criterion_gives_zeros_to_inputs_without_criterion():
    criterion = nn.ParallelCriterion().add(nn.MSECriterion(False))
    x = [np.ones(2), np.ones(3)]
    criterion.forward(x, [np.zeros(2)])
    assert [g.tolist() for g in criterion.backward(x, [np.zeros(2)])] == [[2, 2], [0, 0, 0]]


def test_module_criterion_keeps_the_type_of_its_target_module():
    kept, cast = nn.Sigmoid(), nn.Sigmoid()
    nn.ModuleCriterion(nn.MSECriterion(), None, kept, False).float()
    nn.ModuleCriterion(nn.MSECriterion(), None, cast).float()
    assert (kept.type(), cast.type()) == ("torch.DoubleTensor", "torch.FloatTensor")


def test_module_criterion_warns_of_parameters():
    with pytest.warns(UserWarning, match="inputModule has parameters"):
        nn.ModuleCriterion(nn.MSECriterion(), nn.Linear(2, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.ModuleCriterion(nn.MSECriterion(), nn.Tanh())


# -- sums, threads and memory


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


def test_ranking_of_a_matrix_is_divided_by_its_rows():
    a, b, y = np.zeros((2, 5)), np.ones((2, 5)), np.ones((2, 5))
    criterion = nn.MarginRankingCriterion()
    assert criterion.forward([a, b], y) == 2 * 10 / 2
    np.testing.assert_array_equal(criterion.backward([a, b], y)[0], np.full((2, 5), -0.5))


def test_nll_is_written_with_the_label_it_ignores(tmp_path):
    torch.save(tmp_path / "nll.t7", nn.ClassNLLCriterion())
    assert b"ignoreIndex" in (tmp_path / "nll.t7").read_bytes()
