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
    np.testing.assert_allclose(kept["saved"][1], noise)
    np.testing.assert_allclose(y, kept["saved"][0] * noise @ v)
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
