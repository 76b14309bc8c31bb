"""``+ - * / % ^ # ==`` of what Python holds, as Torch's tensors answer them."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

import torch7

from .convert import to_lua, to_python
from .storages import Storage, sizes_storage
from .tables import TableView
from .tensors import Tensor, proxy


def length(x: Any) -> Any:
    """``#x``: the sizes of a tensor, the length of a table or storage."""
    if isinstance(x, Tensor):
        return sizes_storage(x.a.shape if x.a.size else ())
    return len(x)


def equal(x: Any, y: Any) -> bool:
    """``x == y``: the same object; two tensors over one memory are two objects, two of its storages are not."""
    if isinstance(x, Tensor) and isinstance(y, Tensor):
        return x.a is y.a
    if isinstance(x, TableView) and isinstance(y, TableView):
        return x.content is y.content
    return x is y or (isinstance(x, Storage) and x == y)


def arithmetic(name: str, x: Any, y: Any) -> Any:
    """The metamethod ``__name`` of ``x`` and ``y``, at least one of which is Python's."""
    if type(x) is Tensor and (type(y) is Tensor or type(y) is float or type(y) is int):
        result = _OPERATIONS[name](x.a, y.a if type(y) is Tensor else y)
        return proxy(result) if type(result) is np.ndarray and result.ndim else to_lua(result)
    x, y = to_python(x), to_python(y)
    if not torch7.isTensor(x) and not torch7.isTensor(y):
        return to_lua(_of_objects(name, x, y))
    return to_lua(_OPERATIONS[name](x, y))


def _of_objects(name: str, x: Any, y: Any) -> Any:
    """Of modules and nodes of graphs."""
    try:
        return operator.neg(x) if name == "unm" else getattr(operator, _PYTHON[name])(x, y)
    except (TypeError, KeyError):
        raise TypeError(f"attempt to perform arithmetic on a {torch7.type(x)} value") from None


def _add(x: Any, y: Any) -> Any:
    return torch7.add(x, y) if torch7.isTensor(x) else torch7.add(y, x)


def _sub(x: Any, y: Any) -> Any:
    if not torch7.isTensor(x):
        return torch7.add(torch7.neg(y), x)
    return torch7.add(x, -1, y) if torch7.isTensor(y) else torch7.add(x, -y)


def _mul(x: Any, y: Any) -> Any:
    """The dot product of vectors, the product with a vector or matrix, or each element times a number."""
    if not torch7.isTensor(x) or not torch7.isTensor(y):
        return torch7.mul(x, y) if torch7.isTensor(x) else torch7.mul(y, x)
    if x.ndim == y.ndim == 1:
        return torch7.dot(x, y)
    return torch7.mv(x, y) if y.ndim == 1 else torch7.mm(x, y)


def _div(x: Any, y: Any) -> Any:
    return torch7.cdiv(x, y) if torch7.isTensor(y) else torch7.div(x, y)


_OPERATIONS = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "unm": lambda x, _: torch7.neg(x),
    "mod": lambda x, y: torch7.remainder(x, y),
    "pow": lambda x, y: torch7.pow(x, y),
}
_PYTHON = {"add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "mod": "mod", "pow": "pow"}
