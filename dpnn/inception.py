from __future__ import annotations

import warnings
from typing import Any

import nn

PROBE = (200, 100)  # the height and width for which the columns' sizes are compared
OPTIONAL = {
    "reduceStride": [],
    "transfer": None,
    "batchNorm": None,
    "padding": True,
    "kernelSize": [5, 3],
    "kernelStride": [1, 1],
    "poolSize": 3,
    "poolStride": 1,
    "pool": None,
}


@nn.register
class Inception(nn.Decorator):
    """Columns of convolutions of several kernel sizes side by side, their planes joined by a DepthConcat.

    For each of ``kernelSize`` a column ``1x1 conv -> transfer -> k x k conv -> transfer``, then ``pool -> 1x1 conv ->
    transfer``, then ``1x1 conv -> transfer``. Input: ``N x inputSize x H x W``, or one image; output: the planes of all
    columns, those that are smaller padded with zeros, with a warning.

    ``config``, a dict or keywords: ``inputSize``: planes of the input; ``outputSize``: a list, planes of each k x k
    convolution; ``reduceSize``: planes of the 1x1 convolutions of the columns, up to two more; without them the pooling
    column has no convolution, and the last column does not exist. ``reduceStride``: strides of the 1x1 convolutions
    ([1, 1, ...]); ``transfer``: a module, copied for each use (ReLU); ``batchNorm``: after each convolution (False);
    ``padding``: pad by half of the kernels (True); ``kernelSize`` ([5, 3]); ``kernelStride`` ([1, 1]); ``poolSize`` (3)
    and ``poolStride`` (1) of ``pool``, a max pooling without padding. ``TypeError`` for missing or unknown settings.
    Source: manual of dpnn; Szegedy et al. (2014), Going deeper with convolutions.
    """

    def __init__(self, config: dict[str, Any] | None = None, **settings: Any) -> None:
        settings = {name: value for name, value in {**(config or {}), **settings}.items() if value is not None}
        missing = {"inputSize", "outputSize", "reduceSize"} - settings.keys()
        unknown = settings.keys() - OPTIONAL.keys() - {"inputSize", "outputSize", "reduceSize"}
        if missing or unknown:
            raise TypeError(f"Inception: missing {sorted(missing)}, unknown {sorted(unknown)}")
        settings = OPTIONAL | settings
        default = settings["pool"] is None
        if settings["transfer"] is None:
            settings["transfer"] = nn.ReLU()
        if default:
            size, stride = settings["poolSize"], settings["poolStride"]
            settings["pool"] = nn.SpatialMaxPooling(size, size, stride, stride)
        super().__init__(columns(**settings, defaultPool=default))
        for name, value in settings.items():
            setattr(self, name, list(value) if isinstance(value, list | tuple) else value)

    def updateOutput(self, input: Any) -> Any:
        self.output = self.fromBatch(super().updateOutput(self._batch(input)), 1)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = super().updateGradInput(self._batch(input), self._batch(gradOutput))
        self.gradInput = self.fromBatch(gradInput, 1)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        super().accGradParameters(self._batch(input), self._batch(gradOutput), scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        super().accUpdateGradParameters(self._batch(input), self._batch(gradOutput), lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        super().sharedAccUpdateGradParameters(self._batch(input), self._batch(gradOutput), lr)

    def _batch(self, x: Any) -> Any:
        self.checkType(x)
        return self.toBatch(x, 3)

    @property
    def module(self) -> nn.Module:
        """The columns."""
        return self.modules[0]


def columns(
    inputSize: int,
    outputSize: list,
    reduceSize: list,
    reduceStride: list,
    transfer: nn.Module,
    batchNorm: bool,
    padding: bool,
    kernelSize: list,
    kernelStride: list,
    poolSize: int,
    poolStride: int,
    pool: nn.Module,
    defaultPool: bool,
) -> nn.DepthConcat:
    """The columns of :class:`Inception` for its settings."""
    strides = dict(enumerate(reduceStride))
    module = nn.DepthConcat(2)
    sizes: list[tuple[str, tuple[int, ...]]] = []

    def layer(column: nn.Sequential, i: int, o: int, k: int, stride: int, pad: int) -> None:
        column.add(nn.SpatialConvolution(i, o, k, k, stride, stride, pad, pad))
        if batchNorm:
            column.add(nn.SpatialBatchNormalization(o))
        column.add(transfer.clone())

    for i, (o, k, stride) in enumerate(zip(outputSize, kernelSize, kernelStride)):
        column, pad = nn.Sequential(), k // 2 if padding else 0
        layer(column, inputSize, reduceSize[i], 1, strides.get(i, 1), 0)
        layer(column, reduceSize[i], o, k, stride, pad)
        module.add(column)
        sizes.append((".", shrunk(shrunk(PROBE, 1, strides.get(i, 1)), k, stride, pad)))
    n = len(outputSize)
    column = nn.Sequential().add(pool)
    if len(reduceSize) > n:
        layer(column, inputSize, reduceSize[n], 1, strides.get(n, 1), 0)
    module.add(column)
    if defaultPool:
        sizes.append((" in pooling.", shrunk(shrunk(PROBE, poolSize, poolStride), 1, strides.get(n, 1))))
    if len(reduceSize) > n + 1:
        column = nn.Sequential()
        layer(column, inputSize, reduceSize[n + 1], 1, strides.get(n + 1, 1), 0)
        module.add(column)
        sizes.append((" in 1x1 conv.", shrunk(PROBE, 1, strides.get(n + 1, 1))))
    for where, size in sizes[1:]:
        if size != sizes[0][1]:
            warnings.warn(f"dpnn.Inception: Warning: Inconsistent output sizes{where}", stacklevel=5)
    return module


def shrunk(sizes: tuple[int, ...], kernel: int, stride: int, pad: int = 0) -> tuple[int, ...]:
    """What a kernel leaves of an image."""
    return tuple((size + 2 * pad - kernel) // stride + 1 for size in sizes)
