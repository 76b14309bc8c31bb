"""One captured computation: learnt in three runs, then run from its table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import combinations
from numbers import Real
from typing import Any

import numpy as np

from torch7 import strictness
from torch7.arrays import cuda_is_used, is_array

from .. import sums, thnn
from ..criterion_base import Criterion
from .fields import Fields
from .places import bits, kind_of, overlap
from .safe import criterions_of

#: After so many captures that did not hold for ``WORTH`` runs each, the modules run.
ATTEMPTS, WORTH = 4, 16
MISSED = object()
#: By what slots and parameters are multiplied for the comparison.
OTHER = 0.875


class Captured:
    """``compute(*slots)``, which runs the modules and criterions ``owners``; a subclass says how it is recorded.

    The first call runs them, the second is recorded, the third is compared, bit for bit and on other numbers, with the
    modules'; from then on the table is run, as long as nothing has changed: shapes and types of the arguments, fields
    of the modules, methods of their classes, number of threads, the calling thread. Then it is learnt anew.
    """

    #: Fields that ``compute`` writes before it reads them.
    computed: tuple[str, ...] = ()
    #: Fields that do not matter; ``flag`` says that Dropout is to draw anew, which it does anyway unless it is lazy.
    aside: tuple[str, ...] = ("flag",)
    #: Fields that ``compute`` sets before it reads them; None: all.
    written: tuple[str, ...] | None = None
    #: Slots that perhaps no kernel reads.
    unread: frozenset[int] = frozenset()
    #: A number that may be another one in every run.
    number: float | None = None

    def __init__(self, compute: Callable, owners: Sequence[Any]) -> None:
        self.compute, self.owners = compute, owners
        self.program: Any = None
        self.ready, self.seen, self.failed, self.runs = False, 0, 0, 0
        self.why = ""  # why it cannot be captured

    def __call__(self, *slots: Any) -> Any:
        result = self.attempt(*slots)
        return self._learn(slots) if result is MISSED else result

    def attempt(self, *slots: Any) -> Any:
        """What the call returns, run from the table, or MISSED where that does not hold for it."""
        if self.ready and len(slots) == len(self.program.slots) and self.holds(slots):
            status = self.program.run(*slots)
            if status == 0:
                return self.finished(slots)
            if status == 2:  # numbers that the modules refuse, or treat in another way
                return self.compute(*slots)
        return MISSED

    def holds(self, slots: Sequence[Any]) -> bool:
        """Whether everything that the table stands on is as it was; what looked at a slot may look at these."""
        if self.fields.aliases and not self.fields.accept(slots):
            return False
        return threading.get_ident() == self.thread and self.fields.hold()

    def finished(self, slots: Sequence[Any]) -> Any:
        """After a run from the table: set the fields that Python sets; what the call returns."""
        self.runs += 1
        if self.fields.aliases:
            self.fields.follow(slots)
        return self.returned()

    def state(self) -> str:
        """Whether it is run from a table, and if not, why, in words."""
        return "from a table" if self.ready else self.why or "learning"

    # -- what a subclass says

    def free(self, calls: list, slots: Sequence[Any]) -> tuple[Sequence[int], int | None]:
        """Which of the recorded calls have free results, and how many each; called when the fields are known."""
        return (), None

    def returned(self) -> Any:
        """What a call returns."""
        raise NotImplementedError

    def returned_there(self, program: Any) -> None:
        """Note what a run on a GPU returns; called when the fields are known."""

    # -- learning

    def _before(self) -> int:
        """Runs before the recorded one: recurrent cells exchange their network for kernels in the second."""
        return 2 if any(getattr(x, "fused", False) for x in self.owners) else 1

    def _owners(self) -> list[Any]:
        """All owners, also the clones for steps that recurrent modules have made by now."""
        found = {id(x): x for x in self.owners}
        for x in self.owners:
            clones = vars(x).get("sharedClones")
            for clone in clones.values() if type(clones) is dict else ():
                found |= {id(m): m for m in clone.listModules()}
            if isinstance(x, Criterion):
                found |= {id(part): part for part in criterions_of(x)}
        return list(found.values())

    def _learn(self, slots: Sequence[Any]) -> Any:
        if self.ready:
            self._forget()
        self.seen += 1
        kind = kind_of(self.owners, slots)
        if strictness._on or self.failed >= ATTEMPTS or kind is None or not _apart(slots):
            return self.compute(*slots)
        if self.seen <= self._before():
            with sums.by_kernels():  # what is compiled now is not when it is recorded
                return self.compute(*slots)
        try:
            if self.program is not None:
                return self._prove(slots)
            self.owners = self._owners()
            return self._record(slots) if kind is np.ndarray else self._record_there(slots)
        except self._refusals() as reason:
            self.why, self.failed = str(reason), ATTEMPTS
        return self.compute(*slots)

    def _refusals(self) -> tuple[type, ...]:
        there = (thnn.replaying_there().NotReplayable,) if cuda_is_used() else ()
        return thnn.replaying().NotReplayable, *there

    def _forget(self) -> None:
        self.failed = 0 if self.runs >= WORTH else self.failed + 1
        self.ready, self.program, self.seen, self.runs = False, None, 0, 0

    def _record(self, slots: Sequence[np.ndarray]) -> Any:
        """Run it by the modules with a record of what they call."""
        replaying, self.thread = thnn.replaying(), threading.get_ident()
        before = Fields(self.owners, slots, self.aside, self.written) if self._in_steps() else None
        with sums.by_kernels():
            launches, result = replaying.record(lambda: self.compute(*slots))
        try:
            self.fields = Fields(self.owners, slots, self.aside, self.written)
            arrays = self.fields.arrays()
            launches = replaying.without_clearing(launches, [*slots, *arrays])
            self.frames = [x._frames() for x in self.owners if hasattr(x, "_frames")]
            free = self.free(replaying.calls(launches), slots)
            self.program = replaying.Program(launches, slots, arrays, *free, self.number)
            seen = self.program.moved | {slot for _, _, slot, *_ in self.fields.aliases} | self.unread
            if len(seen) < len(slots):
                raise replaying.NotReplayable("an argument is converted")
        except replaying.NotReplayable as reason:
            self.why, self.failed = str(reason), ATTEMPTS
        self._same_counts(before)
        return result

    def _in_steps(self) -> bool:
        return any("sharedClones" in vars(x) for x in self.owners)

    def _same_counts(self, before: Fields | None) -> None:
        """Learn anew where steps are counted otherwise than before the run."""
        if before is not None and not before.counted_the_same():
            self.why = "a run leaves another state behind than it found"
            self._forget()

    def _record_there(self, slots: Sequence[Any]) -> Any:
        """Capture it on a GPU, where nothing is run meanwhile, and run what was captured."""
        self.thread = threading.get_ident()
        statics = [x.copy() for x in slots]  # where the graph has what is in the slots
        before = Fields(self.owners, slots, self.aside, self.written)
        before.follow(statics)
        try:
            program = thnn.replaying_there().Program(self.compute, statics)
        except BaseException:
            before.follow(slots)
            raise
        self.fields = Fields(self.owners, statics, self.aside, self.written)
        self.fields.follow(slots)
        self.returned_there(program)
        program.run(*slots)
        self.program = program
        result = self.finished(slots)
        self._same_counts(before if self._in_steps() else None)
        return result

    def _prove(self, slots: Sequence[np.ndarray]) -> Any:
        """Compare the table with the modules on other numbers at other places, then run the modules."""
        arrays, ready, agrees = self._arrays(), False, True
        if self.holds(slots):
            saved = [x.copy() for x in arrays]
            try:
                by_table = self._outcome(self._by_table, slots, arrays)
                _restore(arrays, saved)
                by_modules = by_table and self._outcome(self.compute, slots, arrays)
                self.fields.follow(slots)
                ready = by_table is not None and self.holds(slots)
                agrees = not ready or all(map(_same_bits, by_table, by_modules))
            except (ValueError, TypeError, IndexError):  # the other numbers are none that the modules take
                ready = False
            finally:
                _restore(arrays, saved)
                self.fields.follow(slots)
        result = self.compute(*slots)
        self.fields.follow(slots)
        if ready and agrees and self.holds(slots):
            self.ready = True
        else:
            self.why = "the modules keep other buffers at every run" if agrees else "the modules gave other numbers"
            self._forget()
            self.failed = self.failed if agrees else ATTEMPTS
        return result

    def _arrays(self) -> list[Any]:
        """All arrays in the fields, and on a GPU where its random numbers stand."""
        there = thnn.drawing_there().held() if self.program.statics is not None else []
        return [*self.fields.arrays(), *there]

    def _by_table(self, *slots: Any) -> Any:
        if self.program.statics is not None:
            thnn.replaying_there().spoil()
            return self.finished(slots) if self.program.run(*slots) == 0 else MISSED
        for x in thnn.replaying().workspace_of_this_thread():
            x.fill(255)  # numbers that are none, and places that are nowhere
        return self.finished(slots) if self.program.run(*slots) == 0 else MISSED

    def _outcome(self, run: Callable, slots: Sequence[np.ndarray], arrays: list[np.ndarray]) -> list | None:
        """What a run with other numbers leaves in all arrays, and returns; None where it could not be run."""
        others = [x * x.dtype.type(OTHER) if x.dtype.kind == "f" else x.copy() for x in slots]
        for owner in self.owners:
            for name in ("weight", "bias"):
                if is_array(x := getattr(owner, name, None)) and x.dtype.kind == "f":
                    x *= x.dtype.type(OTHER)
            for name in self.computed:
                if is_array(x := vars(owner).get(name)) and any(x is a for a in arrays) and x.base is None:
                    x.fill(np.nan if x.dtype.kind == "f" else 0)
        self.fields.follow(others)
        returned = run(*others)
        if returned is MISSED:
            return None
        self.fields.follow(others)
        number = np.float64(float(returned)) if isinstance(returned, Real) else None
        return [x.copy() for x in (*arrays, *others)] + [number]


def _apart(slots: Sequence[Any]) -> bool:
    """Whether the tensors in the slots have elements, and no two share memory."""
    return all(x.size for x in slots) and not any(overlap(x, y) for x, y in combinations(slots, 2))


def _restore(arrays: list[np.ndarray], saved: list[np.ndarray]) -> None:
    for x, before in zip(arrays, saved):
        x[...] = before


def _same_bits(a: Any, b: Any) -> bool:
    return a is b or (a is not None and b is not None and bits(a) == bits(b))
