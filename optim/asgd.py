"""Averaged stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from .common import Fields, OpFunc, check_point, evaluate, memory, resolve, scratch
from .update import update


def asgd(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list, Any]:
    """One step of averaged gradient descent; returns ``x``, ``[f]`` and the average of the ``x`` since step ``t0``.

    With ``eta = eta0`` and ``mu = 1`` at first::

        x = (1 - lambda eta) x - eta df/dx
        mean = mean + mu (x - mean)
        t = t + 1,   eta = eta0 / (1 + lambda eta0 t)^alpha,   mu = 1 / max(1, t - t0)

    Settings: eta0 1e-4, lambda 1e-4 (keyword ``lambda_``), alpha 0.75, t0 1e6; the defaults used are written into
    ``config``. State: eta_t, mu_t, t, ax (the mean).

    Source: Bottou, "Stochastic gradient descent tricks", 2012; Torch's optim manual, asgd.
    """
    if not config and not isinstance(config, dict):
        config = {}
    c, state = resolve("asgd", config, state, settings, eta0=1e-4, lambda_=1e-4, alpha=0.75, t0=1e6)
    check_point("asgd", x)
    f, g = evaluate("asgd", opfunc, x)
    for name, value in vars(c).items():
        if name not in settings and config.get(name) is None:
            config[name.rstrip("_")] = value

    eta, mu, t = (state.get(key) for key in ("eta_t", "mu_t", "t"))
    eta, mu, t = (c.eta0 if eta is None else eta, 1 if mu is None else mu, t or 0)
    mean = memory("asgd", state, "ax", x)
    scratch(state, ["tmp"], x.shape, x)
    update("asgd", x, mean, g, 1 - c.lambda_ * eta, eta, mu)
    t += 1
    state["t"] = t
    state["eta_t"] = c.eta0 / (1 + c.lambda_ * c.eta0 * t) ** c.alpha
    state["mu_t"] = 1 / max(1, t - c.t0)
    return x, [f], mean
