"""Overwriting on a tape: ``ReLU(inplace=True)``, ``F.relu_(x)``, ``x += y``.

What was recorded before still needs the old numbers, so that nothing is overwritten in memory: the value becomes the
new one, and what is recorded keeps the old one. Values that look at all of the same memory, a reshaped one for
instance, follow; where one looks at a part of it the operation is refused.
"""

from __future__ import annotations

import numpy as np

from .tape import Tape, Value


def overwrite(value: Value, new: Value) -> Value:
    """Let ``value`` be ``new``, which is recorded as made of it, from now on; returns ``value``.

    Raises ``RuntimeError`` for a parameter, ``TypeError`` where another value looks at a part of the same memory and
    ``ValueError`` for another shape.
    """
    tape = value.tape
    if any(leaf is value for _, leaf in tape.leaves.values()):
        raise RuntimeError("a parameter cannot be overwritten in a forward: use inplace=False, or x = x + y")
    if new.shape != value.shape:
        raise ValueError(f"a result of shape {new.shape} does not fit into what it would overwrite, {value.shape}")
    aliases, start = _aliases(value, new)
    if any(not _whole(a, value) for a in aliases):
        raise TypeError("another value looks at a part of what would be overwritten: use inplace=False, or x = x + y")
    aliases.insert(0, value)
    olds = [Value(a.data, tape, a.index, a.needs) for a in aliases]
    for alias, old in zip(aliases, olds):
        tape.moved.setdefault(id(alias), (alias, old))
    _replace(tape, aliases, olds, start)
    _become(value, new)
    for alias in aliases[1:]:
        made = new.data.reshape(alias.shape)
        _become(alias, tape.record_one(made, (value,), lambda g: (g.reshape(new.data.shape),)))
    return value


def _whole(alias: Value, value: Value) -> bool:
    a, b = alias.data, value.data
    return a.size == b.size and a.flags.c_contiguous and b.flags.c_contiguous


def _become(value: Value, new: Value) -> None:
    value.data, value.index, value.needs = new.data, new.index, new.needs


def _aliases(value: Value, new: Value) -> tuple[list, int]:
    """Other values over the same memory: what it was made of, and what was made of that. Where their entries begin."""
    entries, found, start = value.tape.entries, [value], 0
    for i in range(len(entries) - 1, -1, -1):
        _, parents, made, *_ = entries[i]
        if any(o is found[-1] for o in made):
            start = i
            sharing = [p for p in parents if p is not None and np.may_share_memory(p.data, value.data)]
            if not sharing:
                break
            found.append(sharing[0])
            start = 0
    for _, parents, made, *_ in entries[start:]:
        if any(p is f for p in parents for f in found):
            more = [o for o in made if o is not new and np.may_share_memory(o.data, value.data)]
            found += [o for o in more if not any(o is f for f in found)]
    return found[1:], start


def _replace(tape: Tape, aliases: list, olds: list, start: int) -> None:
    """Put the old values into the entries in place of those that change."""
    swap = {id(a): old for a, old in zip(aliases, olds)}
    for i in range(start, len(tape.entries)):
        backward, parents, made, *more = tape.entries[i]
        if any(id(v) in swap for v in (*parents, *made)):
            parents = tuple(swap.get(id(p), p) for p in parents)
            tape.entries[i] = backward, parents, tuple(swap.get(id(o), o) for o in made), *more
