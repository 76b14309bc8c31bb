from __future__ import annotations

from typing import Any, Self

import nn
from nn import utils
from torch7 import arrays, registry

from . import recursive
from .step_clones import StepClones, everything

STEP_TABLES = ("outputs", "gradInputs", "gradOutputs", "cells", "gradCells")
CLONE_TABLES = ("sharedClones", "_gradOutputs")


@nn.register
class AbstractRecurrent(StepClones):
    """Base of modules that are called once for every step of a sequence and remember what came before.

    Each forward is one step, counted in ``step`` from 1; ``forget()`` starts again. In training every step t runs on a
    clone of ``recurrentModule``, ``sharedClones[t]``, that shares its parameters. Backward visits the steps in reverse
    order: the first one after a forward belongs to the last step, the next to the one before. ``RuntimeError`` for a
    backward without a forward, for one too many, and for one beyond the ``rho + 1`` steps that are kept.

    ``outputs``, ``gradInputs`` and the other tables of steps are dicts keyed by step; they keep ``rho + 1`` steps. In
    evaluation all steps run on ``recurrentModule`` itself, so that only the last output lasts, and no step has a
    backward.

    ``rho``: how many steps are kept for the backward pass, 99999 by default. A subclass defines ``updateOutput(input)``
    (by :meth:`stepModule` and :meth:`stepped`), ``_updateGradInput(input, gradOutput)`` and
    ``_accGradParameters(input, gradOutput, scale)``. Source: manual of rnn.
    """

    dpnn_stepclone = True
    _keyed = (*STEP_TABLES, *CLONE_TABLES)
    gradPrevOutput: Any = None
    updateGradInputStep: int | None = None
    accGradParametersStep: int | None = None

    def __init__(self, rho: int | None = None, recurrentModule: nn.Module | None = None) -> None:
        super().__init__()
        self.rho = 99999 if rho is None else rho
        self.outputs: dict[int, Any] = {}
        self.gradInputs: dict[int, Any] = {}
        self.gradOutputs: dict[int, Any] = {}
        self._gradOutputs: dict[int, Any] = {}
        self.sharedClones: dict[int, nn.Module] = {}
        self.step = 1
        if recurrentModule is not None:
            self._recurs(recurrentModule)

    recursiveResizeAs = staticmethod(recursive.recursiveResizeAs)
    recursiveSet = staticmethod(recursive.recursiveSet)
    recursiveCopy = staticmethod(recursive.recursiveCopy)
    recursiveAdd = staticmethod(recursive.recursiveAdd)
    recursiveTensorEq = staticmethod(recursive.recursiveTensorEq)
    recursiveNormal = staticmethod(recursive.recursiveNormal)

    # -- forward

    def stepModule(self) -> nn.Module:
        """The module that runs the next step."""
        if self.train is False:
            if self._tooOld() > 0:
                self._drop(self._tooOld())
            return self.recurrentModule
        self.recycle()
        return self.getStepModule(self.step)

    def stepAfter(self, input: Any, previous: Any) -> Any:
        """Run the next step on ``{input, previous}``, the output before it; returns its output.

        ``ValueError`` that names the module where the step fails and the two are not for as many samples.
        """
        try:
            return self.stepped(self.stepModule().updateOutput([input, previous]))
        except ValueError as error:
            tensors = arrays.is_array(input) and arrays.is_array(previous)
            if self.step > 1 and tensors and input.shape[:-1] != previous.shape[:-1]:
                raise self._otherBatch(registry.class_name(type(self)), input, previous) from error
            raise

    def _otherBatch(self, name: str, input: Any, state: Any) -> ValueError:
        why = "the batch size must not change in a sequence; forget() begins a new one"
        if input.shape[:-1] == state.shape[:-1]:
            why = f"a state has {state.shape[-1]} numbers a sample instead of the output's"
        return ValueError(
            f"{name}: the input of step {self.step} is {arrays.describe(input)}, the state before it "
            f"{arrays.describe(state)}: {why}"
        )

    def stepped(self, output: Any) -> Any:
        """Close a step with its output, which is returned."""
        self.outputs[self.step] = self.output = output
        self.step += 1
        self.gradPrevOutput = self.updateGradInputStep = self.accGradParametersStep = None
        return output

    def recycle(self, offset: int | None = None) -> None:
        """Take the clone of a step that is too old for the next one, and drop what is older still."""
        old = self._tooOld() + 1
        if self.step not in self.sharedClones and old in self.sharedClones:
            for table in (self.sharedClones, self._gradOutputs):
                if old in table:
                    table[self.step] = table.pop(old)
        self._drop(self._tooOld())

    def _tooOld(self) -> int:
        """The last step that is not kept beside the next one."""
        return self.step - max(self.rho + 1, self.nSharedClone or 0) - 1

    def _drop(self, step: int) -> None:
        """Forget a step."""
        for name in STEP_TABLES:
            vars(self).get(name, {}).pop(step, None)

    # -- backward

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.updateGradInputStep is None:
            self.updateGradInputStep = self.step
        step = self.updateGradInputStep - 1
        self._checkStep(step)
        self.gradInput = self._updateGradInput(input, gradOutput)
        self.updateGradInputStep = step
        self.gradInputs[step] = self.gradInput
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._beforeAccumulation()
        self._accGradParameters(input, gradOutput, 1 if scale is None else scale)
        self.accGradParametersStep -= 1

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.sharedAccUpdateGradParameters(input, gradOutput, lr)

    def updatesDirectly(self) -> bool:
        """Whether the gradient steps of all steps in time may go straight into the parameters, one by one."""
        return False

    def _updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        """``gradInput`` of step ``updateGradInputStep - 1``."""
        raise NotImplementedError

    def _accGradParameters(self, input: Any, gradOutput: Any, scale: float) -> None:
        """Accumulate the gradients of step ``accGradParametersStep - 1``."""
        raise NotImplementedError

    def _beforeAccumulation(self) -> None:
        """Set ``accGradParametersStep``; ``RuntimeError`` unless the step before it has had its updateGradInput."""
        if self.updateGradInputStep is None or self.updateGradInputStep >= self.step:
            raise RuntimeError(f"{self._name()}: Missing updateGradInput: it comes before accGradParameters")
        if self.accGradParametersStep is None:
            self.accGradParametersStep = self.step
        self._checkStep(self.accGradParametersStep - 1)
        if self.accGradParametersStep <= self.updateGradInputStep:
            raise RuntimeError(f"{self._name()}: Missing updateGradInput of step {self.accGradParametersStep - 1}")

    def _checkStep(self, step: int) -> None:
        """Raise ``RuntimeError`` unless there was a forward for ``step`` that is still kept."""
        if self.step < 2:
            raise RuntimeError(f"{self._name()}: expecting at least one updateOutput before backward")
        if step < 1:
            raise RuntimeError(f"{self._name()}: more backward than forward steps: {self.step - 1} were taken")
        if self.train is False:
            raise RuntimeError(f"{self._name()}: no backward in evaluation: call training() before forward")
        if step not in self.outputs or (step >= self.first and step not in self.sharedClones):
            raise RuntimeError(f"{self._name()}: step {step} is not kept any more: rho is {self.rho}")

    def _gradTotal(self, step: int, gradOutput: Any, more: Any) -> Any:
        """``gradOutput`` plus the gradient that later steps send to the output of ``step``."""
        total = self._gradOutputs[step] = recursive.recursiveCopy(self._gradOutputs.get(step), gradOutput)[0]
        if more is not None:
            recursive.recursiveAdd(total, more)
        return total

    # -- steps

    def forget(self) -> Self:
        """Start a new sequence; the clones are kept for it. Returns the module."""
        for module in self.modules:
            module.forget()
        if self.train is not False:
            for name in STEP_TABLES:
                if name in vars(self):
                    setattr(self, name, {})
            for name in CLONE_TABLES:
                table = getattr(self, name)
                setattr(self, name, {i: table[k] for i, k in enumerate(sorted(table), 1)})
        self.step = 1
        self.updateGradInputStep = self.accGradParametersStep = None
        return self

    def setOutputStep(self, step: int) -> None:
        """Bring back ``output`` and ``gradInput`` of a step; ``RuntimeError`` where there is none."""
        if step not in self.outputs:
            raise RuntimeError(f"{self._name()}: no output for step {step}")
        self.output = self.outputs[step]
        self.gradInput = self.gradInputs.get(step)

    def maxBPTTstep(self, rho: int) -> None:
        self.rho = rho

    def getHiddenState(self, step: int | None = None, input: Any = None) -> Any:
        raise NotImplementedError(f"{self._name()}.getHiddenState: Not Implemented")

    def setHiddenState(self, step: int, hiddenState: Any) -> None:
        raise NotImplementedError(f"{self._name()}.setHiddenState: Not Implemented")

    def getGradHiddenState(self, step: int | None = None) -> Any:
        raise NotImplementedError(f"{self._name()}.getGradHiddenState: Not Implemented")

    def setGradHiddenState(self, step: int, gradHiddenState: Any) -> None:
        raise NotImplementedError(f"{self._name()}.setGradHiddenState: Not Implemented")

    def strictStep(self, method: str) -> int:
        """The step that the last forward took, or that a backward pass is about to take, for ``torch7.strict``."""
        if method == "forward":
            return self.step - 1
        step = self.accGradParametersStep if method.startswith("acc") else self.updateGradInputStep
        return (step or self.step) - 1

    # -- masks and rewards

    def maskZero(self, nInputDim: int) -> Self:
        """Let samples whose input is zero give zeros and start anew, by :class:`nn.MaskZero`; returns the module.

        ``nInputDim``: the number of dimensions of one sample. Call it before any forward.
        """
        self._recurs(nn.MaskZero(self.recurrentModule, nInputDim, True))
        return self

    def trimZero(self, nInputDim: int) -> Self:
        """As :meth:`maskZero`, by :class:`nn.TrimZero`, which does not compute these samples; returns the module."""
        if getattr(self, "p", 0) and not self.mono:
            raise ValueError("TrimZero for BGRU needs `mono` option.")
        self._recurs(nn.TrimZero(self.recurrentModule, nInputDim, True))
        return self

    def reinforce(self, reward: Any) -> None:
        """Hand a reward to Reinforce modules: one for all steps, or a table (or rows of a tensor), one a step.

        They are those of the last steps, or of the first ones where fewer steps were taken, as before a forward.
        """
        if arrays.is_array(reward) and reward.ndim < 2:
            for module in everything(self):
                module.reinforce(reward)
            return
        rewards = reward if arrays.is_array(reward) else utils.sequence(reward)
        for step, r in enumerate(rewards, max(self.step - len(rewards), 1)):
            self._rewarded(step).reinforce(r)

    def _rewarded(self, step: int) -> nn.Module:
        return self.getStepModule(step)

    # -- state

    def clearState(self) -> Self:
        self.forget()
        for name in STEP_TABLES:
            if name in vars(self):
                setattr(self, name, {})
        self._gradOutputs = {}
        utils.clear(self, "gradPrevOutput", "cell")
        for module in self._everything():
            module.clearState()
        return super().clearState()

    def _name(self) -> str:
        return registry.class_name(type(self))

    def __tostring__(self) -> str:
        if getattr(self, "inputSize", None) is not None and getattr(self, "outputSize", None) is not None:
            return f"{self._name()}({self.inputSize} -> {self.outputSize})"
        return super().__tostring__()


def _deprecated(name: str) -> Any:
    def method(self: AbstractRecurrent, *args: Any) -> None:
        raise RuntimeError(f"{name}: DEPRECATED Jan 8, 2016: call backward for every step")

    method.__name__ = name
    return method


for _name in (
    "backwardThroughTime",
    "updateGradInputThroughTime",
    "accGradParametersThroughTime",
    "accUpdateGradParametersThroughTime",
    "backwardUpdateThroughTime",
):
    setattr(AbstractRecurrent, _name, _deprecated(_name))


# files of 2015 keep steps under other names; a module that has run nothing yet has empty tables
registry.lacking(AbstractRecurrent, step=1, outputs={}, gradInputs={}, gradOutputs={}, _gradOutputs={}, sharedClones={})
