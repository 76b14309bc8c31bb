"""Line search for the strong Wolfe conditions."""

from __future__ import annotations

from math import inf, isfinite
from typing import Any, NamedTuple

from .common import Fields, OpFunc, evaluate, resolve
from .polyinterp import polyinterp
from .update import dot, update


class _Point(NamedTuple):
    t: float
    f: float
    g: Any
    slope: float


def lswolfe(
    opfunc: OpFunc,
    x: Any,
    t: float,
    d: Any,
    f: float,
    g: Any,
    gtd: float,
    options: Fields | None = None,
    **settings: Any,
) -> tuple[float, Any, Any, float, int]:
    """Find a step along ``d`` from ``x`` (where f, g and the slope ``gtd = g.d`` are given), trying ``t`` first.

    A step is taken if ``f(t) <= f + c1 t gtd`` and ``|slope(t)| <= c2 |gtd|``. Steps grow by cubic extrapolation until
    such a step lies in between, which cubic interpolation then narrows down. Returns f, g, x, t and the number of
    evaluations, at the best step found; ``x`` is moved there in place. ``optim.lbfgs`` takes it as its ``lineSearch``.

    Settings: c1 1e-4, c2 0.9, tolX 1e-9 (stop narrowing at that gain), maxIter 20, verbose False.

    Source: Nocedal and Wright, "Numerical optimization", algorithms 3.5 and 3.6.
    """
    c, _ = resolve("lswolfe", options, None, settings, c1=1e-4, c2=0.9, tolX=1e-9, maxIter=20, verbose=False)
    search = _Search(opfunc, x, d, _Point(0.0, f, g.copy(), gtd), c)
    best = search.zoom(search.bracket(t))
    search.move(best.t)
    if c.verbose:
        print(f"lswolfe: step {best.t:g}, f = {best.f:g}, {search.evaluations} evaluations")
    return best.f, best.g, x, best.t, search.evaluations


class _Search:
    def __init__(self, opfunc: OpFunc, x: Any, d: Any, start: _Point, c: Any) -> None:
        self.opfunc, self.x, self.d, self.start, self.c = opfunc, x, d, start, c
        self.origin = x.copy()
        self.evaluations = self.iterations = 0

    def move(self, t: float) -> None:
        self.x[...] = self.origin
        update("axpy", self.x, self.d, t)

    def at(self, t: float) -> _Point:
        self.move(t)
        f, g = evaluate("lswolfe", self.opfunc, self.x)
        self.evaluations += 1
        return _Point(t, float(f), g.copy(), dot(g, self.d))

    def too_high(self, p: _Point) -> bool:
        return not isfinite(p.f) or p.f > self.start.f + self.c.c1 * p.t * self.start.slope

    def flat(self, p: _Point) -> bool:
        return abs(p.slope) <= -self.c.c2 * self.start.slope

    def bracket(self, t: float) -> list[_Point]:
        """Two points with an acceptable step between them, or the one acceptable point."""
        before, p = self.start, self.at(t)
        while self.iterations < self.c.maxIter:
            if self.too_high(p) or (self.iterations > 1 and p.f >= before.f):
                return [before, p]
            if self.flat(p):
                return [p]
            if p.slope >= 0:
                return [before, p]
            least, most = p.t + 0.01 * (p.t - before.t), 10 * p.t
            t, _ = polyinterp([(before.t, before.f, before.slope), (p.t, p.f, p.slope)], least, most)
            before, p = p, self.at(t)
            self.iterations += 1
        return [self.start, p]

    def zoom(self, ends: list[_Point]) -> _Point:
        """Narrow the bracket until a step in it is acceptable; the lowest of its ends."""
        stuck = False
        while len(ends) > 1 and self.iterations < self.c.maxIter:
            low, high = _lowest(ends), 1 - _lowest(ends)
            t, _ = polyinterp([(p.t, p.f, p.slope) for p in ends])
            t, stuck = _inside(t, *sorted(p.t for p in ends), stuck)
            p = self.at(t)
            self.iterations += 1
            if self.too_high(p) or p.f >= ends[low].f:
                ends[high] = p
            elif self.flat(p):
                return p
            else:
                if p.slope * (ends[high].t - ends[low].t) >= 0:
                    ends[high] = ends[low]
                ends[low] = p
            if abs((ends[0].t - ends[1].t) * p.slope) < self.c.tolX:
                break
        return ends[_lowest(ends)]


def _lowest(ends: list[_Point]) -> int:
    """Which end has the smallest f, the first one of equals; numbers that are not finite come last."""
    return min(range(len(ends)), key=lambda i: ends[i].f if isfinite(ends[i].f) else inf)


def _inside(t: float, lo: float, hi: float, stuck: bool) -> tuple[float, bool]:
    """``t``, moved to a tenth from the nearer end where it is stuck there; and whether it is near an end now."""
    width = hi - lo
    if min(hi - t, t - lo) >= 0.1 * width:
        return t, False
    if not stuck and lo < t < hi:
        return t, True
    return (hi - 0.1 * width if abs(t - hi) < abs(t - lo) else lo + 0.1 * width), False
