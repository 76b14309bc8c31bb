"""Calls of modules with other parameters (manual, "torch.nn.utils.stateless.functional_call")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..parameter import Parameter, plain


def _places(module: Any) -> dict[str, tuple]:
    """Dotted name of every parameter and buffer -> where it is held."""
    found = {}
    for prefix, inner in module.named_modules():
        for held in (inner._parameters, inner._buffers):
            found.update({f"{prefix}.{n}" if prefix else n: (held, n) for n, x in held.items() if x is not None})
    return found


def _wanted(places: dict, given: Mapping, tie_weights: bool, strict: bool) -> dict[str, Any]:
    """What is to be exchanged, by name; names of a shared parameter go together with ``tie_weights``."""
    unexpected = [name for name in given if name not in places]
    missing = [name for name in places if name not in given]
    if unexpected or (strict and missing):
        raise RuntimeError(f"functional_call: unexpected names {unexpected}, missing names {missing}")
    wanted = dict(given)
    if tie_weights:
        for name, x in given.items():
            held, own = places[name]
            twins = [t for t, (h, n) in places.items() if h[n] is held[own] and t not in given]
            wanted.update((t, x) for t in twins)
    return wanted


@contextmanager
def _exchanged(places: dict, wanted: dict) -> Iterator[None]:
    before = {name: places[name][0][places[name][1]] for name in wanted}
    made: dict[int, Any] = {}
    try:
        for name, x in wanted.items():
            held, own = places[name]
            if isinstance(held[own], Parameter) and not isinstance(x, Parameter):
                x = made.setdefault(id(x), Parameter(plain(x)))
            held[own] = x
        yield
    finally:
        for name, x in before.items():
            held, own = places[name]
            held[own] = x


def functional_call(
    module: Any, parameters_and_buffers: Mapping, args: Any = None, kwargs: dict | None = None, *,
    tie_weights: bool = True, strict: bool = False,
) -> Any:  # fmt: skip
    """``module(*args, **kwargs)`` with these parameters and buffers in place of its own, by dotted name.

    ``args`` is a tuple, or the only input. A name that the module lacks raises ``RuntimeError``, with ``strict`` a
    missing one as well. For a gradient pass :class:`Parameter` objects and call the module's backward in
    :func:`swapped`, which does the same for a block.
    """
    with swapped(module, parameters_and_buffers, tie_weights=tie_weights, strict=strict):
        given = () if args is None else args if isinstance(args, tuple) else (args,)
        return module(*given, **(kwargs or {}))


@contextmanager
def swapped(
    module: Any, parameters_and_buffers: Mapping, *, tie_weights: bool = True, strict: bool = False
) -> Iterator[Any]:
    """A block in which the module has these parameters and buffers, for a forward and its backward."""
    places = _places(module)
    with _exchanged(places, _wanted(places, parameters_and_buffers, tie_weights, strict)):
        yield module
