"""Convolution in 1 to 3 dimensions."""

from __future__ import annotations

from typing import Any

from torch7 import arrays

from ... import thnn
from .differentiable import differentiable, pair
from .elementwise import check_float
from .geometry import at_least, batched, fits, new_sum, room, sizes, sum_for, wanted
from .padding import pad as padded
from .padding import pad_backward as padded_backward


class Geometry:
    """The resolved arguments of one convolution: strides, borders, dilations, groups, output sizes.

    ``around``: sizes for :func:`.padding.pad` where the border is not alike on both sides, else None.
    """

    def __init__(self, input: Any, weight: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> None:
        dims = weight.ndim - 2
        self.dims, self.groups = dims, groups
        self.stride, self.dilation = sizes("stride", stride, dims), sizes("dilation", dilation, dims)
        at_least("stride", self.stride, 1)
        at_least("dilation", self.dilation, 1)
        self.padding, self.around = self._border(padding, weight.shape[2:])
        at_least("padding", self.padding, 0)
        self.kernel = self.stride, self.padding, self.dilation, groups

    def _border(self, padding: Any, kernel: tuple) -> tuple:
        if not isinstance(padding, str):
            return sizes("padding", padding, self.dims), None
        if padding not in ("same", "valid"):
            raise ValueError(f"padding must be numbers, 'same' or 'valid', got {padding!r}")
        zeros = (0,) * self.dims
        if padding == "valid":
            return zeros, None
        if any(s != 1 for s in self.stride):
            raise ValueError("padding='same' is not supported for strided convolutions")
        return around_same(kernel, self.dilation)

    def output(self, spatial: tuple, kernel: tuple) -> tuple:
        """Sizes of the output; ``ValueError`` where the kernel is larger than the padded input."""
        extents = [d * (k - 1) + 1 for d, k in zip(self.dilation, kernel)]
        room = [n + 2 * p for n, p in zip(spatial, self.padding)]
        if any(e > r for e, r in zip(extents, room)):
            raise ValueError(f"convolution: kernel of extent {tuple(extents)} on a padded input of {tuple(room)}")
        return tuple((r - e) // s + 1 for r, e, s in zip(room, extents, self.stride))


def around_same(kernel: tuple, dilation: tuple) -> tuple:
    """Border sizes of "same", and, where an odd one goes right, sizes for ``pad`` and no border instead."""
    totals = [d * (k - 1) for d, k in zip(dilation, kernel)]
    if all(t % 2 == 0 for t in totals):
        return tuple(t // 2 for t in totals), None
    around = [n for t in reversed(totals) for n in (t // 2, t - t // 2)]
    return (0,) * len(totals), around


def check_weight(name: str, input: Any, weight: Any, bias: Any, groups: int, transposed: bool = False) -> None:
    """``ValueError`` unless channels, groups and bias fit; ``TypeError`` unless all are of one float type."""
    check_float(name, input, weight, *(() if bias is None else (bias,)))
    if groups < 1 or weight.shape[0] % groups:
        raise ValueError(f"{name}: {groups} groups do not divide the weight {weight.shape}")
    inside, outside = (
        (weight.shape[0], weight.shape[1] * groups) if transposed else (weight.shape[1] * groups, len(weight))
    )
    if input.shape[1] != inside:
        raise ValueError(
            f"{name}: weight {weight.shape} in {groups} groups expects {inside} channels, got {input.shape}"
        )
    if min(weight.shape[2:]) < 1:
        raise ValueError(f"{name}: kernel sizes must be positive, got the weight {weight.shape}")
    if bias is not None and bias.shape != (outside,):
        raise ValueError(f"{name}: bias {bias.shape} for {outside} output channels")


def _resolved(dims: int, input: Any, weight: Any, bias: Any, settings: tuple) -> tuple:
    """The batched input, padded where the border is uneven, and the geometry."""
    name = f"conv{dims}d"
    if weight.ndim != dims + 2:
        raise ValueError(f"{name}: weight must have {dims + 2} dimensions, got {weight.shape}")
    x = batched(name, input, dims)
    check_weight(name, x, weight, bias, settings[3])
    geometry = Geometry(x, weight, *settings)
    if geometry.around is not None:
        x = padded(x, geometry.around)
    return thnn.contiguous(x), geometry


def convolve(dims: int, input: Any, weight: Any, bias: Any, settings: tuple, out: Any = None) -> Any:
    """Convolution of a batched or unbatched input; ``settings``: stride, padding, dilation, groups."""
    x, geometry = _resolved(dims, input, weight, bias, settings)
    shape = (len(x), len(weight), *geometry.output(x.shape[2:], weight.shape[2:]))
    shape = shape if input.ndim == dims + 2 else shape[1:]
    y = room(out, shape, input.dtype, input)
    whole = y.reshape(len(x), *shape[-dims - 1 :])
    if x.size:
        thnn.Convolution_updateOutput(x, whole, thnn.contiguous(weight), thnn.contiguous(bias), geometry.kernel)
    else:
        whole[...] = 0 if bias is None else bias.reshape(-1, *[1] * dims)
    return y


def convolve_backward(
    dims: int,
    gradOutput: Any,
    input: Any,
    weight: Any,
    bias: Any,
    settings: tuple,
    needs: tuple,
    out: Any = None,
) -> tuple:
    """Gradients by input, weight and bias of :func:`convolve`; ``needs`` may have arrays that they are added to."""
    x, geometry = _resolved(dims, input, weight, bias, settings)
    shape = (len(weight), *geometry.output(x.shape[2:], weight.shape[2:]))
    fits(f"conv{dims}d", gradOutput, (*input.shape[: -dims - 1], *shape))
    g = thnn.contiguous(gradOutput).reshape(len(x), *shape)
    gx = gw = gb = None
    if needs[0]:
        gx = room(out if geometry.around is None else None, x.shape, x.dtype, x)
        if not g.size:
            gx.fill(0)
        else:
            thnn.Convolution_updateGradInput(g, gx, thnn.contiguous(weight), geometry.kernel)
        if geometry.around is not None:
            like = input.reshape(len(x), *input.shape[-dims - 1 :])
            gx = padded_backward(gx, like, geometry.around)[0]
        gx = gx.reshape(input.shape)
    if wanted(needs[1]) or (wanted(needs[2]) and bias is not None):
        gw = sum_for(needs[1], weight.shape, x)
        gb = None if bias is None else sum_for(needs[2], (len(weight),), x)
        if x.size:
            thnn.Convolution_accGradParameters(x, g, gw, gb, geometry.kernel, 1)
    return gx, new_sum(gw, needs[1]), new_sum(gb, needs[2])


def _made(dims: int) -> tuple:
    def backward(
        gradOutput: Any, input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
        dilation: Any = 1, groups: int = 1, *, needs: tuple = (True, True, True),
    ) -> tuple:  # fmt: skip
        return convolve_backward(dims, gradOutput, input, weight, bias, (stride, padding, dilation, groups), needs)

    def conv(
        input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
        groups: int = 1, *, out: Any = None,
    ) -> Any:  # fmt: skip
        return convolve(dims, input, weight, bias, (stride, padding, dilation, groups), out)

    sizes = ("L", "H, W", "D, H, W")[dims - 1]
    doc = f"""Convolve (N, C, {sizes}) or (C, {sizes}) by a weight (O, C / groups, kernel sizes) to O channels.

    Each size becomes ``(n + 2 padding - dilation (k - 1) - 1) // stride + 1``.

    ``padding``: zeros at both ends, "valid" for none, "same" for an output as long as the input, stride 1. Errors:
    ``ValueError`` naming the sizes that do not fit.
    """
    return pair(f"conv{dims}d", doc, conv, backward, "input", "weight", "bias")


conv1d, conv1d_backward = _made(1)
conv2d, conv2d_backward = _made(2)
conv3d, conv3d_backward = _made(3)


def conv_tbc_backward(
    gradOutput: Any, input: Any, weight: Any, bias: Any, pad: int = 0, *, needs: tuple = (True, True, True)
) -> tuple:
    """Gradients by input, weight and bias of :func:`conv_tbc`."""
    g, x, w = gradOutput.transpose(1, 2, 0), input.transpose(1, 2, 0), weight.transpose(2, 1, 0)
    gx, gw, gb = conv1d_backward(g, x, w, bias, 1, pad, needs=needs)
    return (
        None if gx is None else arrays.dense(gx.transpose(2, 0, 1)),
        None if gw is None else arrays.dense(gw.transpose(2, 1, 0)),
        gb,
    )


@differentiable(conv_tbc_backward, "input", "weight", "bias")
def conv_tbc(input: Any, weight: Any, bias: Any, pad: int = 0) -> Any:
    """:func:`conv1d` of (T, N, C): weight (k, C, outputs), bias (outputs); output (T + 2 pad - k + 1, N, outputs)."""
    if input.ndim != 3 or weight.ndim != 3:
        raise ValueError(f"conv_tbc: three dimensions expected, got {input.shape} and {weight.shape}")
    y = conv1d(input.transpose(1, 2, 0), weight.transpose(2, 1, 0), bias, 1, pad)
    return arrays.dense(y.transpose(2, 0, 1))
