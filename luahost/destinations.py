"""Where results go: ``x:f(...)`` in place, ``res:f(x, ...)`` and ``torch.f(res, x, ...)`` into a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import torch7

from .calls import call_listed, results
from .columns import BY_COLUMNS, by_columns, put_by_columns
from .convert import to_lua, to_python
from .runtime import lua_type
from .signatures import counts_of
from .tables import TableView
from .tensors import Tensor, like, proxy, store

_NUMBERS = frozenset({int, float})
MAKERS = frozenset({"zeros", "ones", "eye", "range", "rand", "randn", "linspace", "logspace", "randperm"})
# how many tensors a call needs: those before them are where results go
_NEEDED = {
    **dict.fromkeys(["sort", "max", "min", "topk", "kthvalue", "mode", "median"], 1),
    **dict.fromkeys(["symeig", "eig", "svd", "qr", "geqrf", "inverse", "potrf", "potri", "pstrf"], 1),
    **dict.fromkeys(["gesv", "gels", "potrs", "trtrs", "orgqr", "conv2", "conv3", "xcorr2", "xcorr3"], 2),
    "ormqr": 3,
}
# res:f(a, ...): how many tensors the call has when the receiver takes the result
_SOURCES = {"mm": 2, "mv": 2, "bmm": 2, "ger": 2, "cross": 2, "maskedSelect": 2, "index": 1, "gather": 1}
_COMPARISONS = frozenset({"gt", "lt", "ge", "le", "eq", "ne"})
_INTO = frozenset(
    [
        "sum",
        "mean",
        "cumsum",
        "cumprod",
        "norm",
        "std",
        "var",
        "tril",
        "triu",
        "prod",
        "histc",
        "diag",
        "repeatTensor",
        "multinomial",
        "nonzero",
        "trace",
    ]
)


def method(name: str) -> Callable[..., Any] | None:
    """``x:name(...)``: in place by ``name_`` of torch7 where there is one, else what ``name`` returns."""
    plain, in_place = getattr(torch7, name, None), getattr(torch7, name + "_", None)
    if in_place is not None and callable(in_place):
        return _in_place(plain, in_place)
    if not callable(plain) or isinstance(plain, type):
        return None
    if name in _COMPARISONS:
        return with_numbers(
            lambda self, *args: _put(self, plain(*args)) if len(args) > 1 else plain(self.a, *args), plain
        )
    if name in _NEEDED:
        plain = by_columns(name, plain)
        return with_numbers(_with_results(plain, _NEEDED[name]), plain)
    if name in _SOURCES:
        return with_numbers(_with_sources(plain, _SOURCES[name]), plain)
    return with_numbers(_plain(plain, name in _INTO), plain)


def with_numbers(f: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    """``f`` is ``plain`` of the array where only numbers are among the arguments."""
    f.numbers = plain
    return f


def _in_place(plain: Any, in_place: Any) -> Callable[..., Any]:
    def run(self: Tensor, *args: Any) -> Any:
        if _like(self.a, args):
            return _checked(self, in_place, args)
        others = [x.shape for x in args if type(x) is np.ndarray or torch7.isTensor(x)]
        odd = others and (self.a.size == 0 or (torch7.isTensor(args[0]) and others[0] != self.a.shape))
        if odd and plain is not None:
            try:
                return _put(self, plain(*args)) if self.a.size == 0 else _checked(self, in_place, args)
            except ValueError:
                result = plain(*args)
                if not torch7.isTensor(result):
                    raise
                return _put(self, result)
        return _checked(self, in_place, args)

    run.in_place = in_place
    return run


def _like(a: np.ndarray, args: tuple) -> bool:
    """Whether the arguments are numbers and tensors of the shape of ``a``, which is not empty."""
    shape = a.shape
    for x in args:
        if type(x) not in _NUMBERS and not (type(x) is np.ndarray and x.shape == shape and x.size):
            return False
    return bool(args)


def _checked(self: Tensor, in_place: Any, args: tuple) -> Tensor:
    return taken(self, in_place(self.a, *args))


def taken(self: Tensor, result: Any) -> Tensor:
    """The tensor, which has become another array where a step in place gave one."""
    if result is not self.a and torch7.isTensor(result):
        self.reseat(result)
    return self


def _with_sources(plain: Any, count: int) -> Callable[..., Any]:
    def run(self: Tensor, *args: Any) -> Any:
        tensors = sum(torch7.isTensor(x) for x in args)
        if tensors >= count and torch7.isTensor(args[0]):
            return _put(self, plain(*args))
        return plain(self.a, *args)

    return run


def _with_results(plain: Any, needed: int) -> Callable[..., Any]:
    """``x:max(1)``, and ``values:max(indices, x, 1)`` where the receiver and the next tensors take the results."""

    def run(self: Tensor, *args: Any) -> Any:
        count = 1 + _leading(args) - needed
        if count <= 0:
            return plain(self.a, *args)
        result = plain(*args[count - 1 :])
        parts = result if isinstance(result, tuple) else (result,)
        if not torch7.isTensor(parts[0]):
            return result
        holders = [self, *map(proxy, args[: count - 1])]
        kept = [_put(p, x) for p, x in zip(holders, parts)]
        return (*kept, *parts[count:]) if isinstance(result, tuple) else kept[0]

    return run


def _leading(args: tuple) -> int:
    """How many arguments are tensors before the first that is none."""
    return next((i for i, x in enumerate(args) if not (isinstance(x, Tensor) or torch7.isTensor(x))), len(args))


def _plain(plain: Any, into: bool) -> Callable[..., Any]:
    least = (counts_of(plain) or (0, 0))[0]

    def run(self: Tensor, *args: Any) -> Any:
        if args and torch7.isTensor(args[0]) and len(args) >= least and (into or self.a.size == 0):
            result = plain(*args)
            if torch7.isTensor(result):
                return _put(self, result)
            if isinstance(result, tuple) and torch7.isTensor(result[0]):
                return (_put(self, result[0]).a, *result[1:])
            return result
        return plain(self.a, *args)

    return run


def _put(p: Tensor, result: Any) -> Any:
    """The result in the receiver, which takes its shape."""
    if not torch7.isTensor(result):
        return result
    if type(result) is np.ndarray and put_by_columns(p, result):
        return p.a
    if result.shape == p.a.shape:
        torch7.copy(p.a, like(result, p.a))
    else:
        p.reseat(like(result, p.a))
    return p.a


def with_destination(name: str, f: Callable[..., Any], call: Callable[..., Any]) -> Callable[..., Any]:
    """``torch.name`` for Lua: ``call`` converts and calls ``f``; leading tensors may be where results go."""

    def lists(n: int, x: Any, y: Any, *values: Any) -> Any:
        return call_listed(f, (), n, x, y, values)

    simple = name not in MAKERS and name not in _NEEDED and name != "cat"

    def run(*args: Any) -> Any:
        if len(args) == 1:
            x = args[0]
            if type(x) is Tensor and name not in MAKERS:
                return _fresh(f(x.a))
            if type(x) in _NUMBERS:
                return _fresh(f(x))
        elif len(args) == 2 and simple and type(args[0]) is Tensor and args[0].a.size:
            x, y = args
            if type(y) in _NUMBERS:
                return _fresh(f(x.a, y))
            if type(y) is Tensor and y.a.size:
                try:
                    return _fresh(f(x.a, y.a))
                except (ValueError, TypeError, IndexError):
                    pass
        count = _destinations(name, args)
        if count:
            return _filled(f, count, args, name in BY_COLUMNS)
        try:
            return call(*args)
        except (ValueError, TypeError, IndexError):
            if len(args) > 1 and isinstance(args[0], Tensor) and _is_source(args[1]):
                try:
                    return _filled(f, 1, args)
                except (ValueError, TypeError, IndexError):
                    pass
            raise

    run.lists = lists
    return run


def _fresh(result: Any) -> Any:
    """A result for Lua."""
    kind = type(result)
    if kind is np.ndarray and result.ndim:
        return proxy(result)
    return result if kind in _NUMBERS else results(result)


def _is_source(x: Any) -> bool:
    return isinstance(x, Tensor | TableView) or lua_type(x) == "table"


def _destinations(name: str, args: tuple) -> int:
    """How many of the first arguments are certainly destinations."""
    if not args or not isinstance(args[0], Tensor):
        return 0
    tensors = [isinstance(x, Tensor) for x in (*args, None, None)[:3]]
    if name in MAKERS:
        return 1
    if name == "cat":
        if len(args) > 1 and (not isinstance(args[1], Tensor | int | float) or (tensors[1] and tensors[2])):
            return 1
        return 0
    if name in _NEEDED:
        return max(_leading(args) - _NEEDED[name], 0)
    return int(tensors[1] and args[0].a.size == 0)


def _filled(f: Any, count: int, args: tuple, matrices: bool = False) -> Any:
    result = f(*[to_python(x) for x in args[count:]])
    parts = result if isinstance(result, tuple) else (result,)
    if not torch7.isTensor(parts[0]):
        return to_lua(result)
    for p, x in zip(args[:count], parts):
        if not (matrices and put_by_columns(p, x)):
            store(p, x)
    return (*args[:count], *map(to_lua, parts[count:])) if isinstance(result, tuple) else args[0]


def maker(name: str) -> Callable[..., Any]:
    """``x:zeros(2, 3)`` and the like: ``x`` takes the made tensor."""

    def run(self: Tensor, *args: Any) -> Any:
        if name in ("rand", "randn") and not args:
            args = self.a.shape
        return store(self, getattr(torch7, name)(*args)).a

    return run


def viewing(name: str) -> Callable[..., Any]:
    """``x:view(...)``, and ``res:view(x, ...)`` where ``res`` becomes the view."""

    def run(self: Tensor, *args: Any) -> Any:
        of_other = args and torch7.isTensor(args[0]) and not (name in ("viewAs", "expandAs") and len(args) == 1)
        if of_other:
            self.reseat(getattr(torch7, name)(*args))
            return self.a
        return plain(self.a, *args)

    plain = getattr(torch7, name)
    return with_numbers(run, plain)


def into_table(name: str) -> Callable[..., Any]:
    """``torch.split(x, n)`` and ``torch.split(parts, x, n)`` where the parts go into a table."""

    def run(*args: Any) -> Any:
        if isinstance(args[0], list | dict):
            parts = list(getattr(torch7, name)(*args[1:]))
            if isinstance(args[0], dict):
                args[0].clear()
                args[0].update(enumerate(parts, 1))
            else:
                args[0][:] = parts
            return args[0]
        return list(getattr(torch7, name)(*args))

    return run
