"""Connectionist temporal classification."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from ... import thnn
from .loss_function import loss_function, quiet


def _here(x: Any) -> np.ndarray:
    """Numbers, targets and lengths, where they are checked; those on a GPU are waited for."""
    return arrays.moved(x, np, x.dtype) if arrays.is_array(x) else np.asarray(x)


def _labels(targets: Any, lengths: np.ndarray) -> np.ndarray:
    """Targets as rows, (N, S), from rows or from one concatenated list."""
    targets = _here(targets)
    if targets.ndim > 2:
        raise ValueError(f"targets must be rows (N, S) or one list, got {targets.shape}")
    if targets.ndim == 2:
        return targets
    if targets.size != lengths.sum():
        raise ValueError(f"target_lengths announce {lengths.sum()} targets, there are {targets.size}")
    rows = np.zeros((len(lengths), max(int(lengths.max(initial=0)), 1)), np.int64)
    start = 0
    for row, n in zip(rows, lengths):
        row[:n] = targets[start : start + n]
        start += n
    return rows


def lattice_of(labels: np.ndarray, steps: np.ndarray, lengths: np.ndarray, blank: int) -> tuple:
    """What ``thnn.CTC_updateOutput`` takes for labels (N, S), of which ``lengths`` count: labels with blanks between,
    (N, 2 S + 1), where a path may come from two places before, and the steps and places of each sample.
    """
    n, s = labels.shape
    extended = np.full((n, 2 * s + 1), blank, np.int64)
    extended[:, 1::2] = np.where(np.arange(s) < lengths[:, None], labels, blank)
    skips = np.zeros(extended.shape, bool)
    skips[:, 2:] = (extended[:, 2:] != blank) & (extended[:, 2:] != extended[:, :-2])
    return extended, np.where(skips, 0.0, -np.inf), steps, 2 * lengths + 1


def totals_of(alpha: np.ndarray, steps: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The logarithms of the sums over all paths, from those of their beginnings; nothing but blanks takes no step."""
    samples = np.arange(len(steps), like=alpha)
    start = np.where(np.arange(alpha.shape[2], like=alpha) == 0, 0.0, -np.inf)
    final = (
        np.where(steps[:, None] > 0, alpha[samples, steps - 1], start)
        if alpha.shape[1]
        else start + 0 * samples[:, None]
    )
    before = np.where(ends > 1, final[samples, np.maximum(ends - 2, 0)], -np.inf)
    return np.logaddexp(final[samples, ends - 1], before)


def _checked(log_probs: Any, labels: Any, lengths: tuple, blank: int) -> None:
    steps, samples, classes = log_probs.shape
    if not 0 <= blank < classes:
        raise ValueError(f"blank must be one of the {classes} classes, got {blank}")
    for what, values, most in zip(("input", "target"), lengths, (steps, labels.shape[1])):
        if len(values) != samples or (values < 0).any() or (values > most).any():
            raise ValueError(f"{what}_lengths must be {samples} numbers from 0 to {most}, got {values.tolist()}")
    for row, n in zip(labels, lengths[1]):
        if ((row[:n] < 0) | (row[:n] >= classes)).any():
            raise IndexError(f"a target is out of bounds: targets count from 0 in nn.pytorch, to {classes - 1}")


@loss_function("log_probs")
@quiet
def _ctc_loss(
    log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0, reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:  # fmt: skip
    """Minus the log-probability of all alignments: log_probs (T, N, C) or (T, C), targets (N, S) or concatenated.

    The mean divides each loss by its target's length first. The gradient is ``exp(log_probs)`` minus the share of the
    alignments at each class: that by the scores before log_softmax, as in PyTorch, not that by ``log_probs``.
    """
    single = log_probs.ndim == 2
    x = log_probs[:, None] if single else log_probs
    steps, lengths = (np.atleast_1d(v).astype(np.int64) for v in map(_here, (input_lengths, target_lengths)))
    labels = _here(targets)
    labels = labels if single and labels.ndim == 2 else _labels(labels, lengths)
    _checked(x, labels, (steps, lengths), blank)
    lattice = lattice_of(labels, steps, lengths, blank)
    lengths, *lattice = (np.asarray(table, like=x) for table in (lengths, *lattice))
    x, alpha = thnn.contiguous(x), np.empty((len(lengths), len(x), lattice[0].shape[1] + 2), like=x)
    if alpha.size:
        thnn.CTC_updateOutput(x, tuple(lattice), alpha)
    total = totals_of(alpha[..., 2:], *lattice[2:])
    losses = np.where(zero_infinity & np.isinf(total), 0.0, -total)

    def slopes(g: Any) -> tuple:
        grad, factors = np.zeros(x.shape, x.dtype, like=x), np.empty(len(lengths), like=x)
        factors[...] = _per_length(np.reshape(g, -1))
        if zero_infinity:
            factors[np.isinf(total)] = 0
        if grad.size:
            thnn.CTC_updateGradInput(x, grad, lattice, alpha, total, factors)
        return (grad.reshape(log_probs.shape),)

    def _per_length(g: Any) -> Any:
        return g / np.maximum(lengths, 1) if reduction == "mean" else g

    losses = _per_length(losses).astype(x.dtype)
    return (losses[0] if single else losses), slopes


ctc_loss, ctc_loss_backward = _ctc_loss
