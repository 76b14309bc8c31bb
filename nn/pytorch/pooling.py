"""Pooling and unpooling layers, Unfold and Fold (manual, "Pooling layers", "Convolution layers")."""

from __future__ import annotations

from typing import Any

from . import functional as F
from .functional.fractional_pooling import fractionally
from .functional.geometry import sizes
from .functional.max_pooling import adaptively, max_gradient, pooled
from .functional.unpooling import unpooled, unpooled_backward
from .module import Module


class Pool(Module):
    """Base of pooling: input N x C x ``dims`` sizes, or without N."""

    dims: int

    def described(self, *names: str) -> str:
        """The named attributes as the printed form has them; lists are printed as tuples."""
        values = (getattr(self, name) for name in names)
        return ", ".join(f"{n}={tuple(v) if isinstance(v, list) else v}" for n, v in zip(names, values))


class MaxPool(Pool):
    """Base of max pooling: NaN wins, the first of equal values counts; ``return_indices`` gives flat places from 0."""

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def pooled(self, input: Any) -> tuple:
        settings = self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
        return pooled(self.dims, input, *settings, self.room("output"), self.room("indices"))

    def forward(self, input: Any) -> Any:
        self.check(input)
        y, self.saved = self.pooled(input)
        return (y, self.saved) if self.return_indices else y

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        g = gradOutput[0] if isinstance(gradOutput, list) else gradOutput
        return max_gradient(type(self).__name__, g, input, self.saved, self.dims, self.room("gradInput"))[0]

    def extra_repr(self) -> str:
        return self.described("kernel_size", "stride", "padding", "dilation", "ceil_mode")


class AdaptiveMaxPool(MaxPool):
    """Base of adaptive max pooling: ``output_size`` windows cover each axis; None keeps the input's size."""

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        Pool.__init__(self)
        self.output_size, self.return_indices = output_size, return_indices

    def pooled(self, input: Any) -> tuple:
        return adaptively(self.dims, input, self.output_size, self.room("output"), self.room("indices"))

    def extra_repr(self) -> str:
        return self.described("output_size")


class FractionalMaxPool(MaxPool):
    """Base of fractional max pooling: ``output_size`` windows, or ``output_ratio`` of the input's, at drawn places.

    ``_random_samples`` (N, C, dimensions) in [0, 1) replaces the draw of every forward.
    """

    def __init__(
        self, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:  # fmt: skip
        Pool.__init__(self)
        if (output_size is None) == (output_ratio is None):
            raise ValueError(f"{type(self).__name__}: one of output_size and output_ratio is needed")
        self.kernel_size, self.return_indices = sizes("kernel_size", kernel_size, self.dims), return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else sizes("output_size", output_size, self.dims)
        self.output_ratio = output_ratio
        if output_ratio is not None:
            ratios = output_ratio if isinstance(output_ratio, (list, tuple)) else (output_ratio,) * self.dims
            if len(ratios) != self.dims or not all(0 < r < 1 for r in ratios):
                raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")
            self.output_ratio = tuple(ratios)

    def pooled(self, input: Any) -> tuple:
        settings = self.kernel_size, self.output_size, self.output_ratio, self._random_samples
        return fractionally(self.dims, input, *settings, self.room("output"), self.room("indices"))

    def extra_repr(self) -> str:
        return ""


class FunctionPool(Pool):
    """Base of poolings without by-products: ``function`` and ``gradient`` of the input and ``settings()``."""

    function: Any
    gradient: Any

    def settings(self) -> tuple:
        raise NotImplementedError

    def forward(self, input: Any) -> Any:
        self.check(input)
        return self.function(input, *self.settings(), out=self.room("output"))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return self.gradient(gradOutput, input, *self.settings(), out=self.room("gradInput"))[0]


class AvgPool(FunctionPool):
    """Base of average pooling; ``count_include_pad`` counts the border, ``divisor_override`` replaces the divisor."""

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode, self.count_include_pad = padding, ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def settings(self) -> tuple:
        windows = self.kernel_size, self.stride, self.padding, self.ceil_mode
        return (*windows, self.count_include_pad, self.divisor_override)

    def extra_repr(self) -> str:
        return self.described("kernel_size", "stride", "padding")


class AvgPool1d(AvgPool):
    """The mean of every window of the last dimension."""

    dims = 1
    function, gradient = staticmethod(F.avg_pool1d), staticmethod(F.avg_pool1d_backward)

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:  # fmt: skip
        kernel = sizes("kernel_size", kernel_size, 1)
        stride = kernel if stride is None else sizes("stride", stride, 1)
        super().__init__(kernel, stride, sizes("padding", padding, 1), ceil_mode, count_include_pad)


class AdaptiveAvgPool(FunctionPool):
    """Base of adaptive average pooling: ``output_size`` windows cover each axis; None keeps the input's size."""

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def settings(self) -> tuple:
        return (self.output_size,)

    def extra_repr(self) -> str:
        return self.described("output_size")


class LPPool(FunctionPool):
    """Base of power-average pooling: ``(sum x^p)^(1 / p)`` of every window for p = ``norm_type``."""

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        super().__init__()
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def settings(self) -> tuple:
        return float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode

    def forward(self, input: Any) -> Any:
        self.check(input)
        y, self.saved = self.function.saving(input, *self.settings(), buffer=self.buffer)
        return y

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return self.gradient(gradOutput, input, *self.settings(), buffer=self.buffer, **self.saved)[0]

    def extra_repr(self) -> str:
        return self.described("norm_type", "kernel_size", "stride", "ceil_mode")


class MaxUnpool(Pool):
    """Base of max unpooling: inputs are values and their flat places; ``output_size`` may be given to forward."""

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size = sizes("kernel_size", kernel_size, self.dims)
        self.stride = self.kernel_size if stride is None else sizes("stride", stride, self.dims)
        self.padding = sizes("padding", padding, self.dims)

    def forward(self, input: Any, indices: Any, *, output_size: Any = None) -> Any:
        self.check(input)
        self.saved = self.kernel_size, self.stride, self.padding, output_size
        return unpooled(self.dims, input, indices, self.saved)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return [unpooled_backward(self.dims, gradOutput, *input, self.saved)[0], None]

    def extra_repr(self) -> str:
        return self.described("kernel_size", "stride", "padding")


def _made(base: type, name: str, dims: int, function: str | None = None) -> type:
    """The class of ``base`` for so many dimensions, with ``F.function``."""
    what = ("the last dimension", "planes", "volumes")[dims - 1]
    members = {"dims": dims, "__module__": __name__, "__doc__": f"{base.__name__} of {what}; {base.__doc__}"}
    if function is not None:
        members["function"] = staticmethod(getattr(F, f"{function}{dims}d"))
        members["gradient"] = staticmethod(getattr(F, f"{function}{dims}d_backward"))
    return type(name, (base,), members)


MaxPool1d, MaxPool2d, MaxPool3d = (_made(MaxPool, f"MaxPool{n}d", n) for n in (1, 2, 3))
AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d = (
    _made(AdaptiveMaxPool, f"AdaptiveMaxPool{n}d", n) for n in (1, 2, 3)
)
FractionalMaxPool2d, FractionalMaxPool3d = (_made(FractionalMaxPool, f"FractionalMaxPool{n}d", n) for n in (2, 3))
AvgPool2d, AvgPool3d = (_made(AvgPool, f"AvgPool{n}d", n, "avg_pool") for n in (2, 3))
AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d = (
    _made(AdaptiveAvgPool, f"AdaptiveAvgPool{n}d", n, "adaptive_avg_pool") for n in (1, 2, 3)
)
LPPool1d, LPPool2d, LPPool3d = (_made(LPPool, f"LPPool{n}d", n, "lp_pool") for n in (1, 2, 3))
MaxUnpool1d, MaxUnpool2d, MaxUnpool3d = (_made(MaxUnpool, f"MaxUnpool{n}d", n) for n in (1, 2, 3))


class Unfold(Pool):
    """Windows of (N, C, H, W) as columns of (N, C * kH * kW, windows)."""

    function: Any = staticmethod(F.unfold)
    gradient: Any = staticmethod(F.unfold_backward)

    def __init__(self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> None:
        super().__init__()
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def settings(self) -> tuple:
        return self.kernel_size, self.dilation, self.padding, self.stride

    def forward(self, input: Any) -> Any:
        self.check(input)
        return self.function(input, *self.settings(), out=self.room("output"))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return self.gradient(gradOutput, input, *self.settings(), out=self.room("gradInput"))[0]

    def extra_repr(self) -> str:
        return self.described("kernel_size", "dilation", "padding", "stride")


class Fold(Unfold):
    """Columns of (N, C * kH * kW, windows) added up to planes (N, C, H, W) of ``output_size``."""

    function, gradient = staticmethod(F.fold), staticmethod(F.fold_backward)

    def __init__(
        self, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        super().__init__(kernel_size, dilation, padding, stride)
        self.output_size = output_size

    def settings(self) -> tuple:
        return (self.output_size, *super().settings())

    def extra_repr(self) -> str:
        return self.described("output_size", "kernel_size", "dilation", "padding", "stride")
