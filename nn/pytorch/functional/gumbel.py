"""Softmax of scores with Gumbel noise: a differentiable draw from a categorical distribution (Jang et al. 2017)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from .differentiable import differentiable
from .softmax import softmax, softmax_backward


def gumbel_softmax_forward(
    logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> tuple[Any, dict]:
    """The output, and ``{"soft": the softmax behind it}``."""
    noise = -np.log(random.exponential_(np.empty(logits.shape, logits.dtype, like=logits)))
    soft = softmax((logits + noise) / logits.dtype.type(tau), dim)
    if not hard:
        return soft, {"soft": soft}
    drawn = np.zeros_like(soft)
    np.put_along_axis(drawn, np.expand_dims(soft.argmax(dim), dim), 1, dim)
    return drawn, {"soft": soft}


def gumbel_softmax_backward(
    gradOutput: Any, logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1, *, soft: Any
) -> tuple:
    """The gradient of the softmax ``soft`` that :func:`gumbel_softmax_forward` keeps; ``hard`` does not count."""
    grad = softmax_backward(gradOutput, logits, dim, output=soft)[0]
    return (grad / logits.dtype.type(tau),)


@differentiable(gumbel_softmax_backward, "logits", saving=gumbel_softmax_forward)
def gumbel_softmax(logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Any:
    """``softmax((logits + Gumbel noise) / tau)`` along ``dim``, or its largest as 1 if ``hard``; ``eps`` is unused."""
    return gumbel_softmax_forward(logits, tau, hard, eps, dim)[0]
