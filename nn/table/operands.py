"""What the table layers check before they compute: tensors of one type, with equal numbers of elements."""

from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

from .. import utils


def operands(module: Any, input: Any, least: int = 1, most: int | None = None) -> list:
    """The first ``most`` (None: all) tensors of the table ``input``, each in the shape of the first: a list to read.

    Raises ``TypeError`` unless all are tensors of the module's type, ``ValueError`` where there are fewer than
    ``least`` or their numbers of elements differ: nothing is broadcast.
    """
    table = input if type(input) is list else utils.sequence(input, module)
    if most is not None:
        table = table[:most]
    if len(table) < least:
        name = registry.class_name(type(module))
        raise ValueError(f"{name}: expecting a table of at least {least} tensors, got {arrays.describe(input)}")
    first = table[0]
    module.checkType(first)
    kind, dtype, shape = type(first), first.dtype, first.shape
    for x in table:
        if type(x) is not kind or x.dtype is not dtype or x.shape != shape:
            return [_fitted(module, x, first) for x in table]
    return table


def _fitted(module: Any, x: Any, first: Any) -> Any:
    module.checkType(x)
    if x.size != first.size:
        name = registry.class_name(type(module))
        raise ValueError(
            f"{name}: inconsistent tensor size, {arrays.describe(first)} and {arrays.describe(x)} have different "
            "numbers of elements"
        )
    return x.reshape(first.shape)


def gradients(module: Any, input: Any) -> list:
    """``module.gradInput`` as a list of buffers in the shapes of the tensors ``input``."""
    buffers = module.gradInput
    if isinstance(buffers, list) and len(buffers) == len(input):
        for buffer, x in zip(buffers, input):
            if type(buffer) is not type(x) or buffer.shape != x.shape or buffer.dtype is not x.dtype:
                break
        else:
            return buffers
    module.gradInput = buffers = utils.recursiveResizeAs(buffers, list(input))[0]
    return buffers


def rows(module: Any, input: Any) -> tuple[Any, Any]:
    """The two tensors of ``input``, both as matrices: vectors as one row; ``ValueError`` for other ranks."""
    a, b = operands(module, input, 2, 2)
    if a.ndim not in (1, 2):
        name = registry.class_name(type(module))
        raise ValueError(f"{name}: input must be vector or matrix, got {arrays.describe(input)}")
    return (a, b) if a.ndim == 2 else (a[None], b[None])
