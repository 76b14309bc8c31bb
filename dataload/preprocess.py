"""Preprocessing of whole data sets."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from .data_loader import DataLoader


def rescale(x: Any, min: float, max: float, dmin: float | None = None, dmax: float | None = None) -> Any:
    """Map the range ``dmin``..``dmax`` of ``x`` (its own) to ``min``..``max``, in place; returns ``x``."""
    dmin = float(x.min()) if dmin is None else dmin
    dmax = float(x.max()) if dmax is None else dmax
    x += -dmin
    x *= max - min
    x *= 1 / (dmax - dmin)
    x += min
    return x


def binarize(x: Any, threshold: float) -> Any:
    """0 where ``x`` is below ``threshold``, else 1, in place; returns ``x``."""
    x[...] = x >= threshold
    return x


def fitImageNormalize(
    trainset: DataLoader,
    nsample: int | None = None,
    cachepath: str | os.PathLike | None = None,
    verbose: bool | None = None,
    dim: int | None = None,
    iterator: str | None = None,
) -> Callable[[Any], Any]:
    """A function ``ppf(inputs)`` that normalises images channel by channel in place: (x - mean) / std.

    Mean and standard deviation of each index of dimension ``dim`` (2) are averaged over the batches of
    ``trainset.sampleiter`` (or the method ``iterator`` names) until ``nsample`` (10000) samples have come, each batch
    weighted by its size. ``cachepath``, a .t7 file, keeps them and is read if it exists. ``verbose`` prints them.
    Source: dataload manual, fitImageNormalize.
    """
    from torch7.serialization import load, save

    dim = 2 if dim is None else dim
    if cachepath is not None and os.path.exists(cachepath):
        cache = load(cachepath)
        mean, std = (np.asarray(cache[name], np.float64) for name in ("mean", "std"))
    else:
        mean, std = _statistics(trainset, 10000 if nsample is None else nsample, dim, iterator or "sampleiter")
        if cachepath is not None:
            save(cachepath, {"mean": mean, "std": std})
    if verbose:
        print(f"mean of each channel: {mean.tolist()}")
        print(f"standard deviation of each channel: {std.tolist()}")

    def normalise(inputs: Any) -> Any:
        for channel, m, s in zip(np.moveaxis(inputs, dim - 1, 0), mean.tolist(), std.tolist()):
            channel -= m
            channel /= s
        return inputs

    return normalise


def _statistics(trainset: DataLoader, nsample: int, dim: int, iterator: str) -> tuple[np.ndarray, np.ndarray]:
    mean, std, seen = 0.0, 0.0, 0
    for k, inputs, _ in getattr(trainset, iterator)(min(32, nsample), nsample):
        channels = np.moveaxis(inputs, dim - 1, 0).reshape(inputs.shape[dim - 1], -1)
        mean = mean + (k - seen) * channels.mean(1, dtype=np.float64)
        std = std + (k - seen) * channels.std(1, dtype=np.float64, ddof=1)
        seen = k
    return mean / seen, std / seen
