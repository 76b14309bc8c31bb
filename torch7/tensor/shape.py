"""Sizes and other forms of the same elements: size, view, resize, expand, transpose, split, ..."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..arrays import address, array_module, describe, is_array, offset_of, type_name
from ..lua import is_number
from .checks import axis_of, count_of, destination, infer, need_tensor, number, sizes_of
from .subtensor import narrow


def size(x: Any, dim: int | None = None) -> tuple[int, ...] | int:
    """``x:size()``, a tuple, or ``x:size(dim)``."""
    return need_tensor(x).shape if dim is None else x.shape[axis_of(x, dim)]


def nElement(x: Any) -> int:
    """The number of elements."""
    return need_tensor(x).size


def numel(x: Any) -> int:
    """The number of elements."""
    return need_tensor(x).size


def elementSize(x: Any) -> int:
    """The bytes of one element."""
    return need_tensor(x).itemsize


def dim(x: Any) -> int:
    """The number of dimensions; 0 for a tensor without elements made by ``Tensor()``."""
    return 0 if need_tensor(x).shape == (0,) else x.ndim


nDimension = dim


def stride(x: Any, dim: int | None = None) -> tuple[int, ...] | int:
    """The steps, in elements, between neighbours along all dimensions or along ``dim``."""
    steps = tuple(n // x.itemsize for n in need_tensor(x).strides)
    return steps if dim is None else steps[axis_of(x, dim)]


def storage(x: Any) -> Any:
    """The memory ``x`` looks into, as a vector: writing to it writes to every tensor that shares it."""
    owner = need_tensor(x)
    while is_array(owner.base):
        owner = owner.base
    return owner.reshape(-1, order="A") if owner.flags.forc else owner


def storageOffset(x: Any) -> int:
    """The 1-based position of the first element of ``x`` in its storage."""
    return offset_of(x, storage(x)) // x.itemsize + 1


def isContiguous(x: Any) -> bool:
    """Whether the elements lie in memory row by row."""
    return bool(need_tensor(x).flags.c_contiguous)


def contiguous(x: Any) -> Any:
    """``x`` itself if it is contiguous, else a copy that is."""
    return array_module(need_tensor(x)).ascontiguousarray(x)


def isSameSizeAs(x: Any, y: Any) -> bool:
    """Whether ``x`` and ``y`` have the same sizes."""
    return need_tensor(x).shape == need_tensor(y, "y").shape


def isSize(x: Any, sizes: Sequence[int]) -> bool:
    """Whether the sizes of ``x`` are ``sizes``, a tuple or list."""
    return need_tensor(x).shape == sizes_of((sizes,))


def isSetTo(x: Any, y: Any) -> bool:
    """Whether ``x`` and ``y`` are the same view of the same memory: same type, sizes and steps, same first element."""
    if type_name(need_tensor(x)) != type_name(need_tensor(y, "y")) or x.shape != y.shape or x.strides != y.strides:
        return False
    return address(x) == address(y)


def view(x: Any, *sizes: Any) -> Any:
    """``x`` with other sizes on the same memory; one size may be -1.

    A tensor that is not contiguous has no view: ``ValueError`` (NumPy's ``reshape`` would copy, and writes to the copy
    would be lost).
    """
    shape = infer(sizes_of(sizes), need_tensor(x))
    if not x.flags.c_contiguous:
        raise ValueError(
            f"view needs a contiguous tensor, got {describe(x)}: use torch7.contiguous(x) or torch7.reshape"
        )
    return x.reshape(shape)


def viewAs(x: Any, y: Any) -> Any:
    """``x`` with the sizes of ``y`` on the same memory."""
    return view(x, need_tensor(y, "y").shape)


@destination()
def reshape(x: Any, *sizes: Any) -> Any:
    """A copy of ``x`` with other sizes, elements row by row."""
    return need_tensor(x).reshape(infer(sizes_of(sizes), x)).copy()


def resize(x: Any, *sizes: Any) -> Any:
    """``x:resize(...)``: the tensor to go on with, ``x = torch7.resize(x, 2, 3)``.

    While the memory of a contiguous ``x`` suffices this is a view of its first elements; else a new tensor that begins
    with the elements of ``x``, the rest 0 (arrays do not grow in place).
    """
    shape = sizes_of(sizes)
    n = count_of(shape)
    if need_tensor(x).flags.c_contiguous and n <= x.size:
        return x.reshape(-1)[:n].reshape(shape or (0,))
    grown = array_module(x).zeros(n, x.dtype)
    kept = x.reshape(-1)[:n]
    grown[: kept.size] = kept
    return grown.reshape(shape or (0,))


def resizeAs(x: Any, y: Any) -> Any:
    """:func:`resize` to the sizes of ``y``."""
    return resize(x, need_tensor(y, "y").shape)


def expand(x: Any, *sizes: Any) -> Any:
    """``x`` with dimensions of size 1 repeated to ``sizes`` without using memory; read-only, -1 keeps a size."""
    shape = sizes_of(sizes)
    if len(shape) != need_tensor(x).ndim:
        raise ValueError(f"expand needs {x.ndim} sizes for {describe(x)}, got {len(shape)}")
    shape = tuple(old if n == -1 else n for n, old in zip(shape, x.shape))
    if any(old not in (1, n) for n, old in zip(shape, x.shape)):
        raise ValueError(f"cannot expand {describe(x)} to {'x'.join(map(str, shape))}: only sizes of 1 are repeated")
    return array_module(x).broadcast_to(x, shape)


def expandAs(x: Any, y: Any) -> Any:
    """:func:`expand` to the sizes of ``y``."""
    return expand(x, need_tensor(y, "y").shape)


@destination()
def repeatTensor(x: Any, *sizes: Any) -> Any:
    """``x`` laid out ``sizes`` times; more sizes than dimensions add dimensions in front."""
    times = sizes_of(sizes)
    if len(times) < need_tensor(x).ndim:
        raise ValueError(f"repeatTensor needs {x.ndim} or more numbers for {describe(x)}, got {len(times)}")
    return array_module(x).tile(x, times)


def squeeze(x: Any, dim: int | None = None) -> Any:
    """A view without the dimensions of size 1 (without ``dim`` if its size is 1); of one element the number."""
    if dim is not None:
        return x.squeeze(axis_of(x, dim)) if x.shape[axis_of(x, dim)] == 1 and x.ndim > 1 else x
    left = need_tensor(x).squeeze()
    return number(left) if left.ndim == 0 else left


def t(x: Any) -> Any:
    """The transposed matrix, a view."""
    if need_tensor(x).ndim != 2:
        raise ValueError(f"t takes a 2-D tensor, got {describe(x)}")
    return x.T


def transpose(x: Any, dim1: int, dim2: int) -> Any:
    """A view with ``dim1`` and ``dim2`` exchanged."""
    return need_tensor(x).swapaxes(axis_of(x, dim1), axis_of(x, dim2))


def permute(x: Any, *dims: Any) -> Any:
    """A view whose i-th dimension is the ``dims[i]``-th of ``x``."""
    order = sizes_of(dims)
    if sorted(order) != list(range(1, need_tensor(x).ndim + 1)):
        raise ValueError(f"permute needs the dimensions 1..{x.ndim} in some order, got {order}")
    return x.transpose([d - 1 for d in order])


def unfold(x: Any, dim: int, size: int, step: int) -> Any:
    """All slices of ``size`` along ``dim``, ``step`` apart, in a new last dimension; a view."""
    axis = axis_of(need_tensor(x), dim)
    size, step = sizes_of((size, step))
    if not 1 <= size <= x.shape[axis] or step < 1:
        raise ValueError(f"cannot unfold dimension {dim} of {describe(x)} by size {size}, step {step}")
    windows = array_module(x).lib.stride_tricks
    count, stride_ = (x.shape[axis] - size) // step + 1, x.strides[axis]
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :], size)
    strides = (*x.strides[:axis], step * stride_, *x.strides[axis + 1 :], stride_)
    return windows.as_strided(x, shape, strides)


def split(*args: Any) -> list[Any]:
    """``split([table,] x, size, dim)``: views of ``size`` each along ``dim`` (1), the last one with what is left.

    A list in front takes the views in place of what it held, and is returned.
    """
    table, x, size, dim = _parts_of("split", args)
    axis = axis_of(need_tensor(x), 1 if dim is None else dim)
    if not is_number(size) or size < 1:
        raise ValueError(f"split needs a positive size, got {size!r}")
    n = x.shape[axis]
    table[:] = [narrow(x, axis + 1, first, min(size, n - first + 1)) for first in range(1, n + 1, int(size))]
    return table


def chunk(*args: Any) -> list[Any]:
    """``chunk([table,] x, n, dim)``: about ``n`` views of equal size along ``dim`` (1), as by :func:`split`."""
    table, x, n, dim = _parts_of("chunk", args)
    axis = axis_of(need_tensor(x), 1 if dim is None else dim)
    if not is_number(n) or n < 1:
        raise ValueError(f"chunk needs a positive number of parts, got {n!r}")
    return split(table, x, -(-x.shape[axis] // int(n)), axis + 1)


def _parts_of(name: str, args: tuple) -> tuple[list, Any, Any, Any]:
    """The list to fill, the tensor, the number and the dimension or None."""
    table, *args = args if args and isinstance(args[0], list) else ([], *args)
    if len(args) not in (2, 3):
        raise TypeError(f"{name} takes ([table,] x, number[, dim])")
    return table, *args, *[None] * (3 - len(args))
