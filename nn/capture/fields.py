"""The fields of modules that a captured computation stands on, and whether they are what they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from numbers import Real
from operator import attrgetter, is_
from typing import Any

import numpy as np

from torch7 import arrays, exactness, strictness, threads

from .. import thnn
from .places import device, is_tensor, overlap, same_place
from .safe import METHODS

NUMBERS = int, float, bool, str, type(None), np.dtype


class Fields:
    """The fields of ``owners`` as they are; ``slots`` are arrays that the next computation may exchange,
    ``unread`` the names of fields that do not matter.

    ``NotReplayable`` where a list or dict holds what is in a slot.
    """

    def __init__(self, owners: Sequence[Any], slots: Sequence[np.ndarray], unread: Sequence[str] = ()) -> None:
        self.tables = [vars(x) for x in owners]
        self.values = [list(fields.values()) for fields in self.tables]
        self.flat, self.count = list(chain.from_iterable(self.values)), sum(map(len, self.values))
        self.lists = [x for x in self.flat if isinstance(x, list)]
        self.items = list(chain.from_iterable(self.lists))
        self.sizes = list(map(len, self.lists))
        self.classes = list(dict.fromkeys(map(type, owners)))
        self.methods = list(map(_methods, self.classes))
        names = chain.from_iterable(self.tables)
        #: Places of what nothing depends on, such as the losses of criterions.
        self.unread = [
            n
            for n, (name, x) in enumerate(zip(names, self.flat))
            if name in unread or (name == "output" and isinstance(x, Real) and not isinstance(x, int))
        ]
        self.settings = _settings()
        self.aliases = list(self._aliases(slots))

    def hold(self) -> bool:
        """Whether all fields are the same objects, or equal numbers, and nothing else has changed that decides."""
        if sum(map(len, self.tables)) != self.count or _settings() != self.settings:
            return False
        if not all(map(is_, chain.from_iterable(map(dict.values, self.tables)), self.flat)) and not self._equal():
            return False
        if list(map(len, self.lists)) != self.sizes or not all(map(is_, chain.from_iterable(self.lists), self.items)):
            return False
        return list(map(_methods, self.classes)) == self.methods

    def _equal(self) -> bool:
        found = list(chain.from_iterable(map(dict.values, self.tables)))
        for place in self.unread:
            self.flat[place] = found[place]
        if not all(map(_same, found, self.flat)):
            return False
        self.flat = found
        return True

    def arrays(self) -> list[Any]:
        """All arrays in the fields, but for those in a slot's memory."""
        aliased = {id(fields[name]) for fields, name, *_ in self.aliases}
        found = (x for x in chain(self.flat, self.items) if is_tensor(x) and x.size)
        return list({id(x): x for x in found if id(x) not in aliased}.values())

    def place(self, owner: Any, name: str) -> int:
        """Where a field is in ``flat``: who changes it in every run changes it there, too."""
        table = next(n for n, fields in enumerate(self.tables) if fields is vars(owner))
        return sum(map(len, self.values[:table])) + list(self.tables[table]).index(name)

    def follow(self, slots: Sequence[Any]) -> None:
        """Let the fields that look at a slot look at these arrays."""
        for fields, name, slot, shape, place in self.aliases:
            x = slots[slot] if shape is None else slots[slot].reshape(shape)
            fields[name] = self.flat[place] = x

    def _aliases(self, slots: Sequence[np.ndarray]) -> Iterator[tuple]:
        """(fields, name, slot, shape of the view or None for the slot itself, place among all) of such fields."""
        place = 0
        for fields in self.tables:
            for name, x in fields.items():
                for n, slot in enumerate(slots):
                    if not arrays.is_array(x):
                        _refuse_in(x, slot)
                    elif x is slot:
                        yield fields, name, n, None, place
                    elif x.size and overlap(x, slot):
                        begin = arrays.address(x) == arrays.address(slot)
                        if not begin or x.size != slot.size or not x.flags.c_contiguous:
                            raise thnn.replaying().NotReplayable(f"{name} looks at a part of an argument")
                        yield fields, name, n, x.shape, place
                place += 1


def _refuse_in(x: Any, slot: np.ndarray) -> None:
    for value in x if isinstance(x, list | tuple) else x.values() if isinstance(x, dict) else ():
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
    return threads._threads, exactness._exact, exactness._allow_tf32, strictness._on, device()


#: The methods of a class.
_methods = attrgetter(*METHODS)
