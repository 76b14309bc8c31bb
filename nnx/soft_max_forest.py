from __future__ import annotations

from typing import Any

import nn
from nnx.parts import Parts

from .soft_max_tree import SoftMaxTree


@nn.register
class SoftMaxForest(Parts):
    """Several SoftMaxTrees, mixed by a network that sees their input.

    Input ``{x, targets}``: ``N x inputSize`` and N leaves; output ``y[n] = sum_k g[n, k] t_k[n]``, ``t_k`` being the
    log-probabilities of tree k and g the SoftMax behind layers of ``gaterSize`` (none) units, each with ``gaterAct`` (a
    Tanh), and a Linear. ``trees`` and ``rootIds`` are those of :class:`SoftMaxTree`. Source: nnx.
    """

    PARTS = ("gater", "experts")

    def __init__(
        self, inputSize: int, trees: Any, rootIds: Any = None, gaterSize: Any = None, gaterAct: nn.Module | None = None
    ) -> None:
        super().__init__()
        trees = list(nn.utils.sequence(trees))
        roots = [1] * len(trees) if rootIds is None else list(nn.utils.sequence(rootIds))
        self.experts, width = nn.ConcatTable(), inputSize
        for tree, root in zip(trees, roots, strict=True):
            self.experts.add(SoftMaxTree(inputSize, tree, root))
        self.smts = list(self.experts.modules)
        self.gater = nn.Sequential().add(nn.SelectTable(1))
        for size in gaterSize or []:
            self.gater.add(nn.Linear(width, size)).add(nn.Tanh() if gaterAct is None else gaterAct.clone())
            width = size
        self.gater.add(nn.Linear(width, len(trees))).add(nn.SoftMax())

    def updateOutput(self, input: Any) -> Any:
        shares, scores = self.gater.updateOutput(input), self.experts.updateOutput(input)
        output = self.resizeOutput(scores[0])
        output.fill(0)
        for k, score in enumerate(scores):
            output += shares[:, k] * score
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        by_shares, by_scores = self._flows(gradOutput)
        self.gradInput = nn.utils.recursiveCopy(self.gradInput, self.experts.updateGradInput(input, by_scores))[0]
        through = self.gater.updateGradInput(input, by_shares)
        self.gradInput[0] += through[0]
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        by_shares, by_scores = self._flows(gradOutput)
        self.gater.accGradParameters(input, by_shares, scale)
        self.experts.accGradParameters(input, by_scores, scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.sharedAccUpdateGradParameters(input, gradOutput, lr)

    def _flows(self, gradOutput: Any) -> tuple[Any, list]:
        """The gradients by the shares and by the trees' scores."""
        shares, scores = self.gater.output, self.experts.output
        if not isinstance(scores, list) or len(scores) != shares.shape[-1] or len(shares) != len(scores[0]):
            raise ValueError(f"{self}: call forward before backward")
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, scores[0].shape)
        self._shares = by_shares = self.resized(vars(self).get("_shares"), shares.shape)
        for k, score in enumerate(scores):
            by_shares[:, k] = g * score
        return by_shares, [g * shares[:, k] for k in range(len(scores))]

    _transient = ("_shares",)
