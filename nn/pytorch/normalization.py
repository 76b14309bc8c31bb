"""Layer, group, root-mean-square and local response normalisation (manual, "Normalization layers")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import functional as F
from .defaults import check_device, float_dtype
from .module import Module
from .parameter import Parameter


class Affine(Module):
    """Base of what has ``weight``, at first ones, and ``bias``, at first zeros; either may be None."""

    def register_affine(self, shape: Any, weight: bool, bias: bool, dtype: Any) -> None:
        for name, wanted in (("weight", weight), ("bias", bias)):
            if wanted:
                setattr(self, name, Parameter(np.empty(shape, float_dtype(dtype))))
            else:
                self.register_parameter(name, None)

    def reset_parameters(self) -> None:
        """Ones and zeros, as at the start."""
        for name, number in (("weight", 1), ("bias", 0)):
            p = self._parameters.get(name)
            if p is not None:
                p.data[...] = number

    def arrays(self) -> tuple:
        """Weight and bias as kernels take them."""
        found = (self.held(name) for name in ("weight", "bias"))
        return tuple(None if p is None else p.data for p in found)

    def accumulated(self, gradients: tuple, scale: float) -> Any:
        """Add the parameters' gradients, return the input's."""
        self.accumulate("weight", gradients[1], scale)
        self.accumulate("bias", gradients[2], scale)
        return gradients[0]


class Last(NamedTuple):
    """The last call of a layer: what runs it on another input, its output, and what :meth:`RowNorm._what` says."""

    run: Callable
    output: Any
    shape: tuple
    what: tuple


class RowNorm(Affine):
    """Base: ``function``, its ``gradient``, and what both take beside input, parameters and ``eps``."""

    function: Callable
    gradient: Callable
    names: tuple = ("weight", "bias")
    eps: float | None

    def over(self) -> Any:
        """The sizes, or the number of groups, that are normalised."""
        raise NotImplementedError

    def settings(self) -> tuple:
        return self.over(), *self.arrays()[: len(self.names)], self.eps

    def forward(self, input: Any) -> Any:
        last = self._scratch.get("last")
        if last is not None and self._alike(last, input):
            last.run(input)
            return last.output
        self.check(input)
        kept: dict = {}
        y, self.saved = self.function(input, *self.settings(), buffer=self.buffer, keep=kept)
        self._scratch["last"] = Last(kept["run"], y, input.shape, self._what(input)) if kept else None
        return y

    def _what(self, input: Any) -> tuple:
        """What a call depends on beside the input's numbers and shape; parameters by the objects that they are."""
        return input.dtype, self.held("weight"), self.held("bias"), self.over(), self.eps

    def _alike(self, last: Last, input: Any) -> bool:
        """Whether the same call fits again: the same parameters, and an input of the same shape and type in memory."""
        if type(input) is not np.ndarray or input.shape != last.shape or not input.flags.carray:
            return False
        return all(a is b for a, b in zip(self._what(input), last.what))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        more = {"needs": (True, *self.needs(*self.names)), "buffer": self.buffer, **self.saved}
        gx, *given = self.gradient(gradOutput, input, *self.settings(), **more)
        for name, gradient in zip(self.names, given):
            self.accumulate(name, gradient, scale)
        return gx


class LayerNorm(RowNorm):
    """``(x - mean) / sqrt(var + eps) * weight + bias`` over the last dimensions, of sizes ``normalized_shape``."""

    function, gradient = staticmethod(F.layer_norm_forward), staticmethod(F.layer_norm_backward)

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        one = isinstance(normalized_shape, (int, np.integer))
        self.normalized_shape = (int(normalized_shape),) if one else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.register_affine(self.normalized_shape, elementwise_affine, elementwise_affine and bias, dtype)
        self.reset_parameters()

    def over(self) -> Any:
        return self.normalized_shape

    def extra_repr(self) -> str:
        text = f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        return text + f", bias={self.bias is not None}"


class RMSNorm(RowNorm):
    """``x / sqrt(mean(x^2) + eps) * weight`` over the last dimensions; ``eps`` None is the type's own."""

    function, gradient = staticmethod(F.rms_norm_forward), staticmethod(F.rms_norm_backward)
    names = ("weight",)

    def __init__(
        self, normalized_shape: Any, eps: float | None = None, elementwise_affine: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        one = isinstance(normalized_shape, (int, np.integer))
        self.normalized_shape = (int(normalized_shape),) if one else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        if elementwise_affine:
            self.weight = Parameter(np.empty(self.normalized_shape, float_dtype(dtype)))
        else:
            self.register_parameter("weight", None)
        self.reset_parameters()

    def over(self) -> Any:
        return self.normalized_shape

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(RowNorm):
    """``(x - mean) / sqrt(var + eps) * weight + bias`` over ``num_groups`` groups of the channels of (N, C, ...)."""

    function, gradient = staticmethod(F.group_norm_forward), staticmethod(F.group_norm_backward)

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, device: Any = None,
        dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        check_device(device)
        if num_groups < 1 or num_channels % num_groups:
            raise ValueError(f"GroupNorm: {num_channels} channels must be divisible by {num_groups} groups")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.register_affine(num_channels, affine, affine and bias, dtype)
        self.reset_parameters()

    def over(self) -> Any:
        return self.num_groups

    def extra_repr(self) -> str:
        text = f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"
        return text + f", bias={self.bias is not None}"


class LocalResponseNorm(Module):
    """``x / (k + alpha / size * S)^beta``: ``S`` sums ``x^2`` over ``size`` channels around each one."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Any) -> Any:
        self.check(input)
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return F.local_response_norm_backward(gradOutput, input, self.size, self.alpha, self.beta, self.k)[0]

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
