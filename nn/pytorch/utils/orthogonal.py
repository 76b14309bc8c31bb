"""A weight with orthonormal columns, or rows, as a parametrization (manual, "torch.nn.utils.parametrizations").

A matrix n x k, n >= k, or the transpose of one, is made of the entries of ``original`` below the diagonal by one of
three maps, and multiplied by ``base``, so that zeros give the matrix that it began with:

- ``matrix_exp``: e^A for the skew-symmetric A = L - L^T;
- ``cayley``: (1 - A/2)^-1 (1 + A/2) for the same A;
- ``householder``: the product of k reflections 1 - 2 v v^T / v^T v, v_i = e_i + what is below in column i; the signs of
  the columns are those of the diagonal.

Source: M. Lezcano-Casado, *Trivializations for gradient-based optimization on manifolds* (2019).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from .. import random
from ..module import Module
from ..parameter import plain
from .parametrize import register_parametrization


def _skew(x: Any, n: int) -> Any:
    """``L - L^T`` for the lower triangle of ``x``, widened to n x n."""
    low = np.zeros((*x.shape[:-1], n), x.dtype, like=x)
    low[..., : x.shape[-1]] = np.tril(x)
    return low - low.mT


class _Exponential:
    """e^A, by the eigenvectors of the Hermitian matrix iA."""

    def __init__(self, x: Any) -> None:
        self.angles, self.vectors = np.linalg.eigh(1j * _skew(x, x.shape[-2]).astype(np.float64))
        phases = np.exp(-1j * self.angles)
        self.q = ((self.vectors * phases[..., None, :]) @ self.vectors.conj().mT).real

    def backward(self, g: Any) -> Any:
        """The gradient by A: divided differences of the exponential (Daleckii, Krein)."""
        a, b = self.angles[..., :, None], self.angles[..., None, :]
        slopes = np.exp(0.5j * (a + b)) * np.sinc((a - b) / (2 * np.pi))
        v = self.vectors
        return (v @ (slopes * (v.conj().mT @ g @ v)) @ v.conj().mT).real


class _Cayley:
    """``(1 - A/2)^-1 (1 + A/2)``"""

    def __init__(self, x: Any) -> None:
        half = _skew(x, x.shape[-2]).astype(np.float64) / 2
        one = np.eye(x.shape[-2], like=x)
        self.low = one - half
        self.q = np.linalg.solve(self.low, one + half)

    def backward(self, g: Any) -> Any:
        return np.linalg.solve(self.low.mT, g) @ (np.eye(g.shape[-1], like=g) + self.q).mT / 2


def _reflected(x: Any, v: Any) -> Any:
    """``(1 - 2 v v^T / v^T v) x``"""
    scale = 2 / (v * v).sum(-1)[..., None, None]
    return x - scale * v[..., :, None] * (v[..., None, :] @ x)


class _Householder:
    """The first columns of a product of reflections, times the signs on the diagonal of ``x``."""

    def __init__(self, x: Any) -> None:
        n, k = x.shape[-2:]
        self.signs = np.trunc(np.diagonal(x, axis1=-2, axis2=-1)).astype(np.float64)[..., None, :]
        self.v = np.tril(x.astype(np.float64), -1) + np.eye(n, k, like=x)
        q = np.broadcast_to(np.eye(n, k, like=x), x.shape)
        for i in reversed(range(k)):
            q = _reflected(q, self.v[..., i])
        self.product, self.q = q, q * self.signs

    def backward(self, g: Any) -> Any:
        """The gradient by what is below the diagonal."""
        g, rest = g * self.signs, self.product
        result = np.zeros_like(self.v)
        for i in range(g.shape[-1]):
            v = self.v[..., i]
            rest = _reflected(rest, v)  # the product of the reflections behind this one
            square = (v * v).sum(-1)[..., None]
            along = (rest.mT @ v[..., None], g.mT @ v[..., None])
            both = (g @ along[0] + rest @ along[1])[..., 0]
            inner = (v * (g @ along[0])[..., 0]).sum(-1)[..., None]
            result[..., i] = -2 / square * both + 4 * inner / square**2 * v
            g = _reflected(g, v)
        return np.tril(result, -1)


MAPS = {"matrix_exp": _Exponential, "cayley": _Cayley, "householder": _Householder}


def _orthogonalised(x: Any) -> Any:
    """The orthonormal factor of ``x = q r`` for which the diagonal of r is positive."""
    q, r = np.linalg.qr(x)
    return q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]


def _is_orthogonal(q: Any) -> bool:
    eps = 10 * q.shape[-2] * np.finfo(q.dtype).eps
    return bool(np.allclose(q.mT @ q, np.eye(q.shape[-1], like=q), atol=eps))


class _Orthogonal(Module):
    """A matrix, or a batch of them, with orthonormal columns, or rows where there are fewer of these."""

    def __init__(self, shape: tuple, orthogonal_map: str, use_trivialization: bool = True) -> None:
        super().__init__()
        self.shape, self.orthogonal_map = shape, orthogonal_map
        self.use_trivialization = use_trivialization
        if use_trivialization:
            self.register_buffer("base", None)

    def _upright(self, x: Any) -> Any:
        """``x``, or its transpose where it is wider than high."""
        return x.mT if self.shape[-2] < self.shape[-1] else x

    def forward(self, weight: Any) -> Any:
        x = self._upright(weight)
        self.saved = made = MAPS[self.orthogonal_map](x)
        q = made.q[..., : x.shape[-1]]
        if self.use_trivialization:
            q = self.base @ q
        return arrays.dense(self._upright(q), weight.dtype)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        g, made = self._upright(gradOutput).astype(np.float64), self.saved
        if self.use_trivialization:
            g = self.base.mT @ g
        n, k = g.shape[-2:]
        if isinstance(made, _Householder):
            gx = made.backward(g)
        else:
            whole = np.zeros((*g.shape[:-1], n), like=g)
            whole[..., :k] = g
            by_skew = made.backward(whole)
            gx = np.tril((by_skew - by_skew.mT)[..., :k])
        return arrays.dense(self._upright(gx), input.dtype)

    def right_inverse(self, q: Any) -> Any:
        """What gives ``q``, or the orthogonal matrix of its QR factors; ``base`` becomes it."""
        if q.shape != self.shape:
            raise ValueError(f"Expected a matrix or batch of matrices of shape {self.shape}. Got {q.shape}.")
        x = self._upright(q)
        if not self.use_trivialization:
            return arrays.dense(self._upright(self._reflections(x)))
        n, k = x.shape[-2:]
        if n != k:
            drawn = random.normal_(np.empty((*x.shape[:-2], n, n - k), x.dtype, like=x))
            x = np.concatenate([x, drawn], -1)
        self.base = x.copy() if n == k and _is_orthogonal(x) else _orthogonalised(x)
        return arrays.dense(np.broadcast_to(-np.eye(*q.shape[-2:], dtype=q.dtype, like=q), q.shape))

    def _reflections(self, x: Any) -> Any:
        """The vectors of the reflections whose product is ``x``, and on the diagonal the signs."""
        if self.orthogonal_map != "householder":
            raise NotImplementedError(f"{self.orthogonal_map} has no inverse without use_trivialization=True")
        factors, lengths = np.linalg.qr(x, mode="raw")
        x = np.array(factors.mT)
        signs = np.sign(np.diagonal(x, axis1=-2, axis2=-1))
        places = np.arange(x.shape[-1])
        x[..., places, places] = np.where(lengths == 0, -signs, signs)
        return x


def orthogonal(
    module: Any, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Any:
    """Let a matrix, or each of a batch of them, have orthonormal columns or rows; returns the module.

    ``orthogonal_map``: ``"matrix_exp"``, ``"cayley"`` or ``"householder"``; by default the first for square matrices,
    else the last. ``use_trivialization=False`` leaves out ``base``: the weight cannot be assigned then but with
    ``householder``. Errors: ``ValueError``.
    """
    weight = getattr(module, name, None)
    if not arrays.is_array(weight):
        raise ValueError(f"Module '{type(module).__name__}' has no parameter with name {name!r}")
    shape = weight.shape
    if weight.ndim < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions.")
    if orthogonal_map is None:
        orthogonal_map = "matrix_exp" if shape[-2] == shape[-1] else "householder"
    if orthogonal_map not in MAPS:
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    made = _Orthogonal(plain(weight).shape, orthogonal_map, use_trivialization)
    return register_parametrization(module, name, made, unsafe=True)
