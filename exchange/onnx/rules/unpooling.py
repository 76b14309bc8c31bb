"""Values back to the places where a max pooling found them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import kind_of, named, walk


def scattered(g: Graph, x: Value, places: Any, y: Value, dims: int) -> str:
    """The values at flat places, which count in each plane, of planes of zeros."""
    plane, front = int(np.prod(y.shape[-dims:])), x.sizes[:-dims]
    if None not in front:
        zeros: Any = g.constant(np.zeros((*x.shape[:-dims], plane)))
    else:
        samples = g.op("Slice", g.op("Shape", x), g.integers(0), g.integers(x.ndim - dims))
        zeros = g.zeros(g.op("Concat", samples, g.integers(plane), axis=0))
    sizes = g.integers(*[0] * (x.ndim - dims), -1)
    flat = [g.op("Reshape", v, sizes) for v in (places, x)]
    return g.reshape(g.op("ScatterElements", zeros, *flat, axis=x.ndim - dims), y.sizes)


@walk("SpatialMaxUnpooling", "VolumetricMaxUnpooling")
def unpooling(g: Graph, m: Any, x: Value) -> Value:
    """By the places of the pooling in front; ONNX counts them over the whole tensor."""
    if id(m.pooling) not in g.pools:
        raise g.refuse(f"{m} without its pooling in front")
    node, source = g.pools[id(m.pooling)]
    dims = 2 if kind_of(m).startswith("Spatial") else 3
    if len(node.output) == 1:
        node.output.append(f"{node.output[0]}_places")
    y = Value("", *(_examples(m, x, source, larger) for larger in (False, True)))
    plane = int(np.prod(source.shape[-dims:]))
    places = g.op("Mod", node.output[1], g.constant(plane, np.int64))
    if source.ndim == dims + 1:
        places = g.op("Squeeze", places, g.integers(0))
    return named(scattered(g, x, places, y, dims), y)


def _examples(m: Any, x: Value, source: Value, larger: bool) -> Any:
    """What the module makes of an example, after its pooling saw the same one."""
    if larger and (x.other is None or source.other is None):
        return None
    m.pooling.updateOutput(np.ascontiguousarray(source.other if larger else source.array))
    return np.array(m.updateOutput(np.ascontiguousarray(x.other if larger else x.array)))
