"""The fields of modules that a captured computation stands on, and whether they are what they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
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
        skipped = set(self.unread)
        lists = list(_lists(((names[n], x) for n, x in enumerate(self.flat) if n not in skipped), set()))
        self.lists = [x for _, x in lists]
        self.items = list(chain.from_iterable(self.lists))
        self.sizes = list(map(len, self.lists))
        self.classes = list(dict.fromkeys(map(type, owners)))
        self.methods = list(map(_methods, self.classes))
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
        return list(map(_methods, self.classes)) == self.methods

    def _equal(self) -> bool:
        found = list(chain.from_iterable(map(dict.values, self.tables)))
        for place in self.unread:
            self.flat[place] = found[place]
        if not all(map(_same, found, self.flat)):
            return False
        self.flat[:] = found
        return True

    def _equal_items(self) -> bool:
        found = list(chain.from_iterable(self.lists))
        if not all(map(_same, found, self.items)):
            return False
        self.items[:] = found
        return True

    def arrays(self) -> list[Any]:
        """All arrays in the fields, but for those in a slot's memory."""
        aliased = {id(a.holder[a.key]) for a in self.aliases}
        found = (x for x in chain(self.flat, self.items) if is_tensor(x) and x.size)
        return list({id(x): x for x in found if id(x) not in aliased}.values())

    def place(self, owner: Any, name: str) -> int:
        """Where a field is in ``flat``: who changes it in every run changes it there, too."""
        table = next(n for n, fields in enumerate(self.tables) if fields is vars(owner))
        return sum(map(len, self.values[:table])) + list(self.tables[table]).index(name)

    def follow(self, slots: Sequence[Any]) -> None:
        """Let the fields that look at a slot look at these arrays."""
        for a in self.aliases:
            x = slots[a.slot] if a.shape is None else slots[a.slot].reshape(a.shape)
            a.holder[a.key] = a.mirror[a.place] = x

    def accept(self, slots: Sequence[Any]) -> bool:
        """Whether the fields that are read look at these arrays: an earlier pass may have set them."""
        if list(map(len, self.lists)) != self.sizes:
            return False
        for a in self.aliases:
            x = a.holder.get(a.key) if isinstance(a.holder, dict) else a.holder[a.key]
            if x is slots[a.slot] if a.shape is None else _looks_at(x, slots[a.slot], a.shape):
                a.mirror[a.place] = x
            elif a.read:
                return False
        return True


class Alias(NamedTuple):
    """A field, or an entry of a list, that looks at a slot: the slot itself, or a view of such a shape.

    ``mirror[place]`` is what was found there; ``read``: the computation reads it, so it must look there before.
    """

    holder: Any
    key: Any
    slot: int
    shape: tuple[int, ...] | None
    mirror: list
    place: int
    read: bool


def _aliases(named: list[tuple], slots: Sequence[np.ndarray], written: Sequence[str] | None) -> Iterator[Alias]:
    place, before = 0, None
    for holder, key, x, name, mirror in named:
        place, before = (place + 1, mirror) if mirror is before else (0, mirror)
        for n, slot in enumerate(slots):
            if not arrays.is_array(x):
                _refuse_in(x, slot)
            elif x is slot or (x.size and overlap(x, slot)):
                begin = arrays.address(x) == arrays.address(slot)
                if not begin or x.size != slot.size or not x.flags.c_contiguous:
                    raise thnn.replaying().NotReplayable(f"{name} looks at a part of an argument")
                read = written is not None and name not in written
                yield Alias(holder, key, n, None if x is slot else x.shape, mirror, place, read)


def _looks_at(x: Any, slot: Any, shape: tuple[int, ...]) -> bool:
    """Whether ``x`` is a view of all of a slot, of such a shape."""
    if not is_tensor(x) or type(x) is not type(slot) or x.shape != shape or x.dtype != slot.dtype:
        return False
    return x.size == slot.size and arrays.address(x) == arrays.address(slot) and x.flags.c_contiguous


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


def _refuse_in(x: Any, slot: np.ndarray) -> None:
    for value in x if isinstance(x, tuple) else x.values() if isinstance(x, dict) else ():
        if is_tensor(value) and value.size and overlap(value, slot):
            raise thnn.replaying().NotReplayable("a table looks at an argument")


def _same(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    if arrays.is_array(a):  # views are often made anew
        return same_place(a, b)
    return isinstance(a, NUMBERS) and a == b


def _settings() -> tuple:
    there = device()
    draws = there is not None and gpu_random.own(current())
    return threads._threads, exactness._exact, exactness._allow_tf32, strictness._on, there, draws


#: The methods of a class.
_methods = attrgetter(*METHODS)
