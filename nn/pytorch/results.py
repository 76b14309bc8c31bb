"""Results that a caller keeps: the next call of the module does not write into them.

Modules write into buffers of theirs, again and again. ``ys = [m(x) for x in xs]`` keeps what they wrote: the references
to a result are counted when it is handed out, and if there are more at the next call, its buffers are let go.
"""

from __future__ import annotations

from collections.abc import Iterator
from sys import getrefcount
from typing import Any

import numpy as np

#: Types of results that hold arrays which a caller may keep.
HOLDERS = (np.ndarray, tuple, list, dict)


def references(result: Any) -> int:
    """How often the arrays of a result, and those whose memory they show, are referred to."""
    if type(result) is np.ndarray:
        base = result.base
        return getrefcount(result) + (getrefcount(base) if type(base) is np.ndarray else 0)
    return getrefcount(result) + sum(map(references, _inside(result))) if isinstance(result, HOLDERS) else 0


def _inside(x: Any) -> Any:
    """What a list, tuple or dict holds; nothing for anything else."""
    return x.values() if isinstance(x, dict) else x if isinstance(x, (list, tuple)) else ()


def let_go(module: Any, result: Any) -> None:
    """Forget the buffers that a result lies in, those of the module and of all that it called."""
    kept = _arrays(result)
    for part in _parts(module):
        scratch = part.__dict__["_scratch"]
        for name in [n for n, x in scratch.items() if any(np.may_share_memory(a, b) for a in _arrays(x) for b in kept)]:
            del scratch[name]


def _arrays(x: Any) -> list:
    if type(x) is np.ndarray:
        return [x]
    return [a for part in _inside(x) for a in _arrays(part)]


def _parts(module: Any) -> Iterator[Any]:
    """A module, its children, and what stood in for them in later calls of one forward."""
    yield module
    for other in (*module.__dict__.get("_again", ()), *module.__dict__.get("_modules", {}).values()):
        if other is not None:
            yield from _parts(other)
