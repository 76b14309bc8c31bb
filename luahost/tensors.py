"""Tensors for Lua: one proxy for an array, which can take another array (``resize``, ``set``) for all who hold it."""

from __future__ import annotations

import sys
import weakref
from collections import deque
from types import SimpleNamespace
from typing import Any

import numpy as np

import torch7

from .holders import fields, replace_everywhere
from .runtime import host

latest: dict[int, Any] = {}  # what Lua holds, by place (see held.py)
_OWNERS = 4
_MANY = 5000  # new proxies, and as many times 64 kilobytes of their memory, between collections
made = SimpleNamespace(count=0)


class Tensor:
    """What Lua holds for the array ``a``. ``owners`` are places where Lua saw it."""

    __slots__ = ("__weakref__", "a", "owners")

    def __init__(self, a: Any) -> None:
        self.a = a
        self.owners: deque[tuple[Any, Any]] | tuple = ()

    def __str__(self) -> str:
        if self.a.size == 0:
            return f"[{torch7.typename(self.a)} with no dimension]\n"
        return torch7.tostring(self.a) + "\n"

    def reseat(self, new: Any) -> None:
        """Let the tensor be the array ``new``, wherever the old one is held."""
        old = self.a
        if new is old:
            return
        self.a = new
        latest.clear()
        if _known(old) is self:
            del _proxies[id(old)]
        _proxies[id(new)] = weakref.ref(self)
        host.library.forget_elements()
        for owner, key in self.owners:
            _replace_at(owner, key, old, new)
        fields.replace_known(old, new)
        if sys.getrefcount(old) > 2:  # `old` and the argument: somebody else holds it
            replace_everywhere(old, new)


_proxies: dict[int, weakref.ref[Tensor]] = {}  # by the identity of the array; those that Lua let go are swept


def _known(a: Any) -> Tensor | None:
    """The proxy of an array that Lua has seen."""
    reference = _proxies.get(id(a))
    return None if reference is None else reference()


def _replace_at(owner: Any, key: Any, old: Any, new: Any) -> None:
    if isinstance(owner, list):
        if len(owner) > key and owner[key] is old:
            owner[key] = new
    elif isinstance(owner, dict):
        if owner.get(key) is old:
            owner[key] = new
    else:
        instance = owner()
        if instance is not None and getattr(instance, key, None) is old:
            setattr(instance, key, new)


def proxy(a: Any, owner: Any = None, key: Any = None) -> Tensor:
    """The proxy of an array, which remembers that it was read at ``key`` of ``owner``."""
    reference = _proxies.get(id(a))
    p = reference() if reference is not None else None
    if p is None or p.a is not a:
        if a.dtype.char == "?":  # what comparisons give: bytes, which a program may fill and add to
            return proxy(a.view(np.uint8), owner, key)
        p = Tensor(a)
        _proxies[id(a)] = weakref.ref(p)
        _count(a)
    if owner is not None:
        holder = owner if isinstance(owner, list | dict) else weakref.ref(owner)
        for known, k in p.owners:
            if known is holder and k == key:
                return p
        if not p.owners:
            p.owners = deque(maxlen=_OWNERS)
        p.owners.append((holder, key))
    return p


def _count(a: Any) -> None:
    """Collect Lua's garbage when many proxies or large arrays were made: Lua does not know their size."""
    made.count += 1 if a.base is not None else 1 + (a.nbytes >> 16)
    if made.count > _MANY:
        made.count = 0
        latest.clear()
        host.library.collect()
        for i in [i for i, reference in _proxies.items() if reference() is None]:
            del _proxies[i]


def address(a: Any) -> int:
    """Where the first element lies."""
    return a.__array_interface__["data"][0] if isinstance(a, np.ndarray) else a.data.ptr


def same_memory(a: Any, b: Any) -> bool:
    """Whether two arrays are the same elements in the same order."""
    same = a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype
    return same and a.size > 0 and address(a) == address(b)


def like(x: Any, a: Any) -> Any:
    """``x`` in the type of ``a``."""
    return x.astype(a.dtype, copy=False) if torch7.isTensor(x) and x.dtype != a.dtype else x


def store(p: Tensor, result: Any) -> Tensor:
    """Put a result into the tensor of a destination: written where the elements fit, else it takes the new array."""
    result = like(result, p.a)
    if result.shape == p.a.shape or (result.size == p.a.size and result.ndim == 1):
        torch7.copy(p.a, result)
    else:
        p.reseat(result)
    return p
