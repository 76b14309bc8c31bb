"""Joining tensors along a dimension, and taking gradients apart again: Concat, Parallel, JoinTable, SplitTable."""

from __future__ import annotations

from typing import Any

from torch7 import arrays, registry


def axis_of(module: Any, dimension: int, tensor: Any) -> int:
    """0-based axis of 1-based ``dimension``; ``ValueError`` unless ``tensor`` has it, ``TypeError`` if it is none."""
    if not arrays.is_array(tensor):
        raise TypeError(f"{_name(module)}: expecting a tensor, got {arrays.describe(tensor)}")
    if not 1 <= dimension <= tensor.ndim:
        raise ValueError(f"{_name(module)}: no dimension {dimension} in {arrays.describe(tensor)}")
    return dimension - 1


def counted_axis(module: Any, tensor: Any) -> int:
    """0-based axis of ``module.dimension``: a negative one counts from the end, and one of a tensor that has a batch
    dimension before its ``module.nInputDims`` dimensions counts after it.
    """
    dimension, dims = module.dimension, module.nInputDims
    if not arrays.is_array(tensor):
        return axis_of(module, dimension, tensor)
    if dimension < 0:
        dimension += tensor.ndim + 1
    elif dims is not None and tensor.ndim == dims + 1:
        dimension += 1
    return axis_of(module, dimension, tensor)


def joined_shape(module: Any, tensors: Any, axis: int) -> tuple[int, ...]:
    """The shape of ``tensors`` joined along ``axis``; ``ValueError`` where another size differs."""
    shape = tensors[0].shape
    before, total, after = shape[:axis], shape[axis], shape[axis + 1 :]
    for x in tensors[1:]:
        if x.ndim != len(shape) or x.shape[:axis] != before or x.shape[axis + 1 :] != after:
            raise ValueError(
                f"{_name(module)}: sizes other than that of dimension {axis + 1} differ: {arrays.describe(tensors)}"
            )
        total += x.shape[axis]
    return (*before, total, *after)


def part(whole: Any, axis: int, start: int, size: int) -> Any:
    """The view of ``whole`` that takes ``size`` elements from 0-based ``start`` along ``axis``."""
    return whole[(slice(None),) * axis + (slice(start, start + size),)]


def slice_of(whole: Any, axis: int, i: int) -> Any:
    """The view of ``whole`` at 0-based ``i`` of ``axis``, of one dimension less."""
    return whole[(slice(None),) * axis + (i,)]


def slices(whole: Any, axis: int) -> list:
    """The views of ``whole`` along ``axis``, each of one dimension less; numbers where ``whole`` is a vector."""
    if axis:
        whole = whole.transpose(axis, *range(axis), *range(axis + 1, whole.ndim))
    return list(whole)


def compact(buffers: list, i: int, x: Any) -> Any:
    """``x`` itself if it is C-contiguous, else its copy in ``buffers[i]``."""
    if x.flags.c_contiguous:
        return x
    buffer = buffer_for(buffers, i, x)
    buffer[...] = x
    return buffer


def buffer_for(buffers: list, i: int, x: Any) -> Any:
    """``buffers[i]``, of the shape and type of ``x``."""
    buffers += [None] * (i + 1 - len(buffers))
    buffers[i] = arrays.resized(buffers[i], x.shape, x)
    return buffers[i]


def _name(module: Any) -> str:
    return registry.class_name(type(module))
