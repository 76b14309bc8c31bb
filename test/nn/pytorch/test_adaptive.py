"""Adaptive log-softmax: probabilities, widths of 0, gradients, refusals."""

import numpy as np
import pytest

import nn.pytorch as tnn

X = np.random.default_rng(0).standard_normal((5, 6))
TARGET = np.array([0, 19, 7, 4, 12])


def made(**settings):
    tnn.manual_seed(2)
    return tnn.AdaptiveLogSoftmaxWithLoss(6, 20, [4, 10], **settings).double()


def test_probabilities():
    module = made()
    logp = module.log_prob(X)
    np.testing.assert_allclose(np.exp(logp).sum(1), np.ones(5))
    output, loss = module.forward(X, TARGET)
    np.testing.assert_allclose(output, logp[np.arange(5), TARGET])
    np.testing.assert_allclose(loss, [-output.mean()])
    np.testing.assert_array_equal(module.predict(X), logp.argmax(1))


def test_a_cluster_without_features():
    module = made()
    assert [p.shape for n, p in module.named_parameters() if n.startswith("tail.1")] == [(0, 6), (10, 0)]
    logp = module.log_prob(X)[:, 10:]
    np.testing.assert_allclose(logp, np.tile(logp[:, :1], (1, 10)))


def test_gradient_by_differences():
    module, g = made(div_value=1.5, head_bias=True), [np.arange(5.0), np.full(1, 3.0)]
    module.forward(X, TARGET)
    gx = module.backward([X, TARGET], g)[0]
    v, h = np.random.default_rng(1).standard_normal(X.shape), 1e-6
    values = []
    for s in (1, -1):
        output, loss = module.forward(X + s * h * v, TARGET)
        values.append((output * g[0]).sum() + 3 * loss[0])
    np.testing.assert_allclose((gx * v).sum(), (values[0] - values[1]) / (2 * h), rtol=1e-6)


@pytest.mark.parametrize("cutoffs", [[], [0, 4], [4, 4], [10, 4], [20], [1.5]])
def test_cutoffs(cutoffs):
    with pytest.raises(ValueError, match="cutoffs"):
        tnn.AdaptiveLogSoftmaxWithLoss(6, 20, cutoffs)


def test_targets():
    with pytest.raises(IndexError, match="count from 0"):
        made().forward(X, TARGET + 1)
    with pytest.raises(ValueError, match="do not fit"):
        made().forward(X, TARGET[:4])
    assert made().forward(X[0], np.array(3)).output.shape == ()
