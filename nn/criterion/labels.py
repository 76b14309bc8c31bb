"""Class labels and class weights as criterions take them."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from torch7 import arrays, registry

from .. import thnn
from ..buffers import drop_float_indices
from ..whole import check_whole, whole_or_none

NUMBER = (int, float, np.number)
INT64 = np.dtype(np.int64)


def class_labels(criterion: Any, target: Any, n: int) -> Any:
    """The n labels of ``target``, a number or a tensor of any type, as int64 numbers, kept in ``criterion.target``."""
    if type(target) is np.ndarray and target.dtype == INT64 and target.size == n and target.flags.carray:
        return target if target.ndim == 1 else target.reshape(-1)
    size = 1 if isinstance(target, NUMBER) else target.size if arrays.is_array(target) else None
    if size != n:
        name = registry.class_name(type(criterion))
        error = TypeError if size is None else ValueError
        raise error(f"{name}: a label for each of {n} samples expected, target is {arrays.describe(target)}")
    if arrays.is_array(target) and target.dtype == INT64 and type(target) is not np.ndarray:
        return thnn.contiguous(target).reshape(-1)
    given = target.reshape(-1) if arrays.is_array(target) else np.asarray(target)
    labels = criterion.target  # None in what a file held
    if labels is None or labels.shape != (n,):
        xp = arrays.array_module(given if labels is None else labels)
        criterion.target = labels = xp.empty(n, np.int64)
    if type(given) is np.ndarray:
        check_whole(criterion, given)
    else:
        given = whole_or_none(given)
    labels[...] = given
    return labels


def class_weights(criterion: Any, weights: Any) -> Any:
    """A constructor's ``weights`` as a vector of the criterion's type, a copy; None stays None."""
    if weights is None:
        return None
    if getattr(weights, "ndim", 1) != 1:
        name = registry.class_name(type(criterion))
        raise ValueError(f"{name}: weights input should be 1-D Tensor, got {arrays.describe(weights)}")
    return arrays.module_of(arrays.getdefaulttensortype()).array(weights, criterion._dtype)


def check_weights(criterion: Any, classes: int) -> None:
    """Raise ``ValueError`` unless there is a weight for every class, or none at all."""
    weights = criterion.weights
    if weights is not None and weights.shape != (classes,):
        raise ValueError(
            f"{registry.class_name(type(criterion))}: weights for {classes} classes expected, "
            f"got {arrays.describe(weights)}"
        )


def refuse_label(criterion: Any, label: int, classes: int) -> NoReturn:
    """Raise ``IndexError`` for a label outside 1..classes."""
    name = registry.class_name(type(criterion))
    raise IndexError(f"{name}: labels are 1..{classes} as in Lua, got {label}")


def check_range(criterion: Any, labels: Any, classes: int) -> None:
    """Raise ``IndexError`` unless all labels are in 1..classes."""
    position = thnn.Labels_outside(labels, classes)
    if position != -1:
        thnn.refused(position, lambda place: refuse_label(criterion, int(labels[place]), classes))


def samples_of(criterion: Any, input: Any) -> Any:
    """An input of C scores or ``N x C`` as a contiguous ``N x C``; ``ValueError`` for other ranks."""
    if type(input) is not np.ndarray or input.dtype is not criterion._dtype:
        criterion.checkType(input)
    if input.ndim not in (1, 2) or input.size == 0:
        name = registry.class_name(type(criterion))
        raise ValueError(f"{name}: vector or matrix expected, got {arrays.describe(input)}")
    x = thnn.contiguous(input)
    return x if x.ndim == 2 else x.reshape(1, -1)


def check_columns(criterion: Any, input: Any) -> None:
    """Raise ``ValueError`` unless there are no weights, or one for each element of a vector or column of a matrix."""
    weights = criterion.weights
    if weights is not None and (input.ndim not in (1, 2) or input.shape[-1] != weights.size):
        raise ValueError(
            f"{registry.class_name(type(criterion))}: {arrays.describe(weights)} of weights do not fit "
            f"the input, {arrays.describe(input)}"
        )


def check_two(criterion: Any, input: Any) -> tuple[Any, Any]:
    """The two tensors of a list, contiguous; ``TypeError`` or ``ValueError`` for anything else."""
    if not isinstance(input, list | tuple) or len(input) != 2:
        name = registry.class_name(type(criterion))
        raise ValueError(f"{name}: a table of two tensors expected, got {arrays.describe(input)}")
    for x in input:
        criterion.checkType(x)
    return thnn.contiguous(input[0]), thnn.contiguous(input[1])


def signs_of(criterion: Any, y: Any, n: int) -> Any:
    """n labels such as -1 and 1, a tensor of any type or a number, as a vector of the criterion's type.

    A tensor of another type, and a number, are copied to ``criterion.target``.
    """
    if arrays.is_array(y) and y.size == n:
        if y.dtype == criterion._dtype:
            return thnn.contiguous(y).reshape(-1)
    elif n != 1 or not isinstance(y, NUMBER):
        name = registry.class_name(type(criterion))
        raise ValueError(f"{name}: {n} labels expected, got {arrays.describe(y)}")
    labels = getattr(criterion, "target", None)
    if labels is None or labels.shape != (n,) or labels.dtype != criterion._dtype:
        held = criterion.gradInput  # None in files
        like = y if arrays.is_array(y) else held[0] if isinstance(held, list) and held else held
        xp = arrays.array_module(like)
        criterion.target = labels = xp.empty(n, criterion._dtype)
    labels[...] = y.reshape(-1) if arrays.is_array(y) else y
    return labels


def upgrade_target(criterion: Any, fields: dict) -> None:
    """Old files have no buffer ``target`` of whole numbers."""
    drop_float_indices(fields, "target")
    if not arrays.is_array(fields.get("target")):
        fields["target"] = np.empty(0, np.int64)
