"""weight_norm, spectral_norm and orthogonal as parametrizations (manual, "torch.nn.utils.parametrizations")."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..module import Module
from ..parameter import plain
from .orthogonal import orthogonal
from .parametrize import register_parametrization


class _WeightNorm(Module):
    """``v g / |v|``, the norm over all dimensions but ``dim``, or over all of them for -1."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def _axes(self, v: Any) -> Any:
        return None if self.dim == -1 else tuple(i for i in range(v.ndim) if i != self.dim % v.ndim)

    def forward(self, g: Any, v: Any) -> Any:
        return v * (g / (v * v).sum(axis=self._axes(v), keepdims=self.dim != -1).sqrt())

    def right_inverse(self, weight: Any) -> tuple:
        square = (weight * weight).sum(axis=self._axes(weight), keepdims=self.dim != -1)
        return np.asarray(np.sqrt(square), weight.dtype, like=weight), weight


class _SpectralNorm(Module):
    """``W / sigma``, sigma the largest singular value by power iteration, as a matrix with ``dim`` first."""

    def __init__(self, weight: Any, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        if n_power_iterations <= 0:
            raise ValueError(f"Expected n_power_iterations to be positive, but got {n_power_iterations}")
        self.dim, self.n_power_iterations, self.eps = dim % weight.ndim, n_power_iterations, eps
        matrix = self._matrix(weight)
        for name, size in zip(("_u", "_v"), matrix.shape):
            self.register_buffer(name, self._normalised(random.normal_(np.empty(size, weight.dtype, like=weight))))
        self._iterate(matrix, 15)

    def _matrix(self, weight: Any) -> Any:
        return np.moveaxis(weight, self.dim, 0).reshape(weight.shape[self.dim], -1)

    def _normalised(self, x: Any) -> Any:
        return x / np.maximum(np.linalg.norm(x), x.dtype.type(self.eps))

    def _iterate(self, matrix: Any, times: int) -> None:
        for _ in range(times):
            self._u[...] = self._normalised(matrix @ self._v)
            self._v[...] = self._normalised(matrix.T @ self._u)

    def forward(self, weight: Any) -> Any:
        matrix = self._matrix(weight)
        if self.training:
            self._iterate(matrix, self.n_power_iterations)
        u, v = self._u.copy(), self._v.copy()
        sigma = u @ (matrix @ v)
        self.saved = u, v, sigma
        return weight / sigma

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        u, v, sigma = self.saved
        shape = np.moveaxis(input, self.dim, 0).shape
        outer = np.moveaxis(np.outer(u, v).reshape(shape), 0, self.dim)
        return (gradOutput - (gradOutput * input).sum() / sigma * outer) / sigma

    def right_inverse(self, value: Any) -> Any:
        return value


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Train a weight as its length ``original0`` and direction ``original1``; returns the module."""
    return register_parametrization(module, name, _WeightNorm(-1 if dim is None else dim), unsafe=True)


def spectral_norm(
    module: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Any:
    """Divide a weight by its largest singular value; returns the module. Source: Miyato et al. 2018."""
    weight = getattr(module, name, None)
    if weight is None or plain(weight).ndim < 2:
        raise ValueError(f"{type(module).__name__} has no parameter {name!r} of two or more dimensions")
    if dim is None:
        dim = 1 if "ConvTranspose" in type(module).__name__ else 0
    return register_parametrization(module, name, _SpectralNorm(plain(weight), n_power_iterations, dim, eps))


__all__ = ["orthogonal", "spectral_norm", "weight_norm"]
