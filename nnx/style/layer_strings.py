"""Layers of a network by strings such as ``'3-2-1'``: entry 1 of entry 2 of entry 3.

Layers put in by :func:`insert_after` have the field ``_ignore`` and do not count, so that the strings of others stay.
"""

from __future__ import annotations

from typing import Any

import nn


def place_of(net: Any, layer_string: str) -> tuple[Any, int]:
    """The container of a layer and its 0-based place in it; ``ValueError`` where there is none."""
    container, place = net, None
    for text in str(layer_string).split("-"):
        container = container if place is None else container.modules[place]
        counted = [j for j, m in enumerate(getattr(container, "modules", [])) if not vars(m).get("_ignore")]
        if not text.isdigit() or not 1 <= int(text) <= len(counted):
            raise ValueError(f"there is no layer {layer_string} in {net}")
        place = counted[int(text) - 1]
    return container, place


def get_layer(net: Any, layer_string: str) -> Any:
    """The layer of a string."""
    container, place = place_of(net, layer_string)
    return container.modules[place]


def insert_after(net: Any, layer_string: str, new_layer: Any) -> None:
    """Put a layer behind that of a string; it does not count in strings."""
    container, place = place_of(net, layer_string)
    new_layer._ignore = True
    container.insert(new_layer, place + 2)


def trim_network(net: Any) -> Any:
    """Take the layers behind the last one that was put in away; returns the network."""
    held = [any(vars(m).get("_ignore") for m in layer.listModules()) for layer in net.modules]
    last = max((i for i, has in enumerate(held, 1) if has), default=0)
    del net.modules[last:]
    return net


def losses(net: Any, kind: type, layers: Any, weights: Any, make: Any) -> list:
    """Put a loss of every weight behind its layer; ``TypeError`` where their numbers differ."""
    layers = [] if layers is None else nn.utils.sequence(layers)
    weights = [] if weights is None else nn.utils.sequence(weights)
    if len(weights) < len(layers):
        raise TypeError(f"nn.PerceptualCriterion: {len(weights)} weights for {len(layers)} layers of {kind.__name__}")
    made = [make(weight) for weight, _ in zip(weights, layers)]
    for layer, loss in zip(layers, made):
        insert_after(net, layer, loss)
    return made
