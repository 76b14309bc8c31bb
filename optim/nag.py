"""Nesterov's accelerated gradient."""

from __future__ import annotations

from typing import Any

from .common import Fields, OpFunc, check_point, evaluate, memory, rates, resolve, scratch
from .update import update


def nag(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list]:
    """One step of Nesterov's method, which takes the gradient where momentum leads; returns ``x`` and ``[f]``.

    With n the number of earlier steps::

        x = x + momentum v,   f and g = df/dx there,   g = g + weightDecay x
        d = learningRate / (1 + n learningRateDecay) g
        x = x - d,   v = momentum v - d

    Settings: learningRate 1e-3, learningRateDecay 0, weightDecay 0, momentum 0.9; ``learningRates``, a factor for each
    parameter. ``dampening`` is accepted and has no effect, as in Torch. State: evalCounter, dfdx (the v above).
    If ``opfunc`` raises, ``x`` goes back to where it was, up to rounding.

    Errors: ValueError for a momentum that is not positive. Source: Sutskever et al., "On the importance of
    initialization and momentum in deep learning", ICML 2013; Torch's optim manual, nag.
    """
    c, state = resolve(
        "nag",
        config,
        state,
        settings,
        learningRate=1e-3,
        learningRateDecay=0,
        weightDecay=0,
        momentum=0.9,
        dampening=None,
        learningRates=None,
    )
    check_point("nag", x)
    if c.momentum <= 0:
        raise ValueError(f"Momentum must be positive for Nesterov Accelerated Gradient, not {c.momentum}")
    rate = rates("nag", "learningRates", c.learningRates, x, 1)
    ahead = c.momentum if state.get("dfdx") is not None else 0
    v = memory("nag", state, "dfdx", x) if ahead else None
    if ahead:
        update("axpy", x, v, ahead)
    try:
        f, g = evaluate("nag", opfunc, x)
    except BaseException:
        if ahead:
            update("axpy", x, v, -ahead)
        raise

    n = state.get("evalCounter") or 0
    v = memory("nag", state, "dfdx", x)
    update("nag", x, v, g, c.learningRate / (1 + n * c.learningRateDecay), rate, c.weightDecay, c.momentum)
    if c.learningRates is not None:
        scratch(state, ["deltaParameters"], x.shape, x)
    state["evalCounter"] = n + 1
    return x, [f]
