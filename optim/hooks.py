"""What a :class:`Trainer` calls: an end that comes early, the best network, the log, the checkpoints."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch7

from .checkpoints import Checkpoints
from .logger import Logger

#: When hooks are called, in order; each is a method ``(trainer)`` that a hook may have.
EVENTS = (
    "onStart",
    "onStartEpoch",
    "onSample",
    "onForward",
    "onBackward",
    "onUpdate",
    "onEndEpoch",
    "onEnd",
)


class EarlyStopping:
    """Ends training when the score has not been better, by more than ``threshold`` (0), for ``patience`` (5) epochs.

    A score that is not a number counts as not better.
    """

    def __init__(self, patience: int = 5, threshold: float = 0.0) -> None:
        if isinstance(patience, bool) or not isinstance(patience, int) or patience < 1:
            raise ValueError(f"optim.EarlyStopping: patience is a number of epochs from 1, got {patience!r}")
        self.patience, self.threshold = patience, threshold
        self.state: dict[str, float] = {"waited": 0}

    def onStart(self, trainer: Any) -> None:
        self._judge(trainer)

    def onEndEpoch(self, trainer: Any) -> None:
        score, best = trainer.sign * trainer.row[trainer.scored], self.state.get("best")
        if math.isfinite(score) and (best is None or score < best - self.threshold):
            self.state |= {"best": score, "waited": 0}
        else:
            self.state["waited"] += 1
        self._judge(trainer)

    def _judge(self, trainer: Any) -> None:
        if self.state["waited"] >= self.patience:
            trainer.stop(f"{trainer.scored} has not been better for {self.patience} epochs")

    def __repr__(self) -> str:
        return f"optim.EarlyStopping(patience={self.patience}, threshold={self.threshold})"


class BestModel:
    """Writes the network to ``path`` whenever the score is the best so far; ``restore`` takes it back at the end."""

    def __init__(self, path: str | Path, restore: bool = False) -> None:
        self.path, self.restore = Path(path), restore
        self.state: dict[str, float] = {}

    def onEndEpoch(self, trainer: Any) -> None:
        score, best = trainer.sign * trainer.row[trainer.scored], self.state.get("best")
        if math.isfinite(score) and (best is None or score < best):
            self.state["best"] = score
            self.path.parent.mkdir(parents=True, exist_ok=True)
            torch7.save(self.path, trainer.network.clearState())

    def onEnd(self, trainer: Any) -> None:
        if self.restore and self.state:
            trainer.take(torch7.load(self.path))

    def __repr__(self) -> str:
        return f"optim.BestModel({str(self.path)!r}, restore={self.restore})"


class Logging:
    """Writes the row of every epoch to an ``optim.Logger``."""

    def __init__(self, logger: Logger) -> None:
        self.logger = logger

    def onEndEpoch(self, trainer: Any) -> None:
        self.logger.add(trainer.row)


class Saving:
    """Saves every epoch to ``optim.Checkpoints``; runs behind all other hooks, whose state it saves."""

    def __init__(self, checkpoints: Checkpoints) -> None:
        self.checkpoints = checkpoints

    def onEndEpoch(self, trainer: Any) -> None:
        score = trainer.row[trainer.scored]
        self.checkpoints.save(
            trainer.epoch, score, network=trainer.network.clearState(), config=trainer.config, trainer=trainer.state()
        )


def as_hook(hook: Any) -> Any:
    """A logger or checkpoints as hooks; ``TypeError`` for what has no method of a hook."""
    if isinstance(hook, Logger):
        return Logging(hook)
    if isinstance(hook, Checkpoints):
        return Saving(hook)
    if isinstance(hook, type) or not any(hasattr(hook, event) for event in EVENTS):
        raise TypeError(f"optim.Trainer: a hook is an object with one of the methods {', '.join(EVENTS)}, not {hook!r}")
    return hook
