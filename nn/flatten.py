"""``getParameters``: all parameters of a network as views of one flat array."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from torch7 import arrays

from .storage import layout, replace_arrays, storage_of, view_of

_calls: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # module -> the flat arrays of each call, weakly
_flat: dict[int, weakref.ref] = {}  # all flat arrays


def flatten(module: Any) -> tuple[Any, ...]:
    """Move the parameters and gradients of ``module`` onto two flat arrays, which are returned.

    Diagonal Hessians, where there are any, go onto a third. What a package's ``hiddenParameters()`` finds beyond
    ``parameters()`` follows these. Other views of their memory move along: step clones and tied modules stay tied.
    """
    lists = with_gradients(module)
    plans = [plan(tensors) for tensors in lists]
    if lists[1]:
        check_alignment(module, *lists[:2], *(places for _, places, _ in plans[:2]))
    moved: dict = {}
    targets: dict = {}
    for tensors, (flat, places, starts) in zip(lists, plans):
        moved |= move(tensors, flat, places)
        targets |= {key: (flat, *start) for key, start in starts.items()}
    rebind(module, moved, targets)
    flats = tuple(flat for flat, _, _ in plans)
    _calls[module] = [*living(_calls.get(module, [])), [remembered(flat) for flat in flats]]
    return flats


def remembered(flat: Any) -> weakref.ref:
    """A weak reference to a flat array, which is among :func:`flat_arrays` as long as it lives."""
    key = id(flat)
    ref = _flat[key] = weakref.ref(flat, lambda _: _flat.pop(key, None))
    return ref


def flat_arrays() -> list:
    """All flat arrays that anything still looks at."""
    return [flat for flat in (ref() for ref in list(_flat.values())) if flat is not None]


def flattened() -> list[tuple[Any, list[tuple]]]:
    """The modules whose parameters were moved, and the flat arrays of each call; None for one that is gone."""
    flats = [(module, [tuple(ref() for ref in refs) for refs in living(calls)]) for module, calls in _calls.items()]
    return [(module, calls) for module, calls in flats if calls]


def living(calls: list) -> list:
    """The calls of which a flat array is still looked at."""
    return [refs for refs in calls if any(ref() is not None for ref in refs)]


def all_parameters(module: Any) -> list[list]:
    """Parameters, gradients and, where there are any, Hessians, the hidden ones behind the others."""
    lists = [list(tensors) for i, tensors in enumerate(module.parameters()) if i < 2 or tensors]
    check_tensors(lists)
    for tensors, more in zip(lists, getattr(module, "hiddenParameters", tuple)()):
        tensors += more
    return lists


def with_gradients(module: Any) -> list[list]:
    """:func:`all_parameters`; a network saved without gradients has none, single ones that lack are made."""
    lists = all_parameters(module)
    missing = [lacking(g) and w.size > 0 for w, g in zip(*lists[:2])]
    if missing and all(missing):
        lists[1] = []
    elif any(missing):
        for inner in module.listModules():
            inner.makeGradients()
        lists = all_parameters(module)
    return lists


def lacking(gradient: Any) -> bool:
    """Whether a gradient is missing or empty."""
    return gradient is None or (arrays.is_array(gradient) and not gradient.size)


def check_tensors(lists: list[list]) -> None:
    """Parameters and gradients must be tensors; gradients may be missing."""
    for tensors in lists:
        if not all(t is None or arrays.is_array(t) for t in tensors):
            raise ValueError(f"check that you are sharing parameters and gradParameters: {arrays.describe(tensors)}")


def plan(tensors: list) -> tuple[Any, list[int], dict]:
    """The flat array for ``tensors``, the offset of each in it, and where each storage begins (by id).

    Storages follow one another in order of first appearance; elements that no tensor uses are left out.
    """
    if not tensors:
        return arrays.empty(), [], {}
    storages = list({id(storage_of(t)): storage_of(t) for t in tensors}.values())
    starts, size = {}, 0
    for storage in storages:
        positions, used = positions_in(storage, [t for t in tensors if storage_of(t) is storage])
        starts[id(storage)] = size, positions
        size += used
    flat = arrays.array_module(tensors[0]).empty(size, tensors[0].dtype)
    return flat, [place(t, *starts[id(storage_of(t))]) for t in tensors], starts


def positions_in(storage: Any, tensors: list) -> tuple[np.ndarray | None, int]:
    """Where each element of ``storage`` lies when unused ones are dropped (None: all are used), and the number used."""
    used = np.zeros(storage.size, bool)
    for t in tensors:
        view_of(used, *layout(t, storage))[...] = True
    count = int(np.count_nonzero(used))
    if count == storage.size:
        return None, count
    if not all(map(is_compact, tensors)):
        raise ValueError("Cannot gather tensors that are not compact")
    return np.cumsum(used) - 1, count


def is_compact(t: Any) -> bool:
    """Whether ``t`` fills a block of memory without holes, in whatever order of dimensions."""
    expected = t.itemsize
    for stride, size in sorted((st, sz) for st, sz in zip(t.strides, t.shape) if sz > 1 and st != 0):
        if stride != expected:
            return False
        expected *= size
    return True


def place(t: Any, start: int, positions: np.ndarray | None) -> int:
    """The offset of ``t`` in the flat array, whose part for ``t``'s storage begins at ``start``."""
    offset = layout(t, storage_of(t))[2]
    return start + (offset if positions is None else int(positions[offset]))


def check_alignment(module: Any, weights: list, grads: list, places: list[int], gradPlaces: list[int]) -> None:
    """Parameters and gradients must share memory in the same way; ``ValueError`` names those that do not."""
    for i, (w, g) in enumerate(zip(weights, grads), 1):
        if w.size != g.size:
            raise ValueError(f"parameter {i} is {arrays.describe(w)}, its gradient {arrays.describe(g)}")
    if len(weights) != len(grads):
        raise ValueError(f"{len(weights)} parameters and {len(grads)} gradients")
    names = parameter_names(module, len(weights))
    first: dict[int, int] = {}
    gradFirst: dict[int, int] = {}
    for i, (a, b) in enumerate(zip(places, gradPlaces)):
        twin, gradTwin = first.setdefault(a, i), gradFirst.setdefault(b, i)
        if twin != gradTwin:
            shared, apart = ("parameters", "gradients") if twin < i else ("gradients", "parameters")
            raise ValueError(
                f"check that you are sharing parameters and gradParameters: {names[i]} and "
                f"{names[min(twin, gradTwin)]} share their {shared}, not their {apart}"
            )
    for i, (a, b) in enumerate(zip(places, gradPlaces)):
        if a != b:
            raise ValueError(f"misaligned parameter at {i + 1}, {names[i]}: share parameters and gradParameters alike")


def parameter_names(module: Any, count: int) -> list[str]:
    """Where each parameter is, ``modules[1].modules[2].weight``; by its number where that cannot be told."""
    names = [name for path, leaf in leaves(module, "") for name in field_names(path, leaf)]
    return names if len(names) == count else [f"parameter {i}" for i in range(1, count + 1)]


def leaves(module: Any, path: str) -> list[tuple[str, Any]]:
    """The modules that hold no others, in order, each with the way to it."""
    inside = enumerate(getattr(module, "modules", ()), 1)
    return [leaf for i, m in inside for leaf in leaves(m, f"{path}modules[{i}].")] or [(path, module)]


def field_names(path: str, leaf: Any) -> list[str]:
    fields = {id(x): name for name, x in vars(leaf).items()}
    return [path + fields.get(id(p), "a parameter") for p in leaf.parameters()[0]]


def move(tensors: list, flat: Any, places: list[int]) -> dict[int, tuple[Any, Any]]:
    """Copy ``tensors`` into ``flat``; id of each old tensor -> (old, its new view)."""
    moved = {}
    for t, offset in zip(tensors, places):
        new = view_at(t, flat, offset)
        new[...] = t
        moved[id(t)] = t, new
    return moved


def view_at(t: Any, flat: Any, offset: int) -> Any:
    """A view of ``flat`` with the shape and strides of ``t``."""
    return view_of(flat, t.shape, tuple(s // t.itemsize for s in t.strides), offset)


def rebind(module: Any, moved: dict[int, tuple[Any, Any]], targets: dict[int, tuple]) -> None:
    """Put the new views in place of the old tensors in every field of the network; ``ValueError`` if one is in none."""
    found: set[int] = set()

    def note(x: Any) -> Any:
        found.add(id(x))
        return x

    replace_arrays(module, note)
    if not found.issuperset(moved):
        raise ValueError("parameters() returned a tensor that is not a field of any module")
    replace_arrays(module, lambda x: moved[id(x)][1] if id(x) in moved else remapped(x, targets))


def remapped(x: Any, targets: dict[int, tuple]) -> Any:
    """``x``, or the view of the flat array that shows the same elements, if all of them moved there."""
    storage = storage_of(x)
    if id(storage) not in targets or not x.size:
        return x
    flat, start, positions = targets[id(storage)]
    if positions is not None:
        first = layout(x, storage)[2]
        before = positions[first - 1] if first else -1
        if not is_compact(x) or positions[first + x.size - 1] - before != x.size:
            return x
    return view_at(x, flat, place(x, start, positions))
