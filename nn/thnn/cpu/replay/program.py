"""A recorded computation as a table that one compiled call runs again.

The table, :class:`Program`, is made for

- *slots*: arrays that every run may bring anew, of the same shape and type; their addresses are put where the recorded
  ones were, also inside frames of parallel regions;
- *watched* arrays: they must be at the same place, of the same shape, type and flags;
- *free* results of calls, to be read after a run. All other results must be what they were.

Everything compiled code reads or writes must lie in these arrays or in the workspace, so that nothing depends on what
Python did between the calls. What Python computed of their elements is the concern of who records.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..runtime import workspace
from ..runtime.frame import Layout
from ..runtime.records import word
from . import memory
from .clearing import without_clearing as without_clearing
from .memory import replay, replay_all
from .packing import record_packed as record_packed
from .recorder import Launch
from .recorder import record as record
from .trampoline import NotReplayable as NotReplayable
from .trampoline import trampolines, words_of, words_of_one

#: What a run says: all was run; nothing was, because slots or watched arrays do not fit; it stopped at a call that
#: returned something else.
DONE, UNFIT, STOPPED = range(3)


def workspace_of_this_thread() -> list[np.ndarray]:
    """The buffers that kernels called by this thread work in."""
    return list(workspace.take.__self__.buffers.values())


def calls(launches: Sequence[Launch]) -> list[Launch]:
    """The launches that a program runs: frames are filled once."""
    return [x for x in launches if x.kernel is not Layout]


class Program:
    """The table of ``launches``. :class:`NotReplayable` says what cannot be run again.

    ``free`` are the numbers of the calls whose results are free, all or the first ``leaves`` of their fields.
    ``number`` is one that :meth:`set_number` changes wherever it, or its negative, is an argument: who does so proves
    that no other argument happened to be equal.
    """

    #: Places of the program's own for what is in the slots: none, addresses are put in.
    statics: list | None = None

    def __init__(
        self,
        launches: Sequence[Launch],
        slots: Sequence[np.ndarray] = (),
        watched: Sequence[np.ndarray] = (),
        free: Sequence[int] = (),
        leaves: int | None = None,
        number: float | None = None,
    ) -> None:
        if not memory.AVAILABLE:
            raise NotReplayable("arrays of this NumPy are laid out in another way")
        self.slots, self.kept = list(slots), [launches, workspace_of_this_thread(), list(watched)]
        self.known = [memory.bounds(x) for x in (*slots, *watched, *workspace_of_this_thread())]
        self.moved: set[int] = set()  # slots whose addresses are somewhere
        self.words: list[np.ndarray] = []
        found = calls(launches)
        self._prove(launches)
        entries, expected = self._entries(found, free, leaves)
        self.words += self._frames(found)
        moves = [move for place in self.words for move in self._moves(place)]
        self.numbers = [] if number is None else list(self._numbers(number))
        ranges = [memory.bounds(x) for x in watched]
        self.plan = memory.laid([memory.watch(x) for x in watched], [memory.slot(x) for x in slots], ranges,
                                moves, entries, expected)  # fmt: skip
        first = int(self.plan[memory.SLOTS + 1]) + memory.ARRAY
        #: Words of the plan that name the arrays of the slots.
        self.places = range(first, first + memory.RECORD * len(slots), memory.RECORD)
        self._floats = [memoryview(self.returned[n]).cast("B").cast("d") for n in free]

    def run(self, first: Any = None, second: Any = None, *others: Any) -> int:
        """Run the table on the arrays in the slots: DONE, UNFIT or STOPPED."""
        if not others:
            return replay(self.plan, id(first), id(second))
        for place, x in zip(self.places, (first, second, *others)):
            self.plan[place] = id(x)
        return replay_all(self.plan)

    def value(self, n: int = 0) -> float:
        """What the free call ``n`` returned in the last run, a number with a fraction or the first of several."""
        return self._floats[n][0]

    def set_number(self, x: float) -> None:
        """Let the next runs use another number in the place of the recorded one."""
        for words, n, sign in self.numbers:
            words[n] = word(sign * x)

    def _numbers(self, x: float) -> Iterator[tuple[np.ndarray, int, int]]:
        """Words that hold a number or its negative, perhaps rounded to a float32: (words, which one, sign)."""
        for words in self.words:
            for sign in (1, -1):
                for n in np.flatnonzero((words == word(sign * x)) | (words == word(float(np.float32(sign * x))))):
                    yield words, int(n), sign

    def _entries(self, calls: list[Launch], free: Sequence[int], leaves: int | None) -> tuple[list, list]:
        """A row for each call, and what the calls must return."""
        codes = [x.code for x in calls]
        places = trampolines([(c.fndesc.restype, tuple(c.fndesc.argtypes)) for c in codes])
        entries, expected, self.returned = [], [], []
        for n, (call, code, place) in enumerate(zip(calls, codes, places)):
            words = np.array([*words_of(call.arguments, tuple(code.fndesc.argtypes)), 0], np.int64)
            returned = np.array([*words_of_one(call.result, code.fndesc.restype), 0], np.int64)
            first = 0
            if n in free:
                first = returned.size - 1 if leaves is None else leaves
            address = code.library.get_pointer_to_function(code.fndesc.llvm_func_name)
            entries.append(
                (place, address, words.ctypes.data, returned.ctypes.data, returned.size - 1 - first, len(expected))
            )
            expected += [(returned.ctypes.data + 8 * k, int(returned[k])) for k in range(first, returned.size - 1)]
            self.words += [words]
            self.returned.append(returned)
        return entries, expected

    def _frames(self, calls: list[Launch]) -> list[np.ndarray]:
        """Frames of parallel regions and their tables: arrays of words that the recorder copied."""
        regions = [call for call in calls if call.kernel in memory.REGIONS]
        return [x for call in regions for x in (*call.arguments, *call.tables) if isinstance(x, np.ndarray)]

    def _moves(self, place: np.ndarray) -> list[tuple[int, int, int]]:
        """Which words are addresses in a slot: (where the word is, slot, offset)."""
        moves = []
        for n, x in enumerate(self.slots):
            low, high = memory.bounds(x)
            for k in np.flatnonzero((place >= low) & (place < high)):
                moves.append((place.ctypes.data + 8 * int(k), n, int(place[k]) - low))
                self.moved.add(n)
        return moves

    def _prove(self, launches: Sequence[Launch]) -> None:
        """Raise unless all that is read and written lies in memory that is known."""
        for call in launches:
            frame = call.kernel in memory.REGIONS or call.kernel is Layout  # its first array
            for x in memory.arrays_in(call.arguments[1 + (call.kernel is not Layout) :] if frame else call.arguments):
                if x.size and not self._is_known(x) and (x.dtype.kind == "f" or self._has_addresses(x)):
                    raise NotReplayable(f"{call.kernel.__name__} takes a temporary array")

    def _has_addresses(self, x: np.ndarray) -> bool:
        """Whether a table of integers holds addresses in the slots."""
        return x.dtype == np.int64 and any(
            ((x >= low) & (x < high)).any() for low, high in map(memory.bounds, self.slots)
        )

    def _is_known(self, x: np.ndarray) -> bool:
        low, high = memory.bounds(x)
        return any(a <= low and high <= b for a, b in self.known)
