"""Cross-entropy of linear scores; the scores have more dimensions where the weight has."""

from __future__ import annotations

from typing import Any

from torch7 import arrays

from .class_loss import cross_entropy, cross_entropy_backward
from .differentiable import differentiable
from .linear import linear, linear_backward


def _flat(linear_weight: Any, linear_bias: Any) -> tuple:
    """Weight (C, ..., in) and bias (C, ...) as those of one linear map."""
    if linear_weight.ndim < 2:
        raise ValueError(f"linear_cross_entropy: a weight (C, ..., in_features) expected, got {linear_weight.shape}")
    if linear_bias is not None and linear_bias.shape != linear_weight.shape[:-1]:
        raise ValueError(f"linear_cross_entropy: the bias is {linear_bias.shape}, not {linear_weight.shape[:-1]}")
    matrix = linear_weight.reshape(-1, linear_weight.shape[-1])
    return matrix, None if linear_bias is None else linear_bias.reshape(-1)


def _scores(input: Any, linear_weight: Any, linear_bias: Any) -> Any:
    if input.ndim not in (1, 2) or (linear_weight.ndim > 2 and input.ndim != 2):
        raise ValueError(f"linear_cross_entropy: an input (N, in_features) expected, got {input.shape}")
    return linear(input, *_flat(linear_weight, linear_bias)).reshape(*input.shape[:-1], *linear_weight.shape[:-1])


def _settings(weight: Any, reduction: str, ignore_index: int | None, label_smoothing: float) -> dict:
    given = {"weight": weight, "reduction": reduction, "label_smoothing": label_smoothing}
    return given | {"ignore_index": -100 if ignore_index is None else ignore_index}


def linear_cross_entropy_forward(
    input: Any, linear_weight: Any, target: Any, *, linear_bias: Any = None, weight: Any = None,
    reduction: str = "mean", ignore_index: int | None = None, label_smoothing: float = 0.0, options: Any = None,
) -> tuple:  # fmt: skip
    """The loss, and the scores and what its gradient needs, as ``saved``."""
    if ignore_index is not None and arrays.given(target).dtype.kind == "f":
        raise ValueError("linear_cross_entropy: ignore_index does not go with class probabilities")
    scores = _scores(input, linear_weight, linear_bias)
    loss, kept = cross_entropy.saving(scores, target, **_settings(weight, reduction, ignore_index, label_smoothing))
    return loss, {"saved": (scores, kept["saved"])}


def linear_cross_entropy_backward(
    gradOutput: Any, input: Any, linear_weight: Any, target: Any, *, linear_bias: Any = None, weight: Any = None,
    reduction: str = "mean", ignore_index: int | None = None, label_smoothing: float = 0.0, options: Any = None,
    saved: Any = None,
) -> tuple:  # fmt: skip
    """Gradients by input, linear_weight, target (None for classes) and linear_bias."""
    settings = {"weight": weight, "reduction": reduction, "label_smoothing": label_smoothing}
    if saved is None:
        more = settings | {"linear_bias": linear_bias, "ignore_index": ignore_index}
        saved = linear_cross_entropy_forward(input, linear_weight, target, **more)[1]["saved"]
    scores, kept = saved
    gs, gt = cross_entropy_backward(gradOutput, scores, target, saved=kept, **settings)
    matrix, bias = _flat(linear_weight, linear_bias)
    gx, gw, gb = linear_backward(gs.reshape(*input.shape[:-1], -1), input, matrix, bias)
    return gx, gw.reshape(linear_weight.shape), gt, None if gb is None else gb.reshape(linear_bias.shape)


linear_cross_entropy_backward.converts = True  # type: ignore[attr-defined]


@differentiable(
    linear_cross_entropy_backward, "input", "linear_weight", "target", "linear_bias",
    saving=linear_cross_entropy_forward,
)  # fmt: skip
def linear_cross_entropy(
    input: Any, linear_weight: Any, target: Any, *, linear_bias: Any = None, weight: Any = None,
    reduction: str = "mean", ignore_index: int | None = None, label_smoothing: float = 0.0, options: Any = None,
) -> Any:  # fmt: skip
    """:func:`cross_entropy` of ``linear(input, linear_weight, linear_bias)``: input (N, in_features) or (in_features).

    A weight (C, d1, ..., in_features) makes scores (N, C, d1, ...). ``options``, how PyTorch saves memory, are ignored.
    """
    given = {"linear_bias": linear_bias, "weight": weight, "reduction": reduction, "ignore_index": ignore_index}
    return linear_cross_entropy_forward(input, linear_weight, target, **given, label_smoothing=label_smoothing)[0]
