"""F.scaled_dot_product_attention: values by the formula, gradients by differences, masks and refusals."""

import numpy as np
import pytest
from gradients import function_agrees

import nn.pytorch as tnn
import nn.pytorch.functional as F

RNG = np.random.default_rng(5)
ATTEND, BACKWARD = F.scaled_dot_product_attention, F.scaled_dot_product_attention_backward


def qkv(lead=(2, 2), keys=None, L=3, S=4, E=2, Ev=3):
    keys = lead if keys is None else keys
    return [RNG.normal(size=(*a, *b)) for a, b in ((lead, (L, E)), (keys, (S, E)), (keys, (S, Ev)))]


def test_formula():
    q, k, v = qkv(())
    weights = np.exp(q @ k.T / np.sqrt(2))
    np.testing.assert_allclose(ATTEND(q, k, v), weights / weights.sum(1, keepdims=True) @ v, atol=1e-15)


@pytest.mark.parametrize(
    "mask", [None, RNG.normal(size=(3, 4)), RNG.normal(size=(1, 4)), RNG.random((2, 1, 3, 4)) < 0.6]
)
def test_gradients(mask):
    function_agrees(ATTEND, BACKWARD, *qkv(), mask)


def test_gradients_of_the_other_settings():
    function_agrees(ATTEND, BACKWARD, *qkv(), is_causal=True, scale=0.7)
    function_agrees(ATTEND, BACKWARD, *qkv((2, 4), (2, 2)), enable_gqa=True)
    function_agrees(ATTEND, BACKWARD, *qkv((3, 2), (1, 2)))


def test_a_query_that_sees_nothing_gets_zeros():
    q, k, v = qkv()
    mask = np.ones((3, 4), bool)
    mask[1] = False
    y = ATTEND(q, k, v, mask)
    assert (y[..., 1, :] == 0).all() and np.isfinite(y).all()
    assert np.isfinite(np.concatenate([g.ravel() for g in BACKWARD(np.ones_like(y), q, k, v, mask)[:3]])).all()


def test_causal_is_the_lower_triangle():
    q, k, v = qkv()
    np.testing.assert_array_equal(ATTEND(q, k, v, is_causal=True), ATTEND(q, k, v, np.tri(3, 4, dtype=bool)))


def test_dropout_has_the_mask_of_the_seed():
    q, k, v = qkv()
    tnn.manual_seed(3)
    y, kept = F.scaled_dot_product_attention_forward(q, k, v, dropout_p=0.4)
    tnn.manual_seed(3)
    noise = tnn.bernoulli(np.full((2, 2, 3, 4), 0.6)) / 0.6
    np.testing.assert_allclose(kept["saved"].noise, noise)
    weights = F.softmax(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]), -1)
    np.testing.assert_allclose(y, weights * noise @ v, rtol=1e-10)
    g = RNG.normal(size=y.shape)
    given = BACKWARD(g, q, k, v, dropout_p=0.4, **kept)
    by_weights = g @ v.swapaxes(-1, -2) * noise
    by_scores = weights * (by_weights - (by_weights * weights).sum(-1, keepdims=True)) / np.sqrt(q.shape[-1])
    wanted = by_scores @ k, by_scores.swapaxes(-1, -2) @ q, (weights * noise).swapaxes(-1, -2) @ g
    for a, b in zip(given, wanted):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    with pytest.raises(ValueError, match="saved"):
        BACKWARD(y, q, k, v, dropout_p=0.4)


def test_on_a_tape():
    class Attend(tnn.Module):
        def forward(self, q, k, v, mask):
            return F.scaled_dot_product_attention(q, k, v, mask)

    q, k, v = qkv()
    mask, module = RNG.normal(size=(3, 4)), Attend()
    y = module(q, k, v, mask)
    g = np.ones_like(y)
    for a, b in zip(module.backward([q, k, v, mask], g), BACKWARD(g, q, k, v, mask)):
        np.testing.assert_array_equal(a, b)


def test_refusals():
    q, k, v = qkv()
    with pytest.raises(ValueError, match="is_causal"):
        ATTEND(q, k, v, np.ones((3, 4), bool), is_causal=True)
    with pytest.raises(ValueError, match=r"attn_mask \(4, 3\)"):
        ATTEND(q, k, v, np.ones((4, 3), bool))
    with pytest.raises(TypeError, match="attn_mask"):
        ATTEND(q, k, v, np.ones((3, 4), int))
    with pytest.raises(ValueError, match="do not fit"):
        ATTEND(q, k[..., :1], v)
    with pytest.raises(TypeError, match="float32"):
        ATTEND(q, k.astype(np.float32), v)


def plain(query, key, value, added):
    """Attention as its formula says, with all weights."""
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(query.shape[-1]) + added
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True) @ value


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("L", "S", "E", "V"), [(1, 1, 1, 1), (3, 70, 5, 2), (300, 257, 33, 17), (130, 600, 64, 64)])
@pytest.mark.parametrize("causal", [False, True])
def test_blocks_of_queries(L, S, E, V, causal, dtype):
    r = np.random.default_rng(0)
    q, k, v = (r.standard_normal((2, *s)).astype(dtype) for s in ((L, E), (S, E), (S, V)))
    added = np.where(np.tri(L, S, dtype=bool), 0, -np.inf) if causal else 0
    y, kept = F.scaled_dot_product_attention_forward(q, k, v, is_causal=causal)
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(y, plain(q, k, v, added), rtol=tolerance, atol=tolerance)
    g = r.standard_normal(y.shape).astype(dtype)
    given = F.scaled_dot_product_attention_backward(g, q, k, v, is_causal=causal, **kept)
    mask = np.zeros((L, S), dtype) + added.astype(dtype) if causal else np.zeros((L, S), dtype)
    by_all_weights = F.scaled_dot_product_attention_backward(g, q, k, v, mask)
    for a, b in zip(given[:3], by_all_weights):
        np.testing.assert_allclose(a, b, rtol=10 * tolerance, atol=10 * tolerance)


def test_heads_that_lie_anywhere():
    r = np.random.default_rng(0)
    x = r.standard_normal((7, 3, 2, 4))  # length, samples, heads, sizes
    heads = x.transpose(1, 2, 0, 3)
    shared = np.broadcast_to(heads[:, :1], heads.shape)
    there = np.ascontiguousarray
    y = F.scaled_dot_product_attention(heads, shared, heads[..., ::-1])
    np.testing.assert_array_equal(y, F.scaled_dot_product_attention(*map(there, (heads, shared, heads[..., ::-1]))))
    gs = F.scaled_dot_product_attention_backward(y, heads, heads[:, :1], heads)
    assert [g.shape for g in gs[:3]] == [heads.shape, (3, 1, 7, 4), heads.shape]


def test_nan_stays_in_its_head():
    q = np.random.default_rng(0).standard_normal((2, 3, 4))
    k = q.copy()
    k[0, 1, 0] = np.nan
    y = F.scaled_dot_product_attention(q, k, q)
    assert np.isnan(y[0]).all() and np.isfinite(y[1]).all()
    k[0] = -np.inf
    assert np.isnan(F.scaled_dot_product_attention(np.full_like(q, np.nan), k, q)).all()
