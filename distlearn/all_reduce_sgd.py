"""``distlearn.AllReduceSGD``: gradients of many nodes added up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import progress, reduction, tables
from .compression import codec
from .exchange import Exchange, help_others, spread
from .overlap import reporting, same
from .rounds import Call, Round
from .tree import Tree


class AllReduceSGD:
    """Synchronous stochastic gradient descent: every node computes the gradient of its own samples, all take the sum.

    ``tree``: the nodes. ``compression``: ``'float16'`` or ``'bfloat16'`` lets gradients travel in 16 bits a number;
    what rounding takes away is added at the next step. ``bucketSize``: bytes that travel
    together, a sixteenth of all gradients unless given, from 64 KiB to 4 MiB.

    Gradients and parameters are tensors, the flat ones of ``getParameters`` or nested tables, and are overwritten.
    Nodes may take different numbers of steps before they call ``synchronizeParameters``: those that are done add
    nothing to the sums of the others. Source: torch-distlearn.
    """

    def __init__(self, tree: Tree, compression: str | None = None, bucketSize: int | None = None) -> None:
        self.tree = tree
        self.compression, self.bucketSize = compression, bucketSize
        self._codec = codec(compression)
        self._steps = 0
        self._entries: list = []
        self._exchange: Exchange | None = None
        self._call = Call("sumGradients")
        self._round: Round | None = None

    def sumGradients(self, grads: Any, samples: int | None = None) -> int:
        """Add the gradients of all nodes; returns how many nodes contributed.

        ``samples``, a whole number: multiply this node's gradients by it first.
        """
        return self._sum(grads, samples).contributors

    def sumAndNormalizeGradients(self, grads: Any, samples: int | None = None) -> int:
        """The mean of the gradients of all nodes that contribute; returns their number.

        ``samples``, a whole number: how many samples this node's gradients are the mean of. The result is then the
        mean over all samples, however they are spread over the nodes.
        """
        round = self._sum(grads, samples)
        divisor = round.contributors if samples is None else round.samples
        if divisor > 1:
            for x in self._exchange.tensors:
                x /= divisor
        return round.contributors

    @contextmanager
    def overlap(
        self, module: Any, grads: Any = None, samples: int | None = None, reporting: Callable = reporting
    ) -> Iterator[None]:
        """Let gradients travel while backward still runs: ``with sgd.overlap(model, gradParams): model.backward(...)``.

        ``grads``: what is then given to ``sumAndNormalizeGradients`` or ``sumGradients``, with the same ``samples``;
        the gradients in ``module.parameters()`` unless given. A bucket leaves when the modules that write to it have
        run backward. Modules inside nn's containers report one by one, a module of any other kind as a whole. Nothing
        may change the gradients between backward and the sum. One backward pass a step. ``reporting(module, exchange)``
        is a context in which modules of another kind report.
        """
        exchange = self._begin(module.parameters()[1] if grads is None else grads, samples)
        if self.tree.numNodes > 1:
            progress.watch(exchange)
        try:
            with reporting(module, exchange):
                yield
        except BaseException:
            progress.release(exchange)
            self._round = None
            self.tree.breakUp("an exception ended a backward pass whose gradients were under way")
            raise

    def synchronizeParameters(self, params: Any) -> None:
        """Give all nodes the same parameters: those of the node that took the most steps since the last call.

        Of several such nodes, and before any step, it is the first. Call it before training, and after every epoch.
        """
        if self._round is not None:
            raise RuntimeError("synchronizeParameters: gradients are under way, call sumGradients first")
        tensors = tables.tensors(params, "synchronizeParameters")
        call = self._call if self._exchange else self._called(tensors, None)
        help_others(self.tree, call, self._exchange.tensors if self._exchange else tensors, self._limits)
        self.tree.begin(Call("synchronizeParameters", tuple(map(tables.describe, tensors)))).agree()
        steps = np.zeros(self.tree.numNodes, np.int64)
        steps[self.tree.rank] = self._steps
        reduction.add(self.tree, steps)
        spread(self.tree, tensors, int(steps.argmax()))
        self._steps = 0

    @property
    def _limits(self) -> tuple:
        return self.bucketSize, self._codec

    def _called(self, tensors: list, samples: int | None) -> Call:
        settings = [f"compression {self.compression}", f"bucketSize {self.bucketSize}", "by samples"]
        return Call(
            "sumGradients", tuple(map(tables.describe, tensors)), ", ".join(settings[: 2 + (samples is not None)])
        )

    def _begin(self, grads: Any, samples: int | None) -> Exchange:
        """Begin the sum of ``grads``; the exchange of the last step serves again where the tensors are the same."""
        if samples is not None and samples < 0:
            raise ValueError(f"sumGradients: a node has samples, got {samples}")
        entries = list(tables.entries(grads))
        if self._exchange is None or not same(entries, self._entries):
            self._renew(tables.tensors(grads, "sumGradients"))
            self._entries = entries
        self._call = self._called(self._exchange.tensors, samples)
        self._round = self._exchange.begin(self._call, samples)
        return self._exchange

    def _renew(self, tensors: list) -> None:
        """An exchange for other tensors; where they are like the last ones, what compression left behind stays."""
        before, self._exchange = self._exchange, self.tree.exchange(tensors, *self._limits)
        if before is not None and alike(before.tensors, tensors):
            self._exchange.inherit(before)

    def _sum(self, grads: Any, samples: int | None) -> Round:
        """Finish the sum that ``overlap`` began, or begin and finish one."""
        if self._round is None:
            self._begin(grads, samples)
        elif not same(list(tables.entries(grads)), self._entries):
            raise ValueError("sumGradients: other gradients are under way since overlap")
        round, self._round = self._round, None
        self._exchange.finish()
        progress.release(self._exchange)
        self._steps += 1
        return round


def alike(a: list, b: list) -> bool:
    """Whether two lists hold tensors of the same sizes and types."""
    return list(map(tables.describe, a)) == list(map(tables.describe, b))
