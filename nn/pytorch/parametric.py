"""PReLU and RReLU: rectifiers whose negative slope is learnt or drawn (manual, "Non-linear activations")."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import functional as F
from .defaults import check_device, float_dtype
from .module import Module
from .parameter import Parameter


class PReLU(Module):
    """``x > 0 ? x : weight * x``: one slope for all, or one for each channel, dimension 1 of the input."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        check_device(device)
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(np.full(num_parameters, init, float_dtype(dtype)))

    def reset_parameters(self) -> None:
        """All slopes as at the start."""
        self.weight.data[...] = self.init

    def forward(self, input: Any) -> Any:
        self.check(input)
        return F.prelu(input, self.weight.data, out=self.buffer("output", input.shape, input.dtype, input))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        out = self.buffer("gradInput", input.shape, input.dtype, input)
        needs = (True, *self.needs("weight"))
        gx, gw = F.prelu_backward(gradOutput, input, self.weight.data, needs=needs, out=out)
        self.accumulate("weight", gw, scale)
        return gx

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """``x > 0 ? x : a * x``: in training every ``a`` is drawn from U(lower, upper), otherwise it is their mean."""

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Any) -> Any:
        self.check(input)
        y, self.saved = F.rrelu_forward(input, self.lower, self.upper, self.training)
        if not self.inplace:
            return y
        input[...] = y
        return input

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return F.rrelu_backward(gradOutput, input, **self.saved)[0]

    def extra_repr(self) -> str:
        return f"lower={self.lower}, upper={self.upper}" + ", inplace=True" * bool(self.inplace)
