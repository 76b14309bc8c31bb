from __future__ import annotations

from math import prod, sqrt
from typing import Any

import numpy as np

import nn
import nn.pytorch as tnn
from nn.numbers import Whole
from nn.pytorch.recurrent import RNNBase
from nnx.named import named
from torch7 import arrays, registry
from torch7.random import bernoulli, uniform

SIZES = Whole(inputSize=1, hiddenSize=1, numLayers=1)
GATES = {"CUDNN_RNN_RELU": 1, "CUDNN_RNN_TANH": 1, "CUDNN_LSTM": 4, "CUDNN_GRU": 3}
BOTH = "CUDNN_BIDIRECTIONAL"
STATES = ("hiddenInput", "cellInput", "hiddenOutput", "cellOutput", "gradHiddenInput", "gradCellInput")
STATES += ("gradHiddenOutput", "gradCellOutput")


class Masked(RNNBase):
    """Dropout between layers by Torch's generator; where ``again`` is True with the masks of the forward before."""

    again = False

    def _dropped(self, rows: Any, layer: int) -> tuple[Any, Any]:
        if not (self.training and self.dropout and layer < self.num_layers - 1):
            return rows, None
        masks = self.__dict__.setdefault("masks", {})
        if not self.again:
            mask = masks[layer] = arrays.resized(masks.get(layer), rows.shape, rows)
            bernoulli(mask, 1 - self.dropout)
            mask *= 1 / (1 - self.dropout) if self.dropout < 1 else 0
        return rows * masks[layer], masks[layer]


class MaskedRNN(Masked, tnn.RNN):
    pass


class MaskedLSTM(Masked, tnn.LSTM):
    pass


class MaskedGRU(Masked, tnn.GRU):
    pass


@named("cudnn.RNN")
class RNN(nn.Module):
    """Recurrent layers of cuDNN over whole sequences, all parameters in one vector ``weight``.

    ``mode``: ``'CUDNN_RNN_RELU'``, ``'CUDNN_RNN_TANH'``, ``'CUDNN_LSTM'`` (gates i, f, g, o) or ``'CUDNN_GRU'`` (r, z,
    n), of the formulas of ``nn.pytorch``'s RNN, LSTM and GRU. Input: ``T x N x inputSize``, with ``batchFirst`` ``N x T
    x inputSize``; output of ``hiddenSize`` for each direction. ``dropout`` falls between layers.

    ``weight`` holds, layer after layer and direction after direction, the matrices by the input and by the state, then
    all biases in the same order. ``hiddenInput`` and ``cellInput``, ``layers x N x hiddenSize``, are the first state;
    ``hiddenOutput`` and ``cellOutput`` the last, which the next forward begins with where ``rememberStates`` is True.
    ``gradHiddenOutput`` and ``gradCellOutput`` are what backward begins with. Source: cudnn.torch.
    """

    MODE, DIRECTION = "CUDNN_RNN_RELU", "CUDNN_UNIDIRECTIONAL"
    _trained = ("weight",)
    _transient = ("_net", "_key", "_sent", "_done", "_flow")
    hiddenInput = cellInput = hiddenOutput = cellOutput = None
    gradHiddenInput = gradCellInput = gradHiddenOutput = gradCellOutput = None

    def __init__(
        self,
        inputSize: int,
        hiddenSize: int,
        numLayers: int | None = None,
        batchFirst: bool | None = None,
        dropout: float | None = None,
        rememberStates: bool | None = None,
    ) -> None:
        super().__init__()
        self.inputSize, self.hiddenSize = inputSize, hiddenSize
        self.numLayers = 1 if numLayers is None else numLayers
        self.batchFirst, self.dropout = bool(batchFirst), 0 if dropout is None else dropout
        self.rememberStates, self.mode, self.bidirectional = bool(rememberStates), self.MODE, self.DIRECTION
        SIZES(self)
        xp = arrays.module_of(self._type)
        count = sum(prod(shape) for _, shape in self._shapes())
        self.weight, self.gradWeight = xp.empty(count, self._dtype), xp.zeros(count, self._dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> RNN:
        """Draw weight from U(-s, s), s = stdv or 1 / sqrt(hiddenSize)."""
        bound = 1 / sqrt(self.hiddenSize) if stdv is None else stdv
        uniform(self.weight, -bound, bound)
        return self

    def resetStates(self) -> None:
        """Begin the next sequence from zeros."""
        for name in STATES:
            vars(self).pop(name, None)

    def updateOutput(self, input: Any) -> Any:
        x, net = self._steps(input), self._network()
        net.train(self.train is not False)
        state = self._state(x.shape[1])
        net.again, self._done = False, None
        y, last = net.forward(x, state)
        self.hiddenOutput, self.cellOutput = last if self.mode == "CUDNN_LSTM" else (last, None)
        if self.rememberStates:
            self.hiddenInput, self.cellInput = self.hiddenOutput, self.cellOutput
        self._sent = x, state
        y = np.swapaxes(y, 0, 1) if self.batchFirst else y
        output = self.resizeOutput(input, y.shape)
        output[...] = y
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self._backward(input, gradOutput)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._backward(input, gradOutput)
        self._accumulate(scale)

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        self._backward(input, gradOutput)
        if nn.flatten.lacking(self.gradWeight):
            self.makeGradients()
        self._accumulate(scale)
        return self.gradInput

    def _backward(self, input: Any, gradOutput: Any) -> None:
        """Fill ``gradInput``, and the gradients of the network's parameters; once for the same gradients."""
        sent, net = vars(self).get("_sent"), self._network()
        if sent is None or self._steps(input).shape != sent[0].shape:
            raise ValueError(f"{self}: call forward before backward, with the same input")
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, self.output)
        g = arrays.dense(np.swapaxes(g, 0, 1)) if self.batchFirst else g
        flow = [g, *(self._given(name, g.shape[1]) for name in ("gradHiddenOutput", "gradCellOutput"))]
        if self._done is not None:
            if all(map(np.array_equal, self._done, flow)):
                return
            net.again = True
            net.forward(*sent)  # backward used up what it kept
        self._done = nn.utils.recursiveCopy(vars(self).get("_flow"), flow)[0]
        self._flow = self._done
        for parameter in net.parameters():
            parameter.grad.fill(0)
        gx, first = net.backward(sent, [g, tuple(flow[1:]) if self.mode == "CUDNN_LSTM" else flow[1]])
        self.gradHiddenInput, self.gradCellInput = first if self.mode == "CUDNN_LSTM" else (first, None)
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput[...] = np.swapaxes(gx, 0, 1) if self.batchFirst else gx

    # -- parameters

    def _shapes(self) -> list[tuple[str, tuple[int, ...]]]:
        """The parameters in their order in ``weight``: names of the network's, and shapes."""
        D, H, layers = SIZES(self)
        if self.mode not in GATES:
            raise ValueError(f"{self}: mode must be one of {', '.join(GATES)}, got {self.mode!r}")
        ends = ("", "_reverse") if self.bidirectional == BOTH else ("",)
        places = [(layer, f"_l{layer}{end}") for layer in range(layers) for end in ends]
        rows, matrices = GATES[self.mode] * H, []
        for layer, place in places:
            width = H * len(ends) if layer else D
            matrices += [(f"weight_ih{place}", (rows, width)), (f"weight_hh{place}", (rows, H))]
        return matrices + [(f"{bias}{place}", (rows,)) for _, place in places for bias in ("bias_ih", "bias_hh")]

    def _network(self) -> Any:
        """The network of nn.pytorch with the numbers of ``weight``."""
        shapes = self._shapes()
        if self.weight.size != sum(prod(shape) for _, shape in shapes):
            raise ValueError(f"{self}: weight is {arrays.describe(self.weight)}, not that of {self.mode}")
        key = self.mode, *SIZES(self), self.bidirectional, self.dropout, self._type
        if vars(self).get("_key") != key:
            self._net, self._key = self._made(), key
            self._net.to(self.weight)
        start, weight = 0, self.weight.reshape(-1)
        for name, shape in shapes:
            getattr(self._net, name).data = weight[start : start + prod(shape)].reshape(shape)
            start += prod(shape)
        return self._net

    def _made(self) -> Any:
        D, H, layers = SIZES(self)
        settings = {"bidirectional": self.bidirectional == BOTH, "dtype": self._dtype}
        settings["dropout"] = self.dropout if layers > 1 else 0.0
        if self.mode == "CUDNN_LSTM":
            return MaskedLSTM(D, H, layers, **settings)
        if self.mode == "CUDNN_GRU":
            return MaskedGRU(D, H, layers, **settings)
        return MaskedRNN(D, H, layers, self.mode.rpartition("_")[2].lower(), **settings)

    def _accumulate(self, scale: float | None) -> None:
        """Add the gradients of the network's parameters, in the order of ``weight``."""
        gradient = np.concatenate([np.ravel(getattr(self._net, name).grad) for name, _ in self._shapes()])
        gradient *= 1 if scale is None else scale
        self.gradWeight += gradient.reshape(self.gradWeight.shape)

    # -- sequences and states

    def _steps(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim != 3 or input.shape[2] != self.inputSize or not input.size:
            raise ValueError(f"{self}: input must be T x N x {self.inputSize}, got {arrays.describe(input)}")
        return np.swapaxes(input, 0, 1) if self.batchFirst else input

    def _state(self, samples: int) -> Any:
        h = self._given("hiddenInput", samples)
        return (h, self._given("cellInput", samples)) if self.mode == "CUDNN_LSTM" else h

    def _given(self, name: str, samples: int) -> Any:
        """A state as it was set, or zeros."""
        shape = self.numLayers * (1 + (self.bidirectional == BOTH)), samples, self.hiddenSize
        state = getattr(self, name)
        if state is None or not getattr(state, "size", 1):
            return np.zeros(shape, self._dtype, like=self.weight)
        self.checkType(state, name)
        if state.size != prod(shape):
            raise ValueError(f"{self}: {name} must be of shape {shape}, got {arrays.describe(state)}")
        return state.reshape(shape)

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        self._sent = None
        return super().type(type, tensorCache)

    def clearState(self) -> RNN:
        self.resetStates()
        for name in ("_sent", "_net", "_key", "_done", "_flow"):
            vars(self).pop(name, None)
        return super().clearState()

    def __tostring__(self) -> str:
        name = registry.class_name(type(self))
        return f"{name}({self.inputSize} -> {self.hiddenSize}, {self.numLayers} layers)"


@named("cudnn.RNNReLU")
class RNNReLU(RNN):
    """:class:`RNN` of mode ``'CUDNN_RNN_RELU'``: ``h[t] = max(0, W x[t] + b + U h[t-1] + b')``."""


@named("cudnn.RNNTanh")
class RNNTanh(RNN):
    """:class:`RNN` of mode ``'CUDNN_RNN_TANH'``: ``h[t] = tanh(W x[t] + b + U h[t-1] + b')``."""

    MODE = "CUDNN_RNN_TANH"


@named("cudnn.LSTM")
class LSTM(RNN):
    """:class:`RNN` of mode ``'CUDNN_LSTM'``."""

    MODE = "CUDNN_LSTM"


@named("cudnn.BLSTM")
class BLSTM(LSTM):
    """:class:`LSTM` in both directions."""

    DIRECTION = BOTH


@named("cudnn.GRU")
class GRU(RNN):
    """:class:`RNN` of mode ``'CUDNN_GRU'``."""

    MODE = "CUDNN_GRU"


@named("cudnn.BGRU")
class BGRU(GRU):
    """:class:`GRU` in both directions."""

    DIRECTION = BOTH


@registry.upgrade(RNN)
def _upgrade(module: RNN, fields: dict) -> None:
    """What drives the library goes; the oldest files name neither mode nor direction."""
    for name in [name for name in fields if isinstance(name, str) and name.endswith(("Desc", "Descs", "Reserve"))]:
        del fields[name]
    for name in ("workspace", "datatype", "sync", "reserve", "inputMode"):
        fields.pop(name, None)
    fields["mode"] = fields.get("mode") or module.MODE
    fields["bidirectional"] = fields.get("bidirectional") or module.DIRECTION
    fields["batchFirst"], fields["dropout"] = bool(fields.get("batchFirst")), fields.get("dropout") or 0
    fields["rememberStates"], fields["numLayers"] = bool(fields.get("rememberStates")), fields.get("numLayers") or 1
