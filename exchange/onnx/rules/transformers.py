"""Spatial transformers, and regions of images."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import rule


@rule("nnx.stn.affine_transform_matrix_generator.AffineTransformMatrixGenerator")
def affine_matrices(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Rows (s cos, -s sin, ...) and (s sin, s cos, ...), the last column of each its product with (ty, tx)."""
    if m.fullMode:
        return g.reshape(x, y.sizes)
    axis, used = x.ndim - 1, iter(range(x.shape[-1]))

    def column(there: Any) -> str | None:
        k = next(used) if there else None
        return None if k is None else g.slice(x, axis, k, k + 1)

    angle, s = column(m.useRotation), column(m.useScale)
    ty, tx = column(m.useTranslation), column(m.useTranslation)
    alike = g.op("Mul", g.slice(x, axis, 0, 1), 0)  # zeros, as many as there are samples
    sin = alike if angle is None else g.op("Sin", angle)
    cos = g.op("Add", alike, 1) if angle is None else g.op("Cos", angle)
    sin, cos = (v if s is None else g.op("Mul", v, s) for v in (sin, cos))
    rows = []
    for a, b in ((cos, g.op("Neg", sin)), (sin, cos)):
        shift = alike if ty is None else g.op("Add", g.op("Mul", a, ty), g.op("Mul", b, tx))
        rows += [a, b, shift]
    return g.reshape(g.op("Concat", *rows, axis=axis), y.sizes)


@rule("nnx.stn.affine_grid_generator_bhwd.AffineGridGeneratorBHWD")
def affine_grid(g: Graph, m: Any, x: Value, y: Value) -> str:
    turned = g.op("Transpose", x, perm=[*range(x.ndim - 2), x.ndim - 1, x.ndim - 2])
    return g.reshape(g.op("MatMul", g.constant(m._points()), turned), y.sizes)


@rule("nnx.stn.bilinear_sampler_bhwd.BilinearSamplerBHWD")
def bilinear_sampler(g: Graph, m: Any, x: list[Value], y: Value) -> str:
    """ONNX samples planes, at places (x, y)."""
    images, grids = x
    single = images.ndim == 3
    names = [g.op("Unsqueeze", v, g.integers(0)) if single else v.name for v in (images, grids)]
    planes = g.op("Transpose", names[0], perm=[0, 3, 1, 2])
    places = g.op("Gather", names[1], g.constant([1, 0], np.int64), axis=3)
    mode = "bilinear" if g.opset < 20 else "linear"
    made = g.op("GridSample", planes, places, mode=mode, padding_mode="zeros", align_corners=1)
    result = g.op("Transpose", made, perm=[0, 2, 3, 1])
    return g.op("Squeeze", result, g.integers(0)) if single else result


@rule("nnx.inn.roi_pooling.ROIPooling")
def regions(g: Graph, m: Any, x: list[Value], y: Value) -> str:
    """Images and corners count from 0 there; bins are those of the first version."""
    if m.v2:
        raise g.refuse(f"{m} of the second version, whose bins are rounded otherwise,")
    rois = g.op("Sub", x[1], 1)
    return g.op("MaxRoiPool", x[0], rois, pooled_shape=[int(m.H), int(m.W)], spatial_scale=float(m.spatial_scale))
