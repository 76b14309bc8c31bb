"""Tensors for Lua: one proxy for an array, which can take another array (``resize``, ``set``) for all who hold it."""

from __future__ import annotations

import sys
import weakref
from collections import deque
from typing import Any

import numpy as np

import torch7

from .holders import replace_everywhere
from .runtime import host

_proxies: weakref.WeakValueDictionary[int, Tensor] = weakref.WeakValueDictionary()
_OWNERS = 4


class Tensor:
    """What Lua holds for the array ``a``. ``owners`` are places where Lua saw it."""

    __slots__ = ("__weakref__", "a", "owners")

    def __init__(self, a: Any) -> None:
        self.a = a
        self.owners: deque[tuple[Any, Any]] = deque(maxlen=_OWNERS)

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
        if _proxies.get(id(old)) is self:
            del _proxies[id(old)]
        _proxies[id(new)] = self
        host.library.forget_elements()
        for owner, key in self.owners:
            _replace_at(owner, key, old, new)
        if sys.getrefcount(old) > 2:  # `old` and the argument: somebody else holds it
            replace_everywhere(old, new)


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
    p = _proxies.get(id(a))
    if p is None or p.a is not a:
        p = _proxies[id(a)] = Tensor(a)
    if owner is not None:
        holder = owner if isinstance(owner, list | dict) else weakref.ref(owner)
        for known, k in p.owners:
            if known is holder and k == key:
                return p
        p.owners.append((holder, key))
    return p


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
