"""``Table``, a table of Lua with all it can do, metatables included."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Iterator
from types import MethodType
from typing import Any

from ..lua import is_number, lua_type
from ..tensor.construct import listed
from .values import first

_GAP = 64  # of nils in a list, at most
_OPERATORS = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "div": "__truediv__", "mod": "__mod__",
              "pow": "__pow__"}  # fmt: skip


class Identity:
    """A key that Python cannot hash, by its identity."""

    def __init__(self, of: Any) -> None:
        self.of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.of is other.of

    def __hash__(self) -> int:
        return id(self.of)


def hashable(key: Any) -> Any:
    """A key for a dict: lists, dicts and tensors by identity."""
    return key if type(key).__hash__ is not None else Identity(key)


class Table:
    """A table of Lua: any keys, places from 1, nil (None) for what is absent, metatables.

    ``t.name`` is ``t['name']``; a function whose first parameter is ``self`` comes bound to the table, as ``t:name()``
    passes it. ``t['name']`` is the function as it is.
    """

    __slots__ = ("__weakref__", "_content", "_metatable")

    def __init__(self, *items: Any, **fields: Any) -> None:
        content = {i: x for i, x in enumerate(items, 1) if x is not None}
        content.update({k: x for k, x in fields.items() if x is not None})
        object.__setattr__(self, "_content", content)
        object.__setattr__(self, "_metatable", None)

    @classmethod
    def of(cls, content: dict) -> Table:
        """A table with these keys and values."""
        made = cls()
        for key, value in content.items():
            made[key] = value
        return made

    def __getitem__(self, key: Any) -> Any:
        value = self._content.get(hashable(key))
        if value is not None or self._metatable is None:
            return value
        following = rawget(self._metatable, "__index")
        if following is None:
            return None
        if callable(following) and not isinstance(following, Table):
            return first(following(self, key))
        return following[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        handler = rawget(self._metatable, "__newindex") if self._metatable is not None else None
        if handler is not None and hashable(key) not in self._content:
            if isinstance(handler, Table):
                handler[key] = value
            else:
                handler(self, key, value)
        else:
            rawset(self, key, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        value = self[name]
        return MethodType(value, self) if inspect.isfunction(value) and takes_self(value) else value

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __len__(self) -> int:
        content, n = self._content, 0
        while content.get(n + 1) is not None:
            n += 1
        return n

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        return iter([self._content[i] for i in range(1, len(self) + 1)])

    def __call__(self, *args: Any) -> Any:
        f = _event(self, "__call")
        if f is None:
            raise TypeError("attempt to call a table value")
        return f(self, *args)

    def __eq__(self, other: Any) -> bool:
        if self is other or not isinstance(other, Table):
            return self is other
        f = _event(self, "__eq")
        return f is not None and f is _event(other, "__eq") and truth_of(first(f(self, other)))

    def __hash__(self) -> int:
        return id(self)

    def __lt__(self, other: Any) -> bool:
        return truth_of(first(_needed(self, other, "__lt")(self, other)))

    def __le__(self, other: Any) -> bool:
        return truth_of(first(_needed(self, other, "__le")(self, other)))

    def __gt__(self, other: Any) -> bool:
        return truth_of(first(_needed(other, self, "__lt")(other, self)))

    def __ge__(self, other: Any) -> bool:
        return truth_of(first(_needed(other, self, "__le")(other, self)))

    def __neg__(self) -> Any:
        f = _needed(self, self, "__unm")
        return f(self, self) if f.__code__.co_argcount > 1 or f.__code__.co_flags & inspect.CO_VARARGS else f(self)

    def __repr__(self) -> str:
        f = _event(self, "__tostring")
        return str(first(f(self))) if f is not None else f"table: {id(self):#016x}"


@listed.register
def _(x: Table) -> Any:
    return [listed(v) for v in x] or x


def _operator(name: str, reflected: bool) -> Callable[[Any, Any], Any]:
    def run(self: Table, other: Any) -> Any:
        left, right = (other, self) if reflected else (self, other)
        return first(_needed(left, right, f"__{name}")(left, right))

    return run


for _lua, _python in _OPERATORS.items():
    setattr(Table, _python, _operator(_lua, False))
    setattr(Table, "__r" + _python[2:], _operator(_lua, True))


def _event(x: Any, name: str) -> Any:
    metatable = object.__getattribute__(x, "_metatable") if isinstance(x, Table) else None
    return rawget(metatable, name) if metatable is not None else None


def _needed(left: Any, right: Any, name: str) -> Any:
    f = _event(left, name) or _event(right, name)
    if f is None and name in ("__lt", "__le"):
        words = ["table" if isinstance(x, Table) else lua_type(x) for x in (left, right)]
        said = f"two {words[0]} values" if words[0] == words[1] else " with ".join(words)
        raise TypeError(f"attempt to compare {said}")
    if f is None:
        raise TypeError("attempt to perform arithmetic on a table value")
    return f


def event(left: Any, right: Any, name: str) -> Any:
    """The metamethod of either operand, None where there is none."""
    return _event(left, name) or _event(right, name)


def takes_self(f: Any) -> bool:
    """Whether a function's first parameter is ``self``."""
    code = f.__code__
    return code.co_argcount > 0 and code.co_varnames[0] == "self"


def takes(f: Any, count: int) -> bool:
    """Whether a function takes that many arguments, as far as that can be told."""
    code = getattr(f, "__code__", None)
    return code is None or code.co_argcount >= count or bool(code.co_flags & inspect.CO_VARARGS)


def truth_of(x: Any) -> bool:
    """Lua's truth: all but nil and false."""
    return x is not None and x is not False


class _WeakKeys(weakref.WeakKeyDictionary):
    """Keys that do not keep their tables alive; numbers, text and the like stay."""

    def __init__(self) -> None:
        super().__init__()
        self.plain: dict = {}

    def __setitem__(self, key: Any, value: Any) -> None:
        try:
            super().__setitem__(key, value)
        except TypeError:
            self.plain[key] = value

    def __contains__(self, key: Any) -> bool:
        return key in self.plain or super().__contains__(key)

    def items(self) -> Iterator[tuple[Any, Any]]:
        yield from [*self.plain.items(), *super().items()]

    def __iter__(self) -> Iterator[Any]:
        yield from [*self.plain, *super().__iter__()]

    def pop(self, key: Any, *default: Any) -> Any:
        if key in self.plain:
            return self.plain.pop(key)
        return super().pop(key, *default)

    def get(self, key: Any, default: Any = None) -> Any:
        if key in self.plain:
            return self.plain[key]
        try:
            return super().get(key, default)
        except TypeError:  # a key that cannot be weak, of which there is none
            return default


def setmetatable(t: Table, metatable: Any) -> Table:
    """Give a table its metatable, unless the one it has is protected by ``__metatable``."""
    if t._metatable is not None and rawget(t._metatable, "__metatable") is not None:
        raise ValueError("cannot change a protected metatable")
    object.__setattr__(t, "_metatable", metatable)
    if metatable is not None and "k" in (rawget(metatable, "__mode") or ""):
        kept = _WeakKeys()
        for key, value in t._content.items():
            kept[key] = value
        object.__setattr__(t, "_content", kept)
    return t


def getmetatable(t: Any) -> Any:
    """The metatable of a table, or what its ``__metatable`` says; None of other values."""
    metatable = t._metatable if isinstance(t, Table) else None
    shown = rawget(metatable, "__metatable") if metatable is not None else None
    return metatable if shown is None else shown


def rawget(t: Any, key: Any) -> Any:
    """``t[key]`` without metamethods."""
    if isinstance(t, Table):
        return t._content.get(hashable(key))
    if isinstance(t, list):
        return t[int(key) - 1] if is_number(key) and 1 <= key <= len(t) else None
    return (t if isinstance(t, dict) else getattr(t, "__dict__", {})).get(hashable(key))


def rawset(t: Any, key: Any, value: Any) -> Any:
    """``t[key] = value`` without metamethods."""
    if key is None or (isinstance(key, float) and key != key):
        raise TypeError(f"table index is {'nil' if key is None else 'NaN'}")
    content = t._content if isinstance(t, Table) else t
    key = key if isinstance(content, list) else hashable(key)
    if isinstance(content, list):
        set_place(content, key, value)
    elif value is None:
        content.pop(key, None)
    else:
        content[key] = value
    return t


def set_place(t: list, key: Any, value: Any) -> None:
    """``t[key] = value`` of a list: a place behind its end makes it longer, nil at its end shorter."""
    n = len(t)
    if not is_number(key) or key != int(key) or not 1 <= key <= n + _GAP:
        if value is None:
            return
        raise TypeError(f"a list of {n} values takes places 1..{n + 1}, not {key!r}")
    if key > n:
        if value is not None:
            t.extend([None] * (int(key) - 1 - n) + [value])
    elif value is None and key == n:
        t.pop()
    else:
        t[int(key) - 1] = value


def rawequal(a: Any, b: Any) -> bool:
    """Equality without metamethods."""
    return a is b or (not isinstance(a, Table) and isinstance(a, str | int | float) and a == b)
