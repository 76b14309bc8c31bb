from __future__ import annotations

from typing import Any

import nn
from nnx.parts import Parts

from .convolutional import linear2convHead, linear2convTrunk


@nn.register
class DeepMask(Parts):
    """deepmask's network: a trunk, and on its output a branch for masks and one for scores.

    Output: ``{mask, score}``. ``inference()`` makes it a network for images of any size: its Linears become
    convolutions. Source: deepmask; Pinheiro et al. (2015), Learning to segment object candidates.
    """

    PARTS = ("trunk", "maskBranch", "scoreBranch")

    def __init__(self, trunk: nn.Module, maskBranch: nn.Module, scoreBranch: nn.Module) -> None:
        super().__init__()
        self.trunk, self.maskBranch, self.scoreBranch = trunk, maskBranch, scoreBranch

    def updateOutput(self, input: Any) -> list:
        common = self.trunk.updateOutput(input)
        self.output = [self.maskBranch.updateOutput(common), self.scoreBranch.updateOutput(common)]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        common, (mask, score) = self.trunk.output, gradOutput
        of_mask = self.maskBranch.updateGradInput(common, mask)
        self._common = nn.utils.recursiveCopy(vars(self).get("_common"), of_mask)[0]
        nn.utils.recursiveAdd(self._common, self.scoreBranch.updateGradInput(common, score))
        self.gradInput = self.trunk.updateGradInput(input, self._common)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        common, (mask, score) = self.trunk.output, gradOutput
        self.maskBranch.accGradParameters(common, mask, scale)
        self.scoreBranch.accGradParameters(common, score, scale)
        self.trunk.accGradParameters(input, self._common, scale)

    _transient = ("_common",)

    def inference(self) -> DeepMask:
        """Make it a network for whole images, in evaluation: ``fSz`` is the size of the trunk's last maps."""
        self.evaluate()
        linear2convTrunk(self.trunk, int(self.fSz))
        linear2convHead(self.scoreBranch)
        self.maskBranch = linear2convHead(self.maskBranch.modules[0])
        return self

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.sharedAccUpdateGradParameters(input, gradOutput, lr)
