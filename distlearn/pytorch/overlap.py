"""Gradients of nn.pytorch's networks that travel while backward runs: which modules report, and when.

A module with a backward of its own reports the end of each of its calls, as often as the tape says it was called.
What is known only when the tape has been gone through, the gradients of parameters that stand on it themselves or lie
in a module with a tape of its own, waits for the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nn.pytorch.calls import backward_for
from nn.pytorch.module import Module

from .. import tables
from ..exchange import Exchange
from ..overlap import Reports, meet, planned


def is_unit(module: Module) -> bool:
    """Whether ``module`` has a backward of its own, which belongs to its forward."""
    if "forward" in vars(module) or "backward" in vars(module):
        return False
    owner = next(cls for cls in type(module).__mro__ if "forward" in vars(cls))
    return backward_for(type(module), owner) is not None


def sort(module: Module, units: list, others: list) -> None:
    """Divide what lies in ``module`` into modules that report and, in ``others``, those whose gradients wait."""
    if not any(p.requires_grad for p in module.parameters()):
        return
    if is_unit(module):
        units.append(module)
    elif module._backward_hooks or module._backward_pre_hooks:
        others.append(module)  # it has a tape of its own
    else:
        for child in module._modules.values():
            if child is not None:
                sort(child, units, others)


def gradients(module: Module) -> list:
    """The gradients that backward adds to."""
    return [p.grad for p in module.parameters() if p.requires_grad]


@contextmanager
def reporting(module: Module, exchange: Exchange) -> Iterator[None]:
    """Send each bucket of ``exchange`` once all calls of the modules that write to it have run backward."""
    units: list = []
    others: list = []
    sort(module, units, others)
    tape = module._call[1][0] if module._call and module._call[1] else None
    calls = {id(unit): tape.calls.get(id(unit), 0) if tape else 0 for unit in units}
    reports = Reports(planned(units, list(map(gradients, units)), exchange), exchange)
    late = [g for other in others for g in gradients(other)]
    late += [p.grad for p, _ in tape.leaves.values() if p.requires_grad] if tape else []
    hold(reports, [tables.span(g) for g in late if g.size])
    handles = [unit.register_full_backward_hook(_hook(reports, calls, id(unit))) for unit in reports.units]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def hold(reports: Reports, late: list[tuple[int, int]]) -> None:
    """Keep back, until all is known, the buckets of what is known late."""
    for number, bucket in enumerate(reports.exchange.buckets):
        if any(meet(span, own) for span in late for own in bucket.spans):
            reports.hold(number)


def _hook(reports: Reports, calls: dict[int, int], key: int) -> Callable:
    def ended(module: Module, gradInput: tuple, gradOutput: tuple) -> None:
        calls[key] -= 1
        if not calls[key]:
            reports.report(key)

    return ended
