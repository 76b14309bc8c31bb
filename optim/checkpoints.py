"""Checkpoints of a training in one call, and the way back: the same numbers as if nothing had happened."""

from __future__ import annotations

import json
import math
import re
import warnings
from pathlib import Path
from typing import Any

import torch7
from torch7 import T7Error
from torch7.serialization.replacing import replacing

_NAME = re.compile(r"epoch-(\d+)\.t7$")


class Checkpoints:
    """Checkpoints in ``folder``, one file an epoch that Lua Torch reads: ``epoch-000012.t7``.

    ``save(epoch, score, model=net, state=config)`` writes what it is given, with the state of the random numbers, and
    deletes the old ones: the newest ``keep`` stay, and the ``best`` with the best scores (smallest, or with
    ``highest`` largest). ``resume()`` returns the newest that is whole, with the random numbers where they were. A file
    is whole or not there, at whatever moment the process is killed.

    ::

        checkpoints = optim.Checkpoints("out/run")
        found = checkpoints.resume() or {"epoch": 0, "model": network(), "state": {"learningRate": 0.1}}
        net, state = found["model"], found["state"]
        parameters, gradients = net.getParameters()
        for epoch in range(found["epoch"] + 1, 31):
            ...
            checkpoints.save(epoch, loss, model=net, state=state)
    """

    def __init__(self, folder: str | Path, keep: int = 1, best: int = 1, highest: bool = False) -> None:
        if keep < 1 or best < 0:
            raise ValueError(f"optim.Checkpoints: keep is at least 1 and best at least 0, got {keep} and {best}")
        self.folder, self.keep, self.kept_best, self.highest = Path(folder), keep, best, highest
        self.folder.mkdir(parents=True, exist_ok=True)

    def save(self, epoch: int, score: float | None = None, **things: Any) -> Path:
        """Write the checkpoint of ``epoch``; returns its file. ``things`` are what ``torch7.save`` takes.

        ``ValueError`` for an epoch that is not a whole number from 0, and for the names ``epoch``, ``score``,
        ``random``.
        """
        if not isinstance(epoch, int) or isinstance(epoch, bool) or epoch < 0:
            raise ValueError(f"optim.Checkpoints: an epoch is a whole number from 0, got {epoch!r}")
        if "random" in things:
            raise ValueError("optim.Checkpoints: 'random' is the name of the state of the random numbers")
        score = None if score is None else float(score)
        path = self.folder / f"epoch-{epoch:06d}.t7"
        torch7.save(path, {"epoch": epoch, "score": score, "random": torch7.getRNGState(), **things})
        scores = self._scores() | {path.name: score}
        self._write_scores({name: s for name, s in scores.items() if (self.folder / name).exists()})
        self._delete_old()
        return path

    def files(self) -> list[Path]:
        """The checkpoints, the newest last."""
        found = (path for path in self.folder.iterdir() if _NAME.match(path.name))
        return sorted(found, key=lambda path: int(_NAME.match(path.name)[1]))  # type: ignore[index]

    def resume(self) -> dict[str, Any] | None:
        """The newest checkpoint that is whole, and the random numbers set to where they were; None without any."""
        for path in reversed(self.files()):
            try:
                found = torch7.load(path)
            except (T7Error, OSError) as error:
                warnings.warn(f"optim.Checkpoints: {path} cannot be read, an older one is taken: {error}", stacklevel=2)
                continue
            torch7.setRNGState(found.pop("random"))
            return found
        return None

    def best(self) -> dict[str, Any] | None:
        """The checkpoint with the best score, which leaves the random numbers alone; None without any."""
        ranked = self._ranked()
        if not ranked:
            return None
        found = torch7.load(ranked[0])
        del found["random"]
        return found

    def _ranked(self) -> list[Path]:
        """The checkpoints that have a score, the best first; the earlier one of equals."""
        scores = {path: s for path in self.files() if (s := self._scores().get(path.name)) is not None}
        return sorted(
            (p for p, s in scores.items() if not math.isnan(s)), key=lambda p: scores[p], reverse=self.highest
        )

    def _delete_old(self) -> None:
        stay = {*self.files()[-self.keep :], *self._ranked()[: self.kept_best]}
        for path in self.files():
            if path not in stay:
                path.unlink(missing_ok=True)

    def __repr__(self) -> str:
        found = self.files()
        newest = found[-1].name if found else "none yet"
        return f"optim.Checkpoints({str(self.folder)!r}, keep={self.keep}, best={self.kept_best}; {newest})"

    # -- the scores, in a file of their own: a checkpoint need not be read to be ranked

    def _scores(self) -> dict[str, float | None]:
        try:
            return json.loads((self.folder / "scores.json").read_text())
        except (OSError, ValueError):
            return {}

    def _write_scores(self, scores: dict[str, float | None]) -> None:
        with replacing(self.folder / "scores.json") as file:
            file.write(json.dumps(scores, indent=0).encode())
