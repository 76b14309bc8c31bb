from __future__ import annotations

from typing import Any

import nn
from nnx.parts import Parts

from .convolutional import linear2convHead, linear2convTrunk


@nn.register
class SharpMask(Parts):
    """sharpmask's network: the trunk and the branch for scores of a DeepMask, and refinements of its mask.

    ``refs[0]`` makes a small map of the trunk's output; ``refs[k]`` takes ``{map of layer skpos[k] of the trunk, last
    map}`` and gives one of twice the size. The last puts out the mask. Only ``refs`` learn: ``parameters``,
    ``zeroGradParameters`` and ``updateParameters`` are theirs, and backward ends at the output of the trunk.

    ``config``, a dict or keywords, has ``dm``, the DeepMask, ``km`` and ``ks``, multiples of 16, ``batch`` and ``gSz``,
    the size of the mask. Source: sharpmask; Pinheiro et al. (2016), Learning to refine object segments.
    """

    PARTS = ("trunk", "scoreBranch", "maskBranchDM", "refs", "neths")
    skpos: Any = (8, 6, 5, 3)
    _transient = ("inps",)
    #: Planes of the trunk's maps and behind the first convolution, and pixels that the crop takes off each side.
    SKIPS = ((1024, 64, 0), (512, 64, 2), (256, 64, 4), (64, 32, 8))

    def __init__(self, config: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        config = {**(config or {}), **settings}
        mask = config["dm"]
        self.km, self.ks = config["km"], config["ks"]
        if any(size < 16 or size % 16 for size in (self.km, self.ks)):
            raise ValueError(f"nn.SharpMask: km and ks must be multiples of 16, got {self.km} and {self.ks}")
        self.trunk, self.scoreBranch, self.maskBranchDM = mask.trunk, mask.scoreBranch, mask.maskBranch
        self.fSz, self.skpos, self.inps = mask.fSz, list(SharpMask.skpos), {}
        skips = config.get("skips") or self.SKIPS
        self.neths = [horizontal(*skip, self.ks // 2**k) for k, skip in enumerate(skips)]
        first = nn.Sequential().add(nn.Linear(config.get("width", 512), self.fSz * self.fSz * self.km))
        first.add(nn.View(config["batch"], self.km, self.fSz, self.fSz))
        self.netvs = {0: first} | {k + 1: vertical(self.km // 2**k) for k in range(len(skips))}
        self.refs = {0: first} | {k + 1: refinement(h, self.netvs[k + 1]) for k, h in enumerate(self.neths)}
        last = self.refs[len(skips)]
        last.add(nn.SpatialSymmetricPadding(1, 1, 1, 1))
        last.add(nn.SpatialConvolution(self.km // 2 ** len(skips), 1, 3, 3, 1, 1))
        last.add(nn.View(config["batch"], config["gSz"] * config["gSz"]))

    def parameters(self) -> tuple[list, ...]:
        lists = [part.parameters() for part in self._refinements()]
        return tuple([x for these in kind for x in these] for kind in zip(*lists))

    def updateOutput(self, input: Any) -> Any:
        first, *others = self._refinements()
        output, self.inps = first.updateOutput(self.trunk.updateOutput(input)), {}
        for k, part in enumerate(others, 1):
            self.inps[k] = [self.trunk.modules[int(self.skpos[k - 1]) - 1].output, output]
            output = part.updateOutput(self.inps[k])
        self.output = output
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        first, *others = self._refinements()
        if len(vars(self).get("inps") or {}) != len(others):
            raise ValueError(f"{self}: call forward before backward")
        self.checkType(gradOutput, "gradOutput")
        self._gradients = {}
        gradient = self.gradOutputAs(gradOutput, self.output.shape)
        for k in range(len(others), 0, -1):
            self._gradients[k] = gradient
            gradient = others[k - 1].updateGradInput(self.inps[k], gradient)[1]
        self._gradients[0] = gradient
        self.gradInput = first.updateGradInput(self.trunk.output, gradient)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        first, *others = self._refinements()
        for k, part in enumerate(others, 1):
            part.accGradParameters(self.inps[k], self._gradients[k], scale)
        first.accGradParameters(self.trunk.output, self._gradients[0], scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.sharedAccUpdateGradParameters(input, gradOutput, lr)

    def setnpinference(self, np: int) -> None:
        """Set the number of proposals that the refinements take at a time."""
        view = self.refs[0].modules[1]
        view.resetSize(np, *(int(size) for size in view.size[1:]))

    def inference(self, np: int) -> SharpMask:
        """Make it a network for whole images and ``np`` proposals: ``neths`` run on the maps of the image by
        themselves.
        """
        self.evaluate()
        refs = self._refinements()
        refs[-1].remove()
        for part in refs[1:]:
            net = part.modules[0].modules[0]
            if isinstance(net.modules[0], nn.SpatialZeroPadding) and not isinstance(
                net.modules[0], nn.SpatialSymmetricPadding
            ):
                net.modules[0] = nn.Identity().type(self._type)
            part.modules[0].modules[0] = nn.Identity().type(self._type)
        self.setnpinference(np)
        linear2convTrunk(self.trunk, int(self.fSz))
        linear2convHead(self.scoreBranch)
        self.maskBranchDM = self.maskBranchDM.modules[0]
        return self

    def _refinements(self) -> list:
        """``refs`` in order; files hold them in a table from 0."""
        refs = self.refs
        return [refs[k] for k in range(len(refs))] if isinstance(refs, dict) else list(refs)

    def clearState(self) -> SharpMask:
        self.inps, self._gradients = {}, {}
        return super().clearState()


def horizontal(planes: int, middle: int, crop: int, out: int) -> nn.Sequential:
    """What a map of the trunk goes through: three convolutions with mirrored borders, to half of ``out`` planes."""
    net = nn.Sequential()
    if crop:
        net.add(nn.SpatialZeroPadding(-crop, -crop, -crop, -crop))
    for a, b in ((planes, middle), (middle, out)):
        net.add(nn.SpatialSymmetricPadding(1, 1, 1, 1)).add(nn.SpatialConvolution(a, b, 3, 3, 1, 1)).add(nn.ReLU())
    return net.add(nn.SpatialSymmetricPadding(1, 1, 1, 1)).add(nn.SpatialConvolution(out, out // 2, 3, 3, 1, 1))


def vertical(planes: int) -> nn.Sequential:
    """What the last map goes through: two convolutions with mirrored borders, to half of its planes."""
    net = nn.Sequential().add(nn.SpatialSymmetricPadding(1, 1, 1, 1))
    net.add(nn.SpatialConvolution(planes, planes, 3, 3, 1, 1)).add(nn.ReLU())
    return net.add(nn.SpatialSymmetricPadding(1, 1, 1, 1)).add(nn.SpatialConvolution(planes, planes // 2, 3, 3, 1, 1))


def refinement(across: nn.Module, down: nn.Module) -> nn.Sequential:
    """The sum of both ways, twice as large."""
    both = nn.ParallelTable().add(across).add(down)
    return nn.Sequential().add(both).add(nn.CAddTable()).add(nn.ReLU()).add(nn.SpatialUpSamplingNearest(2))
