from __future__ import annotations

from typing import Any, Self

import nn
from dpnn.serial_modes import MEDIUM
from nn import sums, utils
from torch7 import arrays, registry

from .abstract_sequencer import AbstractSequencer, recurrent


@nn.register
class Sequencer(AbstractSequencer):
    """Runs a module over every step of a sequence: ``output[t] = module(input[t])``.

    Input: a table of T steps, or a tensor whose first dimension is time; the output is a table or a tensor likewise,
    and so are gradOutput and ``gradInput``. A module that is not recurrent is put into a :class:`nn.Recursor`. Backward
    goes through time over the T steps of the last forward. Each forward starts a new sequence unless :meth:`remember`
    says otherwise; a change between training and evaluation forgets too.

    In training the entries of an output table are the steps' own buffers, in evaluation copies. Other kinds of input
    raise ``TypeError``, other lengths of gradOutput ``ValueError``. Source: manual of rnn.
    """

    dpnn_mediumEmpty = [*MEDIUM, "_output"]
    _transient = ("_copies",)
    _copies: list | None = None  # the output of evaluation, whose tensors are copies; others are the steps' own

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = recurrent(self, module)
        self.modules = [self.module]
        self.output: Any = []
        self._output: list = []

    def updateOutput(self, input: Any) -> Any:
        steps = self._steps(input)
        self.module.maxBPTTstep(len(steps))
        if not self.hasMemory():
            self.module.forget()
        if arrays.is_array(input):
            self.output = self._whole(self.output, len(steps), (self.module.updateOutput(x) for x in steps))
        elif self.train is not False:
            self.output = [self.module.updateOutput(x) for x in steps]
        else:
            self._evaluated(steps)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        steps, gradients = self._pairs(input, gradOutput)
        last = len(steps) - 1
        backwards = (self.module.updateGradInput(steps[t], gradients[t]) for t in range(last, -1, -1))
        if arrays.is_array(input):
            self.gradInput = self._whole(self.unshared(self.gradInput, input, gradOutput), len(steps), backwards, -1)
        else:
            self.gradInput = utils.refilled(self.gradInput, list(backwards)[::-1])
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        steps, gradients = self._pairs(input, gradOutput)
        for t in range(len(steps) - 1, -1, -1):
            self.module.accGradParameters(steps[t], gradients[t], 1 if scale is None else scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        if not self.module.updatesDirectly():
            super().accUpdateGradParameters(input, gradOutput, lr)
            return
        steps, gradients = self._pairs(input, gradOutput)
        for t in range(len(steps) - 1, -1, -1):
            self.module.accUpdateGradParameters(steps[t], gradients[t], lr)

    def _evaluated(self, steps: Any) -> None:
        """Copies of the outputs of all steps, in buffers that are used again; ``_output`` holds those left over."""
        if self._copies is None or self.output is not self._copies:
            self.output = self._copies = []
        outputs, spare = self.output, self._output
        for t, x in enumerate(steps):
            buffer = outputs[t] if t < len(outputs) else spare.pop() if spare else None
            outputs[t : t + 1] = [utils.recursiveCopy(buffer, self.module.updateOutput(x))[0]]
        spare += outputs[len(steps) :]
        del outputs[len(steps) :]

    def _whole(self, buffer: Any, count: int, parts: Any, direction: int = 1) -> Any:
        """``count`` tensors, one after another, as one; from the last to the first for a ``direction`` of -1."""
        for i, part in enumerate(parts):
            if not arrays.is_array(part):
                name = registry.class_name(type(self))
                raise TypeError(f"{name}: steps of a tensor must give tensors, got {arrays.describe(part)}")
            if i == 0:
                buffer = arrays.resized(buffer, (count, *part.shape), part)
            sums.copy(part, buffer[i if direction > 0 else count - 1 - i])
        return buffer

    def _steps(self, input: Any) -> Any:
        """The steps of ``input``."""
        if not arrays.is_array(input) and not utils.is_table(input):
            raise TypeError(f"nn.Sequencer: expecting table or tensor input, got {arrays.describe(input)}")
        steps = input if arrays.is_array(input) else utils.sequence(input)
        if (arrays.is_array(input) and not input.ndim) or not len(steps):
            raise ValueError(f"nn.Sequencer: the input has no steps: {arrays.describe(input)}")
        return steps

    def _pairs(self, input: Any, gradOutput: Any) -> tuple[Any, Any]:
        """The steps of ``input`` and ``gradOutput``, which must be of one kind and length."""
        steps = self._steps(input)
        if arrays.is_array(input) != arrays.is_array(gradOutput):
            kind = "Tensor" if arrays.is_array(input) else "table"
            raise TypeError(f"nn.Sequencer: expecting gradOutput {kind}, got {arrays.describe(gradOutput)}")
        gradients = self._steps(gradOutput)
        if len(gradients) != len(steps):
            message = "gradOutput should have as many elements as input"
            raise ValueError(f"nn.Sequencer: {message}: {len(gradients)} and {len(steps)}")
        return steps, gradients

    def training(self) -> Self:
        self._emptied(self.train is False)
        super().training()
        return self

    def evaluate(self) -> Self:
        self._emptied(self.train is not False)
        super().evaluate()
        return self

    def _emptied(self, changes: bool) -> None:
        """A change of mode empties a table of outputs, as in Lua."""
        if changes and isinstance(self.output, list):
            self.output = []

    def clearState(self) -> Self:
        self._output = []
        if utils.is_table(self.output):
            self.gradInput = []
        return super().clearState()

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))} @ {self.module}"


@registry.upgrade(Sequencer)
def _upgrade(sequencer: Sequencer, fields: dict) -> None:
    """Files of 2015 have no spare outputs, and a module that is not recurrent without its Recursor."""
    if fields.get("_output") is None:
        fields["_output"] = []
    module = fields.get("module")
    if isinstance(module, nn.Module) and not isinstance(module, nn.AbstractRecurrent):
        fields["module"] = nn.Recursor(module)
        fields["modules"] = [fields["module"]]
