from __future__ import annotations

from typing import Any, NoReturn, Self

import numpy as np

from torch7 import arrays, registry
from torch7.random import uniform

from .. import thnn
from ..extension import register
from ..numbers import Whole
from .places import Places
from .sizes import check_indices, indices_for, volumes


class FractionalMaxPooling(Places):
    """Base of poolings over windows at random places, whose steps are fractions of a pixel on average.

    ``pools`` and ``outputs`` are window and output sizes, or output ratios, in the order of the constructor; ``axes``
    names for each of them the axis of a sample (after the planes) it belongs to.
    """

    axes: tuple[int, ...]
    numbers: Whole

    def __init__(self, pools: tuple, outputs: tuple) -> None:
        super().__init__()
        if min(pools) < 2:
            raise ValueError(f"pool sizes must be 2 or more, got {pools}")
        sizes = all(o is not None and o >= 1 for o in outputs)
        if not sizes and not all(o is not None and 0 < o < 1 for o in outputs):
            raise ValueError(f"output sizes must be 1 or more, or all ratios between 0 and 1, got {outputs}")
        self.newRandomPool = False

    def pools(self) -> tuple[int, ...]:
        raise NotImplementedError

    def outputs(self, sizes: list[int]) -> list[int]:
        """Output sizes for input ``sizes``, in the order of the constructor."""
        raise NotImplementedError

    def fixPoolingRegions(self, val: bool | None = None) -> Self:
        """Keep the random places of the last forward (``val`` True or None) or draw new ones each time (False)."""
        self.newRandomPool = True if val is None else val
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        dims = len(self.axes)
        if input.ndim not in (dims + 1, dims + 2):
            raise ValueError(f"{self}: {dims + 1}D or {dims + 2}D tensor expected, got {arrays.describe(input)}")
        sample = input.shape[-dims:]
        outputs = self.outputs([sample[axis] for axis in self.axes])
        self.check(input, outputs)
        samples = self.drawn(input.shape[:-dims])
        starts, shape, size = self.windows(sample, outputs, samples)
        output = self.resizeOutput(input, (*input.shape[:-dims], *shape[3 - dims :]))
        indices = self.resizeIndices(output.shape, input)
        x, y, places = (volumes(t, dims) for t in (thnn.contiguous(input), output, indices))
        bad = thnn.FractionalMaxPooling_updateOutput(x, y, places, starts, size)
        if bad != -1:
            thnn.refused(bad, self._refuse)
        return output

    def _refuse(self, place: int) -> NoReturn:
        raise ValueError(f"{self}: a window has no maximum, the input holds NaN or -inf")

    def check(self, input: Any, outputs: list[int]) -> None:
        """``ValueError`` unless all windows fit."""
        self.numbers(self)
        sizes = [input.shape[axis - len(self.axes)] for axis in self.axes]
        for size, pool, out in zip(sizes, self.pools(), outputs):
            if out < 1 or out + pool - 1 >= size:
                raise ValueError(
                    f"{self}: pool size {pool} too large relative to {size} of {arrays.describe(input)} "
                    f"for an output of {out}"
                )

    def drawn(self, planes: tuple[int, ...]) -> Any:
        """``randomSamples``, N x C x dims: drawn anew unless they fit and are to be kept."""
        shape = (*((1,) if len(planes) == 1 else ()), *planes, len(self.axes))
        samples = vars(self).get("randomSamples")
        if samples is None or samples.shape != shape or not self.newRandomPool:
            self.randomSamples = samples = uniform(self.resized(samples, shape))
        return samples

    def windows(self, sample: tuple, outputs: list[int], samples: Any) -> tuple[list, tuple, tuple]:
        """Starts, output size and window size on three axes; those in front that are missing have one position."""
        u = thnn.contiguous(samples).reshape(-1, len(self.axes))
        starts = [np.zeros((len(u), 1), np.int64)] * 3
        shape, size = [1, 1, 1], [1, 1, 1]
        for k, (pool, out) in enumerate(zip(self.pools(), outputs)):
            axis = self.axes[k] + 3 - len(self.axes)
            starts[axis] = thnn.FractionalMaxPooling_starts(u, k, (sample[self.axes[k]], pool, out))
            shape[axis], size[axis] = out, pool
        return starts, tuple(shape), tuple(size)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if vars(self).get("randomSamples") is None:
            raise ValueError(f"{self}: must call updateOutput/forward first")
        dims = len(self.axes)
        shape = (*input.shape[:-dims], *self.output.shape[-dims:])
        gradOutput, indices = thnn.contiguous(self.gradOutputAs(gradOutput, shape)), indices_for(self, shape)
        gradInput = self.resizeGradInput(input, gradOutput)
        outside = thnn.FractionalMaxPooling_updateGradInput(
            volumes(gradOutput, dims), volumes(gradInput, dims), volumes(indices, dims)
        )
        check_indices(self, outside, input)
        return gradInput

    def empty(self) -> FractionalMaxPooling:
        """Drop buffers, as :meth:`clearState`."""
        return self.clearState()

    def clearState(self) -> Self:
        self.indices = self.randomSamples = None
        return super().clearState()


@register
class SpatialFractionalMaxPooling(FractionalMaxPooling):
    """Max pooling over ``poolSizeW x poolSizeH`` windows (2 or more) at random places.

    ``a``, ``b``: output width and height in pixels, or ratios of the input's, both inside (0, 1). Input: ``C x H x W``
    or ``N x C x H x W``. Windows are drawn for every plane in every forward, from ``randomSamples``, ``N x C x 2``
    numbers of U(0, 1) (width, height), until :meth:`fixPoolingRegions`. ``indices`` holds flat places from 1.
    ``ValueError`` for an input without 3 or 4 dimensions and for windows larger than it, ``TypeError`` for another
    type. Source: Graham, Fractional Max-Pooling (2014); manual chapter "convolution".
    """

    axes = (1, 0)
    numbers = Whole(poolSizeW=2, poolSizeH=2)

    def __init__(self, kW: int, kH: int, outW: float, outH: float) -> None:
        super().__init__((kW, kH), (outW, outH))
        self.poolSizeW, self.poolSizeH = kW, kH
        if outW >= 1:
            self.outW, self.outH = int(outW), int(outH)
        else:
            self.ratioW, self.ratioH = outW, outH

    def pools(self) -> tuple[int, int]:
        return self.poolSizeW, self.poolSizeH

    def outputs(self, sizes: list[int]) -> list[int]:
        if vars(self).get("outW"):
            return [self.outW, self.outH]
        return [int(sizes[0] * self.ratioW), int(sizes[1] * self.ratioH)]

    def __tostring__(self) -> str:
        fields = vars(self)
        out = f"{fields.get('outW') or 0}x{fields.get('outH') or 0}"
        return f"{registry.class_name(type(self))}({out}, {self.poolSizeW},{self.poolSizeH})"


@register
class VolumetricFractionalMaxPooling(FractionalMaxPooling):
    """Max pooling over ``poolSizeT x poolSizeW x poolSizeH`` boxes (2 or more) at random places.

    ``a``, ``b``, ``c``: output time, width and height, or ratios of the input's, all inside (0, 1). Input, unlike that
    of the other volumetric modules: ``C x H x W x T`` or ``N x C x H x W x T``. Otherwise as
    :class:`SpatialFractionalMaxPooling`, with ``randomSamples`` for time, width and height. Errors as there. Source:
    manual chapter "convolution".
    """

    axes = (2, 1, 0)
    numbers = Whole(poolSizeT=2, poolSizeW=2, poolSizeH=2)

    def __init__(self, kT: int, kW: int, kH: int, outT: float, outW: float, outH: float) -> None:
        super().__init__((kT, kW, kH), (outT, outW, outH))
        self.poolSizeT, self.poolSizeW, self.poolSizeH = kT, kW, kH
        if outT >= 1:
            self.outT, self.outW, self.outH = int(outT), int(outW), int(outH)
        else:
            self.ratioT, self.ratioW, self.ratioH = outT, outW, outH

    def pools(self) -> tuple[int, int, int]:
        return self.poolSizeT, self.poolSizeW, self.poolSizeH

    def outputs(self, sizes: list[int]) -> list[int]:
        if vars(self).get("outT"):
            return [self.outT, self.outW, self.outH]
        ratios = self.ratioT, self.ratioW, self.ratioH
        return [int(size * ratio) for size, ratio in zip(sizes, ratios)]

    def __tostring__(self) -> str:
        fields = vars(self)
        out = "x".join(str(fields.get(name) or 0) for name in ("outT", "outW", "outH"))
        pools = f"{self.poolSizeT},{self.poolSizeW},{self.poolSizeH}"
        return f"{registry.class_name(type(self))}({out}, {pools})"
