"""Convolutions in groups: each group of output planes sees its group of input planes alone."""

from __future__ import annotations

from typing import Any

import nn
from nn.constructors import prepare
from nn.convolution.convolution_base import Convolution
from nn.numbers import Whole
from torch7 import registry

GROUPS = Whole(groups=1)


class Grouped(Convolution):
    """What makes a convolution of nn one in groups: ``weight`` is ``nOutputPlane x nInputPlane / groups x ...``."""

    groups = 1

    def setGroups(self, nInputPlane: int, nOutputPlane: int, groups: int | None) -> None:
        """Set the number of groups; ``ValueError`` unless it divides both numbers of planes."""
        self.groups = 1 if groups is None else groups
        (groups,) = GROUPS(self)
        if nInputPlane % groups or nOutputPlane % groups:
            name = registry.class_name(type(self))
            raise ValueError(f"{name}: {groups} groups do not divide {nInputPlane} and {nOutputPlane} planes")

    def kernelShape(self) -> tuple[int, ...]:
        return self.nOutputPlane, self.nInputPlane // self.groups, *self.kernel()

    def geometry(self) -> tuple:
        self.setGroups(self.nInputPlane, self.nOutputPlane, self.groups)
        return *super().geometry()[:3], self.groups

    def __tostring__(self) -> str:
        return f"{super().__tostring__()} in {self.groups} groups"


def _in_groups(fields: Any) -> bool:
    groups = fields.get("groups")
    return isinstance(groups, int | float) and groups > 1


class SpatialConvolution(Grouped, nn.SpatialConvolution):
    """``cudnn.SpatialConvolution`` in groups; the other arguments are those of :class:`nn.SpatialConvolution`.

    Output planes of a group see the input planes of the same group: ``weight`` is ``nOutputPlane x nInputPlane / groups
    x kH x kW``. ``ValueError`` unless ``groups`` divides both numbers of planes. Source: cudnn.torch.
    """

    numbers = Whole(**nn.SpatialConvolution.numbers.least, groups=1)

    def __init__(
        self,
        nInputPlane: int,
        nOutputPlane: int,
        kW: int,
        kH: int,
        dW: int | None = None,
        dH: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
        groups: int | None = None,
    ) -> None:
        self.setGroups(nInputPlane, nOutputPlane, groups)
        super().__init__(nInputPlane, nOutputPlane, kW, kH, dW, dH, padW, padH)


class VolumetricConvolution(Grouped, nn.VolumetricConvolution):
    """``cudnn.VolumetricConvolution`` in groups; arguments of :class:`nn.VolumetricConvolution`, then ``groups``."""

    numbers = Whole(**nn.VolumetricConvolution.numbers.least, groups=1)

    def __init__(self, nInputPlane: int, nOutputPlane: int, *window: Any, groups: int | None = None) -> None:
        self.setGroups(nInputPlane, nOutputPlane, groups)
        super().__init__(nInputPlane, nOutputPlane, *window)


for _cls in (SpatialConvolution, VolumetricConvolution):
    prepare(_cls)
    registry.variant(f"cudnn.{_cls.__name__}", _cls, _in_groups)
