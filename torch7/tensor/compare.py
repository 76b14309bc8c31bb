"""Comparisons: masks, the bool arrays that are Torch's ByteTensors of 0 and 1, and the questions all, any, equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays import array_module, type_name
from ..lua import is_number
from .checks import need_tensor, same_count, store


def _comparison(name: str, ufunc: str, sign: str) -> Callable[..., Any]:
    def compare(*args: Any) -> Any:
        *res, x, y = args if len(args) in (2, 3) else _wrong(name, args)
        other = y if is_number(y) else same_count(x, y)
        found = getattr(array_module(x), ufunc)(need_tensor(x), other)
        return store(res[0], found.astype(_type_of_result(name, res[0], x))) if res else found

    compare.__name__ = compare.__qualname__ = name
    compare.__doc__ = (
        f"``{name}([res,] x, y)``: the mask, a bool array, of where x {sign} y; ``y`` may be a number. Into ``res``, "
        "a ByteTensor or of the type of x, go 0 and 1."
    )
    return compare


def _wrong(name: str, args: tuple) -> Any:
    raise TypeError(f"{name} takes ([res,] x, y), got {len(args)} arguments")


def _type_of_result(name: str, res: Any, x: Any) -> np.dtype:
    if type_name(need_tensor(res, "the destination")) == type_name(x):
        return res.dtype
    return _byte(res, f"the destination of {name}").dtype


eq = _comparison("eq", "equal", "=")
ne = _comparison("ne", "not_equal", "is not")
lt = _comparison("lt", "less", "<")
le = _comparison("le", "less_equal", "<=")
gt = _comparison("gt", "greater", ">")
ge = _comparison("ge", "greater_equal", ">=")


def _byte(x: Any, name: str) -> Any:
    if type_name(need_tensor(x)).replace("Cuda", "") != "torch.ByteTensor":
        raise TypeError(f"{name} needs a mask or ByteTensor, such as torch7.ne(x, 0), got {type_name(x)}")
    return x


def all(x: Any) -> bool:
    """Whether no element of a ByteTensor is 0."""
    return bool(_byte(x, "all").all())


def any(x: Any) -> bool:
    """Whether some element of a ByteTensor is not 0."""
    return bool(_byte(x, "any").any())


def equal(x: Any, y: Any) -> bool:
    """Whether ``x`` and ``y`` have the same sizes and elements."""
    return need_tensor(x).shape == need_tensor(y, "y").shape and bool((x == y).all())
