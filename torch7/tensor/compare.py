"""Comparisons: ByteTensors of 0 and 1 that serve as masks, and the questions all, any, equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays import array_module, type_name
from ..lua import is_number
from .checks import destination, need_tensor, same_count


def _comparison(name: str, ufunc: str, sign: str) -> Callable[..., Any]:
    def plain(x: Any, y: Any) -> Any:
        other = y if is_number(y) else same_count(x, y)
        return getattr(array_module(x), ufunc)(need_tensor(x), other).astype(np.uint8)

    with_value = destination()(plain)
    with_tensor = destination(sources=2)(plain)

    def compare(*args: Any) -> Any:
        return with_value(*args) if is_number(args[-1]) else with_tensor(*args)

    compare.__name__ = compare.__qualname__ = name
    compare.__doc__ = f"``{name}([res,] x, y)``: 1 where x {sign} y, else 0, a ByteTensor; ``y`` may be a number."
    return compare


eq = _comparison("eq", "equal", "=")
ne = _comparison("ne", "not_equal", "is not")
lt = _comparison("lt", "less", "<")
le = _comparison("le", "less_equal", "<=")
gt = _comparison("gt", "greater", ">")
ge = _comparison("ge", "greater_equal", ">=")


def _byte(x: Any, name: str) -> Any:
    if type_name(need_tensor(x)).replace("Cuda", "") != "torch.ByteTensor":
        raise TypeError(f"{name} needs a ByteTensor, such as torch7.ne(x, 0), got {type_name(x)}")
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
