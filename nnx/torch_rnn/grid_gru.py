from __future__ import annotations

from math import sqrt
from typing import Any

import nn
from nn import thnn
from nn.numbers import Whole
from torch7 import arrays, registry
from torch7.random import normal

from .gru import GRU

SIZES = Whole(input_dim=1, hidden_dim=1)
BUFFERS = ("_a", "_n", "_rx", "_slope", "_flow", "_back")


@nn.register
class GRIDGRU(nn.Module):
    """A :class:`GRU` over time, and at every step another one over depth, from the input to the output.

    ``h[t]`` is the state of torch-rnn's GRU. ``[v, q] = sigmoid(b + h[t] V + x[t] W)``, ``m = tanh(b_m + h[t] V_m +
    (q * x[t]) W_m)``, ``y[t] = (1 - v) * x[t] + v * m``. ``weight`` is ``(input_dim + hidden_dim) x (3 hidden_dim + 3
    input_dim)``, the columns of time first; it and ``bias`` are drawn from N(0, 1 / (input_dim + hidden_dim)).

    Input: x, ``N x T x input_dim``, or ``{h0, x}``; output ``N x T x input_dim``. ``remember_states`` as for its
    LSTM. Other ranks and sizes raise ``ValueError``. Source: programs made after torch-rnn; Kalchbrenner et al. (2015).
    """

    _transient = ("_time", *BUFFERS)
    remember_states = False

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.input_dim, self.hidden_dim = input_dim, hidden_dim
        D, H = SIZES(self)
        self.remember_states = False
        xp, size = arrays.module_of(self._type), (D + H, 3 * H + 3 * D)
        self.weight, self.gradWeight = xp.empty(size, self._dtype), xp.zeros(size, self._dtype)
        self.bias, self.gradBias = xp.empty(size[1], self._dtype), xp.zeros(size[1], self._dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> GRIDGRU:
        """Draw bias, then weight, from N(0, stdv)."""
        stdv = 1 / sqrt(self.hidden_dim + self.input_dim) if stdv is None else stdv
        normal(self.bias, 0, stdv)
        normal(self.weight, 0, stdv)
        return self

    def resetStates(self) -> GRIDGRU:
        """Begin the next sequence from zeros; returns the module."""
        if vars(self).get("_time") is not None:
            self._time.resetStates()
        return self

    forget = resetStates

    def updateOutput(self, input: Any) -> Any:
        self._loadTime()
        h = thnn.contiguous(self._time.updateOutput(input))
        x = self._rows(input)
        D, H = self.input_dim, self.hidden_dim
        W, V, b = self._depth()
        a, n, rx = self._fit("_a", (len(x), 3 * D)), self._fit("_n", x.shape), self._fit("_rx", x.shape)
        thnn.Linear_updateGradInput(h.reshape(-1, H), a, V)
        a += b
        back = self._fit("_back", (len(x), 2 * D))
        thnn.Linear_updateGradInput(x, back, thnn.contiguous(W[:, : 2 * D]))
        a[:, : 2 * D] += back
        gates = back
        thnn.Sigmoid_updateOutput(thnn.contiguous(a[:, : 2 * D]), gates)
        a[:, : 2 * D] = gates
        xp = arrays.array_module(x)
        xp.multiply(a[:, D : 2 * D], x, out=rx)
        thnn.Linear_updateGradInput(rx, n, thnn.contiguous(W[:, 2 * D :]))
        n += a[:, 2 * D :]
        xp.tanh(n, out=n)
        y = self.resizeOutput(self._sequence(input), self._sequence(input).shape).reshape(x.shape)
        xp.subtract(n, x, out=y)
        y *= a[:, :D]
        y += x
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x, g = self._rows(input), self._checked(input, gradOutput)
        D, H = self.input_dim, self.hidden_dim
        W, V, _ = self._depth()
        v, q, n = self._a[:, :D], self._a[:, D : 2 * D], self._n
        slope, flow = self._fit("_slope", self._a.shape), self._fit("_flow", x.shape)
        slope[:, 2 * D :] = g * v * (1 - n * n)
        thnn.Linear_updateOutput(thnn.contiguous(slope[:, 2 * D :]), flow, thnn.contiguous(W[:, 2 * D :]), None)
        slope[:, :D] = g * (n - x) * v * (1 - v)
        slope[:, D : 2 * D] = flow * x * q * (1 - q)
        gx = g * (1 - v) + flow * q
        thnn.Linear_updateOutput(thnn.contiguous(slope[:, : 2 * D]), flow, thnn.contiguous(W[:, : 2 * D]), None)
        gx += flow
        gh = arrays.array_module(x).empty((len(x), H), x.dtype)
        thnn.Linear_updateOutput(slope, gh, V, None)
        gradient = self._time.updateGradInput(input, gh.reshape(self._time.output.shape))
        h0, through = gradient if isinstance(gradient, list) else (None, gradient)
        sequence = self._sequence(input)
        held = self.gradInput[1] if isinstance(self.gradInput, list) and len(self.gradInput) == 2 else self.gradInput
        total = self.resized(held, sequence.shape, sequence, gradOutput)
        arrays.array_module(x).add(gx.reshape(sequence.shape), through, out=total)
        self.gradInput = total if h0 is None else [h0, total]
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        x, scale = self._rows(input), 1 if scale is None else scale
        self.updateGradInput(input, gradOutput)
        D, H, time = self.input_dim, self.hidden_dim, self._time
        self.checkFields(gradWeight=self.weight.shape, gradBias=self.bias.shape)
        time.gradWeight.fill(0)
        time.gradBias.fill(0)
        time.accGradParameters(input, self._time.output, scale)
        self.gradWeight[:, : 3 * H] += time.gradWeight
        self.gradBias[: 3 * H] += time.gradBias
        slope, h = self._slope, thnn.contiguous(time.output).reshape(-1, H)
        depth = arrays.array_module(x).zeros((D + H, 3 * D), x.dtype)
        gates, rest = depth[:D, : 2 * D].copy(), depth[:D, 2 * D :].copy()
        thnn.Linear_accGradParameters(thnn.contiguous(slope[:, : 2 * D]), x, gates, None, scale)
        thnn.Linear_accGradParameters(thnn.contiguous(slope[:, 2 * D :]), self._rx, rest, None, scale)
        thnn.Linear_accGradParameters(slope, h, depth[D:], None, scale)
        depth[:D, : 2 * D], depth[:D, 2 * D :] = gates, rest
        self.gradWeight[:, 3 * H :] += depth
        self.gradBias[3 * H :] += scale * slope.sum(0)

    def _loadTime(self) -> None:
        """The GRU over time, with its columns of the parameters."""
        D, H = SIZES(self)
        self.checkFields(weight=(D + H, 3 * H + 3 * D), bias=(3 * H + 3 * D,))
        time = vars(self).get("_time")
        if time is None or time.weight.shape != (D + H, 3 * H) or time.type() != self._type:
            time = self._time = GRU(D, H).type(self._type)
        time.weight[...], time.bias[...] = self.weight[:, : 3 * H], self.bias[: 3 * H]
        time.remember_states = self.remember_states

    def _depth(self) -> tuple[Any, Any, Any]:
        """The columns of depth: by x, by h, and the bias."""
        D, H = self.input_dim, self.hidden_dim
        columns = self.weight[:, 3 * H :]
        return columns[:D], thnn.contiguous(columns[D:]), self.bias[3 * H :]

    @staticmethod
    def _sequence(input: Any) -> Any:
        return input[-1] if isinstance(input, list | tuple) else input

    def _rows(self, input: Any) -> Any:
        return thnn.contiguous(self._sequence(input)).reshape(-1, self.input_dim)

    def _checked(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(gradOutput, "gradOutput")
        x = self._sequence(input)
        if vars(self).get("_a") is None or len(self._a) * self.input_dim != x.size or self.output.shape != x.shape:
            raise ValueError(f"{self}: call forward before backward, with the same input")
        self._checkKept(x.size // self.input_dim)
        return thnn.contiguous(self.gradOutputAs(gradOutput, self.output)).reshape(-1, self.input_dim)

    def _checkKept(self, rows: int) -> None:
        """Raise unless what forward left behind fits the sizes: parameters, the state of time and three buffers."""
        D, H = SIZES(self)
        self.checkFields(weight=(D + H, 3 * H + 3 * D), bias=(3 * H + 3 * D,))
        kept = {"_a": (rows, 3 * D), "_n": (rows, D), "_rx": (rows, D)}
        fits = all(self.resized(b, shape) is b for name, shape in kept.items() for b in [vars(self).get(name)])
        if not fits or self._time.weight.shape != (D + H, 3 * H):
            raise ValueError(f"{self}: call forward before backward, with the same sizes")

    def _fit(self, name: str, shape: tuple) -> Any:
        setattr(self, name, self.resized(vars(self).get(name), shape))
        return getattr(self, name)

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        if type is not None:
            for name in ("_time", *BUFFERS):
                vars(self).pop(name, None)
        return super().type(type, tensorCache)

    def clearState(self) -> GRIDGRU:
        for name in ("_time", *BUFFERS):
            vars(self).pop(name, None)
        return super().clearState()

    def __tostring__(self) -> str:
        return f"{registry.class_name(self.__class__)}({self.input_dim} -> {self.input_dim}, {self.hidden_dim})"


registry.lacking(GRIDGRU, remember_states=False)
