from __future__ import annotations

import math
from typing import Any, NoReturn, Self

import numpy as np

import nn
from nn import thnn, utils
from nn.whole import check_whole, whole
from torch7 import arrays, registry
from torch7.random import uniform

from .alias_multinomial import AliasMultinomial
from .serial_modes import MEDIUM
from .shared_clone import PARAMETERS

SAMPLES = ["sampleidx", "sampleprob", "_weight", "_gradWeight", "_gradOutput", "_tgradOutput", "_known"]


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

    version = 6  # of dpnn's module: programs ask for one
    normalized = logsoftmax = False
    batchnoise = True
    sampleidx = sampleprob = _weight = _gradWeight = _gradOutput = _tgradOutput = _known = None
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
        self.batchnoise = True
        self._empty()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight from U(-s, s), s = 1 / sqrt(inputSize), and set bias; or draw both with s = stdv."""
        if stdv is not None:
            uniform(self.weight, -stdv, stdv)
            uniform(self.bias, -stdv, stdv)
            return self
        bound = 1 / math.sqrt(self.weight.shape[1] or 1)
        uniform(self.weight, -bound, bound)
        self.bias.fill(-math.log(len(self.bias)))
        return self

    def fastNoise(self) -> None:
        """Make the tables of the alias method anew from ``unigrams``, which need not sum to 1."""
        self.unigrams = self.unigrams / self.unigrams.sum()
        self.aliasmultinomial = AliasMultinomial(self.unigrams)

    def updateOutput(self, input: Any) -> Any:
        x, target = self._pair(input)
        labels = self._labels(target)
        if self.train is False and self.normalized:
            return self._softmax(x)
        self._draw(labels)
        targets, noise = self._buffers(len(x))
        factor, words = self._factor(), self._words(len(x))
        given = thnn.contiguous(x), *self._tables(), *words, 1 if factor is None else factor
        bad = thnn.NCEModule_updateOutput(*given, targets, noise)
        if bad != -1:
            thnn.refused(bad, self._refuse_normalization)
        if factor is None:
            self._estimate(targets, noise)
        probs, k = self.sampleprob, self.k
        if self.batchnoise:
            self.output = [targets, noise, probs[k:], arrays.array_module(x).broadcast_to(probs[:k], noise.shape)]
        else:
            self.output = [targets, noise, probs[:, 0], probs[:, 1:]]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        x, target = self._pair(input)
        self._weigh(gradOutput, x)
        held = self.gradInput if nn.utils.is_table(self.gradInput) and self.gradInput else [None, None]  # old files
        self.gradInput = [self.resized(g, t.shape, *input, *gradOutput) for g, t in zip(held, (x, target))]
        weight, _ = self._tables()
        thnn.NCEModule_updateGradInput(
            self._tgradOutput, self._gradOutput, weight, *self._words(len(x)), self.gradInput[0]
        )
        self.gradInput[1].fill(0)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        x, _ = self._pair(input)
        self._weigh(gradOutput, x)
        self._checkGradients()
        gradWeight, gradBias = thnn.contiguous(self.gradWeight), thnn.contiguous(self.gradBias)
        gradients = thnn.contiguous(x), self._tgradOutput, self._gradOutput
        scale = 1 if scale is None else scale
        thnn.NCEModule_accGradParameters(*gradients, *self._words(len(x)), scale, gradWeight, gradBias)
        thnn.copy_back(gradWeight, self.gradWeight)
        thnn.copy_back(gradBias, self.gradBias)

    # -- arguments

    def _pair(self, input: Any) -> tuple[Any, Any]:
        """``x`` and the labels, after a check of their sizes."""
        if not isinstance(input, list | tuple) or len(input) != 2:
            raise TypeError(f"{self}: input must be a table of a tensor and labels, got {arrays.describe(input)}")
        x, target = input
        self.checkType(x)
        if not arrays.is_array(target):
            raise TypeError(f"{self}: the labels must be a tensor, got {arrays.describe(target)}")
        if x.ndim != 2 or x.shape[1] != self.weight.shape[1] or target.size != len(x):
            raise ValueError(f"{self}: input and labels do not fit: {arrays.describe(input)}")
        return x, target

    def _labels(self, target: Any) -> Any:
        """The labels as a vector of int64, after a check of their values."""
        if not isinstance(target, np.ndarray):  # on a GPU what is wrong is told later, and kernels pass over it
            check_whole(self, target)
            return target.reshape(-1)
        labels = whole(self, target.reshape(-1))
        if labels.size and not (labels.min() >= 1 and labels.max() <= len(self.weight)):
            raise IndexError(f"{self}: labels are 1..{len(self.weight)}, got {labels.min()}..{labels.max()}")
        return labels

    def _factor(self) -> Any:
        """1 / Z, or None as long as that is not known; on a GPU a Z that was positive itself, which nobody reads."""
        if self._known is self.Z and not isinstance(self.Z, np.ndarray):
            return self.Z
        Z = float(self.Z[0])
        self._known = self.Z if Z > 0 and not isinstance(self.Z, np.ndarray) else None
        return 1 / Z if Z > 0 else None

    def _refuse_normalization(self, place: int) -> NoReturn:
        Z = float(self.Z[0])
        raise ValueError(f"{self}: Z became {Z}, it must be positive; assign a new tensor to have it estimated")

    def _tables(self) -> tuple[Any, Any]:
        """weight and bias as kernels take them; ``ValueError`` unless they have a row for every class."""
        classes, width = len(self.unigrams), self.weight.shape[1]
        self.checkFields(weight=(classes, width), bias=(classes,))
        return thnn.contiguous(self.weight), thnn.contiguous(self.bias)

    def _words(self, n: int) -> tuple[Any, tuple[int, ...]]:
        """The words that were drawn for n samples, and where those of each are among them."""
        drawn, classes = self.sampleidx, len(self.weight)
        shapes = (self.k + n,), (n, self.k + 1)
        if not arrays.is_array(drawn) or drawn.shape not in shapes or drawn.dtype != np.int64:
            raise ValueError(f"{self}: sampleidx is {arrays.describe(drawn)}, it must be {shapes[not self.batchnoise]}")
        drawn = thnn.contiguous(drawn)
        bad = thnn.Labels_outside(drawn.reshape(-1), classes)
        if bad != -1:
            thnn.refused(bad, lambda place: self._refuse(drawn, classes))
        if drawn.ndim == 1:
            return drawn, (drawn.size - n, 1, 0, 0)
        return drawn.reshape(-1), (0, drawn.shape[1], 1, drawn.shape[1])

    def _refuse(self, drawn: Any, classes: int) -> NoReturn:
        raise IndexError(f"{self}: sampleidx holds {int(drawn.min())}..{int(drawn.max())}, classes are 1..{classes}")

    def _weigh(self, gradOutput: Any, x: Any) -> None:
        """Keep d loss / d exponent = d loss / d score * score."""
        drawn = isinstance(self.output, list) and len(self.output) == 4 and self.sampleidx is not None
        if not drawn or not isinstance(gradOutput, list | tuple) or len(gradOutput) < 2:
            raise ValueError(f"{self}: backward needs the table of a forward of NCE, got {arrays.describe(gradOutput)}")
        targets, noise = self.output[:2]
        for gradient, score in zip(gradOutput, (targets, noise)):
            self.checkType(gradient, "gradOutput")
            if gradient.size != score.size or len(score) != len(x):
                raise ValueError(f"{self}: gradOutput {arrays.describe(gradOutput)} does not fit the last output")
        multiply = arrays.array_module(x).multiply
        ofTargets, ofNoise = (g.reshape(s.shape) for g, s in zip(gradOutput, (targets, noise)))
        self._tgradOutput = multiply(ofTargets, targets, out=self.resized(self._tgradOutput, targets.shape))
        self._gradOutput = multiply(ofNoise, noise, out=self.resized(self._gradOutput, noise.shape))

    # -- forward

    def _draw(self, labels: Any) -> None:
        """Draw the noise; keep what belongs to the samples: classes and unigrams."""
        n, xp = len(labels), arrays.array_module(self.weight)
        shape = (self.k + n,) if self.batchnoise else (n, self.k + 1)
        if self.sampleidx is None or self.sampleidx.shape != shape:
            self.sampleidx = xp.empty(shape, np.int64)
        noise = self.sampleidx[: self.k] if self.batchnoise else self.sampleidx[:, 1:]
        targets = self.sampleidx[self.k :] if self.batchnoise else self.sampleidx[:, 0]
        drawn = self.noiseSample(noise)
        if drawn is not noise:
            noise[...] = drawn
        targets[...] = labels
        self.sampleprob = self.resized(self.sampleprob, shape)
        thnn.NCEModule_frequencies(self.sampleidx, self.unigrams, self.sampleprob)

    def noiseSample(self, sampleidx: Any, *sizes: int) -> Any:
        """Draw classes by ``unigrams`` into ``sampleidx``, of the ``sizes`` given or its own; returns the tensor."""
        if sizes and sampleidx.shape != (shape := utils.sizes_of(*sizes)):
            sampleidx = arrays.array_module(sampleidx).empty(shape, sampleidx.dtype)
        return self.aliasmultinomial.batchdraw(sampleidx)

    def _buffers(self, n: int) -> tuple[Any, Any]:
        held = self.output if isinstance(self.output, list) and self.output else [None, None]
        return self.resized(held[0], (n,)), self.resized(held[1], (n, self.k))

    def _estimate(self, targets: Any, noise: Any) -> None:
        """Fix Z so that the mean of all classes' scores is about 1 / outputSize; divide the scores by it."""
        scores = [noise] if self.batchnoise else [targets, noise]
        total, count = sum(float(s.sum(dtype=np.float64)) for s in scores), sum(s.size for s in scores)
        self.Z[0] = total / count * len(self.weight)
        print(f"normalization constant Z approximated to {float(self.Z[0]):.14g}")
        targets *= 1 / float(self.Z[0])
        noise *= 1 / float(self.Z[0])

    def _softmax(self, x: Any) -> Any:
        """The probabilities of all classes, or their logarithms."""
        held = self.output if arrays.is_array(self.output) else None
        self.output = self.resized(held, (len(x), len(self.weight)), x)
        thnn.Linear_updateOutput(thnn.contiguous(x), self.output, *self._tables())
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

    def clearState(self) -> Self:
        self._drop()
        self._empty()
        return self

    def _empty(self) -> None:
        self.output, self.gradInput = ([arrays.empty(self._type) for _ in range(n)] for n in (4, 2))

    def _drop(self) -> None:
        """Forget the samples."""
        for name in SAMPLES:
            vars(self).pop(name, None)


@registry.upgrade(NCEModule)
def _upgrade(module: NCEModule, fields: dict) -> None:
    """Old files draw from ``unigrams`` itself, for every sample."""
    if fields.get("aliasmultinomial") is None and arrays.is_array(fields.get("unigrams")):
        fields["aliasmultinomial"] = AliasMultinomial(fields["unigrams"])
        fields.setdefault("batchnoise", False)
