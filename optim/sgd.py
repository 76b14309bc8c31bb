"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from .common import Fields, OpFunc, check_point, evaluate, memory, rates, resolve, scratch
from .update import update


def sgd(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list]:
    """One step of gradient descent with momentum, Nesterov's included; returns ``x`` and ``[f]``, f before the step.

    With ``g = df/dx + weightDecay x`` and n the number of earlier steps::

        v = momentum v + (1 - dampening) g        v = g at the first step
        d = v,   or g + momentum v with nesterov, or g without momentum
        x = x - learningRate / (1 + n learningRateDecay) d

    Settings: learningRate 1e-3, learningRateDecay 0, weightDecay 0, momentum 0, dampening (**as momentum**: write
    ``dampening=0`` for the textbook rule), nesterov False; ``learningRates`` (a factor for each parameter) and
    ``weightDecays`` (in place of weightDecay where that is 0) are arrays like ``x``.
    State: evalCounter, dfdx (the v above). ``x``, of any shape, is updated in place; the gradient is only read.

    Errors: ValueError for nesterov without momentum or with dampening, for sizes that differ from x's; TypeError for
    types that do. Source: Torch's optim manual, sgd.
    """
    c, state = resolve(
        "sgd",
        config,
        state,
        settings,
        learningRate=1e-3,
        learningRateDecay=0,
        weightDecay=0,
        momentum=0,
        dampening=None,
        nesterov=False,
        learningRates=None,
        weightDecays=None,
    )
    check_point("sgd", x)
    dampening = c.momentum if c.dampening is None else c.dampening
    if c.nesterov and (c.momentum <= 0 or dampening != 0):
        raise ValueError(
            f"Nesterov momentum requires a momentum and zero dampening, not {c.momentum} and {dampening}"
            " (dampening is the momentum unless it is set)"
        )
    rate = rates("sgd", "learningRates", c.learningRates, x, 1)
    decay = rates("sgd", "weightDecays", None if c.weightDecay else c.weightDecays, x, c.weightDecay)

    f, g = evaluate("sgd", opfunc, x)
    n = state.get("evalCounter") or 0
    lr = c.learningRate / (1 + n * c.learningRateDecay)
    if c.momentum:
        first = state.get("dfdx") is None
        v = memory("sgd", state, "dfdx", x)
        keep, take = (0, 1) if first else (c.momentum, 1 - dampening)
        update("momentum", x, v, g, lr, rate, decay, keep, take, c.momentum if c.nesterov else 0)
    else:
        update("sgd", x, g, lr, rate, decay)
    if c.weightDecays is not None:
        scratch(state, ["decayParameters"], x.shape, x)
    if c.learningRates is not None:
        scratch(state, ["deltaParameters"], x.shape, x)
    state["evalCounter"] = n + 1
    return x, [f]
