"""Operators on images, sequences and volumes."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
import rnn  # noqa: F401 - SeqLSTM, SeqGRU

from .operators import Operation, Read, fill, reads
from .rules.recurrent import BLOCKS


def window(o: Operation, dims: int) -> tuple[list, list, list, list]:
    """Strides, pads in front and behind, dilations."""
    if o.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise o.refuse("automatic pads")
    pads = list(o.get("pads", [0] * (2 * dims)))
    return list(o.get("strides", [1] * dims)), pads[:dims], pads[dims:], list(o.get("dilations", [1] * dims))


def bordered(dims: int, front: list, behind: list) -> tuple[list[nn.Module], list]:
    """Zeros around where the two sides differ, and what is left to the layer."""
    if front == behind:
        return [], front
    if dims == 2:
        return [nn.SpatialZeroPadding(front[1], behind[1], front[0], behind[0])], [0, 0]
    modules: list[nn.Module] = []
    for axis in range(dims):
        if front[axis]:
            modules.append(nn.Padding(axis + 3, -front[axis], dims + 2))
        if behind[axis]:
            modules.append(nn.Padding(axis + 3, behind[axis], dims + 2))
    return modules, [0] * dims


@reads("Conv")
def convolution(o: Operation) -> Read:
    weight, bias = o.constant(1), o.constant(2)
    dims, group = weight.ndim - 2, o.get("group", 1)
    strides, front, behind, dilations = window(o, dims)
    around, pads = bordered(dims, front, behind)
    if dims == 1:
        return o.one(*temporal(o, weight, bias, strides, (front, behind), dilations))
    if group > 1:
        module = grouped(o, weight, bias, group, (strides, pads, dilations))
    else:
        module = layer(o, weight, bias, strides, pads, dilations)
    return o.one(*around, module)


def layer(o: Operation, weight: Any, bias: Any, strides: list, pads: list, dilations: list) -> nn.Module:
    outputs, inputs, *kernel = weight.shape
    numbers = [*kernel[::-1], *strides[::-1], *pads[::-1]]
    if len(kernel) == 3:  # time comes first there
        numbers = [v for three in (kernel, strides, pads) for v in (three[0], three[2], three[1])]
        cls = nn.VolumetricDilatedConvolution if dilations != [1, 1, 1] else nn.VolumetricConvolution
        extra = [dilations[0], dilations[2], dilations[1]]
    else:
        cls = nn.SpatialDilatedConvolution if dilations != [1, 1] else nn.SpatialConvolution
        extra = dilations[::-1]
    module = cls(inputs, outputs, *numbers, *([] if set(dilations) == {1} else extra))
    fill(module, weight=weight)
    return module.noBias() if bias is None else fill(module, bias=bias)


def grouped(o: Operation, weight: Any, bias: Any, group: int, numbers: tuple) -> nn.Module:
    """One plane a group is depth-wise; else each group's planes by themselves, side by side."""
    outputs, inputs, *kernel = weight.shape
    strides, pads, dilations = numbers
    if inputs == 1 and len(kernel) == 2 and dilations == [1, 1]:
        many = outputs // group
        module = nn.SpatialDepthWiseConvolution(group, many, *kernel[::-1], *strides[::-1], *pads[::-1])
        fill(module, weight=weight.reshape(group, many, *kernel).swapaxes(0, 1))
        if bias is None:
            return module.noBias()
        return fill(module, bias=bias.reshape(group, many).T)
    side_by_side = nn.Concat(2)
    for i, part in enumerate(np.split(weight, group)):
        own = None if bias is None else np.split(bias, group)[i]
        branch = nn.Sequential().add(nn.Narrow(2, i * inputs + 1, inputs))
        side_by_side.add(branch.add(layer(o, part, own, strides, pads, dilations)))
    return side_by_side


def temporal(o: Operation, weight: Any, bias: Any, strides: list, sides: tuple, dilations: list) -> list[nn.Module]:
    """Torch's sequences have their frames as rows."""
    if o.get("group", 1) != 1 or dilations != [1]:
        raise o.refuse("groups or dilation over time")
    outputs, inputs, size = weight.shape
    module = nn.TemporalConvolution(inputs, outputs, size, *strides)
    fill(module, weight=weight.swapaxes(1, 2), bias=np.zeros(outputs) if bias is None else bias)
    (front,), (behind,) = sides
    pads = [nn.Padding(2, n, 3) for n in (-front, behind) if n]
    return [nn.Transpose([2, 3]), *pads, module, nn.Transpose([2, 3])]


@reads("ConvTranspose")
def full_convolution(o: Operation) -> Read:
    weight, bias = o.constant(1), o.constant(2)
    inputs, outputs, *kernel = weight.shape
    dims = len(kernel)
    strides, front, behind, dilations = window(o, dims)
    if front != behind or set(dilations) != {1} or o.get("group", 1) != 1 or o.get("output_shape") or dims == 1:
        raise o.refuse("such borders, dilations or groups")
    adj = list(o.get("output_padding", [0] * dims))
    order = [1, 0] if dims == 2 else [0, 2, 1]
    numbers = [v[i] for v in (kernel, strides, front, adj) for i in order]
    module = (nn.SpatialFullConvolution if dims == 2 else nn.VolumetricFullConvolution)(inputs, outputs, *numbers)
    fill(module, weight=weight)
    return o.one(module.noBias() if bias is None else fill(module, bias=bias))


@reads("MaxPool", "AveragePool")
def pooling(o: Operation) -> Read:
    kernel = list(o.get("kernel_shape"))
    dims, largest = len(kernel), o.node.op_type == "MaxPool"
    strides, front, behind, dilations = window(o, dims)
    if dims == 1 and largest and front == behind == [0] and dilations == [1] and not o.get("ceil_mode", 0):
        return o.one(nn.Transpose([2, 3]), nn.TemporalMaxPooling(*kernel, *strides), nn.Transpose([2, 3]))
    if dims == 3 and front == behind and set(dilations) == {1} and (largest or o.get("count_include_pad", 0)):
        volumes = nn.VolumetricMaxPooling if largest else nn.VolumetricAveragePooling
        numbers = [v[i] for v in (kernel, strides, front) for i in (0, 2, 1)]
        return o.one(volumes(*numbers if any(front) else numbers[:6]))
    if dims != 2 or set(dilations) != {1} or len(o.node.output) > 1:
        raise o.refuse(f"{dims} axes, dilations or places")
    around: list[nn.Module] = []
    if front != behind or any(p > k // 2 for p, k in zip(front, kernel)):
        if largest:  # what is beside the image never wins
            lowest = float(np.finfo(np.float32).min)
            sides = ((3, -front[0]), (3, behind[0]), (4, -front[1]), (4, behind[1]))
            around = [nn.Padding(axis, n, 4, lowest) for axis, n in sides if n]
        elif o.get("count_include_pad", 0):
            around = [nn.SpatialZeroPadding(front[1], behind[1], front[0], behind[0])]
        else:
            raise o.refuse("borders of two sizes that do not count")
        front = [0, 0]
    cls = nn.SpatialMaxPooling if largest else nn.SpatialAveragePooling
    module = cls(*kernel[::-1], *strides[::-1], *front[::-1])
    if not largest and not o.get("count_include_pad", 0):
        module.setCountExcludePad()
    return o.one(*around, module.ceil() if o.get("ceil_mode", 0) else module)


@reads("GlobalAveragePool", "GlobalMaxPool")
def global_pooling(o: Operation) -> Read:
    cls = nn.SpatialAdaptiveAveragePooling if o.node.op_type == "GlobalAveragePool" else nn.SpatialAdaptiveMaxPooling
    if o.ndim != 4:
        raise o.refuse(f"{o.ndim} axes")
    return o.one(cls(1, 1))


@reads("BatchNormalization")
def batch_normalization(o: Operation) -> Read:
    weight, bias, mean, variance = (o.constant(i) for i in range(1, 5))
    names = {2: nn.BatchNormalization, 4: nn.SpatialBatchNormalization, 5: nn.VolumetricBatchNormalization}
    names[3] = nn.SpatialBatchNormalization  # of images of one row
    if o.ndim not in names:
        raise o.refuse(f"{o.ndim} axes")
    module = names[o.ndim](len(mean), o.get("epsilon", 1e-5), 1 - o.get("momentum", 0.9))
    fill(module, weight=weight, bias=bias, running_mean=mean, running_var=variance)
    return o.one(nn.Replicate(1, 3), module, nn.Squeeze(3)) if o.ndim == 3 else o.one(module)


@reads("Resize", "Upsample")
def resize(o: Operation) -> Read:
    """Whole factors repeat pixels, corners that meet interpolate; the rest is the tape's."""
    scales = o.get("scales", o.constant(2 if len(o.inputs) > 2 else 1))
    mode, old = o.get("mode", "nearest"), o.node.op_type == "Upsample" or o.opset <= 10
    places = "asymmetric" if old else o.get("coordinate_transformation_mode", "half_pixel")
    whole = scales is not None and len(scales) == 4 and tuple(scales[:2]) == (1, 1)
    if mode == "nearest" and whole and scales[2] == scales[3] == int(scales[2]):
        rounding = "floor" if old else o.get("nearest_mode", "round_prefer_floor")
        if (places, rounding) in (("asymmetric", "floor"), ("half_pixel", "round_prefer_floor")):
            return o.one(nn.SpatialUpSamplingNearest(int(scales[2])))
    sizes = o.constant(3) if len(o.inputs) > 3 else None
    corners = mode == "linear" and places == "align_corners" and sizes is not None and len(sizes) == 4
    if corners and sizes[1] == o.shape()[1]:
        return o.one(nn.SpatialUpSamplingBilinear({"oheight": int(sizes[2]), "owidth": int(sizes[3])}))
    raise o.refuse("such coordinates")


@reads("LRN")
def local_response(o: Operation) -> Read:
    if o.ndim != 4:
        raise o.refuse(f"{o.ndim} axes")
    numbers = o.get("size"), o.get("alpha", 1e-4), o.get("beta", 0.75), o.get("bias", 1.0)
    return o.one(nn.SpatialCrossMapLRN(*numbers))


@reads("LSTM", "GRU")
def recurrent(o: Operation) -> Read:
    """Without given states; the axis of directions, of which there is one, is put in again."""
    kind, H = o.node.op_type, o.get("hidden_size")
    W, R, B = o.constant(1), o.constant(2), o.constant(3)
    plain = o.get("direction", "forward") == "forward" and not o.get("layout", 0) and "activations" not in o.attributes
    given = [name for i, name in enumerate(o.inputs) if i > 3 and name and not (i < 7 and o.is_zero(i))]
    given += [name for name in o.node.output[1:] if name]
    if not plain or given or o.get("linear_before_reset", 0) or "clip" in o.attributes:
        raise o.refuse("given states, other directions, activations or outputs")
    blocks = np.argsort(BLOCKS[kind])
    rows = np.concatenate([np.arange(b * H, (b + 1) * H) for b in blocks])
    n = len(blocks) * H
    bias = np.zeros(n) if B is None else B[0, :n] + B[0, n:]
    module = (nn.SeqLSTM if kind == "LSTM" else nn.SeqGRU)(W.shape[2], H)
    fill(module, weight=np.concatenate([W[0, rows], R[0, rows]], 1).T, bias=bias[rows])
    return o.one(module, nn.Replicate(1, 2))
