from __future__ import annotations

from typing import Any, Self

import numpy as np

from nn import thnn
from nn.storage import Shared
from torch7 import registry
from torch7.lua_math import random as lua_random


class AliasMultinomial(Shared):
    """Draws categories, counted from 1, in constant time: the alias method.

    Slot k of K is drawn uniformly; it yields category k with probability ``q[k]`` and else ``J[k]``. ``probs``:
    probabilities of the categories, K numbers of positive sum. ``ValueError`` for others. Source: package torchx.
    """

    dpnn_parameters = ["J", "q"]

    def __init__(self, probs: Any) -> None:
        p = np.asarray(probs.get() if hasattr(probs, "get") else probs)
        if p.ndim != 1 or not p.size or not (p >= 0).all() or not np.isfinite(p).all() or not p.sum() > 0:
            raise ValueError("AliasMultinomial: probabilities must be finite, not negative, and have a positive sum")
        self.J, self.q = setup(p)

    def draw(self) -> int:
        """One category, by Lua's ``math.random``."""
        k = lua_random(1, len(self.J))
        return k if lua_random() < self.q[k - 1] else int(self.J[k - 1])

    def batchdraw(self, output: Any) -> Any:
        """Fill ``output``, an int64 array, with categories by Torch's generator, or its GPU's; returns it."""
        thnn.NCEModule_draw(output, self.J, self.q)
        return output

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Self:
        """Nothing: the tables keep their type; returns the object."""
        return self


registry.register("torch.AliasMultinomial", AliasMultinomial)


def setup(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The tables J and q; each slot below the average is filled up by one above it."""
    total = p.sum()
    q = (len(p) * (p if abs(total - 1) < 1e-6 else p / total)).tolist()
    J = [0] * len(q)
    smaller = [i for i, share in enumerate(q) if share < 1]
    larger = [i for i, share in enumerate(q) if share >= 1]
    while smaller and larger:
        s, l = smaller.pop(), larger.pop()
        J[s] = l + 1
        q[l] -= 1 - q[s]
        (smaller if q[l] < 1 else larger).append(l)
    most = max(q)
    kept = [1.0 if J[i] == 0 else share / max(most, 1.0) for i, share in enumerate(q)]
    return np.array(J, np.int64), np.array(kept, p.dtype if p.dtype.kind == "f" else np.float64)
