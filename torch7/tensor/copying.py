"""Writing whole tensors in place, copies and conversions: fill, zero, copy, set elements by a function, type casts."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from ..arrays import array_module, cast, describe, getdefaulttensortype, type_name
from .checks import need_tensor, same_count, scalar
from .forms import as_bytes


def fill(x: Any, value: Any) -> Any:
    """Every element of ``x`` becomes ``value``; returns ``x``."""
    need_tensor(x)[...] = scalar(x, value)
    return x


def zero(x: Any) -> Any:
    """Every element of ``x`` becomes 0; returns ``x``."""
    need_tensor(x)[...] = 0
    return x


def copy(x: Any, y: Any) -> Any:
    """The elements of ``y``, of any type and sizes but as many, into ``x``; returns ``x``."""
    if need_tensor(x).size != need_tensor(y, "y").size:
        raise ValueError(f"cannot copy {describe(y)} into {describe(x)}: numbers of elements differ")
    x[...] = cast(y, type_name(x)).reshape(x.shape)
    return x


def clone(x: Any) -> Any:
    """A copy on memory of its own."""
    return need_tensor(x).copy()


@as_bytes
def apply(x: Any, f: Callable[[Any], Any]) -> Any:
    """Each element becomes ``f(element)``, in row order; None keeps it; returns ``x``."""
    return _write(x, [(f(v), v) for v in need_tensor(x).reshape(-1).tolist()])


@as_bytes
def map(x: Any, y: Any, f: Callable[[Any, Any], Any]) -> Any:
    """Each element of ``x`` becomes ``f(element, element of y)``; None keeps it; returns ``x``."""
    pairs = zip(need_tensor(x).reshape(-1).tolist(), same_count(x, y).reshape(-1).tolist())
    return _write(x, [(f(v, w), v) for v, w in pairs])


@as_bytes
def map2(x: Any, y: Any, z: Any, f: Callable[[Any, Any, Any], Any]) -> Any:
    """As :func:`map` with the elements of two more tensors; returns ``x``."""
    columns = [need_tensor(x), same_count(x, y), same_count(x, z)]
    return _write(x, [(f(*vs), vs[0]) for vs in zip(*(c.reshape(-1).tolist() for c in columns))])


def _write(x: Any, results: list[tuple]) -> Any:
    values = [scalar(x, old if new is None else new) for new, old in results]
    x[...] = array_module(x).asarray(values, x.dtype).reshape(x.shape)
    return x


def totable(x: Any) -> list:
    """The elements as nested lists; a tuple of sizes as a list."""
    if isinstance(x, tuple):
        return list(x)
    return (x.view(np.uint8) if need_tensor(x).dtype == np.bool_ else x).tolist()


def typeAs(x: Any, y: Any) -> Any:
    """``x`` converted to the type of ``y``; ``x`` itself if it has it."""
    return cast(need_tensor(x), type_name(need_tensor(y, "y")))


def real(x: Any) -> Any:
    """``x`` in the default type."""
    return cast(need_tensor(x), getdefaulttensortype())


def double(x: Any) -> Any:
    """``x`` as DoubleTensor (float64); as every conversion, ``x`` itself if it is one."""
    return cast(need_tensor(x), "torch.DoubleTensor")


def float(x: Any) -> Any:
    """``x`` as FloatTensor (float32)."""
    return cast(need_tensor(x), "torch.FloatTensor")


def half(x: Any) -> Any:
    """``x`` as HalfTensor (float16)."""
    return cast(need_tensor(x), "torch.HalfTensor")


def long(x: Any) -> Any:
    """``x`` as LongTensor (int64), truncated."""
    return cast(need_tensor(x), "torch.LongTensor")


def int(x: Any) -> Any:
    """``x`` as IntTensor (int32), truncated."""
    return cast(need_tensor(x), "torch.IntTensor")


def short(x: Any) -> Any:
    """``x`` as ShortTensor (int16), truncated."""
    return cast(need_tensor(x), "torch.ShortTensor")


def char(x: Any) -> Any:
    """``x`` as CharTensor (int8), truncated."""
    return cast(need_tensor(x), "torch.CharTensor")


def byte(x: Any) -> Any:
    """``x`` as ByteTensor (uint8), truncated."""
    return cast(need_tensor(x), "torch.ByteTensor")


def cuda(x: Any) -> Any:
    """``x`` as CudaTensor (float32 on the GPU, a CuPy array)."""
    return cast(need_tensor(x), "torch.CudaTensor")


def _warm(*arguments: Any, **settings: Any) -> None:
    """``torch7.cuda.warm()``, see :func:`torch7.warming.warm_cuda`."""
    import_module("torch7.warming").warm_cuda(*arguments, **settings)


cuda.warm = _warm  # type: ignore[attr-defined]

fill_, zero_, copy_, apply_, map_, map2_ = fill, zero, copy, apply, map, map2
