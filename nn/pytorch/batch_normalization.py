"""Batch and instance normalisation (manual, "Normalization layers")."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from . import functional as F
from .defaults import check_device, float_dtype
from .normalization import Affine


class RunningNorm(Affine):
    """Base of what keeps running statistics: ``running_mean``, ``running_var`` and ``num_batches_tracked``."""

    _version = 2
    ranks: tuple = ()
    affine_default, track_default = True, True

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool | None = None,
        track_running_stats: bool | None = None, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine = self.affine_default if affine is None else affine
        self.track_running_stats = self.track_default if track_running_stats is None else track_running_stats
        self.register_affine(num_features, self.affine, self.affine and bias, dtype)
        kept = self.track_running_stats
        for name, number in (("running_mean", 0), ("running_var", 1)):
            self.register_buffer(name, np.full(num_features, number, float_dtype(dtype)) if kept else None)
        self.register_buffer("num_batches_tracked", np.zeros(1, np.int64) if kept else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Mean 0, variance 1, no batches."""
        if self.track_running_stats:
            self.running_mean.fill(0)
            self.running_var.fill(1)
            self.num_batches_tracked.fill(0)

    def reset_parameters(self) -> None:
        """Statistics, weight and bias as at the start."""
        self.reset_running_stats()
        super().reset_parameters()

    def _load_from_state_dict(self, state_dict: Any, prefix: str, local_metadata: Any, *rest: Any) -> None:
        """A state without version or of version 1 has no ``num_batches_tracked``: the present one stays."""
        key = prefix + "num_batches_tracked"
        if local_metadata.get("version", 1) < 2 and self.track_running_stats and key not in state_dict:
            state_dict[key] = self.num_batches_tracked
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    def check_input(self, input: Any) -> None:
        """``ValueError`` for ranks and channels that do not fit."""
        self.check(input)
        if self.ranks and input.ndim not in self.ranks:
            raise ValueError(f"{type(self).__name__}: expected {self.ranks} dimensions, got the input {input.shape}")

    def extra_repr(self) -> str:
        text = f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}"
        return f"{text}, bias={self.bias is not None}, track_running_stats={self.track_running_stats}"


class BatchNorm(RunningNorm):
    """Base: ``(x - mean) / sqrt(var + eps) * weight + bias`` for each channel of (N, C, ...).

    Training takes the batch's statistics and moves the running ones by ``momentum``, or, if it is None, to the mean
    over all batches; evaluation takes the running ones, or without them the batch's.
    """

    def _count_batch(self) -> float:
        """Count a batch; returns how far it moves the running statistics."""
        self.num_batches_tracked += 1
        return 1 / int(self.num_batches_tracked[0]) if self.momentum is None else self.momentum

    def check_input(self, input: Any) -> None:
        super().check_input(input)
        if input.ndim < 2 or input.shape[1] != self.num_features:
            raise ValueError(f"{self}: expected {self.num_features} channels, got the input {input.shape}")

    def forward(self, input: Any) -> Any:
        self.check_input(input)
        step = self._count_batch() if self.training and self.track_running_stats else 0.0
        batch = self.training or self.running_mean is None
        keep = not self.training or self.track_running_stats
        running = (self.running_mean, self.running_var) if keep else (None, None)
        settings = batch, step, self.eps
        y, kept = F.batch_norm_forward(input, *running, *self.arrays(), *settings, buffer=self.buffer)
        self.saved = batch, kept
        return y

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        batch, kept = self.saved
        arguments = self.running_mean, self.running_var, *self.arrays(), batch, 0.0, self.eps
        needs = (True, *self.needs_or_sums(scale, "weight", "bias"))
        kept = kept | {"needs": needs, "buffer": self.buffer}
        return self.accumulated(F.batch_norm_backward(gradOutput, input, *arguments, **kept), scale)


class BatchNorm1d(BatchNorm):
    """Batch normalisation of (N, C) or (N, C, L)."""

    ranks = (2, 3)


class BatchNorm2d(BatchNorm):
    """Batch normalisation of (N, C, H, W)."""

    ranks = (4,)


class BatchNorm3d(BatchNorm):
    """Batch normalisation of (N, C, D, H, W)."""

    ranks = (5,)


class InstanceNorm(RunningNorm):
    """Base: normalisation of each channel of each sample; ``affine`` and ``track_running_stats`` are off by default.

    The number of batches is not counted, and ``momentum=None`` never moves the running statistics, as in PyTorch.
    """

    affine_default, track_default = False, False

    def forward(self, input: Any) -> Any:
        self.check_input(input)
        x = input if input.ndim == max(self.ranks) else input[None]
        if x.shape[1] != self.num_features:
            if self.affine or self.track_running_stats:
                raise ValueError(f"{self}: expected {self.num_features} channels, got the input {input.shape}")
            warnings.warn(f"{self}: the input {input.shape} has other channels", stacklevel=3)
        step = 0.0 if self.momentum is None else self.momentum
        batch = self.training or not self.track_running_stats
        running = self.running_mean, self.running_var
        settings = batch, step, self.eps
        y, kept = F.instance_norm_forward(x, *running, *self.arrays(), *settings, buffer=self.buffer)
        self.saved = batch, kept
        return y.reshape(input.shape)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        batch, kept = self.saved
        whole = input.ndim == max(self.ranks)
        x, g = (input, gradOutput) if whole else (input[None], gradOutput[None])
        arguments = self.running_mean, self.running_var, *self.arrays(), batch, 0.0, self.eps
        needs = (True, *self.needs("weight", "bias"))
        kept = kept | {"needs": needs, "buffer": self.buffer}
        gx, gw, gb = F.instance_norm_backward(g, x, *arguments, **kept)
        return self.accumulated((gx.reshape(input.shape), gw, gb), scale)


class InstanceNorm1d(InstanceNorm):
    """Instance normalisation of (N, C, L) or (C, L)."""

    ranks = (2, 3)


class InstanceNorm2d(InstanceNorm):
    """Instance normalisation of (N, C, H, W) or (C, H, W)."""

    ranks = (3, 4)


class InstanceNorm3d(InstanceNorm):
    """Instance normalisation of (N, C, D, H, W) or (C, D, H, W)."""

    ranks = (4, 5)
