"""``distlearn.AllReduceEA``: nodes that train on their own, tied to a common centre."""

from __future__ import annotations

from typing import Any

from torch7 import arrays

from . import tables
from .exchange import Exchange, help_others, spread
from .rounds import Call
from .tree import Tree


class AllReduceEA:
    """Elastic averaging: every node takes its own steps; at every ``tau``-th it and the centre move towards each other.

    ``averageParameters(params)``, called after every step, does at every ``tau``-th call

        ``delta = alpha (params - center)``, ``params -= delta``, ``center += sum of the nodes' deltas``.

    Every node keeps the centre, in the list ``center`` of tensors. ``tree``: the nodes; ``tau``: a whole number from 1
    on; ``alpha``: the moving rate. Parameters are tensors, the flat ones of ``getParameters`` or nested tables, and are
    overwritten. Nodes may take different numbers of steps before they synchronize.

    Source: Zhang, Choromanska, LeCun, Deep learning with elastic averaging SGD (2015); torch-distlearn.
    """

    def __init__(self, tree: Tree, tau: int, alpha: float) -> None:
        if isinstance(tau, bool) or int(tau) != tau or tau < 1:
            raise ValueError(f"tau is a number of steps, from 1 on, got {tau!r}")
        self.tree, self.tau, self.alpha = tree, int(tau), float(alpha)
        self._steps = 0
        self.center: list | None = None
        self._deltas: Exchange | None = None
        self._layout: tuple[str, ...] = ()

    def averageParameters(self, params: Any) -> None:
        """Count a step; at every ``tau``-th, let the parameters and the centre move towards each other."""
        tensors = self._fitting(params, "averageParameters")
        self._steps += 1
        if self._steps % self.tau:
            return
        for x, center, delta in zip(tensors, self.center, self._deltas.tensors):
            arrays.array_module(x).subtract(x, center, out=delta)
            delta *= self.alpha
            x -= delta
        self._deltas.begin(self._call)
        self._deltas.finish()
        self._move(self._deltas.tensors)

    def synchronizeCenter(self, params: Any) -> None:
        """Give all nodes the centre of the first, which rounding may have moved away; begin to count steps anew."""
        self._fitting(params, "synchronizeCenter")
        self._synchronized("synchronizeCenter", self.center)

    def synchronizeParameters(self, params: Any) -> None:
        """Give all nodes the parameters of the first, and move the centre there; begin to count steps anew."""
        tensors = self._fitting(params, "synchronizeParameters")
        self._synchronized("synchronizeParameters", tensors)
        for center, x in zip(self.center, tensors):
            center[...] = x

    @property
    def _call(self) -> Call:
        return Call("averageParameters", self._layout, f"tau {self.tau}, alpha {self.alpha!r}")

    def _move(self, deltas: list) -> None:
        for center, delta in zip(self.center, deltas):
            center += delta

    def _synchronized(self, name: str, tensors: list) -> None:
        help_others(self.tree, self._call, self._deltas.tensors, (), self._move)
        self.tree.begin(Call(name, self._layout)).agree()
        spread(self.tree, tensors, 0)
        self._steps = 0

    def _fitting(self, params: Any, what: str) -> list:
        """The tensors of ``params``, of the sizes and types seen before; the first ones become the centre."""
        tensors = tables.tensors(params, what)
        layout = tuple(map(tables.describe, tensors))
        if self.center is None:
            self.center = [x.copy() for x in tensors]
            self._deltas = self.tree.exchange([arrays.array_module(x).empty(x.shape, x.dtype) for x in tensors])
            self._layout = layout
        if layout != self._layout:
            raise ValueError(f"{what}: the parameters were {', '.join(self._layout)}, now they are {', '.join(layout)}")
        return tensors
