from __future__ import annotations

from typing import Any

from torch7 import registry

from .. import thnn
from ..extension import register
from .spatial_convolution import SpatialConvolution


@register
class SpatialDepthWiseConvolution(SpatialConvolution):
    """Convolves every input plane by itself, with ``nOutputPlane`` kernels of its own:

    ``output[(i - 1) nOutputPlane + o, y, x] =``
    ``bias[o, i] + sum over a, b of weight[o, i, a, b] * input[i, y dH - padH + a, x dW - padW + b]``

    Arguments, input and sizes are those of :class:`SpatialConvolution`; the output has ``nInputPlane * nOutputPlane``
    planes, those of input plane 1 first. ``weight`` is ``nOutputPlane x nInputPlane x kH x kW``, ``bias`` is
    ``nOutputPlane x nInputPlane``. ``ValueError`` for another number of dimensions or planes, ``TypeError`` for another
    type. Source: manual chapter "convolution"; Sifre, Rigid-Motion Scattering for Image Classification (2014).
    """

    def biasShape(self) -> tuple[int, int]:
        return self.nOutputPlane, self.nInputPlane

    def outputPlanes(self) -> int:
        return self.nInputPlane * self.nOutputPlane

    def convolve(self, input: Any, output: Any, weight: Any, bias: Any, geometry: tuple) -> None:
        thnn.SpatialDepthWiseConvolution_updateOutput(input, output, weight, bias, *geometry[:2])

    def convolveBack(self, gradOutput: Any, gradInput: Any, weight: Any, geometry: tuple) -> None:
        thnn.SpatialDepthWiseConvolution_updateGradInput(gradOutput, gradInput, weight, *geometry[:2])

    def accumulate(
        self, input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, geometry: tuple, scale: float
    ) -> None:
        thnn.SpatialDepthWiseConvolution_accGradParameters(
            input, gradOutput, gradWeight, gradBias, *geometry[:2], scale
        )


@registry.upgrade(SpatialDepthWiseConvolution)
def _upgrade(module: SpatialDepthWiseConvolution, fields: dict) -> None:
    """A module that was saved before its first forward has its kernels as rows of a matrix."""
    shape = tuple(fields.get(name) for name in ("nOutputPlane", "nInputPlane", "kH", "kW"))
    for name in ("weight", "gradWeight"):
        if getattr(fields.get(name), "ndim", 0) == 2:
            fields[name] = fields[name].reshape(shape)
