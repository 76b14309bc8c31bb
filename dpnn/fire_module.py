from __future__ import annotations

import warnings

import nn
from torch7 import registry


@nn.register
class FireModule(nn.Decorator):
    """A squeeze convolution of 1x1 kernels, then an expand layer of 1x1 and 3x3 kernels side by side.

    Input: ``N x nInputPlane x H x W``; output ``N x (e1x1 + e3x3) x H x W``. ``s1x1``: planes of the squeeze layer,
    best fewer than ``e1x1 + e3x3`` (else there is a warning); ``e1x1`` and ``e3x3``: planes of the expand layer's
    kernels of either size; ``activation``: the name of the class after both layers, ``'ReLU'``. The parts are in the
    fields ``squeeze``, ``expand`` and ``module``. Errors are those of the modules, with their place as a note. Source:
    manual of dpnn; Iandola et al. (2016), SqueezeNet.
    """

    def __init__(self, nInputPlane: int, s1x1: int, e1x1: int, e3x3: int, activation: str | None = None) -> None:
        if s1x1 > e1x1 + e3x3:
            warnings.warn("<FireModule> s1x1 is recommended to be smaller then e1x1+e3x3", stacklevel=3)
        activation = "ReLU" if activation is None else activation
        squeeze = nn.SpatialConvolution(nInputPlane, s1x1, 1, 1)
        expand = nn.Concat(2)
        expand.add(nn.SpatialConvolution(s1x1, e1x1, 1, 1))
        expand.add(nn.SpatialConvolution(s1x1, e3x3, 3, 3, 1, 1, 1, 1))
        function = getattr(nn, activation)
        module = nn.Sequential().add(squeeze).add(function()).add(expand).add(function())
        super().__init__(module)
        self.nInputPlane, self.s1x1, self.e1x1, self.e3x3 = nInputPlane, s1x1, e1x1, e3x3
        self.activation = activation
        self.squeeze, self.expand, self.module = squeeze, expand, module

    def __tostring__(self) -> str:
        return (
            f"{registry.class_name(type(self))} inputPlanes: {self.nInputPlane} -> Squeeze Planes: {self.s1x1} -> "
            f"Expand: {self.e1x1}(1x1) + {self.e3x3}(3x3), activation: {self.activation}"
        )
