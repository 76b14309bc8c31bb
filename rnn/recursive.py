"""Operations on nested tables of tensors: ``nn.rnn.recursiveCopy`` and its like.

The first argument becomes, or is made, like the second one: None is a new tensor, a tensor that faces a table the first
entry of a new one. Entries that only the first has stay. Each function returns both: tensors are replaced where they do
not fit, so use what is returned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn import sums, utils
from nn.utils import recursiveFill, recursiveType
from torch7 import arrays, randn

__all__ = ["recursiveFill", "recursiveType"]


def paired(t1: Any, t2: Any, leaf: Callable[[Any, Any], Any]) -> Any:
    """``t1`` with ``leaf(its entry, tensor)`` in the place of every tensor of ``t2``."""
    if utils.is_table(t2):
        t1 = like_table(t1, t2)
        for k in utils.keys(t2):
            if isinstance(t1, list) and k == len(t1):
                t1.append(None)
            old = t1.get(k) if isinstance(t1, dict) else t1[k]
            t1[k] = paired(old, t2[k], leaf)
        return t1
    if not arrays.is_array(t2):
        raise TypeError(
            f"expecting nested tensors or tables. Got {arrays.describe(t1)} and {arrays.describe(t2)} instead"
        )
    return leaf(t1 if arrays.is_array(t1) else None, t2)


def like_table(t1: Any, t2: Any) -> Any:
    """``t1`` if it is a table that can take the keys of ``t2``, else a new one."""
    if isinstance(t2, dict):
        return t1 if isinstance(t1, dict) else {}
    if isinstance(t1, dict):
        return [t1[k] for k in sorted(t1)]
    return t1 if isinstance(t1, list) else [] if t1 is None else [t1]


def recursiveResizeAs(t1: Any, t2: Any) -> tuple[Any, Any]:
    """Tensors of the sizes of those of ``t2``; the contents of new ones are undefined."""
    return paired(t1, t2, lambda a, b: a if a is b else arrays.resized(a, b.shape, b)), t2


def recursiveSet(t1: Any, t2: Any) -> tuple[Any, Any]:
    """The tensors of ``t2`` themselves."""
    return paired(t1, t2, lambda a, b: b), t2


def recursiveCopy(t1: Any, t2: Any) -> tuple[Any, Any]:
    """Copies of the tensors of ``t2``."""

    def copied(a: Any, b: Any) -> Any:
        a = a if a is b else arrays.resized(a, b.shape, b)
        sums.copy(b, a)
        return a

    return paired(t1, t2, copied), t2


def recursiveAdd(t1: Any, t2: Any) -> tuple[Any, Any]:
    """``t1 += t2`` for each tensor of ``t2``; ``ValueError`` where sizes differ."""

    def added(a: Any, b: Any) -> Any:
        if a is None or a.size != b.size:
            pair = f"{arrays.describe(a)} and {arrays.describe(b)}"
            raise ValueError(f"expecting nested tensors or tables. Got {pair} instead")
        sums.add(a, b.reshape(a.shape), a)
        return a

    return paired(t1, t2, added), t2


def recursiveTensorEq(t1: Any, t2: Any) -> bool:
    """Whether both hold tensors of the same sizes whose elements differ by less than 1e-5."""
    if utils.is_table(t1) and utils.is_table(t2):
        mine, theirs = (list(utils.keys(t)) for t in (t1, t2))
        return set(mine) == set(theirs) and all(recursiveTensorEq(t1[k], t2[k]) for k in mine)
    if not arrays.is_array(t1) or not arrays.is_array(t2):
        raise TypeError(
            f"expecting nested tensors or tables. Got {arrays.describe(t1)} and {arrays.describe(t2)} instead"
        )
    return t1.shape == t2.shape and bool((abs(t1 - t2) < 1e-5).all())


def recursiveNormal(t: Any) -> Any:
    """Fill every tensor with draws from N(0, 1); returns the table."""

    def drawn(a: Any, b: Any) -> Any:
        b[...] = arrays.array_module(b).asarray(randn(*b.shape), b.dtype)
        return b

    return paired(t, t, drawn)


def recursiveSum(t: Any) -> float:
    """The sum of all elements of all tensors."""
    return sum(map(recursiveSum, utils.sequence(t))) if utils.is_table(t) else float(t.sum())


def recursiveNew(t: Any) -> Any:
    """An empty tensor of the same type for every tensor."""
    return paired(None, t, lambda a, b: arrays.array_module(b).empty(0, b.dtype))
