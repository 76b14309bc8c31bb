from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from ..container import Container
from ..containers.sequential import Sequential
from ..extension import register
from ..module import Module
from .identity import Identity
from .reshape import Reshape
from .select import Select
from .transpose import Transpose


@register
class Convert(Container):
    """Rearranges dimensions: ``Convert('bchw', 'bf')`` makes a batch of images a batch of vectors.

    The letters of ``inputShape`` and ``outputShape`` name dimensions: b batch, f features, c channels, h height, w
    width, t time; others may be used. A missing b is put in front. Equal letters in another order are transposed;
    ``bf`` joins all dimensions but the batch; ``b`` takes the first of ``bt``, ``tb``, ``bf``, ``fb``; ``bt`` is made
    of ``b``. ``outputShape`` is ``inputShape`` by default, and that ``b*``, for anything: then only the type is
    converted.

    Input of any type, which becomes the module's; one without the batch dimension is a single sample, and so is its
    output. Conversions there are none for raise ``ValueError``. Source: manual chapter "simple".
    """

    _cast: Any = None

    def __init__(self, inputShape: str | None = None, outputShape: str | None = None) -> None:
        super().__init__()
        if outputShape and not inputShape:
            raise ValueError("nn.Convert: an outputShape needs an inputShape")
        inputShape = inputShape or "b*"
        self.inputShape = inputShape if "b" in inputShape else "b" + inputShape
        outputShape = outputShape or inputShape
        self.outputShape = outputShape if "b" in outputShape else "b" + outputShape
        if ("*" in self.inputShape) != ("*" in self.outputShape):
            raise ValueError(f"nn.Convert: 'b*' must be on both sides or none, got {inputShape!r} and {outputShape!r}")
        self.nInputDim, self.nOutputDim = len(self.inputShape), len(self.outputShape)
        self.inputBatchDim, self.outputBatchDim = self.inputShape.index("b") + 1, self.outputShape.index("b") + 1
        if self.nInputDim == self.nOutputDim:
            self.transposition = sorted(self.inputShape) == sorted(self.outputShape)

    def buildConverter(self, input: Any) -> Module:
        """The module that converts batches such as ``input``."""
        source, target = self.inputShape, self.outputShape
        if source == target:
            return Identity()
        if sorted(source) == sorted(target):
            return self._transposition(target)
        if target == "bf" and source != "bt":
            return self._features()
        if target == "b" and source in ("bt", "tb", "bf", "fb"):
            axis = 1 - source.index("b")
            if "f" in source and input.shape[axis] > 1:
                raise ValueError(f"nn.Convert: {arrays.describe(input)} of shape {source} has more than one feature")
            return Select(axis + 1, 1)
        if (source, target) == ("b", "bt"):
            return Reshape(1)
        raise ValueError(f"nn.Convert: Unrecognized conversion of shape {source} to {target}")

    def _transposition(self, target: str) -> Transpose:
        axes, swaps = list(self.inputShape), []
        for i, letter in enumerate(target):
            j = axes.index(letter)
            if i != j:
                swaps.append([i + 1, j + 1])
                axes[i], axes[j] = axes[j], axes[i]
        return Transpose(*swaps)

    def _features(self) -> Module:
        """All dimensions but the batch joined."""
        batch = self.inputShape.index("b")
        first = Transpose([batch + 1, 1]) if batch else Identity()
        if len(self.inputShape) == 2:
            return first
        return Sequential().add(first).add(Reshape(-1, True)) if batch else Reshape(-1, True)

    def updateOutput(self, input: Any) -> Any:
        x = self._batch(self._typed(input, "_cast"))
        if not self.modules:
            self.modules.append(self.buildConverter(x).type(self.type()))
        output = self.rethrowErrors(self.modules[0], 1, "updateOutput", x)
        self.output = self._single(output, self.outputShape) if x.ndim != input.ndim else output
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x = self._batch(self._typed(input, "_cast"))
        self.checkType(gradOutput, "gradOutput")
        if x.ndim != input.ndim:
            axis = self.outputShape.index("b")
            gradOutput = gradOutput.reshape(*gradOutput.shape[:axis], 1, *gradOutput.shape[axis:])
        gradInput = self.rethrowErrors(self.modules[0], 1, "updateGradInput", x, gradOutput)
        self.gradInput = gradInput.reshape(input.shape)
        return self.gradInput

    def _typed(self, input: Any, buffer: str) -> Any:
        """``input`` in the module's type: itself, or a copy in ``buffer``."""
        if not arrays.is_array(input):
            raise TypeError(f"nn.Convert: expecting Tensor, got {arrays.describe(input)}")
        if arrays.type_name(input) == self._type:
            return input
        copy = self.resized(getattr(self, buffer), input.shape)
        copy[...] = arrays.cast(input, self._type)
        setattr(self, buffer, copy)
        return copy

    def _batch(self, input: Any) -> Any:
        """``input`` with a batch dimension put in where it has none."""
        if "*" in self.inputShape or input.ndim == len(self.inputShape):
            return input
        if input.ndim != len(self.inputShape) - 1:
            raise ValueError(f"nn.Convert: input must have the shape {self.inputShape}, got {arrays.describe(input)}")
        axis = self.inputShape.index("b")
        return input.reshape(*input.shape[:axis], 1, *input.shape[axis:])

    @staticmethod
    def _single(output: Any, shape: str) -> Any:
        """``output`` without its batch dimension; a single number stays a tensor of one element."""
        axis = shape.index("b")
        return output.reshape(output.shape[:axis] + output.shape[axis + 1 :] or (1,))

    def _t7_fields(self) -> dict:
        """Lua's converter stands in a field too."""
        return vars(self) | {"converter": self.modules[0] if self.modules else None}

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        if type is not None:
            self.clearState()
        return super().type(type, tensorCache)

    def clearState(self) -> Self:
        self._cast = None
        return super().clearState()
