"""Linear, Bilinear, Identity, Flatten, Unflatten (manual, "Linear layers", "Utilities")."""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

import numpy as np

from . import functional as F
from . import init
from .checks import dimension
from .defaults import check_device, float_dtype
from .functional.linear import linear_add, linear_into
from .module import Module
from .parameter import Parameter


class Linear(Module):
    """``y = x W^T + b`` over the last dimension of an input (*, in_features); output (*, out_features).

    ``weight`` (out_features, in_features) and ``bias`` (out_features) start from U(-b, b), b = 1 / sqrt(in_features).
    Errors: ``ValueError`` for another last size, ``TypeError`` for another type.
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        check_device(device)
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(np.empty((out_features, in_features), float_dtype(dtype)))
        if bias:
            self.bias = Parameter(np.empty(out_features, float_dtype(dtype)))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight, then bias."""
        init.kaiming_uniform_(self.weight, a=sqrt(5))
        if self.bias is not None:
            bound = 1 / sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Any) -> Any:
        self.check(input)
        weight, bias = self.held("weight"), self.held("bias")
        if input.ndim == 0 or input.shape[-1] != weight.shape[1]:
            raise ValueError(f"{self}: the last size of the input must be {weight.shape[1]}, got {input.shape}")
        if bias is not None and bias.shape != weight.shape[:1]:
            raise ValueError(f"{self}: weight {weight.shape} and bias {bias.shape} do not fit")
        out = self.buffer("output", (*input.shape[:-1], weight.shape[0]), weight.dtype, weight)
        return linear_into(out, input, weight.data, None if bias is None else bias.data)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        weight, bias = self.held("weight").data, self.held("bias")
        out, sums = self.buffer("gradInput", input.shape, input.dtype, input), self.sums_of("weight", "bias")
        needs = (True, *self.needs("weight", "bias")) if sums is None else (True, False, False)
        bias = None if bias is None else bias.data
        gx, gw, gb = F.linear_backward(gradOutput, input, weight, bias, needs=needs, out=out)
        if sums is not None:
            linear_add(gradOutput, input, *sums, scale)
            return gx
        self.accumulate("weight", gw, scale)
        self.accumulate("bias", gb, scale)
        return gx

    def extra_repr(self) -> str:
        bias = self.held("bias") is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}"


class Bilinear(Module):
    """``y_o = sum_ij x1_i W_oij x2_j + b_o`` for inputs (*, in1_features) and (*, in2_features); output (*, out)."""

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        if in1_features <= 0:
            raise ValueError(f"in1_features must be > 0, but got {in1_features}")
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = Parameter(np.empty((out_features, in1_features, in2_features), float_dtype(dtype)))
        self.register_parameter("bias", Parameter(np.empty(out_features, float_dtype(dtype))) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight, then bias, from U(-b, b), b = 1 / sqrt(in1_features)."""
        bound = 1 / sqrt(self.weight.shape[1])
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: Any, input2: Any) -> Any:
        self.check(input1, "input1")
        self.check(input2, "input2")
        return F.bilinear(input1, input2, self.weight.data, None if self.bias is None else self.bias.data)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        bias = None if self.bias is None else self.bias.data
        needs = (True, True, *self.needs("weight", "bias"))
        g1, g2, gw, gb = F.bilinear_backward(gradOutput, *input, self.weight.data, bias, needs=needs)
        self.accumulate("weight", gw, scale)
        self.accumulate("bias", gb, scale)
        return [g1, g2]

    def extra_repr(self) -> str:
        sizes = f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.held('bias') is not None}"


class Identity(Module):
    """Returns its input; takes and ignores any arguments."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return gradOutput


class _Reshaped(Module):
    """Gives the input another shape; its backward gives the gradient the input's."""

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return gradOutput.reshape(input.shape)


class Flatten(_Reshaped):
    """Dimensions ``start_dim`` to ``end_dim`` as one."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Any) -> Any:
        return F.flatten(input, self.start_dim, self.end_dim)

    backward = _Reshaped.backward._plain  # type: ignore[attr-defined]

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(_Reshaped):
    """Dimension ``dim`` as several of the sizes ``unflattened_size``, one of which may be -1."""

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        if not isinstance(unflattened_size, (tuple, list)) or not all(isinstance(n, int) for n in unflattened_size):
            raise TypeError(f"unflattened_size must be a tuple of ints, but found {unflattened_size!r}")
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Any) -> Any:
        dim = dimension(self.dim, input.ndim)
        sizes, n = self.unflattened_size, input.shape[dim]
        known = prod(size for size in sizes if size != -1)
        if not known or n % known if -1 in sizes else known != n:
            raise ValueError(f"{self}: dimension {dim} of input {input.shape} has no {sizes} elements")
        return input.reshape(*input.shape[:dim], *sizes, *input.shape[dim + 1 :])

    backward = _Reshaped.backward._plain  # type: ignore[attr-defined]

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
