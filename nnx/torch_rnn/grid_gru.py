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
BUFFERS = ("_a", "_n", "_rx", "_slope", "_flow", "_both", "_t", "_gx", "_gh")
BUFFERS += tuple(f"{name}{k}" for name in ("_columns", "_total") for k in range(3))


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
        gates, state, V, b = self._depth()
        a, n, rx = self._fit("_a", (len(x), 3 * D)), self._fit("_n", x.shape), self._fit("_rx", x.shape)
        thnn.Linear_updateGradInput(h.reshape(-1, H), a, V)
        a += b
        both = self._fit("_both", (len(x), 2 * D))
        thnn.Linear_updateGradInput(x, both, gates)
        both += a[:, : 2 * D]
        thnn.Sigmoid_updateOutput(both, both)
        a[:, : 2 * D] = both
        xp = arrays.array_module(x)
        xp.multiply(a[:, D : 2 * D], x, out=rx)
        thnn.Linear_updateGradInput(rx, n, state)
        n += a[:, 2 * D :]
        xp.tanh(n, out=n)
        y = self.resizeOutput(self._sequence(input), self._sequence(input).shape).reshape(x.shape)
        xp.subtract(n, x, out=y)
        y *= a[:, :D]
        y += x
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x, g = self._rows(input), self._checked(input, gradOutput)
        gx, gh = self._slopes(x, g)
        gradient = self._time.updateGradInput(input, gh.reshape(self._time.output.shape))
        h0, through = gradient if isinstance(gradient, list) else (None, gradient)
        sequence = self._sequence(input)
        held = self.gradInput[1] if isinstance(self.gradInput, list) and len(self.gradInput) == 2 else self.gradInput
        total = self.resized(held, sequence.shape, sequence, gradOutput)
        arrays.array_module(x).add(gx.reshape(sequence.shape), through, out=total)
        self.gradInput = total if h0 is None else [h0, total]
        return self.gradInput

    def _slopes(self, x: Any, g: Any) -> tuple[Any, Any]:
        """Fills ``_slope``, the gradient by what the gates take; the gradients of depth by x and by h."""
        D, H, xp = self.input_dim, self.hidden_dim, arrays.array_module(x)
        gates, state, V, _ = self._depth()
        v, q, n = self._a[:, :D], self._a[:, D : 2 * D], self._n
        slope, flow, t = self._fit("_slope", self._a.shape), self._fit("_flow", x.shape), self._fit("_t", x.shape)
        gx, gh = self._fit("_gx", x.shape), self._fit("_gh", (len(x), H))
        xp.multiply(n, n, out=t)  # g v (1 - n^2)
        xp.subtract(1, t, out=t)
        t *= v
        t *= g
        slope[:, 2 * D :] = t
        thnn.Linear_updateOutput(t, flow, state, None)
        xp.subtract(1, v, out=t)  # g (n - x) v (1 - v)
        xp.multiply(g, t, out=gx)
        t *= v
        t *= g
        by_v, by_q = slope[:, :D], slope[:, D : 2 * D]
        xp.subtract(n, x, out=by_v)
        by_v *= t
        xp.subtract(1, q, out=t)  # flow x q (1 - q)
        t *= q
        t *= x
        xp.multiply(t, flow, out=by_q)
        xp.multiply(flow, q, out=t)
        gx += t
        both = self._fit("_both", (len(x), 2 * D))
        both[...] = slope[:, : 2 * D]
        thnn.Linear_updateOutput(both, flow, gates, None)
        gx += flow
        thnn.Linear_updateOutput(slope, gh, V, None)
        return gx, gh

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
        columns = self.gradWeight[:, 3 * H :]
        parts = (columns[:D, : 2 * D], self._both, x), (columns[:D, 2 * D :], self._t, self._rx)
        self._t[...] = self._slope[:, 2 * D :]
        h = thnn.contiguous(time.output).reshape(-1, H)
        for k, (gradient, slope, by) in enumerate((*parts, (columns[D:], self._slope, h))):
            total = self._fit(f"_total{k}", gradient.shape)
            total.fill(0)
            thnn.Linear_accGradParameters(slope, by, total, None, scale)
            gradient += total
        self.gradBias[3 * H :] += scale * self._slope.sum(0)

    def _loadTime(self) -> None:
        """The GRU over time, with its columns of the parameters."""
        D, H = SIZES(self)
        self.checkFields(weight=(D + H, 3 * H + 3 * D), bias=(3 * H + 3 * D,))
        time = vars(self).get("_time")
        if time is None or time.weight.shape != (D + H, 3 * H) or time.type() != self._type:
            time = self._time = GRU(D, H).type(self._type)
        time.weight[...], time.bias[...] = self.weight[:, : 3 * H], self.bias[: 3 * H]
        time.remember_states = self.remember_states

    def _depth(self) -> tuple[Any, Any, Any, Any]:
        """The columns of depth: by x of the gates and of the state, by h, and the bias."""
        D, H = self.input_dim, self.hidden_dim
        columns = self.weight[:, 3 * H :]
        parts = columns[:D, : 2 * D], columns[:D, 2 * D :], columns[D:]
        copies = [self._fit(f"_columns{k}", part.shape) for k, part in enumerate(parts)]
        for copy, part in zip(copies, parts):
            copy[...] = part
        return *copies, self.bias[3 * H :]

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
            for name in BUFFERS:
                vars(self).pop(name, None)
            if vars(self).get("_time") is not None:
                self._time.type(type)
        return super().type(type, tensorCache)

    def clearState(self) -> GRIDGRU:
        for name in ("_time", *BUFFERS):
            vars(self).pop(name, None)
        return super().clearState()

    def __tostring__(self) -> str:
        return f"{registry.class_name(self.__class__)}({self.input_dim} -> {self.input_dim}, {self.hidden_dim})"


registry.lacking(GRIDGRU, remember_states=False)
