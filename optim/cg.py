"""Conjugate gradients."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from .common import Fields, OpFunc, check_point, evaluate, memory, resolve, scratch
from .update import dot, update


def cg(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list[float], int]:
    """Minimise by Polak-Ribiere conjugate gradients; returns ``x``, the f of each line search, and evaluations made.

    Each line search inter- and extrapolates cubically until the Wolfe-Powell conditions hold,
    ``f(z) <= f + rho z f'`` and ``|f'(z)| <= sig |f'|``; the next direction is ``beta s - df`` with
    ``beta = df.(df - df_before) / df_before.df_before``. A line search that fails ends the call at the best point.

    Settings: maxEval 1.25 maxIter (evaluations in one call), maxIter 20 (evaluations in one line search), rho 0.01,
    sig 0.5, int 0.1 and ext 3 (how near the ends to interpolate, how far to extrapolate), ratio 100 (largest growth of
    the step), verbose False. State: buffers only (x0, s, df0 ... df3); calls are independent.

    Source: Rasmussen's "minimize"; Nocedal and Wright, "Numerical optimization", chapter 5.
    """
    c, state = resolve(
        "cg",
        config,
        state,
        settings,
        rho=0.01,
        sig=0.5,
        int=0.1,
        ext=3,
        maxIter=20,
        ratio=100,
        maxEval=None,
        verbose=False,
    )
    check_point("cg", x)
    c.maxEval = 1.25 * c.maxIter if c.maxEval is None else c.maxEval
    search = _Search(opfunc, x, state, c)
    losses = [search.f1]
    while search.evaluations < abs(c.maxEval) and search.line():
        losses.append(search.f1)
        if c.verbose:
            print(f"cg: {search.evaluations} evaluations, f = {search.f1:.6e}")
    return x, losses, search.evaluations


class _Search:
    """One call's point, direction ``s``, step ``z1`` and slope ``d1``; the names are the routine's."""

    def __init__(self, opfunc: OpFunc, x: Any, state: Fields, c: Any) -> None:
        self.opfunc, self.x, self.c = opfunc, x, c
        self.evaluations = 0
        self.x0, self.df1, self.df2, self.s = (memory("cg", state, key, x) for key in ("x0", "df1", "df2", "s"))
        scratch(state, ["df0", "df3"], x.shape, x)
        self.f1 = self.evaluate(self.df1)
        self.steepest()
        self.z1 = 1 / (1 - self.d1)

    def evaluate(self, df: Any) -> float:
        f, g = evaluate("cg", self.opfunc, self.x)
        df[...] = g.reshape(df.shape)
        self.evaluations += 1
        return float(f)

    def steepest(self) -> None:
        self.s[...] = self.df1
        self.s *= -1
        self.d1 = -dot(self.s, self.s)

    def step(self, z: float) -> float:
        """Move by ``z s``; the slope there, with f and gradient in ``f2`` and ``df2``."""
        update("axpy", self.x, self.s, z)
        self.f2 = self.evaluate(self.df2)
        return dot(self.df2, self.s)

    def line(self) -> bool:
        """Search along ``s``. True: f1, df1 and s are the new point's. False: x is back where the search began."""
        self.x0[...] = self.x.reshape(self.x0.shape)
        if self.wolfe():
            self.turn()
            return True
        self.x[...] = self.x0.reshape(self.x.shape)
        return False

    def wolfe(self) -> bool:
        """Step until the conditions hold for f2 and the slope d2, or the budget is spent; the first step is free."""
        c, f1, d1, z1 = self.c, self.f1, self.d1, self.z1
        d2 = self.step(z1)
        budget = min(c.maxIter, c.maxEval - self.evaluations)
        f3, d3, z3 = f1, d1, -z1
        limit = -1.0
        while True:
            while self.fails(z1, d2) and budget > 0:
                limit = z1
                if self.f2 > f1:
                    z2 = _quadratic(self.f2, f3, d3, z3)
                else:
                    z2 = _cubic(self.f2, d2, f3, d3, z3)
                z2 = z2 if isfinite(z2) else z3 / 2
                z2 = max(min(z2, c.int * z3), (1 - c.int) * z3)
                z1 += z2
                d2 = self.step(z2)
                budget -= 1
                z3 -= z2
            if self.fails(z1, d2):
                return False
            if d2 > c.sig * d1:
                self.z1 = z1
                return True
            still = (self.f2, d2) == (f3, d3)  # steps below the rounding of x: a budget that is no whole number goes on
            if budget == 0 or (budget < 0 and (still or not isfinite(self.f2))):
                return False
            z2 = self.extrapolate(_beyond(self.f2, d2, f3, d3, z3), z1, z3, limit)
            f3, d3, z3 = self.f2, d2, -z2
            z1 += z2
            d2 = self.step(z2)
            budget -= 1

    def fails(self, z: float, slope: float) -> bool:
        return self.f2 > self.f1 + z * self.c.rho * self.d1 or slope > -self.c.sig * self.d1

    def extrapolate(self, z2: float, z1: float, z3: float, limit: float) -> float:
        """The cubic's step ``z2``, kept within the limits."""
        c, bounded = self.c, limit > -0.5
        farthest, middle = z1 * (c.ext - 1), (limit - z1) / 2
        if not isfinite(z2) or z2 < 0:
            return middle if bounded else farthest
        if bounded and z2 + z1 > limit:
            return middle
        if not bounded and z2 + z1 > z1 * c.ext:
            return farthest
        if z2 < -z3 * c.int:
            return -z3 * c.int
        if bounded and z2 < (limit - z1) * (1 - c.int):
            return (limit - z1) * (1 - c.int)
        return z2

    def turn(self) -> None:
        """Make the point found the current one and turn to the conjugate direction."""
        beta = (dot(self.df2, self.df2) - dot(self.df2, self.df1)) / dot(self.df1, self.df1)
        self.s *= beta
        self.s -= self.df2
        self.f1, self.df1, self.df2 = self.f2, self.df2, self.df1
        before, self.d1 = self.d1, dot(self.df1, self.s)
        if self.d1 > 0:
            self.steepest()
        self.z1 *= min(self.c.ratio, before / (self.d1 - 1e-320))


def _quadratic(f2: float, f3: float, d3: float, z3: float) -> float:
    """The minimum of the parabola through (f3, slope d3) and f2 at distance z3."""
    with np.errstate(all="ignore"):
        return float(z3 - np.float64(0.5 * d3 * z3 * z3) / (d3 * z3 + f2 - f3))


def _coefficients(f2: float, d2: float, f3: float, d3: float, z3: float) -> tuple[np.float64, np.float64]:
    return np.float64(6 * (f2 - f3)) / z3 + 3 * (d2 + d3), np.float64(3 * (f3 - f2) - z3 * (d3 + 2 * d2))


def _cubic(f2: float, d2: float, f3: float, d3: float, z3: float) -> float:
    """The minimum of the cubic through both points and slopes, between them."""
    with np.errstate(all="ignore"):
        a, b = _coefficients(f2, d2, f3, d3, z3)
        return float((np.sqrt(b * b - a * d2 * z3 * z3) - b) / a)


def _beyond(f2: float, d2: float, f3: float, d3: float, z3: float) -> float:
    """The same cubic's minimum beyond the second point."""
    with np.errstate(all="ignore"):
        a, b = _coefficients(f2, d2, f3, d3, z3)
        return float(-d2 * z3 * z3 / (b + np.sqrt(b * b - a * d2 * z3 * z3)))
