"""What every helper asks of its arguments: dimensions, indices, sizes, types and destinations."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..arrays import array_module, cast, describe, is_array, type_name
from ..lua import is_number

#: Whether sizes lose what stands behind their point, as C takes numbers: Lua programs divide (``torch.zeros(n / 2)``).
fractions = SimpleNamespace(cut=False)


def need_tensor(x: Any, what: str = "x") -> Any:
    """``x``, which must be an array."""
    if not is_array(x):
        raise TypeError(f"{what} must be a tensor (numpy or cupy array), got {describe(x)}")
    return x


def need_elements(x: Any, name: str) -> Any:
    """``x``, which must not be empty."""
    if need_tensor(x).size == 0:
        raise ValueError(f"{name} of a tensor without elements")
    return x


def need_float(x: Any, name: str) -> Any:
    """``x``, which must hold real numbers, as for the functions that Torch has for Float and Double only."""
    if need_tensor(x).dtype.kind != "f":
        raise TypeError(
            f"{name} needs a FloatTensor or DoubleTensor, got {type_name(x)}: convert with torch7.double(x)"
        )
    return x


def is_boolean(value: Any) -> bool:
    """Whether ``value`` is true or false, which may stand where a dimension is left out."""
    return isinstance(value, bool | np.bool_)


def axis_of(x: Any, dim: int) -> int:
    """The axis of the 1-based dimension ``dim``."""
    if not is_number(dim):
        raise TypeError(f"a dimension is a number, got {dim!r}")
    if not 1 <= dim < x.ndim + 1:
        raise IndexError(f"dimension {dim} out of range for {describe(x)}: dimensions are 1..{x.ndim}")
    return int(dim) - 1


def position_of(index: int, n: int, what: str = "index") -> int:
    """The position of the 1-based ``index`` among ``n``."""
    if not is_number(index):
        raise TypeError(f"{what} must be a number, got {index!r}")
    if not 1 <= index < n + 1:
        raise IndexError(f"{what} {index} out of range: it is 1-based, 1..{n}")
    return int(index) - 1


def positions_of(indices: Any, n: int, like: Any) -> Any:
    """Positions (int64, on ``like``'s device) of a tensor or list of 1-based indices among ``n``."""
    xp = array_module(like)
    found = xp.asarray(indices)
    if found.dtype.kind not in "iuf" or (found.dtype.kind == "f" and not bool((found == xp.floor(found)).all())):
        raise TypeError(f"indices must be whole numbers, got {describe(found)}")
    found = found.astype(np.int64)
    if found.size and not (int(found.min()) >= 1 and int(found.max()) <= n):
        wrong = int(found.min()) if int(found.min()) < 1 else int(found.max())
        raise IndexError(f"index {wrong} out of range: indices are 1-based, 1..{n}")
    return found - 1


def sizes_of(sizes: Sequence[Any]) -> tuple[int, ...]:
    """Sizes given as ``(2, 3)`` arguments or as one tuple or list."""
    if len(sizes) == 1 and isinstance(sizes[0], list | tuple):
        sizes = sizes[0]
    for n in sizes:
        if not is_number(n) or (n != int(n) and not fractions.cut):
            raise TypeError(f"sizes are whole numbers, got {', '.join(map(repr, sizes))}")
    return tuple(int(n) for n in sizes)


def count_of(sizes: Sequence[int]) -> int:
    """The number of elements of a tensor of ``sizes`` (none for no dimensions)."""
    return int(np.prod(sizes, dtype=np.int64)) if len(sizes) else 0


def infer(sizes: tuple[int, ...], x: Any) -> tuple[int, ...]:
    """``sizes`` with -1 replaced by what makes them hold the elements of ``x``; other counts are an error."""
    if sizes.count(-1) == 1:
        rest = count_of([n for n in sizes if n != -1] or [1])
        sizes = tuple(x.size // rest if n == -1 and rest else n for n in sizes)
    if min(sizes, default=0) < 0 or count_of(sizes) != x.size:
        raise ValueError(f"sizes {'x'.join(map(str, sizes))} do not hold the {x.size} elements of {describe(x)}")
    return sizes


def same_type(x: Any, y: Any) -> Any:
    """``y``, which must have the type and device of ``x``."""
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and x.dtype == y.dtype:
        return y
    if type_name(need_tensor(x)) != type_name(need_tensor(y, "y")):
        raise TypeError(
            f"tensors of one type are needed, got {describe(x)} and {describe(y)}: "
            f"convert with torch7.type(x, {type_name(x)!r})"
        )
    return y


def same_count(x: Any, y: Any) -> Any:
    """``y`` in the shape of ``x``: Torch compares numbers of elements and never broadcasts."""
    same_type(x, y)
    if x.shape == y.shape:
        return y
    if x.size != y.size:
        raise ValueError(f"numbers of elements differ: {describe(x)} and {describe(y)}")
    return y.reshape(x.shape)


def scalar(x: Any, value: float) -> Any:
    """``value`` as an element of ``x``: truncated and wrapped as C converts numbers."""
    if not is_number(value):
        raise TypeError(f"a number is needed, got {describe(value)}")
    if x.dtype.kind == "f":
        return x.dtype.type(value)
    with np.errstate(all="ignore"):
        return np.asarray(value).astype(np.int64).astype(x.dtype)[()]


def number(x: Any) -> float | int:
    """A 0-dimensional result as a plain Python number, 0 or 1 for an element of a mask."""
    value = x.item()
    return int(value) if value is True or value is False else value


def store(res: Any, result: Any) -> Any:
    """``result`` written into the destination ``res``, which must hold as many elements."""
    same_type(res, result)
    if res.size != result.size:
        raise ValueError(
            f"the destination, {describe(res)}, cannot hold {describe(result)}: arrays do not resize, "
            "take the result that is returned"
        )
    target = res if res.shape == result.shape else view_as_shape(res, result.shape)
    target[...] = result
    return target


def view_as_shape(res: Any, shape: tuple[int, ...]) -> Any:
    """The memory of ``res`` in another shape; never a copy."""
    if not res.flags.c_contiguous:
        raise ValueError(f"the destination, {describe(res)}, is not contiguous and has another shape than the result")
    return res.reshape(shape)


def destination(sources: int = 1, results: int = 1) -> Callable:
    """Decorator: let ``f(x, ...)`` be called as Lua's ``f(res, x, ...)`` too.

    ``sources`` is how many tensors begin the arguments of ``f`` and ``results`` how many tensors it returns; a call
    that begins with ``results`` tensors more is the second form and returns its destinations, filled. Without sources
    the destination's type is that of the result.
    """

    def wrap(f: Callable) -> Callable:
        @functools.wraps(f)
        def call(*args: Any, **named: Any) -> Any:
            first = args[: sources + results]
            if len(first) < sources + results or not all(map(is_array, first)):
                return f(*args, **named)
            found = f(*args[results:], **named)
            if results == 1:
                return store(args[0], found if sources else cast(found, type_name(args[0])))
            return tuple(store(res, one) for res, one in zip(args, found))

        return call

    return wrap
