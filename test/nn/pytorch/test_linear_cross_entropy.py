"""LinearCrossEntropyLoss, CrossMapLRN2d, conv_tbc, static keys and values."""

import numpy as np
import pytest

import nn.pytorch as tnn
import nn.pytorch.functional as F

R = np.random.default_rng(0)


def test_linear_cross_entropy_is_cross_entropy_of_a_linear_layer():
    m = tnn.LinearCrossEntropyLoss(5, 4, bias=True, label_smoothing=0.1).double()
    x, t = R.normal(size=(3, 5)), np.array([0, 3, 1])
    crit = tnn.CrossEntropyLoss(label_smoothing=0.1)
    scores = m.linear.forward(x)
    assert m(x, t) == pytest.approx(crit(scores, t), rel=1e-12)
    wanted = m.linear.backward(x, crit.backward(scores, t))
    gw, gb = m.linear.weight.grad.copy(), m.linear.bias.grad.copy()
    m.zero_grad()
    np.testing.assert_allclose(m.backward(x, t), wanted, rtol=1e-12)
    np.testing.assert_allclose(m.linear.weight.grad, gw, rtol=1e-12)
    np.testing.assert_allclose(m.linear.bias.grad, gb, rtol=1e-12)


def test_scores_of_more_dimensions():
    m = tnn.LinearCrossEntropyLoss(5, 4, out_features=(2,), reduction="none").double()
    x, t = R.normal(size=(3, 5)), R.integers(0, 4, (3, 2))
    scores = m.linear.forward(x).reshape(3, 4, 2)
    np.testing.assert_allclose(m(x, t), F.cross_entropy(scores, t, reduction="none"), rtol=1e-12)
    with pytest.raises(ValueError, match=r"an input \(N, in_features\) expected"):
        m(x[0], t[0])
    with pytest.raises(ValueError, match="ignore_index does not go"):
        F.linear_cross_entropy(x, R.normal(size=(4, 5)), np.ones((3, 4)) / 4, ignore_index=1)


@pytest.mark.parametrize(("size", "sums"), [(4, [5, 14, 30, 51, 78, 62]), (3, [5, 14, 30, 51, 78, 62])])
def test_cross_map_lrn_keeps_the_first_channel(size, sums):
    m = tnn.CrossMapLRN2d(size, alpha=size, beta=-1.0, k=0).double()
    x = np.arange(1.0, 7).reshape(1, 6, 1, 1)
    np.testing.assert_allclose(m(x)[0, :, 0, 0] / x[0, :, 0, 0], sums, rtol=1e-12)
    with pytest.raises(ValueError, match="Expected input to be 4D"):
        m(x[0])


def test_conv_tbc_is_conv1d_of_another_order():
    x, w, b = R.normal(size=(7, 2, 3)), R.normal(size=(3, 3, 4)), R.normal(size=4)
    y = F.conv_tbc(x, w, b, 1)
    plain = F.conv1d(x.transpose(1, 2, 0), w.transpose(2, 1, 0), b, padding=1)
    np.testing.assert_allclose(y, plain.transpose(2, 0, 1), rtol=1e-12)
    g = R.normal(size=y.shape)
    by_plain = F.conv1d_backward(g.transpose(1, 2, 0), x.transpose(1, 2, 0), w.transpose(2, 1, 0), b, padding=1)
    for given, wanted, order in zip(F.conv_tbc_backward(g, x, w, b, 1), by_plain, ((2, 0, 1), (2, 1, 0), (0,))):
        np.testing.assert_allclose(given, wanted.transpose(order), rtol=1e-12)


@pytest.mark.parametrize("need_weights", [True, False])
def test_static_keys_and_values(need_weights):
    """What the projections would give, given as it is; the gradients go to it and not to key and value."""
    from nn.pytorch.functional.multi_head_forward import ARRAYS

    q, k = R.normal(size=(3, 2, 6)), R.normal(size=(5, 2, 6))
    arrays = (R.normal(size=(18, 6)), R.normal(size=18), None, None, False, 0.0, R.normal(size=(6, 6)), None)
    args = (q, k, k, 6, 2, *arrays)
    heads = [F.linear(k, w, b).reshape(5, 4, 3).swapaxes(0, 1) for w, b in zip(*(np.split(a, 3) for a in arrays[:2]))]
    static = {"static_k": heads[1], "static_v": heads[2], "need_weights": need_weights}
    y = F.multi_head_attention_forward(*args, **static)[0]
    np.testing.assert_allclose(y, F.multi_head_attention_forward(*args, need_weights=need_weights)[0], rtol=1e-10)
    g = R.normal(size=y.shape)
    by = dict(zip(ARRAYS, F.multi_head_attention_forward_backward([g], *args, **static)))
    assert not by["key"].any() and not by["in_proj_weight"][6:].any()
    step, e = np.zeros_like(heads[1]), 1e-6
    step[1, 2, 0] = e
    moved = F.multi_head_attention_forward(*args, **static | {"static_k": heads[1] + step})[0]
    assert ((moved - y) * g).sum() / e == pytest.approx(by["static_k"][1, 2, 0], rel=1e-4)
    with pytest.raises(ValueError, match="static_k and static_v must be"):
        F.multi_head_attention_forward(*args, static_k=heads[1][:, :, :2])
