"""Adam and AdaMax."""

from __future__ import annotations

from math import sqrt
from typing import Any

from .common import Fields, OpFunc, check_point, evaluate, memory, resolve, scratch
from .update import update


def adam(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list]:
    """One step along the mean gradient, measured in its root mean square; returns ``x`` and ``[f]``.

    With ``g = df/dx + weightDecay x``, t counting this step::

        m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
        lr = learningRate / (1 + (t - 1) learningRateDecay)
        x = x - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)

    Settings: learningRate 1e-3, learningRateDecay 0, beta1 0.9, beta2 0.999, epsilon 1e-8 (added to the root before
    bias correction), weightDecay 0. State: t, m, v.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2014; Torch's optim manual, adam.
    """
    c, state = resolve(
        "adam",
        config,
        state,
        settings,
        learningRate=1e-3,
        learningRateDecay=0,
        beta1=0.9,
        beta2=0.999,
        epsilon=1e-8,
        weightDecay=0,
    )
    check_point("adam", x)
    f, g = evaluate("adam", opfunc, x)
    m, v = (memory("adam", state, key, x) for key in ("m", "v"))
    scratch(state, ["denom"], x.shape, x)
    t = state.get("t") or 0
    lr = c.learningRate / (1 + t * c.learningRateDecay)
    state["t"] = t = t + 1
    step = lr * sqrt(1 - c.beta2**t) / (1 - c.beta1**t)
    update("adam", x, m, v, g, step, c.weightDecay, c.beta1, 1 - c.beta1, c.beta2, 1 - c.beta2, c.epsilon)
    return x, [f]


def adamax(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list]:
    """One step of Adam with the largest gradient of the past for a measure; returns ``x`` and ``[f]``.

    With ``g = df/dx + weightDecay x``, t counting this step::

        m = beta1 m + (1 - beta1) g,   u = max(beta2 u, |g| + epsilon)
        x = x - learningRate / (1 - beta1^t) m / u

    Settings: learningRate 2e-3, beta1 0.9, beta2 0.999, epsilon 1e-38, weightDecay 0. State: t, m, u.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2014, section 7.1; Torch's optim manual.
    """
    c, state = resolve(
        "adamax", config, state, settings, learningRate=2e-3, beta1=0.9, beta2=0.999, epsilon=1e-38, weightDecay=0
    )
    check_point("adamax", x)
    f, g = evaluate("adamax", opfunc, x)
    m, u = (memory("adamax", state, key, x) for key in ("m", "u"))
    scratch(state, ["max"], (2, x.size), x)
    state["t"] = t = (state.get("t") or 0) + 1
    step = c.learningRate / (1 - c.beta1**t)
    update("adamax", x, m, u, g, step, c.weightDecay, c.beta1, 1 - c.beta1, c.beta2, c.epsilon)
    return x, [f]
