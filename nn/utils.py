"""``nn.utils``: operations on nested tables of tensors (lists and dicts of arrays of any depth)."""

from __future__ import annotations

from typing import Any

from torch7 import arrays, registry
from torch7.lua import lua_number as lua_number  # a function of nn.utils too: numbers in printed forms

from . import sums, thnn
from .storage import Shared, convert


def is_table(x: Any) -> bool:
    """Whether ``x`` stands for a Lua table: a list, a tuple or a dict."""
    return isinstance(x, list | tuple | dict)


def keys(table: Any) -> Any:
    """The keys of a dict, or the positions of a list."""
    return table.keys() if isinstance(table, dict) else range(len(table))


def sequence(table: Any, owner: Any = None) -> list | tuple:
    """The entries 1, 2, ... of a table up to the first missing one: a list itself, a dict's values of these keys.

    ``TypeError`` for what is no table; it names ``owner``, the module that asks.
    """
    if isinstance(table, dict):
        entries = []
        while len(entries) + 1 in table:
            entries.append(table[len(entries) + 1])
        return entries
    if not isinstance(table, list | tuple):
        place = "" if owner is None else f"{registry.class_name(type(owner))}: "
        raise TypeError(f"{place}expecting a table of tensors, got {arrays.describe(table)}")
    return table


def refilled(buffer: Any, entries: list) -> list:
    """A list of ``entries``: ``buffer`` itself, filled anew, if it is a list."""
    if not isinstance(buffer, list):
        return entries
    buffer[:] = entries
    return buffer


def recursiveType(param: Any, type: str, tensorCache: dict | None = None) -> Any:
    """``param`` (tensor, table, Module or Criterion) converted to a tensor type, e.g. ``'torch.FloatTensor'``.

    Lists, dicts and modules are converted in place and returned; tensors that share storage still do afterwards.
    Pass one ``tensorCache`` (a dict) to several calls to keep sharing between their arguments. What is no tensor stays.
    """
    cache = {} if tensorCache is None else tensorCache
    if arrays.is_array(param):
        return convert(param, type, cache)
    if isinstance(param, Shared):
        return param.type(type, cache)
    if isinstance(param, tuple):
        return tuple(recursiveType(v, type, cache) for v in param)
    if isinstance(param, list | dict):
        for k in keys(param):
            param[k] = recursiveType(param[k], type, cache)
    return param


def recursiveResizeAs(t1: Any, t2: Any) -> tuple[Any, Any]:
    """``t1`` as a nested table of the shape of ``t2``, reusing what fits: returns ``(t1, t2)``.

    The contents of tensors that had to be made are undefined.
    """
    if is_table(t2):
        return _resized_table(t1, t2), t2
    if not arrays.is_array(t2):
        raise TypeError(f"expecting nested tensors or tables, got {describe_pair(t1, t2)}")
    return t1 if t1 is t2 else arrays.resized(t1, t2.shape, t2), t2


def _resized_table(t1: Any, t2: Any) -> Any:
    if isinstance(t2, dict):
        t1 = t1 if isinstance(t1, dict) else {}
        for k in [k for k in t1 if k not in t2]:
            del t1[k]
        for k, v in t2.items():
            t1[k] = recursiveResizeAs(t1.get(k), v)[0]
        return t1
    t1 = t1 if isinstance(t1, list) else [t1] if arrays.is_array(t1) else []
    del t1[len(t2) :]
    for i, v in enumerate(t2):
        new = recursiveResizeAs(t1[i] if i < len(t1) else None, v)[0]
        t1[i : i + 1] = [new]
    return t1


def recursiveFill(t2: Any, val: float) -> Any:
    """Fill every tensor of a nested table with ``val``; returns the table."""
    if is_table(t2):
        for k in keys(t2):
            recursiveFill(t2[k], val)
    elif arrays.is_array(t2):
        t2.fill(val)
    else:
        raise TypeError(f"expecting nested tensors or tables, got {arrays.describe(t2)}")
    return t2


def recursiveAdd(t1: Any, val: Any, t2: Any = None) -> tuple[Any, Any]:
    """``t1 += val * t2`` (or ``recursiveAdd(t1, t2)``: ``t1 += t2``) over nested tables; returns ``(t1, t2)``."""
    if t2 is None:
        val, t2 = 1, val
    if is_table(t2):
        if not is_table(t1) or set(keys(t1)) != set(keys(t2)):
            raise ValueError(f"expecting nested tensors or tables of one shape, got {describe_pair(t1, t2)}")
        for k in keys(t2):
            recursiveAdd(t1[k], val, t2[k])
    elif arrays.is_array(t1) and arrays.is_array(t2) and t1.size == t2.size:
        if val == 1:
            sums.add(t1, t2.reshape(t1.shape), t1)
        else:
            thnn.cadd(t1, val, t2)
    else:
        raise ValueError(f"expecting nested tensors or tables of one shape, got {describe_pair(t1, t2)}")
    return t1, t2


def recursiveCopy(t1: Any, t2: Any, async_: bool | None = None) -> tuple[Any, Any]:
    """``t1`` made a deep copy of the nested table ``t2``, reusing what fits: returns ``(t1, t2)``."""
    t1, _ = recursiveResizeAs(t1, t2)
    _copy_into(t1, t2)
    return t1, t2


def _copy_into(t1: Any, t2: Any) -> None:
    if is_table(t2):
        for k in keys(t2):
            _copy_into(t1[k], t2[k])
    else:
        sums.copy(t2, t1)


def recursiveCast(buffer: Any, x: Any, type: str) -> Any:
    """The nested table ``x``, its tensors of Torch type ``type``: themselves, or copies, in ``buffer`` if it fits."""
    if is_table(x):
        old = buffer if is_table(buffer) else {}
        cast = [recursiveCast(old[k] if _has(old, k) else None, x[k], type) for k in keys(x)]
        return dict(zip(keys(x), cast)) if isinstance(x, dict) else cast
    xp, dtype = arrays.module_of(type), arrays.dtype_of(type)
    if not arrays.is_array(x) or (x.dtype == dtype and arrays.array_module(x) is xp):
        return x
    if arrays.array_module(x) is not xp:
        x = arrays.moved(x, xp, dtype)
    if not arrays.is_array(buffer) or buffer.shape != x.shape or buffer.dtype != dtype:
        buffer = xp.empty(x.shape, dtype)
    buffer[...] = x
    return buffer


def _has(table: Any, key: Any) -> bool:
    return key in table if isinstance(table, dict) else isinstance(key, int) and key < len(table)


def describe_pair(t1: Any, t2: Any) -> str:
    """Two arguments in an error message."""
    return f"{arrays.describe(t1)} and {arrays.describe(t2)}"


def addSingletonDimension(*args: Any) -> Any:
    """``addSingletonDimension([view,] t, [dim])``: a view of ``t`` with a size-1 dimension inserted at 1-based ``dim``.

    ``view`` is accepted for the sake of ported lines and ignored: the new view is returned.
    """
    if len(args) > 1 and arrays.is_array(args[1]):
        args = args[1:]
    t, dim = args[0], args[1] if len(args) > 1 and args[1] is not None else 1
    if not 1 <= dim <= t.ndim + 1:
        raise ValueError(f"invalid dimension: {dim}. Tensor is of {t.ndim} dimensions.")
    return t.reshape(*t.shape[: dim - 1], 1, *t.shape[dim - 1 :])


def contiguousView(output: Any, input: Any, *sizes: Any) -> Any:
    """``input`` viewed as ``sizes``; one that is not contiguous is copied first (into ``output`` where that fits)."""
    if not input.flags.c_contiguous:
        output = arrays.resized(output, input.shape, input)
        output[...] = input
        input = output
    return input.reshape(sizes_of(*sizes))


def clear(self: Any, *names: Any) -> Any:
    """Empty the named fields of an object: tensors become empty tensors, tables ``[]``, other values None."""
    names = names[0] if len(names) == 1 and is_table(names[0]) else names
    for name in names:
        value = getattr(self, name, None)
        if arrays.is_array(value):
            setattr(self, name, arrays.array_module(value).empty(0, value.dtype))
        elif is_table(value):
            setattr(self, name, {} if isinstance(value, dict) else [])
        elif value is not None and value is not False:
            setattr(self, name, None)
    return self


def sizes_of(*sizes: Any) -> tuple[int, ...]:
    """Sizes given as numbers or as one list (a LongStorage): ``sizes_of(2, 3) == sizes_of([2, 3]) == (2, 3)``."""
    if len(sizes) == 1 and not isinstance(sizes[0], int):
        sizes = sizes[0] if is_table(sizes[0]) or arrays.is_array(sizes[0]) else sizes
    return tuple(int(s) for s in sizes)


def size_string(sizes: Any) -> str:
    """Sizes as Torch prints them: ``2x3``."""
    return "x".join(str(s) for s in sizes)
