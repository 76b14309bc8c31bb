"""RNN, LSTM, GRU over sequences (manual, "Recurrent layers")."""

from __future__ import annotations

import warnings
from math import sqrt
from typing import Any

import numpy as np

from torch7 import arrays

from . import init, random
from .defaults import check_device, float_dtype
from .functional.geometry import matrix
from .functional.recurrence import Weights, direction, direction_backward
from .module import Module
from .parameter import Parameter
from .utils.rnn import PackedSequence

GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


class RNNBase(Module):
    """Base of RNN, LSTM and GRU: layers and directions over a sequence.

    Input: (T, N, D), with ``batch_first`` (N, T, D), unbatched (T, D), or a PackedSequence. State:
    (layers * directions, N, H), zero if it is left out. Output: the last layer's (T, N, directions * H), and the last
    state of all layers.
    Parameters of layer k: ``weight_ih_lk``, ``weight_hh_lk``, ``bias_ih_lk``, ``bias_hh_lk``, with projection
    ``weight_hr_lk``, all from U(-b, b), b = 1 / sqrt(hidden_size); those of the backward direction end in ``_reverse``.
    ``dropout`` is applied to the outputs of all layers but the last.
    """

    mode: str

    def __init__(
        self, mode: str, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        _check_settings(mode, hidden_size, num_layers, dropout, proj_size)
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        dtype, rows = float_dtype(dtype), GATES[mode] * hidden_size
        for layer, end in self._directions():
            width = input_size if layer == 0 else self._width() * (1 + bidirectional)
            shapes = {"weight_ih": (rows, width), "weight_hh": (rows, self._width())}
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
            shapes |= {"weight_hr": (proj_size, hidden_size)} if proj_size else {}
            for name, shape in shapes.items():
                setattr(self, f"{name}_l{layer}{end}", Parameter(np.empty(shape, dtype)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters from U(-b, b), b = 1 / sqrt(hidden_size)."""
        bound = 1 / sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing: there is no memory to compact."""

    def _width(self) -> int:
        """The size of an output of one direction."""
        return self.proj_size or self.hidden_size

    def _directions(self) -> list[tuple[int, str]]:
        ends = ("", "_reverse") if self.bidirectional else ("",)
        return [(layer, end) for layer in range(self.num_layers) for end in ends]

    def _weights(self, layer: int, end: str) -> Weights:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        found = [self.held(f"{name}_l{layer}{end}") for name in names]
        self._prove(found, layer)
        return Weights(*(None if p is None else p.data for p in found))

    def _prove(self, weights: list, layer: int) -> None:
        """``ValueError`` unless the parameters of a layer have the shapes that the sizes say."""
        width, rows = self._width(), GATES[self.mode] * self.hidden_size
        below = self.input_size if layer == 0 else width * (1 + bool(self.bidirectional))
        projected = (width, self.hidden_size) if self.proj_size else None
        shapes = (rows, below), (rows, width), (rows,), (rows,), projected
        for place, (p, shape) in enumerate(zip(weights, shapes)):
            needed = place < 2 or (place == 4 and shape is not None)
            if (p is None and needed) or (p is not None and p.shape != shape):
                raise ValueError(
                    f"{self}: layer {layer} has a parameter {getattr(p, 'shape', p)} in the place of {shape}"
                )

    @property
    def all_weights(self) -> list[list]:
        """The parameters, a list for each layer and direction."""
        lists = []
        for layer, end in self._directions():
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
            lists.append([p for n in names if (p := self.held(f"{n}_l{layer}{end}")) is not None])
        return lists

    # -- forms of input and state

    def _rows(self, input: Any) -> tuple[Any, Any]:
        """The input's rows, step after step, and how many there are at each."""
        if isinstance(input, PackedSequence):
            return self.check(input.data), input.batch_sizes
        self.check(input)
        if input.ndim not in (2, 3) or input.shape[-1] != self.input_size:
            raise ValueError(f"{self}: the input must be (T, N, {self.input_size}) or without N, got {input.shape}")
        x = input[:, None] if input.ndim == 2 else np.swapaxes(input, 0, 1) if self.batch_first else input
        if len(x) == 0:
            raise ValueError("Expected sequence length to be larger than 0 in RNN")
        return matrix(arrays.dense(x)), np.full(len(x), x.shape[1])

    def _like_output(self, rows: Any, input: Any) -> Any:
        """Rows of outputs in the form of the input."""
        if isinstance(input, PackedSequence):
            return PackedSequence(rows, *input[1:])
        if input.ndim == 2:
            return rows
        return self._in_time(rows, input)

    def _in_time(self, rows: Any, input: Any) -> Any:
        """Rows as (T, N, ...) or (N, T, ...), as the input is."""
        samples, steps = input.shape[:2] if self.batch_first else input.shape[1::-1]
        x = rows.reshape(steps, samples, rows.shape[-1])
        return np.swapaxes(x, 0, 1) if self.batch_first else x

    def _from_output(self, output: Any, input: Any) -> Any:
        """The rows of a gradient in the form of the output."""
        if isinstance(input, PackedSequence) or input.ndim == 2:
            return output
        output = np.swapaxes(output, 0, 1) if self.batch_first else output
        return matrix(arrays.dense(output))

    def _state(self, given: Any, width: int, first: Any, input: Any) -> Any:
        """A state as (layers * directions, N, width) for samples like the ``first`` step's, in their order."""
        shape = (self.num_layers * (1 + bool(self.bidirectional)), len(first), width)
        if given is None:
            return np.zeros(shape, first.dtype, like=first)
        self.check(given, "state")
        single = not isinstance(input, PackedSequence) and input.ndim == 2
        given = given[:, None] if single and given.ndim == 2 else given
        if given.shape != shape:
            raise ValueError(f"{self}: expected a hidden state of shape {shape}, got {given.shape}")
        order = input.sorted_indices if isinstance(input, PackedSequence) else None
        return given if order is None else given[:, order]

    def _from_state(self, state: Any, input: Any, back: bool) -> Any:
        """A state in the caller's order of samples and number of dimensions, or, not ``back``, the other way."""
        if isinstance(input, PackedSequence):
            order = input.unsorted_indices if back else input.sorted_indices
            return state if order is None else state[:, order]
        if input.ndim == 2:
            return state[:, 0] if back else state[:, None]
        return state

    # -- the passes

    def forward(self, input: Any, hx: Any = None) -> Any:
        rows, sizes = self._rows(input)
        lstm, samples = self.mode == "LSTM", int(sizes[0])
        h0, c0 = hx if lstm and hx is not None else (hx, None)
        h0 = self._state(h0, self._width(), rows[:samples], input)
        c0 = self._state(c0, self.hidden_size, rows[:samples], input) if lstm else [None] * len(h0)
        kept, last, k = [], [], 0
        for layer in range(self.num_layers):
            outputs = []
            for end in ("", "_reverse")[: 1 + self.bidirectional]:
                state = h0[k], c0[k]
                result = direction(self.mode, rows, sizes, state, self._weights(layer, end), bool(end))
                outputs.append(result[0])
                last.append(result[1])
                kept.append(result[2])
                k += 1
            rows = np.concatenate(outputs, 1) if self.bidirectional else outputs[0]
            rows, mask = self._dropped(rows, layer)
            kept[-1] = (*kept[-1], mask)
        self.saved = kept, len(rows)
        h = self._from_state(np.stack([s[0] for s in last]), input, True)
        output = self._like_output(rows, input)
        return (output, (h, self._from_state(np.stack([s[1] for s in last]), input, True))) if lstm else (output, h)

    def _dropped(self, rows: Any, layer: int) -> tuple[Any, Any]:
        if not (self.training and self.dropout and layer < self.num_layers - 1):
            return rows, None
        mask = random.kept(1 - self.dropout, rows.shape, rows).astype(rows.dtype)
        mask *= rows.dtype.type(1 / (1 - self.dropout) if self.dropout < 1 else 0)
        return rows * mask, mask

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        several = type(input) is tuple
        x, hx = input if several else (input, None)
        kept, lstm = self.saved[0], self.mode == "LSTM"
        g = self._from_output(gradOutput[0], x)
        states = [self._from_state(s, x, False) for s in gradOutput[1:]]
        states = [arrays.dense(s) for s in states] + [[None] * len(kept)] * (not lstm)
        first: list = [None] * len(kept)
        for layer in reversed(range(self.num_layers)):
            ends = ("", "_reverse")[: 1 + self.bidirectional]
            mask = kept[(layer + 1) * len(ends) - 1][-1]
            g = g if mask is None else g * mask
            total = None
            for j, end in enumerate(ends):
                k, weights = layer * len(ends) + j, self._weights(layer, end)
                part = arrays.dense(g[:, j * self._width() : (j + 1) * self._width()])
                gx, first[k], grads = direction_backward(
                    self.mode, kept[k][:2], weights, part, (states[0][k], states[1][k])
                )
                total = gx if total is None else total + gx
                for name, grad in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"), grads):
                    self.accumulate(f"{name}_l{layer}{end}", grad, scale)
            g = total
        return self._gradients(g, first, x, hx, several)

    def _gradients(self, g: Any, first: list, x: Any, hx: Any, several: bool) -> Any:
        """Gradients in the form of the inputs."""
        if isinstance(x, PackedSequence):
            gx: Any = PackedSequence(g, None, None, None)
        elif x.ndim == 2:
            gx = g
        else:
            gx = self._in_time(g, x)
        if not several:
            return gx
        if hx is None:
            return [gx, None]
        gh = self._from_state(np.stack([s[0] for s in first]), x, True)
        if self.mode != "LSTM":
            return [gx, gh]
        return [gx, (gh, self._from_state(np.stack([s[1] for s in first]), x, True))]

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        text += f", proj_size={self.proj_size}" if self.proj_size else ""
        text += f", num_layers={self.num_layers}" if self.num_layers != 1 else ""
        text += "" if self.bias is True else f", bias={self.bias}"
        text += "" if self.batch_first is False else f", batch_first={self.batch_first}"
        text += f", dropout={self.dropout}" if self.dropout else ""
        return text + ("" if self.bidirectional is False else f", bidirectional={self.bidirectional}")


def _check_settings(mode: str, hidden_size: int, num_layers: int, dropout: float, proj_size: int) -> None:
    if isinstance(dropout, bool) or not 0 <= dropout <= 1:
        raise ValueError("dropout should be a number in range [0, 1] representing the probability of dropping")
    if dropout and num_layers == 1:
        warnings.warn("dropout is applied to all but the last layer: there is only one", stacklevel=4)
    if hidden_size <= 0 or num_layers <= 0:
        raise ValueError(f"hidden_size and num_layers must be greater than zero, got {hidden_size}, {num_layers}")
    if proj_size and mode != "LSTM":
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
    if not 0 <= proj_size < hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size, and not negative")


class RNN(RNNBase):
    """``h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)``, or relu."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(
            "RNN_" + nonlinearity.upper(), input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, 0, device, dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """``c_t = f c_(t-1) + i g``, ``h_t = o tanh(c_t)``: sigmoid gates i, f, o, ``g = tanh(...)``, rows i f g o."""

    def __init__(self, input_size: int, hidden_size: int, *args: Any, **settings: Any) -> None:
        super().__init__("LSTM", input_size, hidden_size, *args, **settings)


class GRU(RNNBase):
    """``n = tanh(W x + b + r (U h + b'))``, ``h_t = (1 - z) n + z h_(t-1)``, with sigmoid gates r, z; rows r z n."""

    def __init__(self, input_size: int, hidden_size: int, *args: Any, **settings: Any) -> None:
        if "proj_size" in settings:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", input_size, hidden_size, *args, **settings)
