from __future__ import annotations

from typing import Any

import nn
from nn import thnn
from torch7 import arrays

EPS = 1e-7


@nn.register
class NCECriterion(nn.Criterion):
    """The loss of :class:`NCEModule`: tell the target from the noise.

    For the input ``{pt (N), ps (N x k), ut (N), us (N x k)}``, scores and unigram probabilities of the targets and of
    the noise, with ``e = 1e-7``,

    ``loss = -sum of ln(pt / (pt + k ut + e)) - sum of ln(k us / (ps + k us + e))``

    divided by N while ``sizeAverage`` is True (as at first). The target is ignored. ``gradInput`` is 0 for the unigram
    probabilities. Sizes that do not fit raise ``ValueError``.
    Source: manual of dpnn; Gutmann and Hyvarinen (2010), Noise-contrastive estimation.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sizeAverage = True
        self.gradInput = [arrays.empty() for _ in range(4)]

    def updateOutput(self, input: Any, target: Any = None) -> float:
        pt, ps, ut, us = self._four(input)
        xp, k = arrays.array_module(pt), ps.shape[1]
        ofTargets = pt / (pt + k * ut + EPS)
        ofNoise = k * us
        ofNoise /= ps + ofNoise + EPS
        loss = -thnn.number(xp.log(ofTargets).sum()) - thnn.number(xp.log(ofNoise).sum())
        self.output = loss / max(len(pt), 1) if self.sizeAverage else loss
        return self.output

    def updateGradInput(self, input: Any, target: Any = None) -> list:
        pt, ps, ut, us = self._four(input)
        xp, k = arrays.array_module(pt), ps.shape[1]
        self.gradInput = [arrays.resized(g, x.shape, x) for g, x in zip(self.gradInput or [None] * 4, (pt, ps, ut, us))]
        n = max(len(pt), 1) if self.sizeAverage else 1
        xp.divide(-k / n * ut, (pt + k * ut + EPS) * (pt + EPS), out=self.gradInput[0])
        xp.divide(ps / n, (ps + k * us + EPS) * (ps + EPS), out=self.gradInput[1])
        self.gradInput[2].fill(0)
        self.gradInput[3].fill(0)
        return self.gradInput

    def _four(self, input: Any) -> list:
        if not isinstance(input, list | tuple) or len(input) != 4:
            raise TypeError(f"NCECriterion: input must be a table of 4 tensors, got {arrays.describe(input)}")
        for x in input:
            self.checkType(x)
        shapes = [x.shape for x in input]
        if len(shapes[0]) != 1 or len(shapes[1]) != 2 or shapes[:2] != shapes[2:] or len(input[0]) != len(input[1]):
            raise ValueError(f"NCECriterion: the four tensors do not fit: {arrays.describe(input)}")
        return input

    def _restore(self) -> None:
        buffers = [g for g in self.gradInput or () if arrays.is_array(g)]
        self._dtype = buffers[0].dtype if buffers else arrays.default_dtype()
