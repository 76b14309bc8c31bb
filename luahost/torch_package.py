"""``torch`` of a Lua program: the functions of torch7 with destinations, constructors, storages, files."""

from __future__ import annotations

import math
import os
import time
import types
from collections.abc import Callable
from typing import Any

import numpy as np

import torch7
from torch7 import registry
from torch7.arrays import cuda_is_in_memory
from torch7.generator import current

from . import files
from .calls import call_listed, callable_of, invoke
from .classes import class_table
from .columns import by_columns
from .convert import LuaFunction, LuaObject, to_lua, to_python
from .destinations import into_table, with_destination
from .file_objects import CLASSES
from .methods import METHODS, add_method, set, tensor_method
from .objects import storage_method
from .runtime import function, host
from .storages import TYPES, Storage, make_storage, over_storage
from .tables import TableView
from .tensors import Tensor, address

LAYOUTS = {"d": "double", "f": "float", "l": "int64_t", "q": "int64_t", "i": "int32_t", "h": "int16_t"}
LAYOUTS |= {"b": "int8_t", "B": "uint8_t"}

_GENERATOR = {torch7.Generator: "torch.Generator"}  # no name of a class in files


def layout(o: Any) -> Any:
    """Dimensions, contiguous, address and C type (None: only Python reaches the elements), writable, sizes, strides.

    None of an empty tensor.
    """
    a = o.a if type(o) is Tensor else o.data if type(o) is Storage else None
    if a is None or not a.size or not a.ndim:
        return None
    sizes = *a.shape, *(n // a.itemsize for n in a.strides)
    whole = not any(n % a.itemsize for n in a.strides)
    contiguous = bool(a.flags.c_contiguous)
    if not whole or not isinstance(a, np.ndarray) or a.dtype.char not in LAYOUTS or not a.flags.aligned:
        return a.ndim, contiguous, None, None, False, *sizes
    if not a.dtype.isnative:
        return a.ndim, contiguous, None, None, False, *sizes
    writable = bool(a.flags.writeable and a.dtype.kind == "f")
    return a.ndim, contiguous, address(a), LAYOUTS[a.dtype.char], writable, *sizes


def data_of(o: Any) -> Any:
    """Address and C type of the elements of a tensor or storage, for ``x:data()``."""
    a = o.a if isinstance(o, Tensor) else o.data
    return address(a), LAYOUTS[a.dtype.char]


def tensor_type(o: Any) -> str | None:
    """The type name of a tensor, None for other objects."""
    return torch7.typename(o.a) if isinstance(o, Tensor) else None


def type_of(o: Any) -> str:
    """``torch.type`` of what Python holds."""
    value = to_python(o)
    if isinstance(o, TableView):
        return o.typename or "table"
    if isinstance(o, Storage):
        return o.torch_typename
    return "function" if isinstance(value, LuaFunction) else _GENERATOR.get(type(value)) or torch7.type(value)


def typename_of(o: Any) -> str | None:
    """``torch.typename`` of what Python holds."""
    if isinstance(o, TableView):
        return o.typename
    return o.torch_typename if isinstance(o, Storage) else _GENERATOR.get(type(o)) or torch7.typename(to_python(o))


def get(name: str) -> Any:
    """``torch.name`` for Lua, nil where there is none."""
    if not isinstance(name, str):
        return None
    if name in _FUNCTIONS:
        return function(_FUNCTIONS[name]) if name in _RAW else callable_of(_FUNCTIONS[name])
    if name in _NUMBERS:
        return function(_number_or_tensor(name, _NUMBERS[name]))
    if name.startswith("Cuda") and name.endswith("Storage") and cuda_is_in_memory():
        name = "FloatStorage" if name == "CudaStorage" else name.removeprefix("Cuda")
    if name == "Storage" or f"torch.{name}" in TYPES:
        return _storage_constructor(name)
    if name in CLASSES:
        return class_table(CLASSES[name])
    if name == "_gen":
        return current()
    if name == "version":
        return torch7.__version__
    found = getattr(torch7, name, None)
    if found is None or isinstance(found, types.ModuleType):
        return None
    if name.endswith("Tensor") and name[0].isupper():
        return _tensor_constructor(name)
    if isinstance(found, type):
        return class_table(found)
    return function(_with_destination(name, found)) if callable(found) else to_lua(found)


def _with_destination(name: str, f: Callable[..., Any]) -> Callable[..., Any]:
    if name not in _wrapped:
        f = by_columns(name, f)
        _wrapped[name] = with_destination(name, f, lambda *args: invoke(f, (), args))
    return _wrapped[name]


_wrapped: dict[str, Callable[..., Any]] = {}


def _number_or_tensor(name: str, f: Callable[..., float]) -> Callable[..., Any]:
    tensors = _with_destination(name, getattr(torch7, name))
    key = f"number {name}"
    if key not in _wrapped:
        _wrapped[key] = lambda *args: f(*args) if all(isinstance(x, int | float) for x in args) else tensors(*args)
    return _wrapped[key]


def _round(x: float) -> float:
    return math.floor(x + 0.5) if x > 0 else math.ceil(x - 0.5)


def _storage_constructor(name: str) -> Any:
    typename = f"torch.{name}"
    if name == "Storage":
        typename = torch7.getdefaulttensortype().replace("Tensor", "Storage")

    def construct(*args: Any) -> Any:
        kept = [x if isinstance(x, Storage) else to_python(x) for x in args]
        return make_storage(typename, *kept)

    return host.library.make_constructor(function(construct), typename)


def _tensor_constructor(name: str) -> Any:
    make = getattr(torch7, name)

    def construct(*args: Any) -> Any:
        first = args[0] if args else None
        if isinstance(first, Storage) and not _is_size_argument(first, args):
            made = Tensor((torch7.Tensor if name == "Tensor" else make)()[:0])
            return to_lua(set(made, first, *[to_python(x) for x in args[1:]]).a)
        values = [to_python(x) for x in args]
        if len(values) == 2 and isinstance(values[0], tuple) and isinstance(values[1], tuple):
            return to_lua(over_storage(Storage(np.zeros(0, make().dtype)), 1, values[0], values[1]))
        if isinstance(first, Storage) and not values[0]:
            values = []
        return to_lua(make(*values))

    def lists(n: int, x: Any, y: Any, *values: Any) -> Any:
        return construct(x, y) if y is not None else call_listed(make, (), n, x, y, values)

    construct.lists = lists
    typename = torch7.getdefaulttensortype() if name == "Tensor" else f"torch.{name}"
    return host.library.make_constructor(function(construct), typename)


def _is_size_argument(storage: Storage, args: tuple) -> bool:
    """Whether a LongStorage gives sizes (and strides), not memory."""
    if storage.torch_typename != "torch.LongStorage" or (len(args) == 2 and not isinstance(args[1], Storage)):
        return False
    return storage.sizes and len(args) <= 2


def constructor_get(typename: str, name: Any) -> Any:
    """``torch.DoubleTensor.add``: the method."""
    if not isinstance(name, str):
        return None
    return tensor_method(typename, name) if typename.endswith("Tensor") else storage_method(name)


def constructor_set(typename: str, name: str, f: Any) -> None:
    """``function torch.DoubleTensor:mine()``."""
    add_method(typename, name, f)


def class_named(name: str) -> Any:
    """``torch.getmetatable(name)`` of a class of Python or a type of tensor."""
    if name.startswith("torch.") and (name.endswith("Tensor") or name in TYPES):
        return host.globals.torch[name.split(".")[1]]
    cls = registry.find(name)
    return None if cls is None else class_table(cls)


def factory(name: str) -> Any:
    """``torch.factory(name)``: makes an empty object of a class or type."""
    if name.startswith("torch.") and name.endswith("Tensor"):
        return function(getattr(torch7, name.split(".")[1]))
    return callable_of(torch7.factory(name))


def _pointer(o: Any) -> int:
    value = to_python(o)
    if isinstance(o, Storage):
        return o.pointer()
    if torch7.isTensor(value):
        return id(value)
    if isinstance(value, LuaFunction | LuaObject | list | dict):
        return host.library.identity(o)
    return id(value)


def _set_default_type(name: str) -> None:
    torch7.setdefaulttensortype(name)
    for kept in ("Tensor", "Storage"):
        host.library.rawset(host.globals.torch, kept, None)


def _size(name: str) -> Callable[..., Any]:
    return lambda x, dim=None: METHODS[name](x, dim)


def _randperm(*args: Any) -> Any:
    """Torch's gives the default type."""
    return torch7.randperm(*args).astype(torch7.Tensor().dtype)


def _set_heap_tracking(flag: Any = None) -> None:
    """``torch.setheaptracking(flag)``: Python counts its memory itself; the flag can be asked for."""
    host.globals.torch["_heaptracking"] = bool(flag)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "size": _size("size"),
    "stride": _size("stride"),
    "pointer": _pointer,
    "randperm": with_destination("randperm", _randperm, lambda *args: invoke(_randperm, (), args)),
    "split": into_table("split"),
    "chunk": into_table("chunk"),
    "setdefaulttensortype": _set_default_type,
    "isTensor": torch7.isTensor,
    "isStorage": lambda x: isinstance(x, torch7.Storage),
    "multinomialAliasSetup": lambda *args: list(torch7.multinomialAliasSetup(args[0])),
    "multinomialAlias": lambda out, state, *rest: torch7.multinomialAlias(out, tuple(state), *rest),
    "tic": time.time,
    "toc": lambda start: time.time() - start,
    "setheaptracking": _set_heap_tracking,
    "getnumcores": lambda: os.cpu_count() or 1,
    "updateerrorhandlers": lambda *_: None,
    "updatethreadlocals": lambda *_: None,
    **files.FUNCTIONS,
}
_RAW = frozenset({"isStorage", "size", "stride", "pointer", "randperm", *files.RAW})
_NUMBERS: dict[str, Callable[..., float]] = {
    "round": _round,
    "floor": lambda x: math.floor(x) if math.isfinite(x) else x,
    "ceil": lambda x: math.ceil(x) if math.isfinite(x) else x,
    "sqrt": lambda x: math.sqrt(x) if x >= 0 else math.nan,
    "abs": abs,
    "exp": lambda x: float(np.exp(x)),
    "log": lambda x: math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan),
    "pow": pow,
    "lerp": lambda a, b, w: a + w * (b - a),
}
