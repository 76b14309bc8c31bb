"""Convolution layers (manual, "Convolution layers"; lecture on convolution and pooling)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod, sqrt
from typing import Any

import numpy as np

from . import functional as F
from . import init
from .defaults import check_device, float_dtype
from .functional.convolution import around_same, convolve, convolve_backward
from .functional.geometry import sizes
from .functional.transposed import convolve_transposed, convolve_transposed_backward
from .module import Module
from .parameter import Parameter

MODES = {"zeros": None, "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


class Convolution(Module):
    """Base of the six layers: settings, parameters, printed form; ``transposed`` exchanges the weight's channels.

    ``weight`` and ``bias`` start from U(-b, b), b = 1 / sqrt(weight.shape[1] * kernel elements), weight first.
    """

    dims: int
    transposed = False

    def settle(self, channels: tuple, shape: tuple, groups: int, bias: bool, padding_mode: str, dtype: Any) -> None:
        """Check and keep the settings (kernel size, stride, padding, dilation, output padding); draw the parameters."""
        name = type(self).__name__
        self.in_channels, self.out_channels = channels
        if groups <= 0 or any(n % groups for n in channels):
            raise ValueError(f"{name}: {channels} channels must be divisible by groups, at least 1, got {groups}")
        if padding_mode not in MODES:
            raise ValueError(f"{name}: padding_mode must be one of {', '.join(MODES)}, got {padding_mode!r}")
        kernel_size, stride, padding, dilation, output_padding = shape
        self.kernel_size, self.stride = sizes("kernel_size", kernel_size, self.dims), sizes("stride", stride, self.dims)
        self.dilation = sizes("dilation", 1 if dilation is None else dilation, self.dims)
        self.padding = padding if isinstance(padding, str) else sizes("padding", padding, self.dims)
        self.output_padding = sizes("output_padding", output_padding, self.dims)
        self.groups, self.padding_mode = groups, padding_mode
        if isinstance(padding, str):
            self._check_named_padding()
        outer, inner = channels if self.transposed else channels[::-1]
        self.weight = Parameter(np.empty((outer, inner // groups, *self.kernel_size), float_dtype(dtype)))
        if bias:
            self.bias = Parameter(np.empty(self.out_channels, float_dtype(dtype)))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _check_named_padding(self) -> None:
        if self.padding not in ("same", "valid"):
            raise ValueError(f"{type(self).__name__}: padding must be 'same', 'valid' or numbers, got {self.padding!r}")
        if self.padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError("padding='same' is not supported for strided convolutions")

    def reset_parameters(self) -> None:
        """Draw weight, then bias."""
        if self.weight.size:
            init.kaiming_uniform_(self.weight, a=sqrt(5))
        fan_in = prod(self.weight.shape[1:])
        if self.bias is not None and fan_in:
            init.uniform_(self.bias, -1 / sqrt(fan_in), 1 / sqrt(fan_in))

    def arrays(self) -> tuple:
        """Weight and bias as kernels take them."""
        return self.weight.data, None if self.bias is None else self.bias.data

    def room(self, name: str) -> Any:
        """What gives the buffer of this name in the shape asked for."""
        return partial(self.buffer, name)

    def accumulated(self, gradients: tuple, scale: float) -> Any:
        """Add the parameters' gradients, return the input's."""
        gx, gw, gb = gradients
        self.accumulate("weight", gw, scale)
        self.accumulate("bias", gb, scale)
        return gx

    def extra_repr(self) -> str:
        ones, zeros = (1,) * self.dims, (0,) * self.dims
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        defaults = {"padding": zeros, "dilation": ones, "output_padding": zeros, "groups": 1}
        parts += [f"{n}={getattr(self, n)}" for n, default in defaults.items() if getattr(self, n) != default]
        parts += ["bias=False"] * (self.bias is None)
        parts += [f"padding_mode={self.padding_mode}"] * (self.padding_mode != "zeros")
        return ", ".join(parts)


class Conv(Convolution):
    """Base of the convolutions: input N x C x ``dims`` sizes, or without N."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        dilation: Any = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        shape = kernel_size, stride, padding, dilation, 0
        self.settle((in_channels, out_channels), shape, groups, bias, padding_mode, dtype)

    def _around(self) -> list:
        """Sizes for ``F.pad`` where the border is not zeros."""
        if isinstance(self.padding, str):
            zeros = (0,) * self.dims
            border, around = around_same(self.kernel_size, self.dilation) if self.padding == "same" else (zeros, None)
        else:
            border, around = self.padding, None
        return around or [p for p in reversed(border) for _ in range(2)]

    def _padded(self, input: Any) -> tuple:
        """The input to convolve, and the settings that remain."""
        border = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._around(), MODES[self.padding_mode])
            border = 0
        return input, (self.stride, border, self.dilation, self.groups)

    def forward(self, input: Any) -> Any:
        self.check(input)
        x, settings = self._padded(input)
        self.saved = x
        return convolve(self.dims, x, *self.arrays(), settings, self.room("output"))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        settings = self.stride, self.padding if self.padding_mode == "zeros" else 0, self.dilation, self.groups
        needs, out = (True, *self.needs_or_sums(scale, "weight", "bias")), self.room("gradInput")
        given = convolve_backward(self.dims, gradOutput, self.saved, *self.arrays(), settings, needs, out)
        gx = self.accumulated(given, scale)
        if self.padding_mode == "zeros":
            return gx
        return F.pad_backward(gx, input, self._around(), MODES[self.padding_mode])[0]


class Conv1d(Conv):
    """Convolution of (N, C, L) or (C, L): ``(L + 2 padding - dilation (k - 1) - 1) // stride + 1`` outputs."""

    dims = 1


class Conv2d(Conv):
    """Convolution of planes (N, C, H, W) or (C, H, W); settings are one number or (height, width)."""

    dims = 2


class Conv3d(Conv):
    """Convolution of volumes (N, C, D, H, W) or (C, D, H, W); settings are one number or (depth, height, width)."""

    dims = 3


class ConvTranspose(Convolution):
    """Base of the transposed convolutions: input N x C x ``dims`` sizes, or without N.

    An output has ``(n - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1`` places.
    """

    transposed = True

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        output_padding: Any = 0, groups: int = 1, bias: bool = True, dilation: Any = 1, padding_mode: str = "zeros",
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        if padding_mode != "zeros":
            raise ValueError(f"{type(self).__name__}: only padding_mode 'zeros' is supported, got {padding_mode!r}")
        if isinstance(padding, str):
            raise TypeError(f"{type(self).__name__}: padding must be numbers, got {padding!r}")
        shape = kernel_size, stride, padding, dilation, output_padding
        self.settle((in_channels, out_channels), shape, groups, bias, padding_mode, dtype)

    def _extra(self, input: Any, output_size: Sequence[int] | None) -> tuple:
        """The output padding that gives ``output_size``; ``ValueError`` naming the sizes that are possible."""
        if output_size is None:
            return self.output_padding
        wanted = list(output_size)
        wanted = wanted[len(wanted) - self.dims :] if len(wanted) == input.ndim else wanted
        parts = zip(input.shape[-self.dims :], self.stride, self.padding, self.dilation, self.kernel_size)
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in parts]
        most = [n + s - 1 for n, s in zip(least, self.stride)]
        if len(wanted) != self.dims or any(not a <= n <= b for a, n, b in zip(least, wanted, most)):
            raise ValueError(f"{self}: output_size {output_size} must be between {least} and {most}")
        return tuple(n - a for n, a in zip(wanted, least))

    def forward(self, input: Any, *, output_size: Sequence[int] | None = None) -> Any:
        self.check(input)
        self.saved = self.stride, self.padding, self._extra(input, output_size), self.groups, self.dilation
        return convolve_transposed(self.dims, input, *self.arrays(), self.saved, self.room("output"))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        needs, out = (True, *self.needs("weight", "bias")), self.room("gradInput")
        given = convolve_transposed_backward(self.dims, gradOutput, input, *self.arrays(), self.saved, needs, out)
        return self.accumulated(given, scale)


class ConvTranspose1d(ConvTranspose):
    """Transposed convolution of (N, C, L) or (C, L)."""

    dims = 1


class ConvTranspose2d(ConvTranspose):
    """Transposed convolution of planes (N, C, H, W) or (C, H, W)."""

    dims = 2


class ConvTranspose3d(ConvTranspose):
    """Transposed convolution of volumes (N, C, D, H, W) or (C, D, H, W)."""

    dims = 3
