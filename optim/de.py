"""Differential evolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import Generator, random, uniform
from torch7.arrays import array_module

from .common import Fields, check_point, resolve


def de(
    opfunc: Callable[[Any], Any],
    x: Any,
    config: Fields | None = None,
    state: Fields | None = None,
    **settings: Any,
) -> tuple[Any, np.ndarray]:
    """Minimise by differential evolution, without gradients; returns the best point and all f in order.

    ``popsize`` points are spread over ``minRegion..maxRegion``. In each generation point i has a child that takes
    ``best + scaleFactor (p - q)``, with p and q two other points, in a share ``crossoverRate`` of its elements (in all
    of them for one i drawn anew for each child); a child no worse than its parent takes its place, and becomes the best
    point where it is better than that. At first the best point is that of the **highest** f, as in Torch. The run is
    the same every time: random numbers come from a generator of its own, seeded with 1. ``x`` gives type and size and
    is not changed; ``state`` is not used. ``opfunc`` returns f, alone or with a gradient that is not used.

    Settings: scaleFactor, crossoverRate and maxFEs (evaluations; ``maxEval`` is another name) are required; popsize
    10 N, minRegion -30, maxRegion 30.

    Errors: ValueError where a required setting is missing or popsize is below 3.
    Source: Storn and Price, "Differential evolution", 1997.
    """
    c, _ = resolve(
        "de",
        config,
        None,
        settings,
        popsize=None,
        scaleFactor=None,
        crossoverRate=None,
        maxFEs=None,
        maxEval=None,
        maxRegion=30,
        minRegion=-30,
    )
    check_point("de", x)
    c.popsize = int(10 * x.size if c.popsize is None else c.popsize)
    c.maxFEs = c.maxEval if c.maxFEs is None else c.maxFEs
    if missing := [name for name in ("scaleFactor", "crossoverRate", "maxFEs") if getattr(c, name) is None]:
        raise ValueError(f"optim.de: config must give {', '.join(missing)}")
    if not 3 <= c.popsize <= c.maxFEs:
        raise ValueError(f"optim.de: popsize must be from 3 to maxFEs ({c.maxFEs:g}), not {c.popsize}")

    def value(point: np.ndarray) -> np.floating:
        result = opfunc(array_module(x).asarray(point).reshape(x.shape))
        return x.dtype.type(result[0] if isinstance(result, tuple | list) else result)

    generator = Generator().manualSeed(1)
    points = uniform(np.empty((c.popsize, x.size), x.dtype), c.minRegion, c.maxRegion, generator=generator)
    fitness = np.array([value(point.copy()) for point in points])
    losses = list(fitness)
    best = points[fitness.argmax()].copy()
    best_f = fitness.max()
    while len(losses) + 1 < c.maxFEs:
        children = _children(points, best, c, generator)
        for i, child in enumerate(children[: int(c.maxFEs) - len(losses)]):
            f = value(child.copy())
            losses.append(f)
            if f <= fitness[i]:
                points[i], fitness[i] = child, f
                if f < best_f:
                    best, best_f = child.copy(), f
    return array_module(x).asarray(best).reshape(x.shape), np.array(losses)


def _children(points: np.ndarray, best: np.ndarray, c: Any, generator: Generator) -> np.ndarray:
    """A child for each point, drawn in order: two other points, the one taken whole, a number for each element."""
    count, size = points.shape
    children = points.copy()
    for i in range(1, count + 1):
        p = _other(generator, count, {i})
        q = _other(generator, count, {i, p})
        whole = random(1, size, generator=generator) == i
        taken = np.array([uniform(generator=generator) < c.crossoverRate for _ in range(size)]) | whole
        wide = points[[p - 1, q - 1]].astype(np.float64)
        mutant = best + float(c.scaleFactor) * (wide[0] - wide[1])
        children[i - 1, taken] = mutant[taken]
    return children


def _other(generator: Generator, count: int, taken: set[int]) -> int:
    while (chosen := random(1, count, generator=generator)) in taken:
        pass
    return chosen
