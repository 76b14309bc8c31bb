"""Packed sequences (manual, "torch.nn.utils.rnn")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np


class PackedSequence(NamedTuple):
    """Sequences of several lengths without padding: the rows of all first steps, of all second ones, and so on.

    ``data`` holds them, ``batch_sizes`` how many there are at each step; longer sequences come first.
    ``sorted_indices`` is that order, ``unsorted_indices`` leads back; both are None where nothing was sorted.
    """

    data: Any
    batch_sizes: Any
    sorted_indices: Any = None
    unsorted_indices: Any = None


def invert_permutation(permutation: Any) -> Any:
    """The permutation that undoes this one; None for None."""
    return None if permutation is None else np.argsort(permutation)


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack (T, N, ...), or (N, T, ...) with ``batch_first``, of the given lengths.

    With ``enforce_sorted`` the lengths must not increase, else ``RuntimeError``. ``ValueError`` for a length that is
    not within 1..T.
    """
    lengths = np.asarray(lengths, np.int64)
    x = np.swapaxes(input, 0, 1) if batch_first else input
    if lengths.shape != (x.shape[1],):
        raise ValueError(f"{x.shape[1]} lengths are needed, got {lengths.tolist()}")
    if lengths.size == 0 or lengths.min() <= 0 or lengths.max() > len(x):
        raise ValueError(f"lengths must be within 1..{len(x)}, got {lengths.tolist()}")
    order = None
    if enforce_sorted:
        if (np.diff(lengths) > 0).any():
            raise RuntimeError("`lengths` must be sorted in decreasing order when `enforce_sorted` is True")
    else:
        order = np.argsort(-lengths, kind="stable")
        x, lengths = x[:, order], lengths[order]
    sizes = (lengths[None, :] > np.arange(lengths[0])[:, None]).sum(1)
    data = np.concatenate([x[t, :n] for t, n in enumerate(sizes)])
    return PackedSequence(data, sizes, order, invert_permutation(order))


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Any, Any]:
    """The padded array, (T, N, ...) or (N, T, ...), and the lengths; ``total_length`` is the least T."""
    data, sizes, _, back = sequence
    steps = len(sizes)
    if total_length is not None:
        if total_length < steps:
            raise ValueError(f"total_length must be at least {steps}, the longest sequence, got {total_length}")
        steps = total_length
    padded = np.full((steps, int(sizes[0]), *data.shape[1:]), padding_value, data.dtype)
    for t, (start, n) in enumerate(zip(np.cumsum([0, *sizes[:-1]]), sizes)):
        padded[t, :n] = data[start : start + n]
    lengths = (np.asarray(sizes)[:, None] > np.arange(sizes[0])).sum(0)
    if back is not None:
        padded, lengths = padded[:, back], lengths[back]
    return (np.swapaxes(padded, 0, 1) if batch_first else padded), lengths


def pad_sequence(
    sequences: Sequence, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Any:
    """Sequences (L, ...) side by side, (T, N, ...) or (N, T, ...), padded at their end or, with 'left', start."""
    if padding_side not in ("left", "right"):
        raise ValueError(f"padding_side must be 'left' or 'right', got {padding_side!r}")
    longest = max(len(s) for s in sequences)
    first = np.asarray(sequences[0])
    padded = np.full((len(sequences), longest, *first.shape[1:]), padding_value, first.dtype)
    for row, s in zip(padded, sequences):
        row[slice(longest - len(s), None) if padding_side == "left" else slice(len(s))] = s
    return padded if batch_first else np.swapaxes(padded, 0, 1)


def pack_sequence(sequences: Sequence, enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences (L, ...) of several lengths."""
    return pack_padded_sequence(pad_sequence(sequences), [len(s) for s in sequences], False, enforce_sorted)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list:
    """The sequences of a padded array, each of its length."""
    x = padded_sequences if batch_first else np.swapaxes(padded_sequences, 0, 1)
    return [row[:n] for row, n in zip(x, lengths)]


def unpack_sequence(packed_sequences: PackedSequence) -> list:
    """The sequences of a packed one."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences))
