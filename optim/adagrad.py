"""AdaGrad."""

from __future__ import annotations

from typing import Any

from .common import Fields, OpFunc, check_point, evaluate, memory, resolve, scratch
from .update import update


def adagrad(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list]:
    """One step of each parameter scaled by the gradients it has had; returns ``x`` and ``[f]``.

    With ``g = df/dx + weightDecay x`` and n the number of earlier steps::

        V = V + g^2
        x = x - learningRate / (1 + n learningRateDecay) g / (sqrt(V) + 1e-10)

    Settings: learningRate 1e-3, learningRateDecay 0, weightDecay 0. State: evalCounter, paramVariance (V).

    Source: Duchi et al., "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 2011.
    """
    if config is None and state is None:
        print("no state table, ADAGRAD initializing")
    c, state = resolve("adagrad", config, state, settings, learningRate=1e-3, learningRateDecay=0, weightDecay=0)
    check_point("adagrad", x)
    f, g = evaluate("adagrad", opfunc, x)
    n = state.get("evalCounter") or 0
    v = memory("adagrad", state, "paramVariance", x)
    scratch(state, ["paramStd"], x.shape, x)
    update("adagrad", x, v, g, c.learningRate / (1 + n * c.learningRateDecay), c.weightDecay, 1e-10)
    state["evalCounter"] = n + 1
    return x, [f]
