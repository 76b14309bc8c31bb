"""Packed sequences (manual, "torch.nn.utils.rnn")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from torch7 import arrays

from ..functional.differentiable import differentiable
from ..tape import Value, data_of


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


def pack_rows_backward(gradOutput: Any, input: Any, first: Any, second: Any) -> tuple:
    """Every gradient goes back to its place."""
    grad = np.zeros(input.shape, gradOutput.dtype, like=gradOutput)
    grad[first, second] = gradOutput
    return (grad,)


@differentiable(pack_rows_backward)
def pack_rows(input: Any, first: Any, second: Any) -> Any:
    """The rows of (A, B, ...) at different places, one after the other."""
    return input[first, second]


def pad_rows_backward(gradOutput: Any, data: Any, first: Any, second: Any, *more: Any) -> tuple:
    """The gradients at the places of the rows."""
    return (gradOutput[first, second],)


@differentiable(pad_rows_backward, "data")
def pad_rows(data: Any, first: Any, second: Any, sizes: tuple, padding_value: float) -> Any:
    """Rows at different places of (A, B, ...), and ``padding_value`` everywhere else."""
    padded = np.full((*sizes, *data.shape[1:]), padding_value, data.dtype, like=data)
    padded[first, second] = data
    return padded


def _places(sizes: Any, order: Any, batch_first: bool) -> tuple:
    """Where the rows of a packed sequence lie in the padded one: steps and samples, or the other way round."""
    steps = np.repeat(np.arange(len(sizes)), sizes)
    samples = np.concatenate([order[:n] for n in sizes])
    return (samples, steps) if batch_first else (steps, samples)


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack (T, N, ...), or (N, T, ...) with ``batch_first``, of the given lengths.

    With ``enforce_sorted`` the lengths must not increase, else ``RuntimeError``. ``ValueError`` for a length that is
    not within 1..T.
    """
    lengths = np.asarray(data_of(lengths), np.int64)
    samples, steps = input.shape[:2] if batch_first else input.shape[1::-1]
    if lengths.shape != (samples,):
        raise ValueError(f"{samples} lengths are needed, got {lengths.tolist()}")
    if lengths.size == 0 or lengths.min() <= 0 or lengths.max() > steps:
        raise ValueError(f"lengths must be within 1..{steps}, got {lengths.tolist()}")
    order = None
    if enforce_sorted:
        if (np.diff(lengths) > 0).any():
            raise RuntimeError("`lengths` must be sorted in decreasing order when `enforce_sorted` is True")
    else:
        order = np.argsort(-lengths, kind="stable")
    sizes = (lengths[None, :] > np.arange(lengths.max())[:, None]).sum(1)
    data = pack_rows(input, *_places(sizes, np.arange(samples) if order is None else order, batch_first))
    return PackedSequence(data, sizes, order, invert_permutation(order))


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Any, Any]:
    """The padded array, (T, N, ...) or (N, T, ...), and the lengths; ``total_length`` is the least T."""
    data, sizes, order, back = (sequence[0], *map(data_of, sequence[1:]))
    steps, samples = len(sizes), int(sizes[0])
    if total_length is not None:
        if total_length < steps:
            raise ValueError(f"total_length must be at least {steps}, the longest sequence, got {total_length}")
        steps = total_length
    lengths = (np.asarray(sizes)[:, None] > np.arange(samples)).sum(0)
    if order is None:
        order = np.arange(samples) if back is None else invert_permutation(back)
    places = _places(sizes, order, batch_first)
    padded = pad_rows(data, *places, (samples, steps) if batch_first else (steps, samples), padding_value)
    return padded, lengths if back is None else lengths[back]


def pad_sequence(
    sequences: Sequence, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Any:
    """Sequences (L, ...) side by side, (T, N, ...) or (N, T, ...), padded at their end or, with 'left', start."""
    if padding_side not in ("left", "right"):
        raise ValueError(f"padding_side must be 'left' or 'right', got {padding_side!r}")
    lengths = [len(s) for s in sequences]
    samples, longest = np.repeat(np.arange(len(lengths)), lengths), max(lengths)
    first = [longest - n if padding_side == "left" else 0 for n in lengths]
    steps = np.concatenate([k + np.arange(n) for k, n in zip(first, lengths)])
    data = np.concatenate([s if isinstance(s, Value) else arrays.given(s) for s in sequences])
    if batch_first:
        return pad_rows(data, samples, steps, (len(lengths), longest), padding_value)
    return pad_rows(data, steps, samples, (longest, len(lengths)), padding_value)


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
