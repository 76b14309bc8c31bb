"""Operators that change shapes, join, cut and pad, and reductions."""

from __future__ import annotations

import numpy as np

import nn
import rnn  # noqa: F401 - SeqLSTM, SeqGRU

from .operators import Operation, Read, reads


@reads("Flatten")
def flatten(o: Operation) -> Read:
    if o.axis(1) != 1:
        raise o.refuse("another axis than 1")
    return o.one(nn.View(-1).setNumInputDims(o.ndim - 1))


@reads("Reshape")
def reshape(o: Operation) -> Read:
    """The first size may be that of the batch; the others are numbers."""
    known = o.shape()
    first, *rest = (int(s) for s in o.constant(1))
    rest = [known[i] if s == 0 and i < len(known) else s for i, s in enumerate(rest, 1)]
    if None in rest:
        raise o.refuse("sizes that follow the batch")
    free = first == 0 or (first == -1 and known[0] is None) or (first == known[0] and -1 not in rest)
    kept = first == 0 or (None not in known[1:] and np.prod(known[1:]) == np.prod(rest))
    if free and kept:
        return o.one(nn.View(*rest).setNumInputDims(o.ndim - 1))
    return o.one(nn.View(first, *rest))


@reads("Squeeze", "Unsqueeze")
def squeeze(o: Operation) -> Read:
    axes = o.get("axes", o.constant(1))
    if axes is None or len(axes) != 1:
        raise o.refuse("several axes")
    axis = int(axes[0])
    if o.node.op_type == "Squeeze":
        return o.one(nn.Squeeze(axis + 1 if axis >= 0 else axis + 1 + o.ndim))
    axis = axis if axis >= 0 else axis + o.ndim + 1
    return o.one(nn.Replicate(1, axis + 1))


@reads("Transpose")
def transpose(o: Operation) -> Read:
    """A permutation as swaps, one after the other."""
    wanted = list(o.get("perm", range(o.ndim)[::-1]))
    current, swaps = list(range(len(wanted))), []
    for i, axis in enumerate(wanted):
        j = current.index(axis)
        if i != j:
            current[i], current[j] = current[j], current[i]
            swaps.append([i + 1, j + 1])
    return o.one(nn.Transpose(*swaps))


@reads("Concat")
def concat(o: Operation) -> Read:
    if any(o.is_constant(i) for i in range(len(o.inputs))):
        raise o.refuse("a constant part")
    if len(o.inputs) == 1:
        return o.one(nn.Identity())
    return [(o.output, [nn.JoinTable(o.axis() + 1)], o.inputs)]


@reads("Slice")
def slices(o: Operation) -> Read:
    starts, ends = o.get("starts", o.constant(1)), o.get("ends", o.constant(2))
    axes = o.get("axes", o.constant(3, range(len(starts))))
    steps = o.constant(4, [1] * len(starts))
    modules: list[nn.Module] = []
    for start, end, axis, step in zip(starts, ends, axes, steps):
        size = o.shape()[axis]
        if step != 1 or size is None:
            raise o.refuse("steps, or an axis of unknown size")
        start, end, _ = slice(int(start), int(end)).indices(size)
        modules.append(nn.Narrow(int(axis) % o.ndim + 1, start + 1, end - start))
    return o.one(*modules)


@reads("Split")
def split(o: Operation) -> Read:
    axis, count = o.axis(), len(o.node.output)
    sizes = o.get("split", o.constant(1))
    if sizes is None:
        size = o.shape()[axis]
        if size is None:
            raise o.refuse("an axis of unknown size")
        part = -(-size // count)
        sizes = [min(part, size - i * part) for i in range(count)]
    starts = np.cumsum([0, *sizes])
    return [
        (name, [nn.Narrow(axis + 1, int(start) + 1, int(size))], o.inputs[:1])
        for name, start, size in zip(o.node.output, starts, sizes)
    ]


@reads("Pad")
def pad(o: Operation) -> Read:
    pads = [int(p) for p in o.get("pads", o.constant(1))]
    value, mode = o.get("value", o.constant(2, 0.0)), o.get("mode", "constant")
    ndim = len(pads) // 2
    if mode != "constant":
        front, behind = pads[:ndim], pads[ndim:]
        names = {"reflect": nn.SpatialReflectionPadding, "edge": nn.SpatialReplicationPadding}
        if ndim != 4 or any(front[:2] + behind[:2]) or mode not in names:
            raise o.refuse(f"mode {mode}")
        return o.one(names[mode](front[3], behind[3], front[2], behind[2]))
    modules: list[nn.Module] = []
    for i, n in enumerate(pads):
        if n < 0:
            raise o.refuse("negative pads")
        if n:
            modules.append(nn.Padding(i % ndim + 1, -n if i < ndim else n, ndim, float(value)))
    return o.one(*(modules or [nn.Identity()]))


REDUCTIONS = {"ReduceMean": nn.Mean, "ReduceSum": nn.Sum, "ReduceMax": nn.Max, "ReduceMin": nn.Min}


@reads(*REDUCTIONS)
def reduction(o: Operation) -> Read:
    axes = o.get("axes", o.constant(1))
    if axes is None:
        raise o.refuse("all axes")
    modules: list[nn.Module] = []
    for axis in sorted((int(a) % o.ndim for a in axes), reverse=True):
        modules.append(REDUCTIONS[o.node.op_type](axis + 1))
        if o.get("keepdims", 1) and o.ndim > 1:  # of a vector one number is left
            modules.append(nn.Replicate(1, axis + 1))
    return o.one(*modules)


@reads("DepthToSpace")
def depth_to_space(o: Operation) -> Read:
    if o.get("mode", "DCR") != "CRD":
        raise o.refuse("mode DCR")
    return o.one(nn.PixelShuffle(o.get("blocksize")))
