"""Noise-contrastive estimation against exact small computations, and its sampling against the unigrams."""

import math

import numpy as np
import pytest
from scipy import stats

import nn
import torch7 as torch
from dpnn import AliasMultinomial

V, D, K, N = 7, 4, 3, 5


def module(batchnoise=True, Z=2.5):
    torch.manualSeed(3)
    nce = nn.NCEModule(D, V, K, np.arange(1.0, V + 1), Z)
    nce.bias[...] = torch.randn(V)
    nce.batchnoise = batchnoise
    return nce


def words():
    return torch.randn(N, D), torch.random(np.empty(N, np.int64), 1, V)


def drawn(nce):
    """The noise of the last forward, N x K."""
    index = nce.sampleidx
    return np.tile(index[:K], (N, 1)) if nce.batchnoise else index[:, 1:]


def probabilities(nce, x, target, noise):
    scores = np.exp(x @ nce.weight.T + nce.bias) / nce.Z
    rows = np.arange(N)
    return (
        scores[rows, target - 1],
        scores[rows[:, None], noise - 1],
        nce.unigrams[target - 1],
        nce.unigrams[noise - 1],
    )


def loss(nce, x, target, noise):
    pt, ps, ut, us = probabilities(nce, x, target, noise)
    return -(np.log(pt / (pt + K * ut + 1e-7)).sum() + np.log(K * us / (ps + K * us + 1e-7)).sum()) / N


@pytest.mark.parametrize("batchnoise", [True, False])
class TestExact:
    def test_output_and_loss(self, batchnoise):
        nce, (x, target) = module(batchnoise), words()
        output = nce.forward([x, target])
        for a, b in zip(output, probabilities(nce, x, target, drawn(nce))):
            assert a.shape == b.shape and np.allclose(a, b, rtol=1e-12)
        assert nn.NCECriterion().forward(output, target) == pytest.approx(loss(nce, x, target, drawn(nce)), rel=1e-12)

    def test_gradients(self, batchnoise):
        nce, criterion, (x, target) = module(batchnoise), nn.NCECriterion(), words()
        output = nce.forward([x, target])
        noise = drawn(nce).copy()
        criterion.forward(output, target)
        nce.zeroGradParameters()
        gradInput = nce.backward([x, target], criterion.backward(output, target))
        assert gradInput[1].shape == (N,) and not gradInput[1].any()
        for tensor, gradient in ((x, gradInput[0]), (nce.weight, nce.gradWeight), (nce.bias, nce.gradBias)):
            for i in np.ndindex(tensor.shape):
                before = tensor[i]
                losses = []
                for step in (1e-6, -1e-6):
                    tensor[i] = before + step
                    losses.append(loss(nce, x, target, noise))
                tensor[i] = before
                assert (losses[0] - losses[1]) / 2e-6 == pytest.approx(gradient[i], abs=1e-5)

    def test_only_rows_that_were_drawn_change(self, batchnoise):
        nce, (x, target) = module(batchnoise), words()
        gradOutput = [np.ones(N), np.ones((N, K))]
        nce.forward([x, target])
        before = nce.weight.copy()
        nce.backwardUpdate([x, target], gradOutput, 0.1)
        changed = set(np.flatnonzero((nce.weight != before).any(1)) + 1)
        assert changed == set(nce.sampleidx.ravel())


def test_normalized():
    nce, (x, target) = module(), words()
    nce.evaluate()
    assert len(nce.forward([x, target])) == 4
    nce.normalized = True
    scores = x @ nce.weight.T + nce.bias
    expected = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    assert np.allclose(nce.forward([x, target]), expected, rtol=1e-12)
    nce.logsoftmax = True
    assert np.allclose(nce.forward([x, target]), np.log(expected), rtol=1e-12)
    with pytest.raises(ValueError, match="forward of NCE"):
        nce.backward([x, target], expected)
    assert len(nce.training().forward([x, target])) == 4


def test_normalization_is_estimated_once(capsys):
    nce, (x, target) = module(Z=None), words()
    assert nce.Z.item() == -1
    output = nce.forward([x, target])
    scores = np.exp(x @ nce.weight.T + nce.bias)
    expected = scores[:, nce.sampleidx[:K] - 1].mean() * V
    assert nce.Z.item() == pytest.approx(expected)
    assert f"normalization constant Z approximated to {expected:.6}"[:-2] in capsys.readouterr().out
    assert output[1].mean() == pytest.approx(1 / V)
    nce.forward([x * 2, target])
    assert nce.Z.item() == pytest.approx(expected) and not capsys.readouterr().out


def test_construction():
    unigrams = np.arange(1.0, V + 1)
    torch.manualSeed(1)
    nce = nn.NCEModule(D, V, K, unigrams)
    assert np.array_equal(unigrams, np.arange(1.0, V + 1)) and nce.unigrams.sum() == pytest.approx(1)
    assert (nce.bias == -math.log(V)).all() and repr(nce) == "nn.NCEModule(4 -> 7)"
    torch.manualSeed(1)
    assert np.array_equal(nce.weight, torch.uniform(np.empty((V, D)), -0.5, 0.5))
    nce.reset(0.1)
    assert abs(nce.weight).max() < 0.1 and abs(nce.bias).max() < 0.1
    for bad in ((D, V, None, unigrams), (D, V, K, unigrams[1:]), (D, V, K, None)):
        with pytest.raises(ValueError):
            nn.NCEModule(*bad)


def test_types_and_clones():
    nce, (x, target) = module(), words()
    nce.float()
    assert nce.unigrams.dtype == nce.aliasmultinomial.q.dtype == np.float64 and nce.Z.dtype == np.float32
    output = nce.forward([x.astype(np.float32), target])
    assert all(o.dtype == np.float32 for o in output)
    clone = nce.sharedClone()
    for name in ("weight", "bias", "unigrams", "Z"):
        assert np.shares_memory(getattr(nce, name), getattr(clone, name))
    assert clone.aliasmultinomial is not nce.aliasmultinomial
    assert np.shares_memory(clone.aliasmultinomial.q, nce.aliasmultinomial.q)
    assert nce.clearState() is nce and nce.sampleidx is None


def test_labels_are_checked():
    nce, (x, _) = module(), words()
    for target, error in (
        (np.full(N, 0), IndexError),
        (np.full(N, V + 1), IndexError),
        (np.full(N - 1, 1), ValueError),
    ):
        with pytest.raises(error):
            nce.forward([x, target])
    nce.forward([x, np.ones(N)])


class TestAlias:
    def test_tables(self):
        for p, J, q in (
            ([0.1, 0.2, 0.3, 0.4], [4, 4, 0, 3], [0.4, 0.8, 1, 0.8]),
            ([0.5, 0.05, 0.05, 0.3, 0.1], [0, 1, 4, 1, 4], [1, 0.25, 0.25, 0.25, 0.5]),
        ):
            alias = AliasMultinomial(np.array(p))
            assert alias.J.tolist() == J and np.allclose(alias.q, q)

    @pytest.mark.parametrize(
        "p", [np.arange(1.0, 21), np.array([0.5, 0.05, 0.05, 0.3, 0.1]), np.ones(6), 2.0 ** -np.arange(9)]
    )
    def test_draws_follow_the_probabilities(self, p):
        torch.manualSeed(4)
        alias, n = AliasMultinomial(p), 40000
        counts = np.bincount(alias.batchdraw(np.empty((n // 8, 8), np.int64)).ravel(), minlength=len(p) + 1)
        assert counts[0] == 0 and stats.chisquare(counts[1:], p / p.sum() * n).pvalue > 1e-3
        singles = np.bincount([alias.draw() for _ in range(5000)], minlength=len(p) + 1)
        assert stats.chisquare(singles[1:], p / p.sum() * 5000).pvalue > 1e-3

    def test_order_of_draws(self):
        alias = AliasMultinomial(np.array([0.1, 0.2, 0.3, 0.4]))
        torch.manualSeed(7)
        actual = alias.batchdraw(np.empty(6, np.int64))
        torch.manualSeed(7)
        slots = [torch.random(1, 4) for _ in range(6)]
        kept = [torch.bernoulli(alias.q[s - 1]) for s in slots]
        assert actual.tolist() == [s if k else alias.J[s - 1] for s, k in zip(slots, kept)]

    @pytest.mark.parametrize("p", [[], [[1.0]], [-1.0, 2.0], [0.0, 0.0], [np.nan]])
    def test_wrong_probabilities(self, p):
        with pytest.raises(ValueError):
            AliasMultinomial(np.array(p))


@pytest.mark.parametrize("batchnoise", [True, False])
def test_noise_follows_the_unigrams(batchnoise):
    nce = module(batchnoise)
    x, target = words()
    counts = np.zeros(V + 1)
    for _ in range(1500):
        nce.forward([x, target])
        noise = nce.sampleidx[:K] if batchnoise else nce.sampleidx[:, 1:]
        counts += np.bincount(noise.ravel(), minlength=V + 1)
    assert stats.chisquare(counts[1:], nce.unigrams * counts.sum()).pvalue > 1e-3


def test_files():
    nce, (x, target) = module(), words()
    other = torch.deserialize(torch.serialize(nce))
    assert isinstance(other.aliasmultinomial, AliasMultinomial)
    torch.manualSeed(8)
    expected = [o.copy() for o in nce.forward([x, target])]
    torch.manualSeed(8)
    assert all(np.array_equal(a, b) for a, b in zip(other.forward([x, target]), expected))
