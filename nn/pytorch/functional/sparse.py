"""Look-up of rows: embedding, embedding_bag, one_hot. Indices count from 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from torch7 import arrays

from ... import thnn
from ..checks import is_float
from ..parameter import plain
from .differentiable import differentiable
from .geometry import fits, fresh, room

MODES = ("sum", "mean", "max")


def checked_indices(input: Any, rows: int, like: Any = None) -> Any:
    """Indices as contiguous int64 where ``like`` is.

    ``IndexError`` unless 0 <= index < rows, ``TypeError`` for other numbers. On a GPU the first is raised once a number
    is asked for, and indices outside have rows of zeros and change nothing.
    """
    input = np.asarray(input, like=like)
    if input.dtype.kind not in "iu":
        raise TypeError(f"indices must be whole numbers, got {input.dtype}")
    indices = arrays.dense(input, np.int64)
    bad = thnn.EmbeddingBag_outside(indices.reshape(-1), rows)
    if bad != -1:
        thnn.refused(bad, lambda place: _refuse(indices, rows))
    return indices


def _refuse(indices: Any, rows: int) -> NoReturn:
    most, least = int(indices.max()), int(indices.min())
    raise IndexError(f"index out of range: indices count from 0 to {rows - 1}, got {least}..{most}")


def _check_weight(weight: Any) -> None:
    if not is_float(weight) or weight.ndim != 2:
        raise TypeError(f"the weight must be a matrix of float32 or float64, got {weight.shape} of {weight.dtype}")


def renorm(weight: Any, indices: Any, max_norm: float, norm_type: float) -> None:
    """Scale the rows that ``indices`` name down to ``max_norm`` where their norm is larger, in place."""
    rows = np.unique(indices)
    norms = np.linalg.norm(weight[rows].astype(np.float64), norm_type, axis=1)
    large = norms > max_norm
    weight[rows[large]] *= (max_norm / (norms[large] + 1e-7)).astype(weight.dtype)[:, None]


def _uses(indices: Any, rows: int, wanted: bool) -> Any:
    """How often each row is used, if it is ``wanted``."""
    return np.bincount(indices, minlength=rows) if wanted else None


def _gradient_of(weight: Any, into: Any) -> Any:
    """Where the gradient by ``weight`` is added: zeros, or an array that is there."""
    return np.zeros_like(plain(weight), order="C") if into is None else room(into, weight.shape, weight.dtype, into)


def _row(padding_idx: int | None, rows: int) -> int:
    """The row that counts for nothing, from 0, or -1; ``ValueError`` for one that is not there."""
    if padding_idx is None:
        return -1
    if isinstance(padding_idx, bool) or not isinstance(padding_idx, (int, np.integer)):
        raise TypeError(f"padding_idx must be a whole number or None, got {padding_idx!r}")
    if not -rows <= padding_idx < rows:
        raise ValueError(f"padding_idx must be within num_embeddings, {rows}, got {padding_idx}")
    return int(padding_idx) % rows


def embedding_backward(
    gradOutput: Any, input: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False, *, into: Any = None,
    scale: float = 1.0,
) -> tuple:  # fmt: skip
    """The gradient by ``weight``, a dense array: the sum of the gradients of each row's uses.

    ``scale`` times it is added to the contiguous array ``into`` if one is given.
    """
    _check_weight(weight)
    fits("embedding", gradOutput, (*np.shape(input), weight.shape[1]))
    indices = checked_indices(input, len(weight), plain(weight)).reshape(-1)
    grad = _gradient_of(weight, into)
    if indices.size and weight.size:
        bags = indices, None, None, _row(padding_idx, len(weight)), False
        uses = _uses(indices, len(weight), scale_grad_by_freq)
        thnn.EmbeddingBag_accGradParameters(bags, thnn.contiguous(gradOutput), grad, uses, scale)
    return (grad,)


@differentiable(embedding_backward, "weight")
def embedding(
    input: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, sparse: bool = False, *, out: Any = None,
) -> Any:  # fmt: skip
    """``weight[input]``: input of any shape (*), weight (rows, D), output (*, D).

    ``padding_idx`` names a row without gradient, ``max_norm`` scales rows that are used down to this ``norm_type``-norm
    in the weight itself. Errors: ``IndexError``, ``TypeError``, ``ValueError``.
    """
    _check_weight(weight)
    _row(padding_idx, len(weight))
    indices = checked_indices(input, len(weight), plain(weight))
    if max_norm is not None:
        renorm(weight, indices, max_norm, norm_type)
    output = room(out, (*indices.shape, weight.shape[1]), weight.dtype, indices)
    if output.size:
        thnn.EmbeddingBag_gather(indices.reshape(-1), thnn.contiguous(weight), output)
    return output


def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """Rows of zeros with a one at each class: (*) to (*, num_classes), int64; -1 takes the largest class plus 1."""
    classes = int(np.max(tensor)) + 1 if num_classes == -1 else num_classes
    like = tensor if arrays.is_array(tensor) else None
    return np.eye(classes, dtype=np.int64, like=like)[checked_indices(tensor, classes, like)]


def _bags(input: Any, offsets: Any, include_last_offset: bool, weight: Any) -> tuple[Any, Any]:
    """All indices and the start of each bag, with the end of the last behind."""
    input, rows = np.asarray(input, like=weight), len(weight)
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError("if input is 2D, then offsets has to be None")
        ends = np.arange(len(input) + 1, like=weight) * input.shape[1]
        return checked_indices(input, rows, weight).reshape(-1), ends
    if input.ndim != 1 or offsets is None:
        raise ValueError(f"input has to be 2D, or 1D with offsets, got {input.ndim}D")
    offsets = np.array(arrays.here(arrays.given(offsets)), np.int64)
    ends = offsets if include_last_offset else np.append(offsets, input.size)
    if len(ends) == 0 or ends[0] != 0 or (np.diff(ends) < 0).any() or ends[-1] > input.size:
        raise ValueError(f"offsets must begin with 0, not decrease and not pass {input.size}, got {offsets.tolist()}")
    return checked_indices(input, rows, weight)[: ends[-1]], np.asarray(ends, like=weight)


def embedding_bag_forward(
    input: Any, weight: Any, offsets: Any = None, max_norm: float | None = None, norm_type: float = 2,
    scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, per_sample_weights: Any = None,
    include_last_offset: bool = False, padding_idx: int | None = None, *, buffer: Callable = fresh,
) -> tuple[Any, dict]:  # fmt: skip
    """The output of :func:`embedding_bag`, and what its backward needs."""
    if mode not in MODES:
        raise ValueError("mode has to be one of sum, mean or max")
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(f"per_sample_weights is only supported for mode='sum', got mode={mode!r}")
    if per_sample_weights is not None and np.shape(per_sample_weights) != np.shape(input):
        shapes = f"{np.shape(per_sample_weights)}, input {np.shape(input)}"
        raise ValueError(f"expected per_sample_weights to have the same shape as the input, got {shapes}")
    _check_weight(weight)
    indices, ends = _bags(input, offsets, include_last_offset, plain(weight))
    if max_norm is not None:
        renorm(weight, indices, max_norm, norm_type)
    factors = None
    if per_sample_weights is not None:
        factors = np.asarray(per_sample_weights, weight.dtype, like=indices).ravel()[: indices.size].copy()
    bags, best = (indices, ends, factors, _row(padding_idx, len(weight)), mode == "mean"), None
    output = buffer("output", (len(ends) - 1, weight.shape[1]), weight.dtype, indices)
    if mode == "max":
        best = buffer("best", output.shape, np.dtype(np.int64), indices)
        thnn.EmbeddingBag_maxima(bags, thnn.contiguous(weight), output, best)
    elif output.size:
        thnn.EmbeddingBag_updateOutput(bags, thnn.contiguous(weight), output)
    return output, {"saved": (bags, best, weight.shape)}


def embedding_bag_backward(
    gradOutput: Any, input: Any, weight: Any, offsets: Any = None, max_norm: float | None = None, norm_type: float = 2,
    scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, per_sample_weights: Any = None,
    include_last_offset: bool = False, padding_idx: int | None = None, *, saved: Any = None, into: Any = None,
    scale: float = 1.0,
) -> tuple:  # fmt: skip
    """Gradients by ``weight``, as that of :func:`embedding_backward`, and, if given, ``per_sample_weights``."""
    if saved is None:
        _, kept = embedding_bag_forward(
            input, weight, offsets, None, norm_type, scale_grad_by_freq, mode, sparse, per_sample_weights,
            include_last_offset, padding_idx,
        )  # fmt: skip
        saved = kept["saved"]
    (bags, best, shape), g = saved, thnn.contiguous(gradOutput)
    indices, ends, _, padding, _ = bags
    fits("embedding_bag", gradOutput, (len(ends) - 1, weight.shape[1]))
    outside = isinstance(indices, np.ndarray) and thnn.EmbeddingBag_outside(indices, len(weight)) != -1
    if weight.shape != shape or outside:
        raise ValueError("embedding_bag: weight or indices are not those of the last forward")
    grad = _gradient_of(weight, into)
    if g.size and mode == "max":
        thnn.EmbeddingBag_accGradMaxima(best, g, grad, scale)
    elif g.size:
        uses = _uses(indices, len(weight), scale_grad_by_freq)
        thnn.EmbeddingBag_accGradParameters(bags, g, grad, uses, scale)
    if per_sample_weights is None:
        return grad, None
    bag = np.searchsorted(ends[1:], np.arange(len(indices), like=ends), "right")
    by_sample = (gradOutput[bag] * weight[indices]).sum(1)
    by_sample[indices == padding] = 0
    return grad, by_sample.reshape(np.shape(per_sample_weights))


@differentiable(embedding_bag_backward, "weight", "per_sample_weights", saving=embedding_bag_forward)
def embedding_bag(
    input: Any, weight: Any, offsets: Any = None, max_norm: float | None = None, norm_type: float = 2,
    scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, per_sample_weights: Any = None,
    include_last_offset: bool = False, padding_idx: int | None = None,
) -> Any:  # fmt: skip
    """The sum, mean or maximum of the rows of each bag: input (B, n), or (n) with the start of each bag; output (B, D).

    An empty bag gives 0; the row ``padding_idx`` counts for nothing.
    """
    return embedding_bag_forward(
        input, weight, offsets, max_norm, norm_type, scale_grad_by_freq, mode, sparse, per_sample_weights,
        include_last_offset, padding_idx,
    )[0]  # fmt: skip
