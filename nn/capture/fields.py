"""The fields of modules that a captured computation stands on, and whether they are what they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from math import prod
from numbers import Real
from operator import attrgetter, is_
from typing import Any, NamedTuple

import numpy as np

from torch7 import arrays, exactness, gpu_random, strictness, threads
from torch7.generator import current

from .. import thnn
from .places import device, is_tensor, overlap, same_place
from .safe import METHODS

NUMBERS = int, float, bool, str, type(None), np.dtype


class Fields:
    """The fields of ``owners`` as they are, and what lies in lists among them; ``slots`` are arrays that the next
    computation may exchange, ``unread`` the names of fields that do not matter, and ``written`` of those that the
    computation sets before it reads them (None: all).

    ``NotReplayable`` where a dict or tuple holds what is in a slot.
    """

    def __init__(
        self, owners: Sequence[Any], slots: Sequence[np.ndarray], unread: Sequence[str], written: Sequence[str] | None
    ) -> None:
        self.tables = [fields for x in owners for fields in _tables(x)]
        self.values = [list(fields.values()) for fields in self.tables]
        self.flat, self.count = list(chain.from_iterable(self.values)), sum(map(len, self.values))
        names = list(chain.from_iterable(self.tables))
        #: Places of what nothing depends on, such as the losses of criterions.
        self.unread = [
            n
            for n, (name, x) in enumerate(zip(names, self.flat))
            if name in unread or (name == "output" and isinstance(x, Real) and not isinstance(x, int))
        ]
        self.read = [(n, name) for n, name in enumerate(names) if n not in set(self.unread)]
        #: Places of dicts, such as the tables of steps of recurrent modules, and what is in them.
        self.dicts = [(n, _copied(self.flat[n])) for n, _ in self.read if type(self.flat[n]) is dict]
        lists = self._named_lists()
        self.lists = [x for _, x in lists]
        self.items = list(chain.from_iterable(self.lists))
        self.sizes = list(map(len, self.lists))
        self.classes = list(dict.fromkeys(map(type, owners)))
        self.methods = list(map(_methods, self.classes))
        #: Classes whose modules may run networks in another way, and whether they do.
        self.fusing = [cls for cls in self.classes if hasattr(cls, "fused")]
        self.fused = [cls.fused for cls in self.fusing]
        self.settings = _settings()
        #: Fields and lists, each with the name of its field, its mirror, and the place in that.
        named = [(table, key, x, key, self.flat) for table in self.tables for key, x in table.items()]
        named += [(table, key, x, name, self.items) for name, table in lists for key, x in enumerate(table)]
        self.aliases = list(_aliases(named, slots, written))

    def hold(self) -> bool:
        """Whether all fields are the same objects, or equal numbers, and nothing else has changed that decides."""
        if sum(map(len, self.tables)) != self.count or _settings() != self.settings:
            return False
        if not all(map(is_, chain.from_iterable(map(dict.values, self.tables)), self.flat)) and not self._equal():
            return False
        if list(map(len, self.lists)) != self.sizes:
            return False
        if not all(map(is_, chain.from_iterable(self.lists), self.items)) and not self._equal_items():
            return False
        if not all(_same(self.flat[n], inside) for n, inside in self.dicts):
            return False
        if self.fusing and [cls.fused for cls in self.fusing] != self.fused:
            return False
        return list(map(_methods, self.classes)) == self.methods

    def _named_lists(self) -> list[tuple[str, list]]:
        return list(_lists(((name, self.flat[n]) for n, name in self.read), set()))

    def _equal(self) -> bool:
        found = list(chain.from_iterable(map(dict.values, self.tables)))
        for place in (*self.unread, *(n for n, _ in self.dicts)):
            self.flat[place] = found[place]
        if not all(map(_same, found, self.flat)):
            return False
        others = any(type(a) is list and a is not b for a, b in zip(found, self.flat))
        self.flat[:] = found
        if others:  # lists that are made anew
            before, self.lists = self.lists, [x for _, x in self._named_lists()]
            gone = set(map(id, before)).difference(map(id, self.lists))
            return not any(id(a.holder) in gone for a in self.aliases)
        return True

    def counted_the_same(self) -> bool:
        """Whether numbers are what they were, and dicts have the keys that they had."""
        found = list(chain.from_iterable(map(dict.values, self.tables)))
        if len(found) != len(self.flat):
            return False
        numbers = ((found[n], self.flat[n]) for n, _ in self.read if isinstance(self.flat[n], NUMBERS))
        keys = all(type(found[n]) is dict and list(found[n]) == list(inside) for n, inside in self.dicts)
        return keys and all(isinstance(a, NUMBERS) and a == b for a, b in numbers)

    def _equal_items(self) -> bool:
        found = list(chain.from_iterable(self.lists))
        if not all(map(_same, found, self.items)):
            return False
        self.items[:] = found
        return True

    def arrays(self) -> list[Any]:
        """All arrays in the fields, but for those in a slot's memory."""
        aliased = {id(a.holder[a.key]) for a in self.aliases}
        inside = chain.from_iterable(_inside(table) for _, table in self.dicts)
        found = (x for x in chain(self.flat, self.items, inside) if is_tensor(x) and x.size)
        return list({id(x): x for x in found if id(x) not in aliased}.values())

    def place(self, owner: Any, name: str) -> int:
        """Where a field is in ``flat``: who changes it in every run changes it there, too."""
        table = next(n for n, fields in enumerate(self.tables) if fields is vars(owner))
        return sum(map(len, self.values[:table])) + list(self.tables[table]).index(name)

    def follow(self, slots: Sequence[Any]) -> None:
        """Let the fields that look at a slot look at these arrays."""
        for a in self.aliases:
            x = slots[a.slot]
            if a.shape is not None:
                x = x.reshape(-1)[a.offset : a.offset + prod(a.shape)].reshape(a.shape)
            a.holder[a.key] = a.mirror[a.place] = x

    def accept(self, slots: Sequence[Any]) -> bool:
        """Whether the fields that are read look at these arrays: an earlier pass may have set them."""
        if list(map(len, self.lists)) != self.sizes:
            return False
        for a in self.aliases:
            x = a.holder.get(a.key) if isinstance(a.holder, dict) else a.holder[a.key]
            if x is slots[a.slot] if a.shape is None else _looks_at(x, slots[a.slot], a.shape, a.offset):
                a.mirror[a.place] = x
            elif a.read:
                return False
        return True


class Alias(NamedTuple):
    """A field, or an entry of a list, that looks at a slot: the slot itself, or a view of such a shape.

    ``offset``: how many elements of the slot are before it.

    ``mirror[place]`` is what was found there; ``read``: the computation reads it, so it must look there before.
    """

    holder: Any
    key: Any
    slot: int
    shape: tuple[int, ...] | None
    mirror: list
    place: int
    read: bool
    offset: int


def _aliases(named: list[tuple], slots: Sequence[np.ndarray], written: Sequence[str] | None) -> Iterator[Alias]:
    place, before = 0, None
    for holder, key, x, name, mirror in named:
        place, before = (place + 1, mirror) if mirror is before else (0, mirror)
        for n, slot in enumerate(slots):
            if not arrays.is_array(x):
                _refuse_in(x, slot)
            elif x is slot or (x.size and overlap(x, slot)):
                offset, rest = divmod(arrays.address(x) - arrays.address(slot), slot.itemsize)
                inside = not rest and 0 <= offset <= slot.size - x.size and slot.flags.c_contiguous
                if not inside or not x.flags.c_contiguous or x.dtype != slot.dtype:
                    raise thnn.replaying().NotReplayable(f"{name} looks at a part of an argument")
                read = written is not None and name not in written
                yield Alias(holder, key, n, None if x is slot else x.shape, mirror, place, read, offset)


def _looks_at(x: Any, slot: Any, shape: tuple[int, ...], offset: int) -> bool:
    """Whether ``x`` is a view of a slot, of such a shape, ``offset`` elements behind its begin."""
    if not is_tensor(x) or type(x) is not type(slot) or x.shape != shape or x.dtype != slot.dtype:
        return False
    return arrays.address(x) == arrays.address(slot) + offset * slot.itemsize and x.flags.c_contiguous


def _tables(owner: Any) -> Iterator[dict]:
    """The fields of a module or criterion; of a graph of modules those of its steps, too."""
    yield vars(owner)
    for step in getattr(vars(owner).get("_plan"), "steps", ()):
        yield vars(step)
        yield step.data


def _lists(fields: Iterable[tuple[str, Any]], seen: set[int]) -> Iterator[tuple[str, list]]:
    """The lists among fields, and the lists in them, with the names of the fields."""
    for name, x in fields:
        if isinstance(x, list) and id(x) not in seen:
            seen.add(id(x))
            yield name, x
            yield from _lists(((name, value) for value in x), seen)


def _copied(x: Any) -> Any:
    """Dicts and lists copied, and what is in them as it is."""
    if type(x) is dict:
        return {key: _copied(value) for key, value in x.items()}
    return [_copied(value) for value in x] if type(x) is list else x


def _inside(x: Any) -> Iterator[Any]:
    """What is in dicts and lists."""
    if type(x) in (dict, list):
        for value in x.values() if type(x) is dict else x:
            yield from _inside(value)
    else:
        yield x


def _refuse_in(x: Any, slot: np.ndarray) -> None:
    for value in x if isinstance(x, tuple) else x.values() if isinstance(x, dict) else ():
        if is_tensor(value) and value.size and overlap(value, slot):
            raise thnn.replaying().NotReplayable("a table looks at an argument")


def _same(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(_same, a.values(), b.values()))
    if arrays.is_array(a):  # views are often made anew
        return same_place(a, b)
    return isinstance(a, NUMBERS) and a == b


def _settings() -> tuple:
    there = device()
    draws = there is not None and gpu_random.own(current())
    return threads._threads, exactness._exact, exactness._allow_tf32, strictness._on, there, draws


#: The methods of a class.
_methods = attrgetter(*METHODS)
