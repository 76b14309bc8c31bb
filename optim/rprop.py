"""Resilient backpropagation."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.arrays import is_array

from .common import Fields, OpFunc, check_point, evaluate, memory, resolve, scratch
from .update import update


def rprop(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list]:
    """``niter`` steps by the gradient's sign alone, for full batches; returns ``x`` and the list of f.

    Each parameter has a step size, which grows while its derivative keeps its sign::

        size = size etaplus where g last > 0, size etaminus and g = 0 where g last < 0,
        kept within stepsizemin..stepsizemax
        x = x - sign(g) size,   last = g

    Settings: stepsize 0.1 (all sizes at first), etaplus 1.2, etaminus 0.5, stepsizemax 50, stepsizemin 1e-6, niter 1.
    State: delta (last), stepsize (the sizes, an array).

    Source: Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning", 1993.
    """
    if config is None and state is None:
        print("no state table RPROP initializing")
    c, state = resolve(
        "rprop",
        config,
        state,
        settings,
        stepsize=0.1,
        etaplus=1.2,
        etaminus=0.5,
        stepsizemax=50,
        stepsizemin=1e-6,
        niter=1,
    )
    check_point("rprop", x)
    losses = []
    for _ in range(int(c.niter)):
        f, g = evaluate("rprop", opfunc, x)
        last = memory("rprop", state, "delta", x)
        size = memory("rprop", state, "stepsize", x, 0 if is_array(c.stepsize) else c.stepsize)
        update("rprop", x, last, size, g, c.etaplus, c.etaminus, c.stepsizemax, c.stepsizemin)
        losses.append(f)
    scratch(state, ["sign"], x.shape, x)
    scratch(state, ["psign", "nsign", "zsign", "dminmax"], x.shape, x, np.uint8)
    return x, losses
