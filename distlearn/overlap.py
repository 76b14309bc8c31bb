"""Which modules have to report before a bucket may leave, and the reports themselves.

Modules say nothing by themselves. For the time of one backward pass, ``backward`` and ``accGradParameters`` of the
modules that own gradients are replaced on the instances by functions that report their end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch7 import registry

from . import tables
from .exchange import Exchange

#: Containers that run backward of every module in them once: these report one by one.
OPEN = ("nn.Sequential", "nn.Concat", "nn.DepthConcat", "nn.Parallel", "nn.ConcatTable", "nn.ParallelTable")
METHODS = ("backward", "accGradParameters")


def units(module: Any) -> Iterator[Any]:
    """The modules that report: what lies in open containers, outermost first."""
    name = registry.class_name(type(module))
    changed = any(method in vars(module) for method in METHODS)
    if name in OPEN and registry.find(name) is type(module) and not changed:
        for part in module.modules:
            yield from units(part)
    elif module.parameters()[1]:
        yield module


@contextmanager
def reporting(module: Any, exchange: Exchange) -> Iterator[None]:
    """Send each bucket of ``exchange`` once the modules inside ``module`` that write to it have run backward."""
    found = list(units(module))
    reports = Reports(planned(found, [unit.parameters()[1] for unit in found], exchange), exchange)
    own = [(unit, {m: vars(unit)[m] for m in METHODS if m in vars(unit)}) for unit in reports.units]
    try:
        for unit in reports.units:
            for method in METHODS:
                vars(unit)[method] = reports.watched(unit, getattr(unit, method))
        yield
    finally:
        for unit, methods in own:
            for method in METHODS:
                vars(unit).pop(method, None)
            vars(unit).update(methods)


class Plan:
    """Which modules write to which buckets; it serves every step in which modules and gradients are the same."""

    def __init__(self, found: list, grads: list, buckets: list) -> None:
        self.found, self.grads = found, grads
        self.units = list({id(unit): unit for unit in found}.values())
        seldom = {id(unit) for unit in self.units if sum(unit is other for other in found) == 1}
        spans = {id(unit): [tables.span(g) for g in own if g.size] for unit, own in zip(found, grads)}
        self.writers = [writers(bucket.spans, spans, seldom) for bucket in buckets]
        self.writes = {key: [i for i, w in enumerate(self.writers) if w and key in w] for key in spans}

    def fits(self, found: list, grads: list) -> bool:
        return same(found, self.found) and all(map(same, grads, self.grads))


def planned(found: list, grads: list, exchange: Exchange) -> Plan:
    """The plan for the modules ``found`` with these gradients each: that of the last step where it still fits."""
    if exchange.plan is None or not exchange.plan.fits(found, grads):
        exchange.plan = Plan(found, grads, exchange.buckets)
    return exchange.plan


class Reports:
    """What is missing before the next bucket may leave."""

    def __init__(self, plan: Plan, exchange: Exchange) -> None:
        self.exchange, self.units, self._writes = exchange, plan.units, plan.writes
        self._missing = [None if w is None else set(w) for w in plan.writers]
        self._running = dict.fromkeys(plan.writes, 0)

    def watched(self, unit: Any, method: Callable) -> Callable:
        """``method`` of ``unit`` with a report when the outermost call of it ends."""
        key = id(unit)

        def call(*args: Any, **named: Any) -> Any:
            if not self._running[key] and any(i < self.exchange.posted for i in self._writes[key]):
                raise RuntimeError(
                    f"{registry.class_name(type(unit))} runs backward again while its gradients are under way: "
                    "overlap takes one backward pass a step"
                )
            self._running[key] += 1
            try:
                result = method(*args, **named)
            finally:
                self._running[key] -= 1
            if not self._running[key]:
                self.report(key)
            return result

        return call

    def hold(self, number: int) -> None:
        """Let a bucket wait for the sum."""
        self._missing[number] = None

    def report(self, key: int) -> None:
        """``key`` has run: send the buckets that waited for nothing else, in their order."""
        for i in self._writes[key]:
            if self._missing[i] is not None:
                self._missing[i].discard(key)
        stop = self.exchange.posted
        while stop < len(self._missing) and self._missing[stop] is not None and not self._missing[stop]:
            stop += 1
        self.exchange.post(stop)
        self.exchange.advance()


def same(a: list, b: list) -> bool:
    """Whether two lists hold the same objects."""
    return len(a) == len(b) and all(x is y for x, y in zip(a, b))


def writers(bucket: list, spans: dict[int, list], seldom: set[int]) -> set[int] | None:
    """The modules that write to the addresses of a bucket.

    None where it waits for the sum: a module runs several times, or somebody else writes to it, too.
    """
    found = {key for key, places in spans.items() if any(meet(a, b) for a in places for b in bucket)}
    written = merged([place for key in found for place in spans[key]])
    whole = all(any(low <= start and stop <= high for low, high in written) for start, stop in bucket)
    return found if whole and found <= seldom else None


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch or overlap as one."""
    result: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if result and low <= result[-1][1]:
            result[-1] = result[-1][0], max(high, result[-1][1])
        else:
            result.append((low, high))
    return result


def meet(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] < b[1] and b[0] < a[1]
