from __future__ import annotations

import math
from typing import Any

import numpy as np

import nn
from nn import thnn
from torch7 import arrays
from torch7.random import uniform

from .alias_multinomial import AliasMultinomial
from .serial_modes import MEDIUM
from .shared_clone import PARAMETERS

SAMPLES = ["sampleidx", "sampleprob", "_weight", "_gradWeight", "_gradOutput", "_tgradOutput"]


@nn.register
class NCEModule(nn.Linear):
    """A Linear and SoftMax over many classes that trains on the target and a few noise classes of each batch.

    Input ``{x, target}``: ``N x inputSize`` and N labels from 1. With the scores ``s_j = exp(w_j . x + b_j) / Z``, the
    output is ``{s of the target (N), s of k noise classes (N x k), unigrams of the target, those of the noise}``, for
    :class:`NCECriterion`. Noise is drawn from ``unigrams`` by the alias method, once for a whole batch, or for each
    sample after ``batchnoise = False``. Only rows of ``weight`` that were drawn get a gradient.

    In evaluation with ``normalized = True`` the output is ``SoftMax(W x + b)``, ``N x outputSize``, or LogSoftMax with
    ``logsoftmax = True``; that has no backward.

    ``k``: noise classes; ``unigrams``: frequencies of the classes; ``Z``: the normalization, by default estimated from
    the first batch so that the mean score over all classes is about 1 / outputSize. ``bias`` starts as
    ``-ln(outputSize)``. Labels out of range raise ``IndexError``, other sizes ``ValueError``.
    Source: manual of dpnn; Chen et al. (2015), Recurrent neural network language model training with NCE.
    """

    normalized = logsoftmax = False
    batchnoise = True
    sampleidx = sampleprob = _weight = _gradWeight = _gradOutput = _tgradOutput = _biases = None
    dpnn_parameters = [*PARAMETERS, "unigrams", "Z"]
    dpnn_mediumEmpty = [*MEDIUM, *SAMPLES, "_noiseidx", "_noiseprob"]

    def __init__(self, inputSize: int, outputSize: int, k: int, unigrams: Any, Z: float | None = None) -> None:
        if isinstance(k, bool) or not isinstance(k, int) or k < 1:
            raise ValueError(f"NCEModule: k must be a positive number, got {k!r}")
        if not arrays.is_array(unigrams) or unigrams.shape != (outputSize,):
            raise ValueError(f"NCEModule: unigrams of {outputSize} classes are {arrays.describe(unigrams)}")
        super().__init__(inputSize, outputSize)
        self.k = k
        self.unigrams = unigrams / unigrams.sum()
        self.aliasmultinomial = AliasMultinomial(self.unigrams)
        self.Z = arrays.module_of(self._type).full(1, -1 if Z is None else Z, self._dtype)
        self.output, self.gradInput = [], []

    def reset(self, stdv: float | None = None) -> NCEModule:
        """Draw weight from U(-s, s), s = 1 / sqrt(inputSize), and set bias; or draw both with s = stdv."""
        if stdv is not None:
            uniform(self.weight, -stdv, stdv)
            uniform(self.bias, -stdv, stdv)
            return self
        bound = 1 / math.sqrt(self.weight.shape[1])
        uniform(self.weight, -bound, bound)
        self.bias.fill(-math.log(len(self.bias)))
        return self

    def updateOutput(self, input: Any) -> Any:
        x, labels = self._pair(input)
        if self.train is False and self.normalized:
            return self._softmax(x)
        self._draw(labels)
        targets, noise = self._shared_scores(x) if self.batchnoise else self._own_scores(x)
        if self.Z[0] <= 0:
            self._estimate([noise] if self.batchnoise else [targets, noise])
        factor = 1 / float(self.Z[0])
        targets *= factor
        noise *= factor
        xp, probs = arrays.array_module(x), self.sampleprob
        if self.batchnoise:
            self.output = [targets, noise, probs[self.k :], xp.broadcast_to(probs[: self.k], noise.shape)]
        else:
            self.output = [targets, noise, probs[:, 0], probs[:, 1:]]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        x, _ = self._pair(input)
        self._weigh(gradOutput, x)
        held = self.gradInput or [None, None]
        gradInput = self.resized(held[0], x.shape)
        if self.batchnoise:
            noise, targets = self._weight[: self.k], self._weight[self.k :]
            thnn.Linear_updateGradInput(self._gradOutput, gradInput, noise)
            rows = self._rows()[self.k :]
            arrays.array_module(x).multiply(targets, self._tgradOutput[:, None], out=rows)
            gradInput += rows
        else:
            arrays.array_module(x).einsum("nk,nkd->nd", self._gradOutput, self._weight, out=gradInput)
        self.gradInput = [gradInput, self.resized(held[1], input[1].shape)]
        self.gradInput[1].fill(0)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        x, _ = self._pair(input)
        self._weigh(gradOutput, x)
        xp, rows, indices = arrays.array_module(x), self._rows(), self.sampleidx.reshape(-1)
        biases = self._biases = self.resized(self._biases, self.sampleidx.shape)
        if self.batchnoise:
            rows[: self.k].fill(0)
            biases[: self.k].fill(0)
            thnn.Linear_accGradParameters(thnn.contiguous(x), self._gradOutput, rows[: self.k], biases[: self.k], 1)
            xp.multiply(x, self._tgradOutput[:, None], out=rows[self.k :])
            biases[self.k :] = self._tgradOutput
        else:
            xp.multiply(x[:, None, :], self._gradOutput[..., None], out=rows)
            biases[...] = self._gradOutput
        scale = 1 if scale is None else scale
        rows, biases = rows.reshape(indices.size, -1), biases.reshape(-1, 1)
        thnn.LookupTable_accGradParameters(indices, rows, self.gradWeight, None, 0, scale)
        thnn.LookupTable_accGradParameters(indices, biases, self.gradBias.reshape(-1, 1), None, 0, scale)

    # -- arguments

    def _pair(self, input: Any) -> tuple[Any, Any]:
        """``x`` and the labels as int64, after a check."""
        if not isinstance(input, list | tuple) or len(input) != 2:
            raise TypeError(f"{self}: input must be a table of a tensor and labels, got {arrays.describe(input)}")
        x, target = input
        self.checkType(x)
        if not arrays.is_array(target):
            raise TypeError(f"{self}: the labels must be a tensor, got {arrays.describe(target)}")
        if x.ndim != 2 or x.shape[1] != self.weight.shape[1] or target.size != len(x):
            raise ValueError(f"{self}: input and labels do not fit: {arrays.describe(input)}")
        labels = target.reshape(-1).astype(np.int64, copy=False)
        if labels.size and not (labels.min() >= 1 and labels.max() <= len(self.weight)):
            raise IndexError(f"{self}: labels are 1..{len(self.weight)}, got {labels.min()}..{labels.max()}")
        return x, labels

    def _weigh(self, gradOutput: Any, x: Any) -> None:
        """Keep the gradients of the exponents: those of the scores times the scores."""
        if not isinstance(self.output, list) or not isinstance(gradOutput, list | tuple) or len(gradOutput) < 2:
            raise ValueError(f"{self}: backward needs the table of a forward of NCE, got {arrays.describe(gradOutput)}")
        targets, noise = self.output[:2]
        for gradient, score in zip(gradOutput, (targets, noise)):
            self.checkType(gradient, "gradOutput")
            if gradient.size != score.size or len(score) != len(x):
                raise ValueError(f"{self}: gradOutput {arrays.describe(gradOutput)} does not fit the last output")
        multiply = arrays.array_module(x).multiply
        ofTargets, ofNoise = (g.reshape(s.shape) for g, s in zip(gradOutput, (targets, noise)))
        if self.batchnoise:
            self._tgradOutput = multiply(ofTargets, targets, out=self.resized(self._tgradOutput, targets.shape))
            self._gradOutput = multiply(ofNoise, noise, out=self.resized(self._gradOutput, noise.shape))
        else:
            self._gradOutput = self.resized(self._gradOutput, self.sampleidx.shape)
            multiply(ofTargets, targets, out=self._gradOutput[:, 0])
            multiply(ofNoise, noise, out=self._gradOutput[:, 1:])

    def _rows(self) -> Any:
        """Scratch of the size of the weights of all samples."""
        self._gradWeight = self.resized(self._gradWeight, self._weight.shape)
        return self._gradWeight

    # -- forward

    def _draw(self, labels: Any) -> None:
        """Draw the noise and gather what belongs to the samples: classes, unigrams and weights."""
        n, xp = len(labels), arrays.array_module(self.weight)
        shape = (self.k + n,) if self.batchnoise else (n, self.k + 1)
        if self.sampleidx is None or self.sampleidx.shape != shape:
            self.sampleidx = xp.empty(shape, np.int64)
        noise = self.sampleidx[: self.k] if self.batchnoise else self.sampleidx[:, 1:]
        targets = self.sampleidx[self.k :] if self.batchnoise else self.sampleidx[:, 0]
        self.aliasmultinomial.batchdraw(noise)
        targets[...] = labels
        self.sampleprob = self.resized(self.sampleprob, shape)
        self.sampleprob[...] = xp.asarray(self.unigrams)[self.sampleidx - 1]
        self._weight = self.resized(self._weight, (*shape, self.weight.shape[1]))
        rows = self._weight.reshape(self.sampleidx.size, -1)
        thnn.LookupTable_updateOutput(self.sampleidx.reshape(-1), self.weight, rows)

    def _buffers(self, n: int) -> tuple[Any, Any]:
        held = self.output if isinstance(self.output, list) and self.output else [None, None]
        return self.resized(held[0], (n,)), self.resized(held[1], (n, self.k))

    def _shared_scores(self, x: Any) -> tuple[Any, Any]:
        """The exponentials of the scores of the targets and of the noise that the batch shares."""
        xp, bias = arrays.array_module(x), self.bias[self.sampleidx - 1]
        targets, noise = self._buffers(len(x))
        thnn.Linear_updateOutput(thnn.contiguous(x), noise, self._weight[: self.k], bias[: self.k])
        xp.einsum("nd,nd->n", x, self._weight[self.k :], out=targets)
        targets += bias[self.k :]
        return xp.exp(targets, out=targets), xp.exp(noise, out=noise)

    def _own_scores(self, x: Any) -> tuple[Any, Any]:
        """The same where every sample has its own noise."""
        xp = arrays.array_module(x)
        scores = xp.einsum("nd,nkd->nk", x, self._weight)
        scores += self.bias[self.sampleidx - 1]
        targets, noise = self._buffers(len(x))
        return xp.exp(scores[:, 0], out=targets), xp.exp(scores[:, 1:], out=noise)

    def _estimate(self, scores: list) -> None:
        """Fix Z so that the mean of all classes' scores is about 1 / outputSize."""
        total, count = sum(float(s.sum(dtype=np.float64)) for s in scores), sum(s.size for s in scores)
        self.Z[0] = total / count * len(self.weight)
        print(f"normalization constant Z approximated to {float(self.Z[0]):.14g}")

    def _softmax(self, x: Any) -> Any:
        """The probabilities of all classes, or their logarithms."""
        held = self.output if arrays.is_array(self.output) else None
        self.output = self.resized(held, (len(x), len(self.weight)))
        thnn.Linear_updateOutput(thnn.contiguous(x), self.output, self.weight, self.bias)
        (thnn.LogSoftMax_updateOutput if self.logsoftmax else thnn.SoftMax_updateOutput)(self.output, self.output)
        return self.output

    # -- state

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """Without arguments the module's type; with one, convert all but unigrams and the alias tables."""
        if type is None:
            return super().type()
        self._drop()
        unigrams, self.unigrams = self.unigrams, None
        try:
            return super().type(type, tensorCache)
        finally:
            self.unigrams = unigrams

    def clearState(self) -> NCEModule:
        self._drop()
        self.output, self.gradInput = [], []
        return self

    def _drop(self) -> None:
        """Forget the samples."""
        for name in (*SAMPLES, "_biases"):
            vars(self).pop(name, None)
