"""Losses: recorded values and gradients of PyTorch, forms of calls, errors, losses on the tape."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from cases_loss import cases
from gradients import agrees

import nn.pytorch as tnn
import nn.pytorch.functional as F

EXPECTED = np.load(Path(__file__).parent / "losses.npz")


@pytest.mark.parametrize("i", range(len(cases)), ids=lambda i: f"{i}-{cases[i][0]}-{cases[i][1]['reduction']}")
def test_recorded(i):
    name, settings, inputs, targets = cases[i]
    crit = getattr(tnn, name)(**settings)
    loss = crit.forward(*inputs, *targets)
    g = np.cos(np.arange(np.size(loss)) + 1.0).reshape(np.shape(loss))
    given = crit.backward(*inputs, *targets, gradOutput=g)
    given = given if isinstance(given, list) else [given]
    actual = np.concatenate([np.ravel(loss), *map(np.ravel, given)])
    np.testing.assert_allclose(actual, EXPECTED[str(i)], rtol=1e-9, atol=1e-11)
    assert isinstance(loss, float) or settings["reduction"] == "none"


def test_forms_of_backward():
    a, b, t = np.ones((2, 3)), np.zeros((2, 3)), np.ones((2, 3))
    crit = tnn.MarginRankingLoss(margin=2.0)
    assert crit.forward(a, b, t) == 1.0
    for given in (crit.backward(a, b, t), crit.backward([a, b], t), crit.backward([a, b], t, 1.0)):
        np.testing.assert_allclose(given, [np.full((2, 3), -1 / 6), np.full((2, 3), 1 / 6)])
    crit = tnn.L1Loss(reduction="none")
    crit.forward(a, b)
    with pytest.raises(ValueError, match="pass gradOutput"):
        crit.backward(a, b)
    with pytest.raises(ValueError, match="call forward first"):
        tnn.L1Loss().backward(a, b)


def test_errors():
    with pytest.raises(IndexError, match=r"Target 3 is out of bounds: targets count from 0 in nn\.pytorch"):
        tnn.NLLLoss()(np.zeros((2, 3)), np.array([0, 3]))
    with pytest.raises(TypeError, match="whole numbers"):
        tnn.NLLLoss()(np.zeros((2, 3)), np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match=r"target has the shape \(4,\), the input \(4, 1\)"):
        tnn.MSELoss()(np.zeros((4, 1)), np.zeros(4))
    with pytest.raises(ValueError, match="between 0 and 1"):
        tnn.BCELoss()(np.array([1.5]), np.array([1.0]))
    with pytest.raises(ValueError, match="not a valid value"):
        tnn.MSELoss(reduction="average")
    for loss in (tnn.MSELoss, tnn.CrossEntropyLoss, tnn.CTCLoss):
        with pytest.raises(ValueError, match="batchmean is not a valid value"):  # but for KLDivLoss
            loss(reduction="batchmean")
    with pytest.raises(ValueError, match="batchmean is not a valid value"):
        F.mse_loss(np.zeros(2), np.zeros(2), reduction="batchmean")
    with pytest.warns(UserWarning, match="reduction='sum'"):
        assert tnn.MSELoss(size_average=False).reduction == "sum"
    assert np.isnan(tnn.MSELoss()(np.zeros(0), np.zeros(0)))


def test_float32_stays():
    x = np.array([[0.0, 1.0]], np.float32)
    assert F.cross_entropy(x, np.array([1])).dtype == np.float32
    (g, _) = F.cross_entropy_backward(1.0, x, np.array([1]))
    assert g.dtype == np.float32


class WithLoss(tnn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.crit = tnn.Linear(3, 4), tnn.CrossEntropyLoss()

    def forward(self, x, t):
        y = self.layer(x)
        return self.crit(y, t) * 2 + F.mse_loss(y, np.tanh(y), reduction="sum") + F.nll_loss(y, t)


def test_losses_on_the_tape():
    tnn.manual_seed(1)
    agrees(WithLoss().double(), [np.random.default_rng(0).normal(size=(5, 3)), np.array([0, 1, 2, 3, 1])])


def test_ctc_gradient_is_that_of_the_scores():
    class Net(tnn.Module):
        def forward(self, x):
            logp = x - np.log(np.exp(x).sum(axis=2, keepdims=True))
            return F.ctc_loss(logp, labels, [6, 5], [2, 3], reduction="sum")

    labels = np.array([[1, 2, 0], [3, 3, 1]])
    x = np.random.default_rng(0).normal(size=(6, 2, 4))
    agrees(Net(), x)


def test_nan_and_infinity():
    """As in PyTorch: NaN adds nothing to a hinge over classes, and the sign of NaN is 0."""
    x, inf = np.array([[np.nan, 1.0, np.inf]]), np.inf
    assert tnn.MultiMarginLoss()(x, np.array([1])) == inf
    np.testing.assert_allclose(F.multi_margin_loss_backward(1.0, x, np.array([1]))[0], [[0, -1 / 3, 1 / 3]])
    assert tnn.MultiLabelMarginLoss()(x, np.array([[1, -1, 0]])) == inf
    given = F.multilabel_margin_loss_backward(1.0, x, np.array([[1, -1, 0]]))[0]
    np.testing.assert_allclose(given, [[0, -1 / 3, 1 / 3]])
    assert tnn.MultiLabelMarginLoss()(np.array([[inf]]), np.array([[0]])) == 0
    np.testing.assert_array_equal(F.l1_loss_backward(1.0, x, np.zeros((1, 3)), reduction="sum")[0], [[0, 1, 1]])


def test_ctc_refuses_targets_of_three_dimensions():
    with pytest.raises(ValueError, match=r"\(1, 1, 1\)"):
        tnn.CTCLoss()(np.zeros((2, 1, 2)), np.ones((1, 1, 1), int), [2], [1])


def test_logits_at_infinity():
    x, inf, nan = np.array([np.inf, -np.inf, np.inf, -np.inf]), np.inf, np.nan
    losses = tnn.BCEWithLogitsLoss(reduction="none")(x, np.array([0.0, 0.0, 0.3, 1.0]))
    np.testing.assert_array_equal(losses, [inf, nan, inf, nan])


def test_a_target_of_one_at_infinity_counts_its_own_part_alone():
    x, t = np.array([[np.inf, -np.inf]]), np.array([[0.0, 1.0]])
    assert tnn.MultiLabelSoftMarginLoss()(x, t) == np.inf
    assert tnn.MultiLabelSoftMarginLoss()(np.array([[-800.0, 800.0]]), t) == 0


def test_scores_must_be_floats():
    x, t = np.ones((2, 3), np.int64), np.zeros(2, np.int64)
    for call in (F.nll_loss, F.cross_entropy, F.multi_margin_loss):
        with pytest.raises(TypeError, match="array of floats"):
            call(x, t)
    with pytest.raises(TypeError, match="array of floats"):
        F.multilabel_margin_loss(x, x)
    with pytest.raises(TypeError, match="float32 or float64"):
        F.dropout2d(np.ones((2, 3, 4), np.int64))


def test_targets_of_ctc_are_as_many_as_their_lengths_say():
    x = np.log(np.full((6, 3), 1 / 3))
    assert F.ctc_loss(x, np.array([1]), 6, 1) > 0
    with pytest.raises(ValueError, match="announce 1 targets, there are 3"):
        F.ctc_loss(x, np.array([1, 1, 2]), 6, 1)


@pytest.mark.parametrize("loss", ["NLLLoss", "CrossEntropyLoss"])
@pytest.mark.parametrize("rows", [5, 5000])
def test_few_and_many_rows(loss, rows):
    """Few are checked and added up in one pass, many are not."""
    rng = np.random.default_rng(rows)
    x, t = rng.normal(size=(rows, 7)), rng.integers(0, 7, rows)
    weight = rng.uniform(0.5, 1, 7)
    t[1] = 3
    each = getattr(tnn, loss)(weight, ignore_index=3, reduction="none")(x, t)
    total = getattr(tnn, loss)(weight, ignore_index=3, reduction="sum")(x, t)
    mean = getattr(tnn, loss)(weight, ignore_index=3)(x, t)
    assert each[1] == 0
    np.testing.assert_allclose([total, mean], [each.sum(), each.sum() / weight[t[t != 3]].sum()], rtol=1e-12)
    t[-1] = 7
    for reduction in ("none", "sum", "mean"):
        with pytest.raises(IndexError, match="Target 7 is out of bounds"):
            getattr(tnn, loss)(reduction=reduction)(x, t)


def test_no_loss_warns():
    x, t = np.array([[np.nan, np.inf, -np.inf, 0.0]], np.float32), np.array([[0.0, 1.0, 1.0, 0.0]], np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tnn.MSELoss(reduction="sum")(np.full(1000, 1e19, np.float32), np.zeros(1000, np.float32)) == np.inf
        assert np.isnan(tnn.CrossEntropyLoss()(x, np.array([-100]))) and np.isnan(tnn.NLLLoss()(x, np.array([-100])))
        assert np.isnan(tnn.L1Loss()(np.zeros(0), np.zeros(0)))
        for name in ("MSELoss", "HuberLoss", "BCEWithLogitsLoss", "KLDivLoss", "GaussianNLLLoss", "SoftMarginLoss"):
            more = [np.ones((1, 4), np.float32)] if name == "GaussianNLLLoss" else []
            crit = getattr(tnn, name)()
            assert not np.isfinite(crit(x, t, *more))
            crit.backward(x, t, *more)
        F.poisson_nll_loss(x, t, full=True), F.cross_entropy(x, t), F.multilabel_soft_margin_loss(x, t)
        F.binary_cross_entropy_with_logits(x, t, pos_weight=t)


def test_undefined_gradients_of_single_losses_come_through():
    x, t, g = np.array([1.0, 1.0, 2.0]), np.ones(3), np.array([np.nan, 1.0, np.inf])
    np.testing.assert_array_equal(F.l1_loss_backward(g, x, t, reduction="none")[0], [np.nan, 0, np.inf])
    np.testing.assert_array_equal(F.mse_loss_backward(g, x, t, reduction="none")[0], [np.nan, 0, np.inf])


def test_losses_of_nothing_and_of_single_numbers():
    none, t = np.zeros((0, 2)), np.zeros((0, 2), int)
    assert tnn.MultiLabelMarginLoss()(none, t) == 0 and np.isnan(tnn.MSELoss()(none, none))
    assert tnn.KLDivLoss(reduction="batchmean")(np.array(-1.0), np.array(1.0)) == 1
    scores = np.array([1.0, 2.0, 4.0])
    assert F.multi_margin_loss(scores, np.array([1]), reduction="none").shape == (1,)
    assert F.multi_margin_loss(scores, np.array([1])) == F.multi_margin_loss(scores, np.array(1)) == 1
