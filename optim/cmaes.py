"""Evolution with an adapted covariance matrix."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, floor, log, sqrt
from typing import Any

import numpy as np

from torch7 import normal
from torch7.arrays import array_module

from .common import Fields, check_point, resolve


def cmaes(
    opfunc: Callable[[Any], Any],
    x: Any,
    config: Fields | None = None,
    state: Fields | None = None,
    **settings: Any,
) -> tuple[Any, list[float], int]:
    """Minimise by CMA-ES, without gradients; returns the best point, a list of f and the number of evaluations.

    Generations of ``popsize`` points are drawn from a normal distribution around ``x``, with numbers from Torch's
    generator (``torch7.manualSeed``); its mean, step size and covariance follow the better half. ``opfunc`` returns f,
    alone or with a gradient that is not used. ``x`` is not changed. The list holds f(x), the best of each generation,
    and the best of all. Ends after maxEval evaluations, below ftarget, or when steps or differences of f vanish.

    Settings (read from ``state`` where it is given, else from ``config``): sigma (the first step size; required),
    maxEval 1000 N^2, ftarget None, popsize 4 + floor(3 ln N), min_iterations 1, verb_disp 0 (print every so many
    generations).

    Errors: ValueError without a positive sigma. Source: Hansen, "The CMA evolution strategy: a tutorial", 2016.
    """
    c, _ = resolve(
        "cmaes",
        {**(config or {}), **(state or {})},
        None,
        settings,
        sigma=None,
        maxEval=None,
        ftarget=None,
        popsize=None,
        verb_disp=0,
        min_iterations=1,
    )
    check_point("cmaes", x)
    if c.sigma is None or not c.sigma > 0:
        raise ValueError(f"optim.cmaes: sigma, the first step size, must be a positive number, not {c.sigma}")
    c.maxEval = 1e3 * x.size**2 if c.maxEval is None else c.maxEval
    strategy = _Strategy(_values(x), float(c.sigma), c.popsize)

    losses = [_value(opfunc(x.copy()))]
    generation = 0
    while generation < c.min_iterations or not strategy.done(c):
        generation += 1
        points = [_like(x, point) for point in strategy.ask()]
        strategy.tell(points, [_value(opfunc(point)) for point in points])
        losses.append(float(strategy.fitness[0]))
        if c.verb_disp and generation % c.verb_disp == 0:
            print(f"cmaes: {strategy.evaluations} evaluations, f = {losses[-1]:.10g}, sigma = {strategy.sigma:.3g}")
    losses.append(strategy.best_f)
    return strategy.best, losses, strategy.evaluations


def _value(result: Any) -> float:
    return float(result[0] if isinstance(result, tuple | list) else result)


def _values(x: Any) -> np.ndarray:
    return (x if isinstance(x, np.ndarray) else x.get()).astype(np.float64).reshape(-1)


def _like(x: Any, values: np.ndarray) -> Any:
    return array_module(x).asarray(values.astype(x.dtype)).reshape(x.shape)


class _Strategy:
    """Mean, step size and covariance of the distribution; the constants' names are those of the tutorial."""

    def __init__(self, mean: np.ndarray, sigma: float, popsize: float | None) -> None:
        self.mean, self.sigma = mean, sigma
        n = self.n = mean.size
        self.popsize = int(popsize or 4 + floor(3 * log(n)))
        if self.popsize < 2:
            raise ValueError(f"optim.cmaes: popsize must be 2 or more, not {popsize}")
        mu = self.popsize / 2
        weights = log(mu + 0.5) - np.log(np.arange(1, floor(mu) + 1))
        self.weights = weights / weights.sum()
        self.mueff = mueff = self.weights.sum() ** 2 / (self.weights**2).sum()
        self.cc = (4 + mueff / n) / (n + 4 + 2 * mueff / n)
        self.cs = (mueff + 2) / (n + mueff + 5)
        self.c1 = 2 / ((n + 1.3) ** 2 + mueff)
        self.cmu = min(1 - self.c1, 2 * (mueff - 2 + 1 / mueff) / ((n + 2) ** 2 + mueff))
        self.damps = 2 * mueff / self.popsize + 0.3 + self.cs
        self.pc, self.ps = np.zeros(n), np.zeros(n)
        self.axes, self.lengths, self.covariance, self.whiten = np.eye(n), np.ones(n), np.eye(n), np.eye(n)
        self.evaluations = self.decomposed = 0
        self.best, self.best_f = None, np.inf
        self.fitness = np.zeros(0)

    def ask(self) -> list[np.ndarray]:
        """The points of the next generation."""
        if self.evaluations - self.decomposed > self.popsize / (self.c1 + self.cmu) / self.n / 10:
            self.decomposed = self.evaluations
            squares, self.axes = np.linalg.eigh(self.covariance, "U")  # Torch's triangle: the signs depend on it
            self.lengths = np.sqrt(np.maximum(squares, 0))
            with np.errstate(divide="ignore", invalid="ignore"):
                self.whiten = (self.axes / self.lengths) @ self.axes.T
        return [
            self.mean + self.sigma * (self.axes @ (self.lengths * normal(np.empty(self.n))))
            for _ in range(self.popsize)
        ]

    def tell(self, points: list, fitness: list[float]) -> None:
        """Learn from the generation: the better half pulls the mean, the paths set step size and covariance."""
        self.evaluations += self.popsize
        order = np.argsort(fitness, kind="stable")
        self.fitness = np.array(fitness)[order]
        if self.best is None or self.fitness[0] < self.best_f:
            self.best, self.best_f = points[order[0]].copy(), float(self.fitness[0])
        chosen = np.array([_values(points[i]) for i in order[: len(self.weights)]])
        before, self.mean = self.mean, self.weights @ chosen
        moved = self.mean - before

        pull = sqrt(self.cs * (2 - self.cs) * self.mueff) / self.sigma
        self.ps = (1 - self.cs) * self.ps + pull * (self.whiten @ moved)
        length = (self.ps**2).sum() / self.n
        settled = 1 - (1 - self.cs) ** (2 * self.evaluations / self.popsize)
        hsig = float(length / settled < 2 + 4 / (self.n + 1))
        pull = sqrt(self.cc * (2 - self.cc) * self.mueff) / self.sigma
        self.pc = (1 - self.cc) * self.pc + pull * hsig * moved

        forget = self.c1 * (1 - (1 - hsig**2) * self.cc * (2 - self.cc)) + self.cmu
        steps = (chosen - before) / self.sigma
        self.covariance = (
            (1 - forget) * self.covariance
            + self.c1 * np.outer(self.pc, self.pc)
            + self.cmu * (steps.T * self.weights) @ steps
        )
        self.sigma *= exp(min(0.6, self.cs / self.damps * (length - 1) / 2))

    def done(self, c: Any) -> bool:
        if self.evaluations == 0:
            return False
        return bool(
            self.evaluations >= c.maxEval
            or (c.ftarget is not None and self.fitness[0] <= c.ftarget)
            or self.lengths.max() > 1e7 * self.lengths.min()
            or self.fitness[-1] - self.fitness[0] < 1e-12
            or self.sigma * self.lengths.max() < 1e-11
        )
