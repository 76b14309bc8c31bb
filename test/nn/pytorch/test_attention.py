"""Multi-head attention: masks, dropout, sizes."""

import numpy as np
import pytest
from gradients import numeric

import nn.pytorch as tnn
import nn.pytorch.functional as F


def made(**settings):
    tnn.manual_seed(1)
    return tnn.MultiheadAttention(4, 2, **settings).double()


def inputs(*shape):
    return list(np.random.default_rng(2).standard_normal((3, *shape)))


def test_masks_of_integers_and_booleans_ignore():
    xs, mask = inputs(3, 1, 4), np.array([[False, True, False]])
    _, weights = made().forward(xs, key_padding_mask=mask)
    np.testing.assert_array_equal(weights[0, :, 1], np.zeros(3))
    np.testing.assert_array_equal(made().forward(xs, key_padding_mask=mask.astype(np.uint8))[1], weights)


def test_everything_masked():
    xs, mask = inputs(2, 1, 4), np.array([[True, False], [True, True]])
    output, weights = made().forward(xs, attn_mask=mask)
    assert np.isnan(weights[0, 1]).all() and np.isnan(output[1]).all()
    output, weights = made().forward(xs, attn_mask=mask, need_weights=False)
    assert weights is None
    np.testing.assert_array_equal(output[1], np.zeros((1, 4)))


def test_weights_are_returned_after_dropout():
    module, plain = made(dropout=0.5), made()
    _, dropped = module.forward(inputs(3, 2, 4), average_attn_weights=False)
    _, weights = plain.forward(inputs(3, 2, 4), average_attn_weights=False)
    np.testing.assert_allclose(dropped, np.where(dropped == 0, 0, 2 * weights))
    assert (dropped == 0).any() and (dropped > 0).any()


@pytest.mark.parametrize("settings", [{}, {"add_bias_kv": True, "add_zero_attn": True}, {"batch_first": True}])
def test_gradients_by_differences(settings):
    rng = np.random.default_rng(5)
    module, xs = made(**settings), inputs(3, 3, 4)
    output, weights = module.forward(xs)
    gs = [rng.standard_normal(y.shape) for y in (output, weights)]
    grads = module.backward(xs, gs)
    for i in range(3):
        v = rng.standard_normal(xs[i].shape)
        moved = [[x + s * 1e-6 * v if j == i else x for j, x in enumerate(xs)] for s in (1, -1)]
        ahead, behind = (sum((y * g).sum() for y, g in zip(module.forward(m), gs)) for m in moved)
        np.testing.assert_allclose((grads[i] * v).sum(), (ahead - behind) / 2e-6, rtol=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda: tnn.MultiheadAttention(5, 2),
        lambda: made().forward(inputs(3, 2, 5)),
        lambda: made().forward(inputs(3, 2, 4), attn_mask=np.zeros((2, 3))),
        lambda: made().forward(inputs(3, 2, 4), key_padding_mask=np.zeros((3, 2))),
        lambda: made().forward(inputs(3, 2, 4), is_causal=True),
    ],
)
def test_refused(call):
    with pytest.raises(ValueError):
        call()


def test_masks_of_floats_have_gradients():
    rng = np.random.default_rng(4)
    q, k = rng.normal(size=(2, 2, 4)), rng.normal(size=(3, 2, 4))
    for padding, mask in (((2, 3), (2, 3)), ((2, 3), (4, 2, 3))):
        masks = rng.normal(size=padding), True, rng.normal(size=mask)
        for need_weights in (True, False):
            inputs, module = [q, k, k.copy(), masks[0], need_weights, masks[2]], made()
            output = module.forward(inputs)[0]
            g = rng.normal(size=output.shape)
            given = module.backward(inputs, [g])
            assert given[4] is None

            def value(inputs=inputs, g=g):
                return float((made().forward(inputs)[0] * g).sum())

            for i in (3, 5):
                np.testing.assert_allclose(given[i], numeric(value, inputs[i]), atol=1e-8)


def test_the_functional_form():
    rng, module = np.random.default_rng(4), made(kdim=3, vdim=5, add_bias_kv=True)
    q, k, v = (rng.normal(size=s) for s in ((2, 2, 4), (3, 2, 3), (3, 2, 5)))
    p = {n: x.data for n, x in module.named_parameters()}
    args = [q, k, v, 4, 2, None, p["in_proj_bias"], p["bias_k"], p["bias_v"], False, 0.0]
    args += [p["out_proj.weight"], p["out_proj.bias"]]
    settings = {f"{n}_proj_weight": p[f"{n}_proj_weight"] for n in "qkv"} | {"use_separate_proj_weight": True}
    output, weights = F.multi_head_attention_forward(*args, **settings)
    expected = module.forward(q, k, v)
    np.testing.assert_array_equal(output, expected[0])
    np.testing.assert_array_equal(weights, expected[1])
    g = [rng.normal(size=x.shape) for x in expected]
    given = F.multi_head_attention_forward_backward(g, *args, **settings)
    for a, b in zip(given[:3], module.backward([q, k, v], g)):
        np.testing.assert_array_equal(a, b)
    names = ["in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias", None, None]
    names += [f"{n}_proj_weight" for n in "qkv"]
    grads = dict(module.named_gradients())
    for name, grad in zip(names, given[3:]):
        assert grad is None if name not in grads else np.array_equal(grad, grads[name]), name
