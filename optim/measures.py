"""What a :class:`Trainer` measures and says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class Means:
    """Means over samples of numbers that come as means of batches."""

    def __init__(self) -> None:
        self.count = 0
        self.values: dict[str, float] = {}

    def add(self, n: int, values: Mapping[str, float]) -> None:
        self.count += n
        for name, value in values.items():
            self.values[name] = self.values.get(name, 0.0) + n * float(value)

    def result(self) -> dict[str, float]:
        if not self.count:
            raise ValueError("optim.Trainer: the data set is empty")
        return {name: value / self.count for name, value in self.values.items()} | {"samples": self.count}


def measured(metrics: Mapping[str, Any], output: Any, target: Any) -> dict[str, float]:
    """The values of metrics for a batch."""
    return {name: float(metric(output, target)) for name, metric in metrics.items()}


def accuracy(output: Any, target: Any) -> float:
    """The share of rows of ``output`` whose first largest element is at the class ``target``, counted from 1."""
    scores = np.asarray(output)
    scores = scores.reshape(-1, scores.shape[-1])
    return float(np.mean(scores.argmax(1) + 1 == np.asarray(target).reshape(-1)))


def line(row: Mapping[str, Any], epochs: int, speed: float, seconds: float) -> str:
    """What an epoch prints."""
    numbers = ", ".join(f"{name} {value:.4g}" for name, value in row.items() if name not in ("epoch", "learning rate"))
    left = (epochs - row["epoch"]) * round(seconds, 3)
    clock = f"{int(left) // 3600}:{int(left) // 60 % 60:02}:{int(left) % 60:02}"
    rate = f"rate {row['learning rate']:.4g}, " if "learning rate" in row else ""
    rate += f"{speed:.4g} samples/s, {clock} left"
    return f"# epoch {row['epoch']}/{epochs}: {numbers}; {rate}"
