"""Counts of predictions against targets."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, isnan, log10, nan
from pathlib import Path
from typing import Any

import numpy as np

from torch7 import registry
from torch7.arrays import describe, is_array

from .common import Fields


class ConfusionMatrix:
    """How often each class (row) was predicted as each class (column).

    ``ConfusionMatrix(nclasses)``, ``ConfusionMatrix(nclasses, classes)`` or ``ConfusionMatrix(classes)`` with a list of
    names. Classes are numbered from 1; targets of 0 and below are ignored.

    Fields: ``mat`` (nclasses x nclasses, int64), ``nclasses``, ``classes``; after ``updateValids()`` or printing also
    ``valids`` (share of each row that is right, float32), ``unionvalids`` (right / (row + column - right)),
    ``totalValid``, ``averageValid``, ``averageUnionValid`` (means over the classes that have targets).

    Errors: IndexError for a class outside 1..nclasses, ValueError for sizes that do not fit; the counts are then
    unchanged. Source: Torch's optim manual, ConfusionMatrix.
    """

    def __init__(self, nclasses: int | Sequence[str], classes: Sequence[str] | None = None) -> None:
        if isinstance(nclasses, Sequence) and not isinstance(nclasses, str):
            classes, nclasses = nclasses, len(nclasses)
        nclasses = int(nclasses)
        if nclasses < 1:
            raise ValueError(f"optim.ConfusionMatrix: there must be at least one class, not {nclasses}")
        if classes and len(classes) != nclasses:
            raise ValueError(f"optim.ConfusionMatrix: {nclasses} classes, but {len(classes)} names")
        self.nclasses = nclasses
        self.classes = list(classes or [])
        self.mat = np.zeros((nclasses, nclasses), np.int64)
        self.valids = np.zeros(nclasses, np.float32)
        self.unionvalids = np.zeros(nclasses, np.float32)
        self.totalValid = self.averageValid = self.averageUnionValid = 0.0

    def add(self, prediction: Any, target: Any) -> None:
        """Count one prediction; it and the target are each a class or a score for every class."""
        self._count(self._class(prediction, "prediction"), self._class(target, "target"))

    def batchAdd(self, predictions: Any, targets: Any) -> None:
        """Count N predictions; they and the targets are each N classes, or N x nclasses scores."""
        rows, columns = self._classes(targets, "targets"), self._classes(predictions, "predictions")
        if len(rows) != len(columns):
            raise ValueError(
                f"optim.ConfusionMatrix: {describe(predictions)} predictions for {describe(targets)} targets"
            )
        self._count(columns, rows)

    def zero(self) -> None:
        """Start again."""
        for counts in (self.mat, self.valids, self.unionvalids):
            counts[...] = 0
        self.totalValid = self.averageValid = self.averageUnionValid = 0.0

    def updateValids(self) -> None:
        """Compute the shares of right predictions from ``mat``."""
        right, rows, columns = self.mat.diagonal(), self.mat.sum(1), self.mat.sum(0)
        with np.errstate(invalid="ignore"):
            self.valids = (right / rows).astype(np.float32)
            self.unionvalids = (right / (rows + columns - right)).astype(np.float32)
        self.averageValid, self.averageUnionValid = _mean(self.valids), _mean(self.unionvalids[rows > 0])
        total = int(self.mat.sum())
        self.totalValid = int(right.sum()) / total if total else nan

    def farFrr(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """False rejection and false acceptance rates, four vectors.

        The first two hold the rates of all classes, -1 for those without targets, the others those of the classes
        with targets alone. ``frr[i] = 1 - mat[i][i] / row i``; ``far[i]`` is the mean over the other classes j with
        targets of ``mat[j][i] / row j``, NaN if there is none.
        """
        rows = self.mat.sum(1)
        present = np.flatnonzero(rows)
        share = self.mat[present] / rows[present, None]
        frrs, fars = np.full(self.nclasses, -1.0), np.full(self.nclasses, -1.0)
        for k, i in enumerate(present):
            frrs[i] = 1 - share[k, i]
            others = np.delete(share[:, i], k)
            fars[i] = others.mean() if others.size else nan
        return frrs, fars, frrs[present], fars[present]

    def render(
        self,
        sortmode: str | None = None,
        display: bool | None = None,
        block: int | None = None,
        legendwidth: int | None = None,
        filename: str | Path | None = None,
    ) -> np.ndarray:
        """The matrix as an image, 3 x height x width with values 0..1, saved to ``filename`` if given; needs Pillow.

        Each cell, ``block`` (25) pixels wide, is the brighter the larger its share of the row; rows are named in a
        legend of ``legendwidth`` (200) pixels. ``sortmode`` ``'score'`` puts the best classes first, ``'occurrence'``
        the most frequent. ``display`` (False) shows it with the system's viewer.
        """
        from .rendering import draw

        self.updateValids()
        return draw(self, sortmode, bool(display), block or 25, 200 if legendwidth is None else legendwidth, filename)

    def __str__(self) -> str:
        self.updateValids()
        lines = [self._row(t) for t in range(self.nclasses)]
        lines.append(f" + average row correct: {_percent(self.averageValid)}% ")
        lines.append(f" + average rowUcol correct (VOC measure): {_percent(self.averageUnionValid)}% ")
        lines.append(f" + global correct: {_percent(self.totalValid)}%")
        return "\n".join(["ConfusionMatrix:", *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Counts, darker where there are more of a row, with the share of each row that is right."""
        self.updateValids()
        names = [escape(str(name)) for name in self.classes or range(1, self.nclasses + 1)]
        rows = [f"<tr><th></th>{''.join(f'<th>{name}</th>' for name in names)}<th>right</th></tr>"]
        for name, counts, valid in zip(names, self.mat.tolist(), self.valids.tolist()):
            most = max([1, *counts])
            cells = "".join(f'<td style="background:rgba(70,120,170,{n / most:.2f})">{n}</td>' for n in counts)
            rows.append(f"<tr><th>{name}</th>{cells}<td>{_percent(valid)}%</td></tr>")
        return f"<table>{''.join(rows)}</table><p>global correct: {_percent(self.totalValid)}%</p>"

    def _row(self, t: int) -> str:
        largest = int(self.mat.max())
        width = max(8, 1 + ceil(log10(largest))) if largest else 8
        counts = "".join(f"{count:{width}d}" for count in self.mat[t].tolist())
        close = "]]  " if t == self.nclasses - 1 else "]   "
        name = f"\t[class: {self.classes[t]}]" if self.classes else ""
        return f"{' [' if t else '[['}{counts}{close}{100 * float(self.valids[t]):2.3f}% {name}"

    def _class(self, value: Any, what: str) -> int:
        if not is_array(value) or value.size == 1:
            return int(_whole(value.reshape(-1)[:1] if is_array(value) else np.array([value]), what)[0])
        if value.size != self.nclasses:
            raise ValueError(f"optim.ConfusionMatrix: {what} is {describe(value)} for {self.nclasses} classes")
        return int(value.reshape(-1).argmax()) + 1

    def _classes(self, values: Any, what: str) -> np.ndarray:
        values = np.asarray(values) if isinstance(values, list | tuple) else values
        if not is_array(values) or values.ndim not in (1, 2):
            raise ValueError(f"optim.ConfusionMatrix: {what} must be N or N x {self.nclasses}, not {describe(values)}")
        if values.ndim == 2 and values.shape[1] not in (1, self.nclasses):
            raise ValueError(f"optim.ConfusionMatrix: {what} must be N x {self.nclasses}, not {describe(values)}")
        values = values if isinstance(values, np.ndarray) else values.get()
        if values.ndim == 2 and values.shape[1] > 1:
            return values.argmax(1) + 1
        return _whole(values.reshape(-1), what)

    def _count(self, columns: Any, rows: Any) -> None:
        columns, rows = np.atleast_1d(columns), np.atleast_1d(rows)
        columns, rows = columns[rows >= 1], rows[rows >= 1]
        for what, classes in (("target", rows), ("prediction", columns)):
            if classes.size and not (classes.min() >= 1 and classes.max() <= self.nclasses):
                worst = int(classes.max() if classes.max() > self.nclasses else classes.min())
                raise IndexError(f"optim.ConfusionMatrix: {what} {worst} is not one of the classes 1..{self.nclasses}")
        np.add.at(self.mat, (rows - 1, columns - 1), 1)


def _whole(classes: Any, what: str) -> Any:
    """``classes`` as int64; ``ValueError`` unless they are whole numbers."""
    classes = np.asarray(classes.get() if hasattr(classes, "get") else classes)
    if classes.dtype.kind not in "biuf":
        raise TypeError(f"optim.ConfusionMatrix: {what} must be whole numbers, got {classes.dtype.name}")
    wrong = ~np.isfinite(classes) | (np.floor(classes) != classes)
    if wrong.any():
        raise ValueError(f"optim.ConfusionMatrix: {what} must be whole numbers, got {classes[wrong.argmax()]:g}")
    return np.clip(classes, -(2**53), 2**53).astype(np.int64)


def _mean(shares: np.ndarray) -> float:
    known = [share for share in shares.tolist() if not isnan(share)]
    return sum(known) / len(known) if known else nan


def _percent(share: float) -> str:
    return f"{100 * share:.14g}"


registry.register("optim.ConfusionMatrix", ConfusionMatrix)


@registry.upgrade(ConfusionMatrix)
def _upgrade(matrix: ConfusionMatrix, fields: Fields) -> None:
    """Files hold every number as a double, and an empty list of names as an empty table."""
    fields["nclasses"] = int(fields["nclasses"])
    fields["classes"] = list(fields.get("classes") or [])
