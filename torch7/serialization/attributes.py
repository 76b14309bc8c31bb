"""Lua's fields and Python's attributes."""

from __future__ import annotations

import dis
import functools
import inspect
import keyword
import types
from itertools import pairwise
from typing import Any

from .. import registry

_COMMON = frozenset(("output", "gradInput", "_type", "train"))  # fields of every module and criterion
_BUFFERS = frozenset(  # fields that a forward makes where they lack
    ("noise", "indices", "loss", "mininput", "target", "isTarget", "output_tensor", "total_weight_tensor", "buffer")
)
# what reading, writing and torch.type look up, on objects of any class
_PROTOCOL = frozenset(
    ("_restore", "_t7_fields", "_lua_fields", "_transient", "_keyed", "_table_classes", "torch_typename")
)
LEFT_OUT = "_left_out"  # attribute of an object: fields that its file left out though Lua has them once it has run
KEPT = "_lua_fields"  # attribute of an object with the fields of its file that cannot be attributes


def python_name(field: Any) -> Any:
    """``lambda`` is spelt ``lambda_``."""
    return f"{field}_" if isinstance(field, str) and keyword.iskeyword(field) else field


def lua_name(attribute: Any) -> Any:
    """The inverse of :func:`python_name`."""
    spelt = isinstance(attribute, str) and attribute.endswith("_") and keyword.iskeyword(attribute[:-1])
    return attribute[:-1] if spelt else attribute


def transient(cls: type) -> frozenset[str]:
    """All names that ``cls`` and its parents list in ``_transient``: derived from others and never written."""
    return _listed(cls, "_transient")


def keyed(cls: type) -> frozenset[str]:
    """All names in ``_keyed``: tables that are dicts even where their keys are 1 to n, or where they are empty."""
    return _listed(cls, "_keyed")


@functools.cache
def _listed(cls: type, attribute: str) -> frozenset[str]:
    return frozenset(name for c in cls.__mro__ for name in vars(c).get(attribute, ()))


@functools.cache
def constructor_fields(cls: type) -> frozenset[str]:
    """Attributes that constructors of ``cls`` and its parents set: what a file lacks of them was nil, so it is None.

    Not so those for which the class has a value of its own.
    """
    return frozenset(name for name in _stored(cls, True) if not hasattr(cls, name))


@functools.cache
def _stored(cls: type, by_constructors: bool = False) -> frozenset[str]:
    """Attributes that the methods of ``cls`` and its parents set, or their constructors alone."""
    methods = [m for c in cls.__mro__ for n, m in vars(c).items() if n == "__init__" or not by_constructors]
    return frozenset(name for method in methods if isinstance(method, types.FunctionType) for name in _set_by(method))


@functools.cache  # most methods are of parents that many classes have
def _set_by(method: types.FunctionType) -> frozenset[str]:
    """Attributes that a method sets, of whichever object."""
    steps = dis.get_instructions(inspect.unwrap(method))
    return frozenset(step.argval for step in steps if step.opname == "STORE_ATTR")


def _read(cls: type) -> frozenset[str]:
    """Attributes that the methods of ``cls`` and its parents read of the object itself."""
    methods = [m for c in cls.__mro__ for m in vars(c).values() if isinstance(m, types.FunctionType)]
    return frozenset(name for method in methods for name in _read_of_self(method))


@functools.cache
def _read_of_self(method: types.FunctionType) -> list[str]:
    """Names of attributes of the first argument; the instruction before may load two variables, the owner last."""
    method = inspect.unwrap(method)
    owner, names = method.__code__.co_varnames[:1], []
    for before, step in pairwise(dis.get_instructions(method)):
        held = before.argval if type(before.argval) is tuple else (before.argval,)
        if step.opname in ("LOAD_ATTR", "LOAD_METHOD") and held[-1:] == owner:
            names.append(step.argval)
    return names


def constructed(cls: type) -> frozenset[str]:
    """Attributes that constructors of ``cls`` and its parents set."""
    return _stored(cls, True)


def hides(cls: type, name: str) -> bool:
    """Whether a field of this name would take the place of what ``cls`` works with.

    That is a method, a private constant, or what is derived from other fields; not so a method in whose place the
    constructor itself sets a field.
    """
    if name in _PROTOCOL or name in transient(cls):
        return True
    for c in cls.__mro__:
        if name in vars(c):
            value = vars(c)[name]
            if callable(value) or isinstance(value, classmethod | staticmethod):
                return name not in _stored(cls, True)
            return name.startswith("_") and not isinstance(value, property | None) and name not in _stored(cls)
    return False


def is_hollow(cls: type, fields: dict[str, Any], upgraded: bool = False) -> bool:
    """Whether an object with these fields has none that ``cls`` needs: it is of another class of that name.

    Once old fields are ``upgraded``, the numbers that a constructor chooses where none is given are needed too.
    """
    wanted = (_required(cls) | (_numbers(cls) if upgraded else set())) - registry.defaults(cls).keys()
    return bool(wanted) and all(fields.get(name) is None for name in wanted)


def is_bare(cls: type, fields: dict[str, Any]) -> bool:
    """Whether no field tells more than that there is an object: none but those of every module, none of its class."""
    known = _known(cls).union(*map(_texts, registry.upgrades(cls)))
    return all(value is None or name in _COMMON | _BUFFERS or name not in known for name, value in fields.items())


@functools.cache
def _known(cls: type) -> frozenset[str]:
    """Attributes that methods of ``cls`` and its parents read or set."""
    return _read(cls) | _stored(cls)


@functools.cache
def _texts(upgrade: types.FunctionType) -> frozenset[str]:
    """Texts in an upgrade's code, among which are the names of the old fields that it knows."""
    constants = [
        c for constant in upgrade.__code__.co_consts for c in (constant if type(constant) is tuple else [constant])
    ]
    return frozenset(c for c in constants if isinstance(c, str))


@functools.cache
def _numbers(cls: type) -> frozenset[str]:
    """Attributes that a constructor sets to a number where its parameter is None: ``self.p = 0.5 if p is None else p``.

    What it calls may set them: ``self.setp(0.2 if p is None else p)``.
    """
    constructors = [
        inspect.unwrap(c.__init__) for c in cls.__mro__ if isinstance(vars(c).get("__init__"), types.FunctionType)
    ]
    return frozenset(name for m in constructors for name in _chosen(m) & _stored(cls) if not hasattr(cls, name))


def _chosen(constructor: types.FunctionType) -> set[str]:
    """Parameters that a constructor replaces by a number."""
    names, tested = set(), None
    for step in dis.get_instructions(constructor):
        loads = step.opname.startswith("LOAD_")  # LOAD_CONST, LOAD_SMALL_INT; LOAD_FAST and its variants
        if loads and type(step.argval) in (int, float) and tested:
            names.add(tested)
        tested = step.argval if step.opname.startswith("LOAD_FAST") else tested if "JUMP" in step.opname else None
    return names


@functools.cache
def _required(cls: type) -> frozenset[str]:
    """Fields that every object of ``cls`` has: set by constructors, not those of a default or that may be None."""
    optional = {name for name in _stored(cls, True) if getattr(cls, name, None) is not None}
    given = set()  # what the caller must give and methods read, however the constructor stores it
    for c in cls.__mro__:
        if isinstance(constructor := vars(c).get("__init__"), types.FunctionType):
            parameters = list(inspect.signature(constructor).parameters.values())[1:]
            optional |= {p.name for p in parameters if p.default is None}
            given |= {p.name for p in parameters if p.default is p.empty}
    needed = (_stored(cls, True) | given & _read(cls)) - optional - transient(cls) - _COMMON - _BUFFERS
    return frozenset(name for name in needed if not name.startswith("_"))
