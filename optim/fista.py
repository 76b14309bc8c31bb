"""Proximal gradient descent, plain and accelerated."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

from torch7.arrays import array_module

from .common import Fields, check_like, check_point, resolve
from .update import dot


def FistaLS(
    f: Callable[..., Any],
    g: Callable[[Any], float],
    pl: Callable[[Any, float], Any],
    xinit: Any,
    params: Fields | None = None,
    **settings: Any,
) -> tuple[Any, list[dict[str, Any]]]:
    """Minimise ``f(x) + g(x)``, f smooth and g with a proximal step; returns the minimum and a history.

    ``f(x, 'dx')`` gives value and gradient, ``f(x)`` the value at least; ``g(x)`` gives a number; ``pl(v, L)`` moves
    ``v`` in place to the minimum of ``g(u) + L/2 |u - v|^2``. From zeros (not from ``xinit``, which gets the result)::

        p = pl(y - df/L),  L = Lstep L until  f(p) <= f(y) + df.(p - y) + L/2 |p - y|^2
        ISTA:   y = p
        FISTA:  t' = (1 + sqrt(1 + 4 t^2)) / 2,  y = p + (t - 1)/t' (p - p_before)

    Where ``maxline + 1`` tries do not do, p is the p before (for ISTA zeros, as in Torch).

    Settings: L 0.1, Lstep 1.5, maxiter 50, maxline 20, errthres 1e-4 (least change of f + g to go on), doFistaUpdate
    False (ISTA), verbose False. The last L is written into ``params``. ``history[i]`` is a dict: nline, L, F, Fply and
    Gply (f + g, f and g at the new y), Q (the bound for f); with verbose also xk and y.

    Source: Beck and Teboulle, "A fast iterative shrinkage-thresholding algorithm for linear inverse problems", 2009.
    """
    c, _ = resolve(
        "FistaLS",
        params,
        None,
        settings,
        L=0.1,
        Lstep=1.5,
        maxiter=50,
        maxline=20,
        errthres=1e-4,
        doFistaUpdate=False,
        verbose=False,
    )
    check_point("FistaLS", xinit)
    xp = array_module(xinit)
    y, before = xp.zeros(xinit.shape, xinit.dtype), xp.zeros(xinit.shape, xinit.dtype)
    step, t, history = c.L, 1.0, []
    g(y)  # Torch asked for the value at the start too
    while len(history) < c.maxiter:
        point, step, entry = _search(f, pl, y, before, step, c)
        if c.doFistaUpdate:
            grown = (1 + sqrt(1 + 4 * t * t)) / 2
            y = point + (before - point) * point.dtype.type((1 - t) / grown)
            t, before = grown, point
        else:
            y = point
        entry.update(Fply=_value(f(y)), Gply=float(g(y)))
        entry["F"] = entry["Fply"] + entry["Gply"]
        if params is not None:
            params["L"] = step
        if c.verbose:
            entry.update(xk=point.copy(), y=y.copy())
            print(f"FistaLS: {entry['nline']} tries, L = {step:g}, F = {entry['F']:g}")
        history.append(entry)
        if len(history) > 1 and abs(history[-1]["F"] - history[-2]["F"]) <= c.errthres:
            break
    xinit[...] = y
    return y, history


def _search(f: Callable, pl: Callable, y: Any, before: Any, step: float, c: Any) -> tuple[Any, float, dict[str, Any]]:
    """The proximal step from ``y``, with 1/L short enough; ``before`` where maxline + 1 tries do not do."""
    fy, gradient = f(y, "dx")
    check_like("FistaLS", "the gradient", gradient, y)
    gradient = gradient.reshape(y.shape).copy()
    tries = 1
    while True:
        point = y + gradient * gradient.dtype.type(-1 / step)
        pl(point, step)
        move = point - y
        bound = float(fy) + dot(gradient, move) + step / 2 * dot(move, move)
        found = _value(f(point)) <= bound
        if found or tries > c.maxline:
            return point if found else before.copy(), step, {"nline": tries, "L": step, "Q": bound}
        step *= c.Lstep
        tries += 1


def _value(result: Any) -> float:
    return float(result[0] if isinstance(result, tuple | list) else result)
