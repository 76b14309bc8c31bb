from __future__ import annotations

from typing import Any

import nn
from nn.convolution import tables
from torch7 import arrays, registry

from .spatial_padding import SpatialPadding

#: The least threshold, for images without contrast.
LEAST = 1e-3
BUFFERS = ("_z", "_s", "_t", "_flow")


@nn.register
class SpatialNormalization(nn.Module):
    """Takes the local mean off an image and divides by the local deviation, where that exceeds its own mean.

    ``z = x - (K * x) / (K * 1)``, ``s = sqrt(K * z^2) / (K * 1)``, ``y = z / max(s, m)``, ``m = max(mean(s), 1e-3)`` or
    ``threshold``; ``K *`` is the sum weighted by ``kernel`` over a window and all planes, zero outside. m, of one
    image, counts as a constant in the gradient. Input: ``H x W``, ``C x H x W`` or ``N x C x H x W``; output of the
    same shape. ``kernel``, a matrix of odd sizes or a list of two, one after the other, is divided by its sum.
    Nothing is learned. Other ranks and planes raise ``ValueError``. Source: nnx; what
    :class:`nn.SpatialContrastiveNormalization` came from.
    """

    _transient = BUFFERS

    fixedThres: float | None = None

    def __init__(self, nfeatures: int, kernel: Any, threshold: float | None = None) -> None:
        super().__init__()
        self.nfeatures, self.fixedThres = nfeatures, threshold
        kernels = [self._normed(k) for k in (kernel if isinstance(kernel, list | tuple) else [kernel])]
        self.kernel = kernels if len(kernels) > 1 else kernels[0]
        self.convo, self.convostd = self._sums(kernels), self._sums(kernels)
        self.coef = arrays.module_of(self._type).ones((1, 1, 1), self._dtype)

    def _normed(self, kernel: Any) -> Any:
        kernel = arrays.module_of(self._type).array(kernel, self._dtype)
        if kernel.ndim != 2 or any(size % 2 == 0 for size in kernel.shape):
            raise ValueError(
                f"nn.SpatialNormalization: kernel must be a matrix of odd sizes: {arrays.describe(kernel)}"
            )
        return kernel / kernel.sum()

    def _sums(self, kernels: list) -> nn.Module:
        packed = [self._sum(kernel) for kernel in kernels]
        return packed[0] if len(packed) == 1 else nn.Sequential().add(packed[0]).add(packed[1])

    def _sum(self, kernel: Any) -> nn.Module:
        kH, kW = kernel.shape
        sums = nn.SpatialConvolutionMap(tables.oneToOne(self.nfeatures), kW, kH)
        sums.weight[...], sums.bias[...] = kernel, 0
        border = SpatialPadding(kW // 2, kW // 2, kH // 2, kH // 2)
        return nn.Sequential().add(border).add(sums).add(nn.Sum(1)).add(nn.Replicate(self.nfeatures))

    def parameters(self) -> tuple[list, list]:
        return [], []

    def updateOutput(self, input: Any) -> Any:
        x, coef = self._images(input), self._coefficients(input)
        output = self.resizeOutput(input)
        z, s, t, _ = self._held(x)
        xp = arrays.array_module(x)
        for n in range(len(x)):
            xp.divide(self.convo.updateOutput(x[n]), coef, out=z[n])
            xp.subtract(x[n], z[n], out=z[n])
            xp.square(z[n], out=t[n])
            xp.sqrt(self.convostd.updateOutput(t[n]), out=s[n])
            s[n] /= coef
            least = max(s[n].mean(), LEAST) if self.fixedThres is None else self.fixedThres
            xp.maximum(s[n], least, out=t[n])
        xp.divide(z, t, out=output.reshape(x.shape))
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x, coef = self._images(input), self._coefficients(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g, y = self.gradOutputAs(gradOutput, self.output).reshape(x.shape), self.output.reshape(x.shape)
        z, s, t, flow = self._held(x)
        xp = arrays.array_module(x)
        gz = gradInput.reshape(x.shape)
        xp.divide(g, t, out=gz)
        for n in range(len(x)):
            self._deviation(gz[n], y[n], s[n], t[n], coef, flow[n])
            back = self.convostd.updateGradInput(z[n], flow[n])
            back *= z[n]
            back *= 2
            gz[n] += back
            xp.divide(gz[n], coef, out=flow[n])
            gz[n] -= self.convo.updateGradInput(x[n], flow[n])
        return gradInput

    @staticmethod
    def _deviation(gz: Any, y: Any, s: Any, t: Any, coef: Any, flow: Any) -> None:
        """The gradient by ``K * z^2`` of one image: zero where the mean takes the place of s, and where s is 0."""
        xp = arrays.array_module(gz)
        xp.multiply(gz, y, out=flow)
        flow *= (s >= t) & (s > 0)
        xp.divide(flow, s, out=flow, where=s > 0)
        flow /= coef
        flow /= coef
        flow /= -2

    def _held(self, x: Any) -> list:
        for name in BUFFERS:
            setattr(self, name, self.resized(vars(self).get(name), x.shape))
        return [getattr(self, name) for name in BUFFERS]

    def _images(self, input: Any) -> Any:
        self.checkType(input)
        planes = 1 if input.ndim == 2 else input.shape[-3] if input.ndim in (3, 4) else None
        if planes != self.nfeatures or not input.size:
            raise ValueError(f"{self}: input must be images of {self.nfeatures} planes, got {arrays.describe(input)}")
        return input.reshape(-1, planes, *input.shape[-2:])

    def _coefficients(self, input: Any) -> Any:
        """``K * 1`` for images of this size."""
        shape = (self.nfeatures, *input.shape[-2:])
        if self.coef.shape != shape or self.coef.dtype != self._dtype:
            ones = arrays.array_module(input).ones(shape, self._dtype)
            self.coef = self.convo.updateOutput(ones).copy()
        return self.coef

    def clearState(self) -> SpatialNormalization:
        for name in BUFFERS:
            vars(self).pop(name, None)
        for module in (self.convo, self.convostd):
            module.clearState()
        self.coef = arrays.module_of(self._type).ones((1, 1, 1), self._dtype)
        return super().clearState()


@registry.upgrade(SpatialNormalization)
def _upgrade(module: SpatialNormalization, fields: dict) -> None:
    """The number of planes is that of the sums; ``K * 1`` is made anew."""
    sums = [m for m in getattr(fields.get("convo"), "modules", []) if vars(m).get("nInputPlane") is not None]
    if fields.get("nfeatures") is None and sums:
        fields["nfeatures"] = sums[0].nInputPlane
    if not arrays.is_array(fields.get("coef")):
        fields["coef"] = arrays.empty(fields["_type"])
