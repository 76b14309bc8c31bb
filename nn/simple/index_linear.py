from __future__ import annotations

from math import sqrt
from typing import Any, Self

import numpy as np

from torch7 import arrays
from torch7.random import uniform

from .. import thnn, utils
from ..extension import register
from ..module import Module
from ..whole import whole


@register
class IndexLinear(Module):
    """A linear map of inputs of very many features of which few are not 0: ``y = b + sum_i value_i weight[key_i]``.

    Input: one sample, ``[keys, values]``; a batch, ``[[keys, ...], [values, ...]]``; or a batch in two vectors,
    ``[keys, values, sizes]``, with sizes a tensor or a number. Keys are 1-based integers; with ``keysOffset`` = k they
    run from 1 - k to N - k. Output ``outputSize``, or ``N x outputSize``. ``weight`` is ``inputSize x outputSize``
    (mind the order) and starts at 0, as does ``bias``; both may be given instead of the sizes and are not copied.

    Gradients are rows, one for each key of each accumulation, kept in ``running``: :meth:`updateParameters` applies
    them and :meth:`zeroGradParameters` drops them. ``weightDecay`` (an attribute, 0) shrinks a row at every use.
    ``doGradInput`` (False) computes gradInput for all features, else it is ``[]``. ``normalize`` divides every value by
    the largest of its feature seen in training, and adds a learned bias: four more columns at the start of ``weight``.
    ``ValueError`` for keys that are not there and for sizes that do not fit, ``TypeError`` for another type. Source:
    manual chapter "simple".
    """

    _trained = ("bias",)

    def __init__(
        self,
        inputSize: int | None,
        outputSize: int | None,
        doGradInput: bool | None = None,
        keysOffset: int | None = None,
        weight: Any = None,
        bias: Any = None,
        normalize: bool | None = None,
    ) -> None:
        super().__init__()
        self.normalize = 4 if normalize else 0
        if (weight is None) != (bias is None):
            raise ValueError("nn.IndexLinear: give weight and bias together")
        if weight is None:
            xp, dtype = arrays.module_of(self._type), self._dtype
            weight, bias = xp.zeros((inputSize, outputSize + self.normalize), dtype), xp.zeros(outputSize, dtype)
        self.weight, self.bias = weight, bias
        self.gradWeight = self.resized(None, (0,))
        self.gradBias = arrays.array_module(bias).zeros(bias.shape, bias.dtype)
        self.doGradInput = bool(doGradInput)
        self.offset = -1 if keysOffset is None else keysOffset - 1
        self.weightDecay = 0
        self.running: dict = {"cumSumSizes": [], "keys": [], "gradWeight": [], "counter": 1}
        self.inputSize, self.outputSize = weight.shape[0], weight.shape[1] - self.normalize

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight and bias from U(-s, s): s = stdv sqrt(3), or 1 / sqrt(columns of weight); the bias times 1e-6."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.shape[1] or 1)
        uniform(self.weight, -bound, bound)
        uniform(self.bias, -bound, bound)
        self.bias *= 1e-6
        self.weight[:, : self.normalize] = 0
        return self

    def parameters(self) -> tuple[list, list]:
        """Weight and bias; the gradient of the weight is ``running``, a dict."""
        return [self.weight, self.bias], [self.running, self.gradBias]

    def updateOutput(self, input: Any) -> Any:
        keys, values, ends = self._flat(input)
        outputSize = self.bias.size
        self._checkParameters()
        rows = self._rowsOf(keys)
        single = len(input) == 2 and arrays.is_array(input[0])
        self.output = self.resized(self.output, (outputSize,) if single else (ends.size, outputSize), keys, values)
        buffer = "normalizedValues" if self.normalize else "_used"
        used = vars(self)[buffer] = self.resized(vars(self).get(buffer), values.shape)
        y, training = self.output.reshape(-1, outputSize), self.train is True
        thnn.IndexLinear_updateOutput((rows, ends, values, used), self.weight, self.bias, y, self.normalize, training)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = []
        if self.doGradInput:
            self.checkType(gradOutput, "gradOutput")
            self._checkParameters()
            if self.normalize:
                raise NotImplementedError("nn.IndexLinear: gradInput is not implemented in max-normalize mode")
            g = thnn.contiguous(self.gradOutputAs(gradOutput, self.output)).reshape(-1, self.bias.size)
            inputSize = len(self.weight)
            values = self.resized(None, (len(g), inputSize))
            thnn.Linear_updateOutput(g, values, thnn.contiguous(self.weight), None)
            keys = np.broadcast_to(np.arange(1, inputSize + 1), values.shape).copy()
            if arrays.is_array(input[0]) and len(input) == 2:
                keys, values = keys[0], values[0]
            elif not arrays.is_array(input[0]):
                keys, values = list(keys), list(values)
            self.gradInput = [keys, values]
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        running, place = self.running, self.running["counter"] - 1
        for name in ("cumSumSizes", "keys", "gradWeight"):
            running[name] += [None] * (place + 1 - len(running[name]))
        rows, keys, ends = self._gradientRows(input, gradOutput, scale, running["gradWeight"][place])
        running["gradWeight"][place], running["keys"][place], running["cumSumSizes"][place] = rows, keys, ends
        g = gradOutput.reshape(-1, self.bias.size)
        self.gradBias += (1 if scale is None else scale) * g.sum(0)
        running["counter"] += 1

    def _gradientRows(self, input: Any, gradOutput: Any, scale: float | None, buffer: Any) -> tuple[Any, Any, Any]:
        """The rows of gradients of the keys of ``input``; these keys; where the samples end."""
        keys, values, ends = self._flat(input)
        g = thnn.contiguous(self.gradOutputAs(gradOutput, (ends.size, self.bias.size)))
        used = self.normalizedValues if self.normalize else values
        if used.shape != values.shape:
            raise ValueError(
                f"nn.IndexLinear: {values.size} values, {used.size} in the last forward; call forward first"
            )
        rows = self.resized(buffer, (keys.size, self.bias.size * (2 if self.normalize else 1)))
        thnn.IndexLinear_accGradParameters(ends, used, g, rows, self.normalize, 1 if scale is None else scale)
        return rows, keys, ends

    def updateParameters(self, learningRate: float) -> Self:
        count = self.running["counter"] - 1
        if count:
            thnn.cadd(self.bias, -learningRate, self.gradBias)
            for rows, keys in zip(self.running["gradWeight"][:count], self.running["keys"]):
                self._step(keys, rows, learningRate)
        return self

    def _step(self, keys: Any, rows: Any, learningRate: float) -> None:
        self._checkParameters()
        keys = self._rowsOf(keys)
        thnn.IndexLinear_updateParameters(keys, rows, self.weight, self.normalize, learningRate, self.weightDecay)

    def zeroGradParameters(self) -> Self:
        if self.gradBias is not None:
            self.gradBias.fill(0)
        self.running["counter"] = 1
        return self

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        rows, keys, _ = self._gradientRows(input, gradOutput, 1, None)
        self.bias -= lr * gradOutput.reshape(-1, self.bias.size).sum(0)
        self._step(keys, rows, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.accUpdateGradParameters(input, gradOutput, lr)

    def _flat(self, input: Any) -> tuple[Any, Any, Any]:
        """All keys (int64), all values, and where each sample ends."""
        if not utils.is_table(input) or len(input) not in (2, 3):
            raise TypeError(f"nn.IndexLinear: input must be [keys, values(, sizes)], got {arrays.describe(input)}")
        keys, values = input[:2]
        if arrays.is_array(keys) != arrays.is_array(values) or (len(input) == 3 and not arrays.is_array(keys)):
            raise TypeError(f"nn.IndexLinear: Wrong input format: {arrays.describe(input)}")
        if arrays.is_array(keys):
            sizes = input[2] if len(input) == 3 else keys.size
        else:
            sizes = [k.size for k in keys]
            if sizes != [v.size for v in values]:
                raise ValueError(f"nn.IndexLinear: keys and values differ in size: {arrays.describe(input)}")
            keys, values = np.concatenate(keys), np.concatenate(values)
        sizes = np.atleast_1d(sizes)
        if sizes.size and sizes.min() < 0:
            raise ValueError(f"nn.IndexLinear: sizes of samples must not be negative, got {sizes.min()}")
        return self._checked(keys, values, np.cumsum(sizes, dtype=np.int64))

    def _checked(self, keys: Any, values: Any, ends: Any) -> tuple[Any, Any, Any]:
        self.checkType(values, "values of input")
        if keys.ndim != 1 or keys.shape != values.shape or (ends.size and ends[-1] != keys.size):
            raise ValueError(
                f"nn.IndexLinear: keys and values must be vectors of equal size, that of all samples together: "
                f"{arrays.describe([keys, values])}, {ends[-1] if ends.size else 0}"
            )
        ends = arrays.array_module(values).asarray(ends)
        return thnn.contiguous(whole(self, keys, "keys")), thnn.contiguous(values), ends

    def _checkParameters(self) -> None:
        """Raise unless weight has a column for each element of bias, and those of ``normalize``."""
        self.checkFields(weight=(len(self.weight), self.bias.size + self.normalize), bias=(self.bias.size,))

    def _rowsOf(self, keys: Any) -> Any:
        """0-based rows of weight for ``keys``; ``IndexError`` where there is none."""
        rows = keys + self.offset
        if rows.size and not (rows.min() >= 0 and rows.max() < len(self.weight)):
            raise IndexError(
                f"nn.IndexLinear: key out of range {-self.offset}..{len(self.weight) - 1 - self.offset}: "
                f"{keys.min()}..{keys.max()}"
            )
        return rows

    def clearState(self) -> Self:
        vars(self).pop("_used", None)
        utils.clear(self, "normalizedValues")
        return super().clearState()
