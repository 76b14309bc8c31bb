"""``python -m torch7 convert FILE OUT --to onnx`` or ``pytorch``, and ``inspect FILE --input SIZES``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import nn
import nngraph  # noqa: F401 - files hold graphs
import rnn  # noqa: F401
import torch7
from torch7.serialization.errors import T7Error

from . import onnx, pytorch
from .pytorch.examples import example_input

#: How deep in tables networks are looked for.
DEPTH = 50


def convert(filename: str, out: str, to: str, sizes: str | None = None, at: str | None = None) -> None:
    """Write the network of ``filename``; ``sizes``: of its input, ``1x3x32x32``; ``at``: its place in a table.

    ``T7Error`` where there is no network or are several, and for what the other format cannot say.
    """
    net = chosen(torch7.load(filename), at)
    try:
        input = example_input(net) if sizes is None else given_input(net, sizes)
        if to == "onnx":
            onnx.export(net, input, out)
        else:
            pytorch.write(net, out, input)
    except ValueError as error:
        raise T7Error(f"{filename}: {error}") from error


def summarised(filename: str, sizes: str, at: str | None, depth: int) -> str:
    """Layers with the shapes of their outputs, parameters and multiply-adds of the network of ``filename``.

    ``depth``: how many levels of containers are shown.
    ``T7Error`` where there is no network or are several, and where the input does not fit.
    """
    net = chosen(torch7.load(filename), at)
    try:
        found = nn.summary(net, given_input(net, sizes))
    except Exception as error:  # whatever a network of a file raises when it runs
        raise T7Error(f"{filename}: an input of {sizes} does not go through the network: {error}") from error
    found.rows = [row for row in found.rows if row.depth <= depth]
    return str(found)


def given_input(net: nn.Module, sizes: str) -> Any:
    """Zeros of these sizes, a table of them where there are several; places from 1 for what begins with a look-up."""
    first = next((m for m in net.listModules() if not getattr(m, "modules", None)), None)
    indices = first is not None and "LookupTable" in type(first).__name__
    made = [np.ones(p, np.int64) if indices else np.zeros(p, net._dtype) for p in map(parsed, sizes.split(","))]
    return made[0] if len(made) == 1 else made


def parsed(sizes: str) -> tuple[int, ...]:
    try:
        return tuple(int(n) for n in sizes.split("x"))
    except ValueError:
        raise ValueError(f"sizes are written 1x3x32x32, got {sizes!r}") from None


def chosen(root: Any, at: str | None) -> nn.Module:
    """The network in what a file held."""
    found = dict(networks(root))
    if at is None and len(found) == 1:
        return next(iter(found.values()))
    if at in found:
        return found[at]
    places = ", ".join(place or "the file itself" for place in found) or "none"
    raise T7Error(f"networks in the file: {places}" + ("; choose one by --at" if len(found) > 1 else ""))


def networks(x: Any, place: str = "", seen: frozenset[int] = frozenset()) -> Iterator[tuple[str, nn.Module]]:
    """All networks in tables, by their place: ``model``, ``protos.rnn``; lists count from 1. Circles end."""
    if isinstance(x, nn.Module):
        yield place, x
    elif isinstance(x, dict | list) and id(x) not in seen and len(seen) < DEPTH:
        for key, value in x.items() if isinstance(x, dict) else enumerate(x, 1):
            yield from networks(value, f"{place}.{key}".lstrip("."), seen | {id(x)})
