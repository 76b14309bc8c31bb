"""nnx's criterions: of several outputs, of distributions, and for few large numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.whole import whole
from torch7 import arrays, registry

#: Probabilities count as this at least.
LEAST = 1e-9


@nn.register
class SuperCriterion(nn.Criterion):
    """The weighted sum of criterions, each on an entry of the input, all with one target: ``add(criterion, weight)``.

    The weight is 1 by default. Source: nnx.
    """

    def __init__(self) -> None:
        super().__init__()
        self.criterions: list = []
        self.weights: list = []
        self.gradInput: Any = []

    def add(self, criterion: nn.Criterion, weight: float | None = None) -> SuperCriterion:
        """Append a criterion; returns the module."""
        self.criterions.append(criterion)
        self.weights.append(1 if weight is None else weight)
        return self

    def updateOutput(self, input: Any, target: Any) -> float:
        self.output = float(sum(w * c.forward(x, target) for w, c, x in self._entries(input)))
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> list:
        entries = self._entries(input)
        held = self.gradInput if isinstance(self.gradInput, list) and len(self.gradInput) == len(entries) else []
        held = held or [None] * len(entries)
        self.gradInput = [nn.utils.recursiveResizeAs(buffer, x)[0] for buffer, (_, _, x) in zip(held, entries)]
        for buffer, (w, c, x) in zip(self.gradInput, entries):
            nn.utils.recursiveFill(buffer, 0)
            nn.utils.recursiveAdd(buffer, w, c.backward(x, target))
        return self.gradInput

    def _entries(self, input: Any) -> list[tuple]:
        table = nn.utils.sequence(input, self)
        if len(table) < len(self.criterions):
            raise ValueError(f"{self}: {len(table)} entries for {len(self.criterions)} criterions")
        return list(zip(self.weights, self.criterions, table))


class Distributions(nn.Criterion):
    """Base of losses of two distributions, vectors of equal length; scores become one through a SoftMax."""

    targetIsProbability = inputIsProbability = False

    def __init__(self) -> None:
        super().__init__()
        self.inputIsProbability, self.targetIsProbability = False, False
        self.targetSoftMax = nn.SoftMax()

    def wanted(self, input: Any, target: Any) -> Any:
        """The target as probabilities; ``ValueError`` unless both are vectors of one length."""
        target = self.checkPair(input, target)
        if input.ndim != 1 or not input.size:
            raise ValueError(f"{self}: input and target must be vectors, got {arrays.describe(input)}")
        return target if self.targetIsProbability else self.targetSoftMax.updateOutput(target)


@nn.register
class DistNLLCriterion(Distributions):
    """The cross entropy of two distributions: ``loss = -sum_i t_i log p_i``.

    Input and target are scores, which a LogSoftMax and a SoftMax turn into distributions, unless
    ``inputIsLogProbability`` or ``targetIsProbability`` is True; with ``inputIsADistance`` less is likelier.
    ``inputIsProbability`` was never made in nnx: here ``p_i`` is the input, 1e-9 at least. Source: nnx.
    """

    inputIsADistance = inputIsLogProbability = False

    def __init__(self) -> None:
        super().__init__()
        self.inputIsADistance, self.inputIsLogProbability = False, False
        self.inputLogSoftMax = nn.LogSoftMax()

    def updateOutput(self, input: Any, target: Any) -> float:
        wanted = self.wanted(input, target)
        self.output = -float((self._logs(input) * wanted).sum())
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        wanted = self.wanted(input, target)
        x = -input if self.inputIsADistance else input
        gradInput = self.resizeGradInput(input, target)
        arrays.array_module(input).negative(wanted, out=gradInput)
        if self.inputIsProbability and not self.inputIsLogProbability:
            gradInput /= np.maximum(x, LEAST)
        elif not self.inputIsLogProbability:
            self.inputLogSoftMax.updateOutput(x)
            gradInput[...] = self.inputLogSoftMax.updateGradInput(x, gradInput)
        if self.inputIsADistance:
            gradInput *= -1
        return gradInput

    def _logs(self, input: Any) -> Any:
        x = -input if self.inputIsADistance else input
        if self.inputIsLogProbability:
            return x
        return np.log(np.maximum(x, LEAST)) if self.inputIsProbability else self.inputLogSoftMax.updateOutput(x)


@nn.register
class KLDivCriterion(Distributions):
    """The divergence of a distribution from another: ``loss = sum_i t_i log(t_i / p_i)``, both 1e-9 at least in the
    log.

    Input and target are scores, which a SoftMax turns into distributions, unless ``inputIsProbability`` or
    ``targetIsProbability`` is True. Source: nnx, in its first years.
    """

    def __init__(self) -> None:
        super().__init__()
        self.inputSoftMax = nn.SoftMax()

    def updateOutput(self, input: Any, target: Any) -> float:
        t, p = self.wanted(input, target), self._likely(input)
        self.output = float((t * np.log(np.maximum(t, LEAST) / np.maximum(p, LEAST))).sum())
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        t, p = self.wanted(input, target), self._likely(input)
        gradInput = self.resizeGradInput(input, target)
        arrays.array_module(input).divide(-t, np.maximum(p, LEAST), out=gradInput)
        if not self.inputIsProbability:
            gradInput[...] = self.inputSoftMax.updateGradInput(input, gradInput)
        return gradInput

    def _likely(self, input: Any) -> Any:
        return input if self.inputIsProbability else self.inputSoftMax.updateOutput(input)


@nn.register
class DistMarginCriterion(nn.Criterion):
    """A margin between the least of the right classes and every wrong one: ``sum_d max(0, 1 - min_t x_t + x_d)``.

    With ``sizeAverage`` (True) by the number of classes, not of samples. Input: C scores or ``N x C``; target of the
    same shape: the right classes, 1..C, 0 behind the last. nnx goes on with numbers of the sample before where a sample
    has no class; here that is ``IndexError``, as are other classes. Source: nnx.
    """

    sizeAverage = True

    def __init__(self) -> None:
        super().__init__()
        self.sizeAverage = True

    def updateOutput(self, input: Any, target: Any) -> float:
        margins, _, _ = self._margins(input, target)
        self.output = float(np.maximum(margins, 0).sum()) * self._share(input)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        margins, least, share = *self._margins(input, target)[:2], self._share(input)
        gradInput = self.resizeGradInput(input, target)
        rows = gradInput.reshape(margins.shape)
        np.multiply(margins > 0, share, out=rows)
        n = np.arange(len(rows), like=rows)
        rows[n, least] = -rows.sum(1)
        return gradInput

    def _margins(self, input: Any, target: Any) -> tuple[Any, Any, Any]:
        """``1 - min + x`` of wrong classes, -1 of right ones, and the least right class of each sample, from 0."""
        self.checkType(input)
        if input.ndim not in (1, 2) or not input.size or getattr(target, "size", None) != input.size:
            raise ValueError(f"{self}: scores and classes must be C or N x C, got {arrays.describe([input, target])}")
        x = input.reshape(-1, input.shape[-1])
        labels, C = whole(self, target, "classes").reshape(x.shape), x.shape[1]
        if labels.min() < 0 or labels.max() > C or (labels[:, 0] == 0).any():
            raise IndexError(f"{self}: classes are 1..{C}, then 0, one at least for each sample")
        counted = np.cumprod(labels > 0, 1)
        right = np.zeros(x.shape, bool, like=x)
        n, place = np.nonzero(counted)
        right[n, labels[n, place] - 1] = True
        least = np.where(right, x, np.inf).argmin(1)
        return np.where(right, -1, 1 - x[np.arange(len(x), like=x), least][:, None] + x), least, right

    def _share(self, input: Any) -> float:
        return 1 / input.shape[-1] if self.sizeAverage else 1.0


@nn.register
class SparseCriterion(nn.Criterion):
    """The mean size of the input's numbers, ``loss = sum |x| / n``, with ``sizeAverage`` False their sum; no target.

    The gradient at 0 is that above 0. Source: nnx.
    """

    sizeAverage = True

    def __init__(self) -> None:
        super().__init__()
        self.sizeAverage = True

    def forward(self, input: Any, target: Any = None) -> float:
        return self.updateOutput(input, target)

    def backward(self, input: Any, target: Any = None) -> Any:
        return self.updateGradInput(input, target)

    def updateOutput(self, input: Any, target: Any = None) -> float:
        self.checkType(input)
        self.output = float(abs(input.astype(np.float64)).sum()) * self._share(input)
        return self.output

    def updateGradInput(self, input: Any, target: Any = None) -> Any:
        self.checkType(input)
        gradInput = self.resizeGradInput(input, target)
        gradInput[...] = np.where(input >= 0, self._share(input), -self._share(input))
        return gradInput

    def _share(self, input: Any) -> float:
        return 1 / max(input.size, 1) if self.sizeAverage else 1.0


registry.lacking(SparseCriterion, sizeAverage=True)
registry.lacking(DistMarginCriterion, sizeAverage=True)
