"""Class labels and class weights as criterions take them."""

from __future__ import annotations

from numbers import Real
from typing import Any, NoReturn

import numpy as np

from torch7 import arrays, registry


def class_labels(criterion: Any, target: Any, n: int) -> Any:
    """The n labels of ``target``, a number or a tensor of any type, as int64 numbers, kept in ``criterion.target``."""
    if type(target) is np.ndarray and target.dtype == np.int64 and target.size == n and target.flags.carray:
        return target.reshape(-1)
    if isinstance(target, Real):
        size, shape = 1, "one number"
    elif arrays.is_array(target):
        size, shape = target.size, arrays.describe(target)
    else:
        raise TypeError(
            f"{registry.class_name(type(criterion))}: no label or tensor of labels: {arrays.describe(target)}"
        )
    if size != n:
        raise ValueError(f"{registry.class_name(type(criterion))}: {n} labels expected, target is {shape}")
    labels = criterion.target
    if labels.size != n:
        criterion.target = labels = arrays.array_module(labels).empty(n, np.int64)
    labels[...] = target.reshape(-1) if size > 1 else target
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
