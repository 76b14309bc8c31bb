"""The Transformer's layers: PyTorch's numbers for a seed, gradients by differences, masks, printed form, refusals."""

import numpy as np
import pytest
from gradients import agrees

import nn.pytorch as tnn

X = np.cos(np.arange(12.0)).reshape(3, 2, 2)[..., [0, 1, 0, 1]] * [1, 1, 2, -1]
#: PyTorch's first numbers for seed 0 and dropout masks of seed 1
ENCODER = [0.5200094634124688, -0.24320958425993738, 1.5739718069203437, -0.23952116749161245]
DECODER = [-0.09359457918128793, -0.13327364819552748, 1.5183686977535753, -1.2915004703767599]
WHOLE = [0.4039624303209059, -0.8126643115972965, 1.447900790338576, -1.0391989090621851]
WHOLE += [-0.2884736823393255, 0.3674451377546159, -1.4140054183292707, 1.3350339629139805]


def layer(name, *sizes, **settings):
    tnn.manual_seed(0)
    return getattr(tnn, name)(*sizes, dtype=np.float64, **settings)


def test_numbers_of_a_seed():
    encoder = layer("TransformerEncoderLayer", 4, 2, 3, norm_first=True, batch_first=True, activation="gelu")
    tnn.manual_seed(1)
    np.testing.assert_allclose(encoder(X).ravel()[:4], ENCODER, rtol=1e-12)
    decoder = layer("TransformerDecoderLayer", 4, 2, 3, dropout=0.2)
    tnn.manual_seed(1)
    np.testing.assert_allclose(decoder(X, X).ravel()[:4], DECODER, rtol=1e-12)
    whole = layer("Transformer", 4, 2, 2, 1, 3).eval()
    mask = whole.generate_square_subsequent_mask(2, dtype=np.float64)
    assert mask.tolist() == [[0, -np.inf], [0, 0]]
    np.testing.assert_allclose(whole(X, X[:2], tgt_mask=mask).ravel()[:8], WHOLE, rtol=1e-12)


@pytest.mark.parametrize(
    "settings", [{}, {"norm_first": True, "activation": "gelu", "batch_first": True}, {"bias": False}]
)
def test_gradients(settings):
    rng = np.random.default_rng(0)
    x, memory, mask = rng.normal(size=(3, 2, 4)), rng.normal(size=(3, 2, 4)), rng.normal(size=(3, 3))
    if settings.get("batch_first"):
        mask = mask[:2, :2]
    encoder = layer("TransformerEncoderLayer", 4, 2, 3, 0.3, **settings)
    agrees(encoder, [x, mask], before=lambda: tnn.manual_seed(1))
    decoder = layer("TransformerDecoderLayer", 4, 2, 3, 0.3, **settings)
    agrees(decoder, [x, memory, mask], before=lambda: tnn.manual_seed(1))


def test_masks_hide():
    """What padding or a causal mask hides does not change the output."""
    encoder = tnn.TransformerEncoder(layer("TransformerEncoderLayer", 4, 2, 3), 2).eval()
    other = X.copy()
    other[2] += 1
    padding = np.array([[False, False, True]] * 2)
    np.testing.assert_array_equal(
        encoder(X, src_key_padding_mask=padding)[:2].copy(), encoder(other, src_key_padding_mask=padding)[:2]
    )
    causal = tnn.Transformer.generate_square_subsequent_mask(3, dtype=np.float64)
    first = encoder(X, causal).copy()
    np.testing.assert_array_equal(first[:2], encoder(other, causal)[:2])
    np.testing.assert_allclose(encoder(X, causal, is_causal=True), first)


def test_copies_start_equal_and_are_their_own():
    tnn.manual_seed(0)
    encoder = tnn.TransformerEncoder(tnn.TransformerEncoderLayer(4, 2, 3), 2, tnn.LayerNorm(4))
    a, b = (dict(m.named_parameters()) for m in encoder.layers)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])
        assert not np.shares_memory(a[name].data, b[name].data)
    names = list(encoder.state_dict())
    assert (names[0], names[-1]) == ("layers.0.self_attn.in_proj_weight", "norm.bias")


def test_a_module_as_activation_is_a_child():
    encoder = layer("TransformerEncoderLayer", 4, 2, 3, activation=tnn.Tanh())
    assert "(activation): Tanh()" in repr(encoder)
    agrees(encoder, np.random.default_rng(1).normal(size=(2, 4)), before=lambda: tnn.manual_seed(1))


def test_refusals():
    with pytest.raises(RuntimeError, match="relu/gelu"):
        tnn.TransformerEncoderLayer(4, 2, activation="tanh")
    with pytest.raises(ValueError, match="divisible"):
        tnn.TransformerEncoderLayer(4, 3)
    whole = tnn.Transformer(4, 2, 1, 1, 3).double()
    with pytest.raises(ValueError, match="batch number"):
        whole(X, X[:, :1])
    with pytest.raises(ValueError, match="d_model"):
        whole(X[..., :3], X)
