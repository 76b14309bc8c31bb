"""What the table layers check before they compute: tensors of one type, with equal numbers of elements."""

from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

from .. import utils


def operands(module: Any, input: Any, least: int = 1, most: int | None = None) -> list:
    """The first ``most`` (None: all) tensors of the table ``input``, each in the shape of the first.

    Raises ``TypeError`` unless all are tensors of the module's type, ``ValueError`` where there are fewer than
    ``least`` or their numbers of elements differ: nothing is broadcast.
    """
    table = utils.sequence(input, module)[:most]
    if len(table) < least:
        name = registry.class_name(type(module))
        raise ValueError(f"{name}: expecting a table of at least {least} tensors, got {arrays.describe(input)}")
    module.checkType(table[0])
    first = table[0]
    kind, dtype, shape = type(first), first.dtype, first.shape
    return [
        x if type(x) is kind and x.dtype is dtype and x.shape == shape else _fitted(module, x, first) for x in table
    ]


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
    if not (isinstance(buffers, list) and len(buffers) == len(input) and all(map(_fits, buffers, input))):
        module.gradInput = buffers = utils.recursiveResizeAs(buffers, list(input))[0]
    return buffers


def _fits(buffer: Any, x: Any) -> bool:
    return type(buffer) is type(x) and buffer.shape == x.shape and buffer.dtype is x.dtype


def rows(module: Any, input: Any) -> tuple[Any, Any]:
    """The two tensors of ``input``, both as matrices: vectors as one row; ``ValueError`` for other ranks."""
    a, b = operands(module, input, 2, 2)
    if a.ndim not in (1, 2):
        name = registry.class_name(type(module))
        raise ValueError(f"{name}: input must be vector or matrix, got {arrays.describe(input)}")
    return (a, b) if a.ndim == 2 else (a[None], b[None])
