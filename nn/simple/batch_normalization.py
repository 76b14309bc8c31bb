from __future__ import annotations

from numbers import Integral
from operator import is_
from typing import Any, Self

from torch7 import arrays, registry
from torch7.random import uniform

from .. import thnn, utils
from ..extension import register
from ..flatten import lacking
from ..module import Module
from ..numbers import Real

EPS, MOMENTUM = Real("eps"), Real("momentum")
FIELDS = ("running_mean", "running_var", "weight", "bias")


@register
class BatchNormalization(Module):
    """Gives every feature of a batch mean 0 and deviation 1, then scale and shift that are learned.

    ``y = (x - mean) / sqrt(var + eps) * weight + bias``, mean and biased variance of each feature over the batch. In
    evaluation, and for a batch of one, the running statistics take their place, which training keeps up to date:
    ``running_mean = momentum * mean + (1 - momentum) * running_mean``; ``running_var`` (unbiased) alike.

    Input and output: ``N x nOutput``; evaluation also takes one sample, ``nOutput``, and gives ``1 x nOutput``.
    ``eps``: 1e-5; ``momentum``: 0.1; ``affine``: True, False for no ``weight`` and ``bias``. It starts in training.
    Other ranks and feature counts raise ``ValueError``, as does backward before forward.
    Source: manual chapter "simple".
    """

    nDim = 2
    running_mean: Any
    running_var: Any
    #: What was found to fit together: statistics and parameters; the statistics of the batch; the gradients.
    _fitted: tuple = (None,) * 4
    _saved: tuple = (None,) * 3
    _paired: tuple = (None,) * 3
    _transient = ("_fitted", "_saved", "_paired")

    def __init__(
        self, nOutput: int, eps: float | None = None, momentum: float | None = None, affine: bool | None = None
    ) -> None:
        super().__init__()
        name = registry.class_name(type(self))
        if isinstance(nOutput, bool) or not isinstance(nOutput, Integral):
            raise TypeError(f"{name}: the number of features must be an int, got {arrays.describe(nOutput)}")
        if nOutput <= 0:
            raise ValueError(f"{name}: needs features, got {nOutput}; for no weights say affine=False")
        if affine is not None and not isinstance(affine, bool):
            raise TypeError(f"{name}: affine has to be True or False, got {arrays.describe(affine)}")
        self.eps: float = 1e-5 if eps is None else eps
        self.momentum: float = 0.1 if momentum is None else momentum
        self.affine: bool = affine is not False
        self.train = True
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.running_mean, self.running_var = xp.zeros(nOutput, dtype), xp.ones(nOutput, dtype)
        if self.affine:
            self.weight, self.bias = xp.empty(nOutput, dtype), xp.empty(nOutput, dtype)
            self.gradWeight, self.gradBias = xp.zeros(nOutput, dtype), xp.zeros(nOutput, dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight from U(0, 1); bias and running mean become 0, the running variance 1."""
        if self.weight is not None:
            uniform(self.weight)
        if self.bias is not None:
            self.bias.fill(0)
        self.running_mean.fill(0)
        self.running_var.fill(1)
        return self

    def updateOutput(self, input: Any) -> Any:
        x = self._batched(input)
        output = self.resizeOutput(x)
        if not self._remembers():
            self.save_mean, self.save_std = self.running_mean.copy(), self.running_var.copy()
        self._normalize(x, output)
        return output

    def _normalize(self, x: Any, output: Any) -> None:
        affine = self.weight, self.bias
        thnn.BatchNormalization_updateOutput(x, output, affine, *self._statistics(x), *MOMENTUM(self), *EPS(self))

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is not None:
            self._backward(input, gradOutput, self.resizeGradInput(input, gradOutput), (None, None), 1)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._backward(input, gradOutput, None, (self.gradWeight, self.gradBias), 1 if scale is None else scale)

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        gradInput = None if self.gradInput is None else self.resizeGradInput(input, gradOutput)
        gradients = self.gradWeight, self.gradBias
        if self.affine and (lacking(gradients[0]) or lacking(gradients[1])):
            self.makeGradients()
            gradients = self.gradWeight, self.gradBias
        self._backward(input, gradOutput, gradInput, gradients, 1 if scale is None else scale)
        return gradInput

    def _backward(self, input: Any, gradOutput: Any, gradInput: Any, gradients: tuple, scale: float) -> None:
        if not self._remembers():
            raise ValueError(f"{self}: must call updateOutput() first")
        x = self._batched(input)
        paired = *gradients, self.running_mean
        if not all(map(is_, paired, self._paired)) and any(g is not None for g in gradients):
            self.checkFields(**dict.fromkeys(("gradWeight", "gradBias"), self.running_mean.shape))
            self._paired = paired
        self.checkType(gradOutput, "gradOutput")
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, x))
        self._differentiate(x, gradOutput, gradInput, gradients, scale)

    def _differentiate(self, x: Any, gradOutput: Any, gradInput: Any, gradients: tuple, scale: float) -> None:
        running, saved, training = self._statistics(x)
        affine, state = (self.weight, *gradients), (running, saved)
        thnn.BatchNormalization_backward(x, gradOutput, gradInput, affine, state, training, scale, *EPS(self))

    def _remembers(self) -> bool:
        """Whether ``save_mean`` and ``save_std`` hold something: forward makes them."""
        fields, mean = vars(self), self.running_mean
        saved = fields.get("save_mean"), fields.get("save_std"), mean
        if all(map(is_, saved, self._saved)):
            return True
        if not all(arrays.is_array(s) and s.shape == mean.shape and s.dtype == self._dtype for s in saved[:2]):
            return False
        self._saved = saved
        return True

    def _statistics(self, x: Any) -> tuple[tuple, tuple, bool]:
        """Running statistics, those of the batch, and whether the batch's are used."""
        training = bool(self.train) and x.shape[0] > 1
        return (self.running_mean, self.running_var), (self.save_mean, self.save_std), training

    def _batched(self, input: Any) -> Any:
        """``input`` as kernels take it: contiguous, a single sample as a batch of one."""
        self.checkType(input)
        missing = self.nDim - input.ndim
        if missing and (missing != 1 or self.train):
            raise ValueError(
                f"{self}: only mini-batch supported ({self.nDim}D tensor), got {input.ndim}D tensor instead"
            )
        shape = (1, *input.shape) if missing else input.shape
        if shape[1] != self.running_mean.size:
            raise ValueError(f"{self}: got {shape[1]}-feature tensor, expected {self.running_mean.size}")
        self._checkElements(input)
        self._checkFeatures()
        return thnn.contiguous(input).reshape(shape) if missing else thnn.contiguous(input)

    def _checkElements(self, input: Any) -> None:
        if not input.size:
            raise ValueError(f"{self}: a batch without elements has no mean, got {arrays.describe(input)}")

    def _checkFeatures(self) -> None:
        """Raise unless there is one number for each feature in all statistics and parameters."""
        tensors = self.running_mean, self.running_var, self.weight, self.bias
        if not all(map(is_, tensors, self._fitted)):
            self.checkFields(**dict.fromkeys(FIELDS, (self.running_mean.size,)))
            self._fitted = tensors

    def clearState(self) -> Self:
        utils.clear(self, "save_mean", "save_std")
        return super().clearState()

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))} ({self.nDim}D) ({self.running_mean.size})"


@registry.upgrade(BatchNormalization)
def _upgrade(module: BatchNormalization, fields: dict) -> None:
    """Files before version 2 hold the inverse deviation as ``running_std``."""
    running_std = fields.pop("running_std", None)
    if running_std is not None and not arrays.is_expanded(running_std):
        fields["running_var"] = running_std**-2.0 - fields["eps"]
