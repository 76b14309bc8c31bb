"""Schedules of the learning rate: what it is after ``t`` epochs, of which a step may be a part.

A schedule is a function ``(base, t)``: ``base`` is the rate that training began with, ``t`` the number of epochs done,
2.5 in the middle of the third. A function of a program's own serves as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Schedule = Callable[[float, float], float]


class StepDecay:
    """``base * factor ** floor(t / every)``: times ``factor`` (0.1) after every ``every`` (30) epochs."""

    def __init__(self, every: int = 30, factor: float = 0.1) -> None:
        self.every, self.factor = _positive(self, every=every), _positive(self, factor=factor)

    def __call__(self, base: float, t: float) -> float:
        return base * self.factor ** (math.floor(t) // self.every)

    def __repr__(self) -> str:
        return f"optim.StepDecay(every={self.every}, factor={self.factor})"


class ExponentialDecay:
    """``base * factor ** floor(t)``: times ``factor`` (0.95) after every epoch."""

    def __init__(self, factor: float = 0.95) -> None:
        self.factor = _positive(self, factor=factor)

    def __call__(self, base: float, t: float) -> float:
        return base * self.factor ** math.floor(t)

    def __repr__(self) -> str:
        return f"optim.ExponentialDecay(factor={self.factor})"


class CosineDecay:
    """``minimum + (base - minimum) (1 + cos(pi t / epochs)) / 2``, step by step; ``minimum`` (0) after ``epochs``."""

    def __init__(self, epochs: float, minimum: float = 0.0) -> None:
        self.epochs, self.minimum = _positive(self, epochs=epochs), minimum

    def __call__(self, base: float, t: float) -> float:
        part = min(t / self.epochs, 1.0)
        return self.minimum + (base - self.minimum) * (1 + math.cos(math.pi * part)) / 2

    def __repr__(self) -> str:
        return f"optim.CosineDecay(epochs={self.epochs}, minimum={self.minimum})"


class WarmUp:
    """``base * (start + (1 - start) t / epochs)``, step by step for ``epochs``; then ``then(base, t - epochs)``.

    ``start``: 0.1; ``then``: another schedule, None for ``base``.
    """

    def __init__(self, epochs: float = 1.0, then: Schedule | None = None, start: float = 0.1) -> None:
        self.epochs, self.then, self.start = _positive(self, epochs=epochs), then, start

    def __call__(self, base: float, t: float) -> float:
        if t < self.epochs:
            return base * (self.start + (1 - self.start) * t / self.epochs)
        return base if self.then is None else self.then(base, t - self.epochs)

    def onEndEpoch(self, trainer: Any) -> None:
        if hasattr(self.then, "onEndEpoch"):
            self.then.onEndEpoch(trainer)

    @property
    def state(self) -> dict[str, float]:
        return getattr(self.then, "state", {})

    def __repr__(self) -> str:
        return f"optim.WarmUp(epochs={self.epochs}, then={self.then!r}, start={self.start})"


class Plateau:
    """Times ``factor`` (0.1) when the score has not been better for more than ``patience`` (10) epochs.

    Better: by more than ``threshold`` (1e-4) of the best score. The rate does not fall below ``minimum`` (0).
    """

    def __init__(self, factor: float = 0.1, patience: int = 10, threshold: float = 1e-4, minimum: float = 0.0) -> None:
        self.factor, self.patience = _positive(self, factor=factor), patience
        self.threshold, self.minimum = threshold, minimum
        #: What a checkpoint keeps.
        self.state: dict[str, float] = {"scale": 1.0, "waited": 0}

    def __call__(self, base: float, t: float) -> float:
        return max(base * self.state["scale"], self.minimum)

    def onEndEpoch(self, trainer: Any) -> None:
        state, score = self.state, trainer.sign * trainer.row[trainer.scored]
        best = state.get("best")
        if best is None or score < best - self.threshold * abs(best):
            state["best"], state["waited"] = score, 0
            return
        state["waited"] += 1
        if state["waited"] > self.patience:
            state["scale"], state["waited"] = state["scale"] * self.factor, 0

    def __repr__(self) -> str:
        return f"optim.Plateau(factor={self.factor}, patience={self.patience}, threshold={self.threshold})"


def _positive(owner: Any, **setting: Any) -> Any:
    ((name, value),) = setting.items()
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"optim.{type(owner).__name__}: {name} is a number above 0, got {value!r}")
    return value
