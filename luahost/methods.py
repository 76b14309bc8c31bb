"""The methods of tensors that differ from the functions of torch7: memory, sizes, conversions, random fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import torch7

from .calls import PLAIN, invoke_tensor, results
from .destinations import MAKERS, into_table, maker, method, taken, viewing, with_numbers
from .held import SAME, several
from .runtime import host
from .storages import Storage, over_storage, sizes_storage, storage_of, storage_offset
from .tensors import Tensor, address, proxy, same_memory, store

_SIMPLE = PLAIN - {type(None)} | {Tensor}
_NUMBERS = frozenset({int, float})
_ARRAY = np.ndarray
_NO_ABS = ("torch.ByteTensor", "torch.CharTensor", "torch.ShortTensor")
_added: dict[str, dict[str, Any]] = {}
# How many arguments Torch reads of a method that ignores the others, as functions of Lua do.
_READ = {
    **dict.fromkeys(("t", "contiguous", "clone", "byte", "char", "short", "int", "long", "float", "double"), 0),
    **dict.fromkeys(("resizeAs", "copy", "type"), 1),
    **dict.fromkeys(("select", "transpose", "expandAs"), 2),
    **dict.fromkeys(("narrow", "unfold"), 3),
}


def tensor_method(type_name: str, name: str) -> Any:
    """The Lua function of a method of a tensor type, None where Torch has none of this name."""
    own = _added.get(type_name, {}).get(name)
    if own is not None:
        return own
    if name == "abs" and type_name in _NO_ABS:
        return None
    if name not in _made:
        f = METHODS.get(name) or method(name)
        _made[name] = None if f is None else _receiver(name, f)
    return _made[name]


def add_method(type_name: str, name: str, f: Any) -> None:
    """``function torch.FloatTensor:name(...)`` of a program."""
    _added.setdefault(type_name, {})[name] = f


_made: dict[str, Any] = {}


def _receiver(name: str, f: Callable[..., Any]) -> Any:
    """The Lua function of a method: its forms for no argument, one, two and more."""
    bare, in_place = getattr(f, "numbers", None), getattr(f, "in_place", None)
    most = _READ.get(name)

    def none(self: Tensor) -> Any:
        if type(self) is not Tensor:
            raise _not_on(self)
        return _given(self, f(self) if bare is None else bare(self.a))

    def one(self: Tensor, x: Any) -> Any:
        kind = type(x)
        if type(self) is not Tensor:
            raise _not_on(self)
        if (
            in_place is not None
            and self.a.size
            and (kind in _NUMBERS or (kind is Tensor and x.a.shape == self.a.shape))
        ):
            result = in_place(self.a, x if kind is not Tensor else x.a)
            return SAME if result is self.a else _given(self, taken(self, result))
        if bare is not None and kind in _NUMBERS:
            return _given(self, bare(self.a, x))
        if kind in _SIMPLE:
            return _given(self, f(self, x.a if kind is Tensor else x))
        return more(self, x)

    def two(self: Tensor, x: Any, y: Any) -> Any:
        if type(self) is not Tensor:
            raise _not_on(self)
        if bare is not None and type(x) in _NUMBERS and type(y) in _NUMBERS:
            return _given(self, bare(self.a, x, y))
        if type(x) in _SIMPLE and type(y) in _SIMPLE:
            return _given(self, f(self, x.a if type(x) is Tensor else x, y.a if type(y) is Tensor else y))
        return more(self, x, y)

    def more(self: Tensor, *args: Any) -> Any:
        if type(self) is not Tensor:
            raise _not_on(self)
        args = args[:most]
        for x in args:
            if type(x) not in _SIMPLE:
                result = invoke_tensor(f, self, args)
                return SAME if result is self else several(result)
        return _given(self, f(self, *[x.a if type(x) is Tensor else x for x in args]))

    if most == 0:
        one = two = more
    elif most == 1:
        two = more
    return host.library.wrap_tensor_method(name, none, one, two, more)


def _not_on(x: Any) -> TypeError:
    return TypeError(f"a method of tensors is called with a colon on a tensor, not on {torch7.type(x)}")


def _given(self: Tensor, result: Any) -> Any:
    """A result for Lua, or a mark."""
    kind = type(result)
    if kind is _ARRAY:
        if result is self.a:
            return SAME
        return proxy(result) if result.ndim else results(result)
    if kind is Tensor or kind in PLAIN:
        return SAME if result is self else result
    return SAME if result is self.a else several(results(result))


def resize(self: Tensor, *sizes: Any) -> Tensor:
    """``x:resize(2, 3)`` or ``x:resize(sizes [, strides])``: elements keep their places in memory."""
    strides = None
    if sizes and isinstance(sizes[0], tuple | list | Storage):
        shape = tuple(int(n) for n in sizes[0])
        if len(sizes) > 1 and sizes[1] is not None:
            strides = tuple(int(n) for n in sizes[1])
    else:
        shape = tuple(int(n) for n in sizes)
    if not shape:
        return self
    if strides is not None:
        storage = storage_of(self.a) or Storage(np.zeros(0, self.a.dtype))
        self.reseat(over_storage(storage, storage_offset(self.a), shape, strides))
    elif self.a.shape != shape:
        self.reseat(torch7.resize(self.a, *shape))
    return self


def set(self: Tensor, *args: Any) -> Tensor:
    """``x:set(y)``, ``x:set(storage, offset, sizes, strides)``: ``x`` views that memory."""
    if not args:
        self.reseat(np.empty(0, self.a.dtype))
        return self
    source = args[0]
    if torch7.isTensor(source):
        if source.dtype != self.a.dtype:
            raise TypeError(f"set: a {torch7.typename(self.a)} cannot view the memory of a {torch7.typename(source)}")
        self.reseat(source[...])
        return self
    storage = Storage(np.array(source, np.int64)) if isinstance(source, tuple) else source
    if not isinstance(storage, Storage) or storage.data.dtype != self.a.dtype:
        raise TypeError(f"set: a {torch7.typename(self.a)} cannot view the memory of {torch7.type(source)}")
    offset = int(args[1]) if len(args) > 1 else 1
    rest = list(args[2:]) or [len(storage) - offset + 1]
    if isinstance(rest[0], tuple):
        shape, strides = rest[0], rest[1] if len(rest) > 1 else None
    else:
        shape = tuple(int(n) for n in rest[0::2])
        strides = tuple(int(n) for n in rest[1::2]) if len(rest) > 1 else None
    self.reseat(over_storage(storage, offset, shape, strides))
    return self


def new(a: Any, *args: Any) -> Any:
    """``x.new(...)``: a tensor of the type of ``a``, over memory or of sizes, or another view."""
    first = args[0] if args else None
    if isinstance(first, tuple) and len(args) == 2 and isinstance(args[1], tuple):
        return over_storage(Storage(np.zeros(0, a.dtype)), 1, first, args[1])
    if isinstance(first, tuple) and len(args) == 1:
        return torch7.new(a, *first) if first else torch7.new(a)
    if isinstance(first, Storage):
        made = Tensor(np.empty(0, a.dtype))
        return set(made, *args).a
    if torch7.isTensor(first) and first.dtype == a.dtype:
        return first[...]
    return torch7.new(a, *args)


def _of_array(f: Callable[..., Any]) -> Callable[..., Any]:
    """A method that is a function of the array."""
    return with_numbers(lambda self, *args: f(self.a, *args), f)


def _filling(name: str) -> Callable[..., Any]:
    f = getattr(torch7, name)

    def run(self: Tensor, *args: Any) -> Tensor:
        if self.a.size:
            f(self.a, *args)
        return self

    return run


def _copy(self: Tensor, other: Any) -> Tensor:
    if self.a.size or other.size:
        torch7.copy(self.a, other)
    return self


def _select(a: Any, dim: int, index: int) -> Any:
    if a.ndim == 1:  # Torch gives a tensor without dimension; here the number, as indexing does
        return torch7.at(a, [int(index)])
    return torch7.select(a, dim, index)


def _resizeAs(self: Tensor, other: Any) -> Tensor:
    return resize(self, *other.shape) if other.size else set(self)


def _sizes(name: str) -> Callable[..., Any]:
    def run(self: Tensor, dim: Any = None) -> Any:
        if dim is not None:
            return getattr(torch7, name)(self.a, dim)
        if not self.a.size:
            return sizes_storage(())
        if name == "size":
            return sizes_storage(self.a.shape)
        return sizes_storage([n // self.a.itemsize for n in self.a.strides])

    return run


def _renorm(self: Tensor, *args: Any) -> Tensor:
    if torch7.isTensor(args[0]):
        args, source = args[1:], args[0]
        _resizeAs(self, source)
    else:
        source = self.a
    torch7.copy(self.a, torch7.renorm(source, *args))
    return self


METHODS: dict[str, Callable[..., Any]] = {
    "resize": resize,
    "resizeAs": _resizeAs,
    "set": set,
    "new": lambda self, *args: new(self.a, *args),
    "size": _sizes("size"),
    "stride": _sizes("stride"),
    "nElement": lambda self: self.a.size,
    "numel": lambda self: self.a.size,
    "dim": lambda self: self.a.ndim if self.a.size else 0,
    "nDimension": lambda self: self.a.ndim if self.a.size else 0,
    "storage": lambda self: storage_of(self.a),
    "storageOffset": lambda self: storage_offset(self.a),
    "isTensor": lambda self: True,
    "isSize": lambda self, sizes: self.a.shape == tuple(sizes),
    "isSetTo": lambda self, other: self.a is other or same_memory(self.a, other),
    "totable": lambda self: self.a.tolist(),
    "cuda": lambda self, *_: torch7.cuda(self.a),
    "clone": _of_array(torch7.clone),
    "copy": _copy,
    "elementSize": lambda self: self.a.itemsize,
    "cdata": lambda self: address(self.a),
    "typename": lambda self: torch7.typename(self.a),
    "type": lambda self, name=None: torch7.type(self.a) if name is None else torch7.type(self.a, name),
    "real": lambda self: torch7.real(self.a),
    "select": _of_array(_select),
    "renorm": _renorm,
    "cat": lambda self, *args: _cat(self, args),
    "split": lambda self, *args: _parts("split", self, args),
    "chunk": lambda self, *args: _parts("chunk", self, args),
    "repeatTensor": lambda self, *args: _repeat(self, args),
    **{name: _filling(name) for name in ("fill", "zero")},
    **{name: maker(name) for name in MAKERS},
    **{name: viewing(name) for name in ("view", "viewAs", "expand", "expandAs")},
}
_FILLED = (
    "uniform", "normal", "random", "bernoulli", "exponential", "geometric", "cauchy", "logNormal", "apply", "map",
    "map2", "maskedFill", "maskedCopy", "indexFill", "indexCopy", "indexAdd", "scatter", "scatterAdd",
)  # fmt: skip
METHODS |= {name: _filling(name) for name in _FILLED}


def _parts(name: str, self: Tensor, args: tuple) -> Any:
    if isinstance(args[0], list | dict):
        return into_table(name)(args[0], self.a, *args[1:])
    return into_table(name)(self.a, *args)


def _repeat(self: Tensor, args: tuple) -> Any:
    if not torch7.isTensor(args[0]):
        return torch7.repeatTensor(self.a, *args)
    result = torch7.repeatTensor(*args)
    _resizeAs(self, result)
    return _copy(self, result)


def _cat(self: Tensor, args: tuple) -> Any:
    """``res:cat(x, y, dim)`` and ``res:cat({x, y}, dim)`` fill ``res``; ``x:cat(y, dim)`` is a new tensor."""
    if isinstance(args[0], list) or (len(args) > 1 and torch7.isTensor(args[1])):
        return store(self, torch7.cat(*args)).a
    return torch7.cat(self.a, *args)
