"""RMSprop."""

from __future__ import annotations

from typing import Any

from .common import Fields, OpFunc, check_point, evaluate, memory, resolve, scratch
from .update import update


def rmsprop(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list]:
    """One step along the gradient measured in its recent root mean square; returns ``x`` and ``[f]``.

    With ``g = df/dx + weightDecay x``::

        m = alpha m + (1 - alpha) g^2
        x = x - learningRate g / (sqrt(m) + epsilon)

    Settings: learningRate 1e-2, alpha 0.99, epsilon 1e-8, weightDecay 0, initialMean 0 (m before the first step).
    State: m.

    Source: Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning", 2012.
    """
    c, state = resolve(
        "rmsprop", config, state, settings, learningRate=1e-2, alpha=0.99, epsilon=1e-8, weightDecay=0, initialMean=0
    )
    check_point("rmsprop", x)
    f, g = evaluate("rmsprop", opfunc, x)
    m = memory("rmsprop", state, "m", x, c.initialMean)
    scratch(state, ["tmp"], x.shape, x)
    update("rmsprop", x, m, g, c.learningRate, c.weightDecay, c.alpha, 1 - c.alpha, c.epsilon)
    return x, [f]
