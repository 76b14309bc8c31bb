from __future__ import annotations

from typing import Any

import nn
from nn import utils
from torch7 import arrays

from .mask_zero import first_tensor
from .recurrent_cell import RecurrentCell, either


@nn.register
class Recurrence(RecurrentCell):
    """Feeds a module's output back to it: ``y[t] = recurrentModule{x[t], y[t-1]}``, one step a call.

    ``outputSize``: the size of y without the batch, a number or a list of sizes; for an output that is a table, a list
    of lists of sizes, nested likewise. ``nInputDim``: the number of dimensions of one sample of x, of its first tensor
    if it is a table. y is zeros before the first step, or ``userPrevOutput``. The hidden state is ``{y, the state of
    the recurrent modules inside}``. ``rho``: 9999. ``ValueError`` for an x of other dimensions. Source: manual of rnn.
    """

    def __init__(self, module: nn.Module, outputSize: Any, nInputDim: int, rho: int | None = None) -> None:
        if not is_size(outputSize):
            raise TypeError(f"Recurrence: Unsupported size type {arrays.describe(outputSize)}")
        if not isinstance(nInputDim, int):
            raise TypeError(f"Recurrence: Expecting nInputDim number for arg 2, got {arrays.describe(nInputDim)}")
        super().__init__(None, [outputSize] if isinstance(outputSize, int) else outputSize, rho)
        self.nInputDim = nInputDim
        self._recurs(module)

    def _t7_fields(self) -> dict:
        """Lua finds the type in ``typeTensor``, and its Recurrence has no dropout."""
        fields = {name: v for name, v in vars(self).items() if name not in ("p", "mono")}
        return {"typeTensor": arrays.empty(self._type), "module": self.recurrentModule} | fields

    def updateOutput(self, input: Any) -> Any:
        return self.stepAfter(input, self._output(self.step - 1, input))

    def _updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        step = self.updateGradInputStep - 1
        module = self._at(step)
        total = self._gradTotal(step, gradOutput, self._gradOutput(step))
        gradInput, gradPrevious = module.updateGradInput([input, self._output(step - 1)], total)
        self.gradOutputs[step - 1] = gradPrevious
        return gradInput

    def _accGradParameters(self, input: Any, gradOutput: Any, scale: float) -> None:
        step = self.accGradParametersStep - 1
        self._at(step).accGradParameters([input, self._output(step - 1)], self._gradOutputs[step], scale)

    def maxBPTTstep(self, rho: int) -> None:
        self.rho = rho
        nn.Module.maxBPTTstep(self, rho)

    # -- the state {y, states of the modules inside}

    def getHiddenState(self, step: int | None = None, input: Any = None) -> list:
        """``{y, states}`` after a step, the last one by default; step 0 is the start: ``input`` tells the batch."""
        step = self.step - 1 if step is None else step
        inside = [module.getHiddenState(step) for module in self.modules]
        return [self._output(step, input), inside]

    def setHiddenState(self, step: int, hiddenState: Any) -> None:
        """Set ``{y, states}`` after a step."""
        self.outputs[step], inside = self._pair(hiddenState)
        nn.Module.setHiddenState(self, step, inside)

    def getGradHiddenState(self, step: int | None = None) -> list:
        """The gradients by ``{y, states}`` that later steps send to a step."""
        step = self._gradStep(step)
        return [self._gradOutput(step), [module.getGradHiddenState(step) for module in self.modules]]

    def setGradHiddenState(self, step: int, gradHiddenState: Any) -> None:
        """Set the gradients by ``{y, states}`` of a step."""
        self.gradOutputs[step], inside = self._pair(gradHiddenState)
        nn.Module.setGradHiddenState(self, step, inside)

    def _pair(self, state: Any) -> Any:
        if not isinstance(state, list | tuple) or len(state) != 2:
            raise TypeError(f"Recurrence: the hidden state is a table of output and states: {arrays.describe(state)}")
        return state

    def _output(self, step: int, input: Any = None) -> Any:
        """y of a step."""
        if step != 0:
            return self._kept(self.outputs, step)
        return either(self.userPrevOutput, self.outputs.get(0), self._zeros(input))

    def _gradOutput(self, step: int) -> Any:
        """The gradient that later steps send to y of a step; None for the last."""
        if step != self.step - 1:
            return self._kept(self.gradOutputs, step)
        return self.gradOutputs.get(step) if self.userNextGradOutput is None else self.userNextGradOutput

    def _zeros(self, input: Any) -> Any:
        if input is not None:
            first = first_tensor(input)
            if not arrays.is_array(first):
                raise TypeError(f"Recurrence: input must be a tensor or a table of them, got {arrays.describe(input)}")
            if first.ndim not in (self.nInputDim, self.nInputDim + 1):
                raise ValueError(f"inconsitent tensor dims {first.ndim}: samples have {self.nInputDim} dimensions")
            batch = (len(first),) if first.ndim > self.nInputDim else ()
            self.zeroTensor = self._zeros_of(self.outputSize, batch)
        return self.zeroTensor

    def _zeros_of(self, size: Any, batch: tuple) -> Any:
        if isinstance(size, list | tuple) and not all(isinstance(n, int) for n in size):
            return [self._zeros_of(n, batch) for n in size]
        return arrays.module_of(self._type).zeros((*batch, *utils.sizes_of(size)), self._dtype)

    def __tostring__(self) -> str:
        return f"{self._name()} @ {self.modules[0]}"


def is_size(size: Any) -> bool:
    """Whether ``size`` is a number, a list of numbers, or a nested list of those."""
    return isinstance(size, int) or (isinstance(size, list | tuple) and len(size) > 0 and all(map(is_size, size)))
