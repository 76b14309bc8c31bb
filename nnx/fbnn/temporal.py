"""fbnn's and fbcunn's other forms of nn's layers: repeated pixels, convolutions over time, weighted words."""

from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Whole
from nnx.parts import Parts
from torch7 import arrays, registry

FACTOR, PAD = Whole(factor=1), Whole(kW=1, pad=0)


@nn.register
class Upsample(nn.SpatialUpSamplingNearest):
    """Every pixel ``factor`` times in a row and in a column. Source: fbnn."""

    def __init__(self, factor: int) -> None:
        super().__init__(factor)
        self.factor = factor

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}(factor {self.factor})"


@nn.register
class TemporalConvolutionFB(nn.TemporalConvolution):
    """fbcunn's :class:`nn.TemporalConvolution`: its weight is ``outputFrameSize x kW x inputFrameSize``. Source:
    fbcunn.
    """

    def __init__(self, inputFrameSize: int, outputFrameSize: int, kW: int, dW: int | None = None) -> None:
        super().__init__(inputFrameSize, outputFrameSize, kW, dW)

    def _t7_fields(self) -> dict[str, Any]:
        shape = self.weight.shape[0], int(self.kW), int(self.inputFrameSize)
        fields = dict(vars(self))
        for name in ("weight", "gradWeight"):
            if arrays.is_array(fields.get(name)) and fields[name].size:
                fields[name] = fields[name].reshape(shape)
        return fields


@nn.register
class UnfoldedTemporalConvolution(Parts):
    """A convolution over time by one product: ``N x T x inputFrameSize`` -> ``N x (T + 2 pad - kW + 1) x
    outputFrameSize``.

    ``weight``, ``outputFrameSize x (kW inputFrameSize)``, and ``bias`` are those of the Linear in the field ``linear``;
    ``dW`` is 1, ``pad`` (0) frames of zeros are at both ends. A sequence ``T x inputFrameSize`` is taken too. Other
    ranks and widths raise ``ValueError``. Source: fbnn.
    """

    PARTS = ("linear",)
    _transient = ("_frames", "_flow")

    def __init__(self, nin: int, nout: int, kw: int, dW: int | None = None, pad: int | None = None) -> None:
        super().__init__()
        if dW not in (None, 1):
            raise ValueError("nn.UnfoldedTemporalConvolution only supports dW = 1")
        self.linear = nn.Linear(kw * nin, nout)
        self.kW, self.dW, self.pad = kw, 1, 0 if pad is None else pad
        self.inputFrameSize, self.outputFrameSize = nin, nout
        PAD(self)

    @property
    def weight(self) -> Any:  # type: ignore[override]
        return self.linear.weight

    @property
    def bias(self) -> Any:  # type: ignore[override]
        return self.linear.bias

    @property
    def gradWeight(self) -> Any:  # type: ignore[override]
        return self.linear.gradWeight

    @property
    def gradBias(self) -> Any:  # type: ignore[override]
        return self.linear.gradBias

    def noBias(self) -> UnfoldedTemporalConvolution:
        """Take the bias away; returns the module."""
        self.linear.noBias()
        return self

    def reset(self, stdv: float | None = None) -> UnfoldedTemporalConvolution:
        """Draw the Linear anew."""
        self.linear.reset(stdv)
        return self

    def updateOutput(self, input: Any) -> Any:
        frames, shape = self._unfold(input)
        output = self.resizeOutput(input, shape)
        output.reshape(len(frames), -1)[...] = self.linear.updateOutput(frames)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        frames, shape = self._unfold(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = self.gradOutputAs(gradOutput, shape).reshape(len(frames), -1)
        (kW, pad), T = PAD(self), input.shape[-2]
        windows = self.linear.updateGradInput(frames, g).reshape(-1, shape[-2], kW, input.shape[-1])
        self._flow = flow = self.resized(vars(self).get("_flow"), (len(windows), T + 2 * pad, input.shape[-1]))
        flow.fill(0)
        for k in range(kW):
            flow[:, k : k + shape[-2]] += windows[:, :, k]
        gradInput.reshape(len(windows), T, -1)[...] = flow[:, pad : pad + T]
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        frames, shape = self._unfold(input)
        self.linear.accGradParameters(frames, self.gradOutputAs(gradOutput, shape).reshape(len(frames), -1), scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.sharedAccUpdateGradParameters(input, gradOutput, lr)

    def _unfold(self, input: Any) -> tuple[Any, tuple]:
        """A row for every window, ``kW inputFrameSize`` numbers, and the output's shape."""
        self.checkType(input)
        kW, pad = PAD(self)
        D, T = self.linear.weight.shape[1] // kW, input.shape[-2] if input.ndim > 1 else 0
        length = T + 2 * pad - kW + 1
        if input.ndim not in (2, 3) or input.shape[-1] != D or length < 1 or not input.size:
            raise ValueError(f"{self}: input must be T x {D} or N x T x {D}, got {arrays.describe(input)}")
        x = input.reshape(-1, T, D)
        self._frames = frames = self.resized(vars(self).get("_frames"), (len(x), length, kW, D))
        for k in range(kW):
            first, last = max(0, pad - k), max(0, min(length, T + pad - k))
            frames[:, :first, k], frames[:, last:, k] = 0, 0
            frames[:, first:last, k] = x[:, first + k - pad : last + k - pad]
        rows = frames.reshape(-1, kW * D)
        return rows, (*input.shape[:-2], length, len(self.linear.weight))

    __tostring__ = nn.Module.__tostring__


@nn.register
class WeightedLookupTable(nn.LookupTable):
    """Rows of a table times weights: ``n x 2``, an index and a weight in every row, gives ``n x nOutput``.

    There is no gradient for the weights. Other shapes raise ``ValueError``. Source: fbnn.
    """

    _transient = ("_words",)

    def updateOutput(self, input: Any) -> Any:
        indices, weights = self._columns(input)
        output = super().updateOutput(indices)
        output *= weights
        return output

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        indices, weights = self._columns(input)
        g = self.gradOutputAs(gradOutput, (len(indices), self.weight.shape[1]))
        super().accGradParameters(indices, g * weights, scale)

    def _columns(self, input: Any) -> tuple[Any, Any]:
        if not arrays.is_array(input) or input.ndim != 2 or input.shape[1] != 2:
            raise ValueError(f"{self}: input must be n x 2, got {arrays.describe(input)}")
        return input[:, 0].copy(), input[:, 1:].astype(self._dtype)


@registry.upgrade(UnfoldedTemporalConvolution)
def _upgrade(module: UnfoldedTemporalConvolution, fields: dict) -> None:
    """The parameters are those of the Linear."""
    for name in ("weight", "bias", "gradWeight", "gradBias"):
        fields.pop(name, None)


@registry.upgrade(TemporalConvolutionFB)
def _flat(module: TemporalConvolutionFB, fields: dict) -> None:
    for name in ("weight", "gradWeight"):
        value = fields.get(name)
        if arrays.is_array(value) and value.ndim == 3:
            fields[name] = value.reshape(len(value), -1)


@registry.upgrade(Upsample)
def _scaled(module: Upsample, fields: dict) -> None:
    fields["scale_factor"] = fields.get("factor", fields.get("scale_factor"))
