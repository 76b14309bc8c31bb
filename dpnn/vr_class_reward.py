from __future__ import annotations

from typing import Any, Self

import nn
from nn import thnn
from nn.whole import check_whole
from torch7 import arrays, registry


@nn.register
class VRClassReward(nn.Criterion):
    """Rewards a module's Reinforce modules for right classes, less a baseline that keeps the variance low.

    Input ``{y, b}``: scores ``N x C`` and the baseline, N numbers (``N x 1``), the reward that was expected; target: N
    class labels from 1. A single sample is ``{y of C, b of 1}``. ``reward = scale`` where the largest score is the
    target's, else 0. The loss is minus their sum, or mean while ``sizeAverage`` is True (as at first). Backward calls
    ``module.reinforce(reward - b)``, divided by N with ``sizeAverage``; ``gradInput`` is 0 for y, and for b that of
    ``criterion`` (MSECriterion) towards the reward.

    ``scale``: 1. The module is not converted by ``type``. Sizes that do not fit raise ``ValueError``.
    Source: manual of dpnn; Williams (1992), Simple statistical gradient-following algorithms.
    """

    def __init__(self, module: nn.Module, scale: float | None = None, criterion: nn.Criterion | None = None) -> None:
        super().__init__()
        self.module = module
        self.scale = 1 if scale is None else scale
        self.criterion = nn.MSECriterion() if criterion is None else criterion
        self.sizeAverage = True
        self.gradInput = [arrays.empty(), arrays.empty()]

    def hits(self, scores: Any, target: Any) -> Any:
        """For each sample whether its largest score is that of its label."""
        if scores.ndim == 1:
            scores = scores[None]
        if scores.ndim != 2:
            raise ValueError(f"{self}: scores must be N x C, got {arrays.describe(scores)}")
        return scores.argmax(1) + 1 == labels(self, target, scores)

    def updateOutput(self, input: Any, target: Any) -> float:
        scores, _ = self._pair(input)
        hits = self.hits(scores, target)
        self.reward = hits.astype(scores.dtype)
        self.reward *= self.scale
        self.output = -thnn.number(self.reward.sum()) / (max(len(hits), 1) if self.sizeAverage else 1)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> list:
        scores, baseline = self._pair(input)
        reward = self.hits(scores, target).astype(scores.dtype)
        reward *= self.scale
        if baseline.size != reward.size:
            raise ValueError(f"{self}: baseline for {reward.size} samples is {arrays.describe(baseline)}")
        self.vrReward = reward - baseline.reshape(-1)
        if self.sizeAverage:
            self.vrReward /= max(reward.size, 1)
        self.module.reinforce(self.vrReward)
        gradScores = arrays.resized(self.gradInput[0] if self.gradInput else None, scores.shape, scores)
        gradScores.fill(0)
        wanted = reward.reshape(baseline.shape)
        self.criterion.forward(baseline, wanted)
        self.gradInput = [gradScores, self.criterion.backward(baseline, wanted)]
        return self.gradInput

    def _pair(self, input: Any) -> tuple[Any, Any]:
        if not isinstance(input, list | tuple) or len(input) != 2:
            raise TypeError(f"{self}: input must be a table of scores and baseline, got {arrays.describe(input)}")
        for x in input:
            self.checkType(x)
        return input[0], input[1]

    def type(self, type: str, tensorCache: dict | None = None) -> Self:
        """Convert the criterion; the module that it rewards stays as it is."""
        module, self.module = self.module, None
        try:
            return super().type(type, tensorCache)
        finally:
            self.module = module

    def _restore(self) -> None:
        buffers = [g for g in self.gradInput or () if arrays.is_array(g)]
        self._dtype = buffers[0].dtype if buffers else arrays.default_dtype()


def labels(criterion: nn.Criterion, target: Any, scores: Any) -> Any:
    """The target, one number for each sample, as an array."""
    xp = arrays.array_module(scores)
    target = xp.asarray(target).reshape(-1)
    check_whole(criterion, target)
    if target.size != len(scores):
        name = registry.class_name(type(criterion))
        raise ValueError(f"{name}: {target.size} targets for scores {arrays.describe(scores)}")
    return target
