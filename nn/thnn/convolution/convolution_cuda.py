"""Launches of convolution.cu: implicit products of matrices, exact or in TF32, of 1 to 3 dimensions with groups."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from torch7 import arrays
from torch7.exactness import allow_tf32

from ..cuda.conv import model, plans
from ..cuda.runtime import blocks, kernels
from ..cuda.workspace import take

_launch = kernels(__name__)
Geometry = tuple[tuple, tuple, tuple, int]
#: A kernel keeps offsets in int32, and looks some tiles past the last.
LARGEST = 2**31 - 1024


def _multiprocessors() -> int:
    return model.card(_device()).multiprocessors


def _device() -> int:
    return arrays.cupy().cuda.runtime.getDevice()


def _shape(source: Any, target: Any, weight: Any, geometry: Geometry) -> plans.Shape:
    stride, pad, dilation, groups = geometry
    missing = 5 - weight.ndim
    ones, zeros = (1,) * missing, (0,) * missing
    sizes = [ones + x.shape[2:] for x in (source, target, weight)]
    geometry = ones + tuple(stride), zeros + tuple(pad), ones + tuple(dilation)
    return plans.Shape(len(source), weight.shape[1], len(weight) // groups, groups, *sizes, *geometry)


def _batches(source: Any, target: Any) -> list[slice]:
    """Images whose elements can be counted in int32."""
    most = max(1, LARGEST // max(1, source.size // len(source), target.size // len(target)))
    return [slice(first, first + most) for first in range(0, len(source), most)]


def _aligned(x: Any, width: int) -> bool:
    """Whether rows of ``width`` elements of ``x`` can be written 16 bytes at a time."""
    return x.data.ptr % 16 == 0 and width % (16 // x.itemsize) == 0


def _tf32(x: Any) -> bool:
    return x.dtype == np.float32 and allow_tf32() and int(arrays.cupy().cuda.Device().compute_capability) >= 80


def _gather(p: plans.Product, source: Any, weight: Any, bias: Any, out: Any, groups: int, turned: bool) -> None:
    """Pack the weights of a product and launch it, in splits of k where there are few tiles."""
    tf32, all_taps = _tf32(source), prod(weight.shape[2:])
    packed = take("packed weights", weight.dtype, groups * p.Kp * p.Mp)
    sizes = p.rows, p.inner if p.count else 0, max(1, p.count), all_taps, p.Mp, p.Kp, turned, tf32
    tiles = -(-p.Mp // 32) * -(-p.Kp // 32) * groups
    _launch("pack_weights<T>", weight.dtype, (tiles,), 256, weight, packed, p.taps, *sizes)
    kernels, name, stages = _gather_kernel(source.dtype, tf32)
    tile, splits, _ = model.choose(kernels, p.rows, p.columns, p.Kp, groups, p.whole, model.card(_device()))
    kernel = next(k for k in kernels if k.rows == tile)
    to = take("splits", out.dtype, splits * out.size) if splits > 1 else out
    grid = -(-p.columns // tile), -(-p.rows // tile), groups * splits
    arguments = packed, source, None if p.add or splits > 1 else bias, to, p.plan, splits, out.size
    shared = stages * kernel.depth * 2 * (tile + 8 * tf32) * source.itemsize
    _launch(
        f"{name}{tile},{tile},{kernel.depth},{stages}>", source.dtype, grid, kernel.threads, *arguments, shared=shared
    )
    if splits > 1:
        sizes = out.size, splits, p.rows * groups, out.size // (len(out) * p.rows * groups), p.add
        _launch.each("add_splits", out.size, out, to, None if p.add else bias, out, *sizes)


def _gather_kernel(dtype: Any, tf32: bool) -> tuple[tuple, str, int]:
    """The kernels to choose from, the beginning of their names, and stages of shared memory."""
    if dtype == np.float64:
        return model.DOUBLE, "gather_gemm<T,", 3
    return (model.TF32, "gather_gemm_tf32<", 4) if tf32 else (model.EXACT, "gather_gemm<T,", 3)


def Convolution_updateOutput(input: Any, output: Any, weight: Any, bias: Any, geometry: Geometry) -> None:
    for part in _batches(input, output) if output.size else ():
        x, y = input[part], output[part]
        shape = _shape(x, y, weight, geometry)
        for p in plans.forward(shape, _aligned(y, shape.target[2]), _device()):
            _gather(p, x, weight, bias, y, geometry[3], False)


def Convolution_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, geometry: Geometry, bias: Any = None
) -> None:
    for part in _batches(gradInput, gradOutput) if gradInput.size else ():
        g, dx = gradOutput[part], gradInput[part]
        shape = _shape(dx, g, weight, geometry)
        for p in plans.backward_input(shape, _aligned(dx, shape.source[2]), _device()):
            _gather(p, g, weight, bias, dx, geometry[3], True)


def _weight_kernel(shape: plans.Shape, dtype: Any, tf32: bool) -> tuple[str, model.Kernel, int]:
    """Instance, what the model knows of it, and shared memory."""
    kernel, stages = model.DOUBLE[0] if dtype == np.float64 else model.TF32[0], 4 if tf32 else 3
    if dtype == np.float32 and not tf32:
        columns = shape.channels * prod(shape.kernel) + 1
        sizes = shape.planes, columns, shape.images, prod(shape.target), shape.groups
        kernel = model.best_weights(model.WEIGHTS, *sizes, model.card(_device()))
    shared = stages * kernel.depth * (kernel.rows + kernel.columns + (16 if tf32 else 8)) * dtype.itemsize
    name = f"weight_gemm<T,{kernel.rows},{kernel.columns},{kernel.depth},{stages},{str(tf32).lower()}>"
    return name, kernel, shared


def Convolution_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, geometry: Geometry, scale: float
) -> None:
    for part in _batches(input, gradOutput) if gradOutput.size else ():
        x, g = input[part], gradOutput[part]
        shape = _shape(x, g, gradWeight, geometry)
        name, kernel, shared = _weight_kernel(shape, x.dtype, _tf32(x))
        M, groups = shape.planes, shape.groups
        tiling = plans.Tiling(*kernel[:4], kernel.blocks * _multiprocessors(), kernel.whole)
        for n, p in enumerate(plans.backward_weights(shape, tiling, _device())):
            partial = take("weight parts", x.dtype, groups * p.splits, M, p.columns + 1)
            grid = -(-(p.columns + 1) // kernel.columns), -(-M // kernel.rows), groups * p.splits
            _launch(name, x.dtype, grid, kernel.threads, g, x, partial, p.plan, p.splits, shared=shared)
            total, all_weights = groups * M * (p.columns + 1), gradWeight.size // len(gradWeight)
            sums = partial, gradWeight, None if n else gradBias, p.places, M, p.columns, all_weights, p.splits, groups
            _launch("sum_parts<T>", x.dtype, blocks(total), 256, *sums, scale)
