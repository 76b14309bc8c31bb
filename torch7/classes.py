"""Names of types and classes: ``torch.type``, ``torch.typename``, ``torch.isTypeOf``, ``torch.class``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

from . import registry
from .arrays import CPU_TYPES, CUDA_TYPES, cast, empty, is_array, type_name
from .lua import lua_pattern, lua_type


def _is_sizes(x: Any) -> bool:
    return isinstance(x, tuple) and len(x) > 0 and all(isinstance(n, int) for n in x)


def typename(x: Any) -> str | None:
    """``'torch.DoubleTensor'``, ``'nn.Linear'``: the Torch name of a tensor or object, None for other values.

    A tuple of ints is a ``torch.LongStorage``, as ``x.shape`` is. A record of an unknown class has the name from its
    file.
    """
    if is_array(x):
        return type_name(x)
    if _is_sizes(x):
        return "torch.LongStorage"
    if isinstance(getattr(x, "torch_typename", None), str):
        return x.torch_typename
    return registry.class_name(x.__class__) if not inspect.isclass(x) and _registered(x.__class__) else None


def _registered(cls: Any) -> list[str]:
    """The Torch names of those of a class and its parents that have one."""
    return [registry.class_name(c) for c in cls.__mro__ if registry.is_class(c)]


def type(x: Any, name: str | None = None) -> Any:
    """``torch.type(x)``: the :func:`typename`, or else Lua's word: number, string, table, function, boolean, nil.

    With a ``name`` it is ``x:type(name)``: ``x`` converted, itself if it has that type already.
    """
    return cast(x, name) if name is not None else typename(x) or lua_type(x)


def isTensor(x: Any) -> bool:
    """Whether ``x`` is a tensor, that is a NumPy or CuPy array."""
    return is_array(x)


def isStorage(x: Any) -> bool:
    """Whether ``x`` is a storage: a tuple of ints, which are sizes, or a bare storage from a .t7 file."""
    return not is_array(x) and (typename(x) or "").endswith("Storage")


def isTypeOf(x: Any, spec: Any) -> bool:
    """Whether ``x`` or a parent class of it is ``spec``: a class, a tensor constructor or a name.

    A name may be a Lua pattern, which may match anywhere: ``'nn.Linear'``, ``'^nn'``, ``'Lin.ar'``,
    ``'torch.*Tensor'``. What matches itself letter by letter must be the whole name: ``'torch.Long'`` is none.
    """
    if inspect.isclass(spec):
        return isinstance(x, spec)
    spec = spec if isinstance(spec, str) else spec.typename
    found = [(name, lua_pattern(spec).search(name)) for name in _names(x)]
    return any(match and (match[match.re.groups and 1] != spec or name == spec) for name, match in found)


def _names(x: Any) -> list[str]:
    """The Torch names of ``x``'s class and its parents."""
    name = typename(x)
    if name is None or is_array(x) or _is_sizes(x):
        return [name] if name else []
    return [name, *_registered(x.__class__)]


def class_(name: str, parent: str | None = None, module: Any = None) -> Callable[[Any], Any]:
    """``torch.class('nn.MyLayer', 'nn.Module')`` as a decorator of the class that the script defines::

        @torch7.class_('nn.MyLayer', 'nn.Module')
        class MyLayer(nn.Module): ...

    The class gets its Torch name, by which it prints and is saved, and becomes ``nn.MyLayer``. ``ValueError`` if the
    package before the point is not imported (unless ``module``, or a dict for it, is given), if ``parent`` is not the
    name of a class that it derives from, or if the name is taken.
    """
    package, _, short = name.rpartition(".")
    home = module if module is not None else sys.modules.get("torch7" if package == "torch" else package)
    if package and home is None:
        raise ValueError(f"{package} is an invalid module name: import it first or pass module=")
    base = registry.find(parent) if parent is not None else None
    if parent is not None and base is None:
        raise ValueError(f"invalid parent class name {parent}")

    def define(cls: Any) -> Any:
        if base is not None and not issubclass(cls, base):
            raise ValueError(f"{name} is not derived from {parent}: class {cls.__name__}({parent})")
        try:
            registry.register(name, cls)
        except ValueError as e:
            raise ValueError(f"{name} has been already assigned a factory: {e}") from None
        if isinstance(home, dict):
            home[short] = cls
        elif home is not None:
            setattr(home, short, cls)
        return cls

    return define


def factory(name: str) -> Callable[[], Any]:
    """``torch.factory(name)()``: an object of the class, its constructor not run; an empty tensor of a type."""
    if name in CPU_TYPES or name in CUDA_TYPES:
        return lambda: empty(name)
    cls = getmetatable(name)
    if cls is None:
        raise ValueError(f"unknown class {name}")
    return lambda: cls.__new__(cls)


def getmetatable(name: str) -> Any:
    """The class of a Torch name, or None."""
    return registry.find(name)
