"""``F.multi_head_attention_forward``: the functional form of MultiheadAttention, with all its arrays as arguments."""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np

from .differentiable import differentiable
from .multi_head_attention import How, Weights, attend, attend_backward, mask_gradients, three_of

#: The arguments that have gradients, in the order of the backward's results.
ARRAYS = ("query", "key", "value", "in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj_weight")
ARRAYS += ("out_proj_bias", "key_padding_mask", "attn_mask", "q_proj_weight", "k_proj_weight", "v_proj_weight")
ARRAYS += ("static_k", "static_v")


def _plan(given: dict) -> tuple:
    """Inputs of three dimensions, weights, settings, masks, static keys and values from the arguments by name."""
    query = given["query"]
    if query.shape[-1] != given["embed_dim_to_check"]:
        raise ValueError(f"expected the size {given['embed_dim_to_check']} of embed_dim, got query {query.shape}")
    if given["is_causal"] and given["attn_mask"] is None:
        raise ValueError("multi_head_attention_forward: is_causal needs an attn_mask")
    inputs = tuple(x[:, None] if query.ndim == 2 else x for x in (query, given["key"], given["value"]))
    separate = [given[f"{n}_proj_weight"] for n in "qkv"] if given["use_separate_proj_weight"] else None
    projections = three_of(separate or given["in_proj_weight"], given["in_proj_bias"])
    weights = Weights(projections, given["bias_k"], given["bias_v"], (given["out_proj_weight"], given["out_proj_bias"]))
    dropout = given["dropout_p"] if given["training"] else 0.0
    settings = given["num_heads"], given["add_zero_attn"], dropout, given["need_weights"]
    how = How(*settings, given["average_attn_weights"], given["is_causal"], False)
    padding = given["key_padding_mask"]
    padding = padding[None] if padding is not None and padding.ndim == 1 else padding
    return inputs, weights, how, (given["attn_mask"], padding), (given["static_k"], given["static_v"])


def _saving(*args: Any, **settings: Any) -> tuple:
    bound = _SIGNATURE.bind(*args, **settings)
    bound.apply_defaults()
    plan = _plan(bound.arguments)
    output, shown, saved = attend(*plan)
    if bound.arguments["query"].ndim == 2:
        output, shown = output[:, 0], None if shown is None else shown[0]
    return (output, shown), {"saved": saved}


def multi_head_attention_forward_backward(gradOutput: Any, *args: Any, saved: Any = None, **settings: Any) -> tuple:
    """Gradients by :data:`ARRAYS` for those of output and weights; dropout needs what the forward kept, ``saved``."""
    bound = _SIGNATURE.bind(*args, **settings)
    bound.apply_defaults()
    given = bound.arguments
    inputs, weights, how, masks, static = _plan(given)
    if saved is None:
        if how.dropout:
            raise ValueError("multi_head_attention_forward_backward: dropout needs saved, what the forward kept")
        saved = attend(inputs, weights, how, masks, static)[2]
    single = given["query"].ndim == 2
    g = list(gradOutput) if isinstance(gradOutput, (list, tuple)) else [gradOutput]
    g += [None] * (2 - len(g))
    if single:
        g = [g[0][:, None], None if g[1] is None else g[1][None]]
    by_inputs, by, by_mask, by_static = attend_backward(tuple(g), inputs, weights, how, saved)
    by_inputs = [x[:, 0] for x in by_inputs] if single else by_inputs
    attn, padding = mask_gradients(by_mask, *masks)
    if padding is not None:
        padding = padding.reshape(given["key_padding_mask"].shape)
    packed = not given["use_separate_proj_weight"]
    by_weights, by_biases = zip(*by.projections)
    in_weight, separate = (_stacked(by_weights), (None,) * 3) if packed else (None, by_weights)
    return (
        *by_inputs,
        in_weight,
        _stacked(by_biases),
        by.bias_k,
        by.bias_v,
        *by.out,
        padding,
        attn,
        *separate,
        *by_static,
    )


def _stacked(parts: Any) -> Any:
    return None if any(p is None for p in parts) else np.concatenate(parts)


def _multi_head_attention_forward(
    query: Any, key: Any, value: Any, embed_dim_to_check: int, num_heads: int, in_proj_weight: Any, in_proj_bias: Any,
    bias_k: Any, bias_v: Any, add_zero_attn: bool, dropout_p: float, out_proj_weight: Any, out_proj_bias: Any,
    training: bool = True, key_padding_mask: Any = None, need_weights: bool = True, attn_mask: Any = None,
    use_separate_proj_weight: bool = False, q_proj_weight: Any = None, k_proj_weight: Any = None,
    v_proj_weight: Any = None, static_k: Any = None, static_v: Any = None, average_attn_weights: bool = True,
    is_causal: bool = False,
) -> Any:  # fmt: skip
    """Output and weights, or None, of attention with several heads: query (L, N, E), key and value (S, N, ...)."""
    return _saving(
        query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, add_zero_attn,
        dropout_p, out_proj_weight, out_proj_bias, training, key_padding_mask, need_weights, attn_mask,
        use_separate_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight, static_k, static_v,
        average_attn_weights, is_causal,
    )[0]  # fmt: skip


_SIGNATURE = signature(_multi_head_attention_forward)
_multi_head_attention_forward.__name__ = "multi_head_attention_forward"
multi_head_attention_forward = differentiable(multi_head_attention_forward_backward, *ARRAYS, saving=_saving)(
    _multi_head_attention_forward
)
