"""RNNCell, LSTMCell, GRUCell: one step (manual, "Recurrent layers")."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from . import init
from .defaults import check_device, float_dtype
from .functional.recurrence import Weights, direction, direction_backward
from .module import Module
from .parameter import Parameter
from .recurrent import GATES


class RNNCellBase(Module):
    """Base of the cells: input (N, D) or (D), state (N, H) or (H), zero if left out; LSTM's is a pair."""

    mode: str

    def __init__(self, input_size: int, hidden_size: int, bias: bool, device: Any, dtype: Any) -> None:
        super().__init__()
        check_device(device)
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows, dtype = GATES[self.mode] * hidden_size, float_dtype(dtype)
        self.weight_ih = Parameter(np.empty((rows, input_size), dtype))
        self.weight_hh = Parameter(np.empty((rows, hidden_size), dtype))
        self.register_parameter("bias_ih", Parameter(np.empty(rows, dtype)) if bias else None)
        self.register_parameter("bias_hh", Parameter(np.empty(rows, dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters from U(-b, b), b = 1 / sqrt(hidden_size)."""
        bound = 1 / sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _weights(self) -> Weights:
        found = (self.held(name) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        return Weights(*(None if p is None else p.data for p in found))

    def _state(self, given: Any, input: Any) -> Any:
        shape = (*input.shape[:-1], self.hidden_size)
        if given is None:
            return np.zeros((*([1] if input.ndim == 1 else []), *shape), input.dtype, like=input)
        self.check(given, "state")
        if given.shape != shape:
            raise ValueError(f"{self}: expected a state of shape {shape}, got {given.shape}")
        return np.atleast_2d(given)

    def forward(self, input: Any, hx: Any = None) -> Any:
        self.check(input)
        if input.ndim not in (1, 2) or input.shape[-1] != self.input_size:
            raise ValueError(f"{self}: the input must be (N, {self.input_size}) or without N, got {input.shape}")
        lstm = self.mode == "LSTM"
        h, c = hx if lstm and hx is not None else (hx, None)
        state = self._state(h, input), self._state(c, input) if lstm else None
        x = np.atleast_2d(input)
        _, (h, c), self.saved = direction(self.mode, x, [len(x)], state, self._weights(), False)
        shape = (*input.shape[:-1], self.hidden_size)
        return (h.reshape(shape), c.reshape(shape)) if lstm else h.reshape(shape)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        several = type(input) is tuple
        x, hx = input if several else (input, None)
        lstm = self.mode == "LSTM"
        g = [np.atleast_2d(part) for part in (gradOutput if lstm else [gradOutput])]
        state = g[0], g[1] if lstm else None
        gx, (gh, gc), grads = direction_backward(self.mode, self.saved, self._weights(), np.zeros_like(g[0]), state)
        for name, grad in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), grads):
            self.accumulate(name, grad, scale)
        gx, shape = gx.reshape(x.shape), (*x.shape[:-1], self.hidden_size)
        if not several or hx is None:
            return [gx, None] if several else gx
        return [gx, (gh.reshape(shape), gc.reshape(shape)) if lstm else gh.reshape(shape)]

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias is True else f", bias={self.bias}")


class RNNCell(RNNCellBase):
    """One step of RNN, ``nonlinearity`` 'tanh' or 'relu'."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        if nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {nonlinearity}")
        self.__dict__["mode"] = "RNN_" + nonlinearity.upper()
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def extra_repr(self) -> str:
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(RNNCellBase):
    """One step of LSTM: returns the pair (h, c)."""

    mode = "LSTM"

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)


class GRUCell(RNNCellBase):
    """One step of GRU."""

    mode = "GRU"

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)
