from __future__ import annotations

from typing import Any

import nn
from nn.utils import clear
from torch7 import arrays

CRITERIONS = {"L2": nn.MSECriterion, "SmoothL1": nn.SmoothL1Criterion}
MODES = ("none", "capture", "loss")


class PassingLoss(nn.Module):
    """Base of losses inside a network: the input passes, backward adds the gradient of the loss to gradOutput.

    ``mode``: ``'none'``, ``'capture'`` to keep the next input's measure as the target, ``'loss'``. neural-style's have
    no mode: there is a loss where the sizes fit those of the target. The last loss is in the field ``loss``.
    """

    mode: str | None = None
    normalize = False

    def setMode(self, mode: str) -> None:
        """Set the mode; ``ValueError`` for none of the three."""
        if mode not in MODES:
            raise ValueError(f"{self}: mode must be one of {', '.join(MODES)}, got {mode!r}")
        self.mode = mode

    def prepare(self, loss_type: Any) -> None:
        """Set fields of a constructor; neural-style gives a tensor, the target, for the type of the loss."""
        self.loss, self.target = 0, arrays.empty(self._type)
        if arrays.is_array(loss_type):
            self.target, loss_type = loss_type, None
        else:
            self.mode = "none"
        if loss_type not in (None, *CRITERIONS):
            raise ValueError(f"{self}: the type of the loss must be L2 or SmoothL1, got {loss_type!r}")
        self.crit = CRITERIONS[loss_type or "L2"]()

    def measure(self, input: Any) -> Any:
        """What is compared with the target."""
        raise NotImplementedError

    def measureGradient(self, input: Any, gradient: Any) -> Any:
        raise NotImplementedError

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if self.mode == "capture":
            self.target = nn.utils.recursiveCopy(self.target, self.measure(input))[0]
        elif self.mode != "none":
            measured = self.measure(input)
            if self._fits(measured):
                self.loss = self.crit.forward(measured, self._expanded(measured)) * self.strength
        self.output = input
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(input)
        gradOutput = self.gradOutputAs(gradOutput, input)
        if self.mode in ("none", "capture"):
            self.gradInput = gradOutput
            return gradOutput
        gradInput = self.resizeGradInput(input, gradOutput)
        measured = self.measure(input)
        if not self._fits(measured):
            gradInput[...] = gradOutput
            return gradInput
        gradient = self.measureGradient(input, self.crit.backward(measured, self._expanded(measured)))
        factor = self.strength
        if self.normalize:
            factor /= abs(gradient).sum() + 1e-8
        arrays.array_module(input).multiply(gradient.reshape(input.shape), factor, out=gradInput)
        gradInput += gradOutput
        return gradInput

    def _fits(self, measured: Any) -> bool:
        """Whether there is a target for it; ``ValueError`` in mode loss where there is none."""
        fits = self._expanded(measured) is not None
        if not fits and self.mode == "loss":
            raise ValueError(f"{self}: target is {arrays.describe(self.target)} for {arrays.describe(measured)}")
        return fits

    def _expanded(self, measured: Any) -> Any:
        """The target in the shape of ``measured``; that of one image serves for a batch; None where it does not fit."""
        target = self.target
        if target.size == measured.size:
            return target.reshape(measured.shape)
        if target.size and measured.ndim > 1 and target.size == measured[0].size:
            return arrays.array_module(target).broadcast_to(target.reshape(measured.shape[1:]), measured.shape)
        return None

    def clearState(self) -> PassingLoss:
        clear(self, "gradInput", "output")
        self.crit.gradInput = arrays.empty(self._type)
        return self


@nn.register
class ContentLoss(PassingLoss):
    """Passes its input on and measures ``loss = strength * crit(input, target)``; see :class:`PassingLoss`.

    ``loss_type``: ``'L2'`` (mean squared error, default) or ``'SmoothL1'``; a tensor is the target, as in
    neural-style, whose ``normalize`` divides the gradient by the sum of its magnitudes. Source: fast-neural-style.
    """

    def __init__(self, strength: float | None = None, loss_type: Any = None, normalize: bool | None = None) -> None:
        super().__init__()
        self.strength = 1.0 if strength is None else strength
        self.prepare(loss_type)
        self.normalize = bool(normalize)

    def measure(self, input: Any) -> Any:
        return input

    def measureGradient(self, input: Any, gradient: Any) -> Any:
        return gradient
