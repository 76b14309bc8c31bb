"""Clipping of gradients, and parameters as one vector."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from math import isfinite
from typing import Any

import numpy as np

from torch7 import arrays

from ... import thnn
from ..parameter import Parameter, plain


def _gradients(parameters: Any) -> list:
    parameters = [parameters] if arrays.is_array(parameters) else list(parameters)
    return [p._grad for p in parameters if p._grad is not None]


def get_total_norm(tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: Any = None) -> Any:
    """The p-norm of all arrays together; ``RuntimeError`` if it is not finite and ``error_if_nonfinite``.

    A float, or for arrays on a GPU a number that stays there until it is asked for.
    """
    tensors = [tensors] if arrays.is_array(tensors) else list(tensors)
    p = float(norm_type)
    norms = [np.linalg.norm(plain(x).ravel().astype(np.float64), p) for x in tensors]
    if norms and not any(isinstance(n, np.floating) for n in norms):
        total = thnn.number(np.linalg.norm(np.stack(norms), p))
    else:
        total = float(np.linalg.norm(np.array([float(n) for n in norms]), p)) if norms else 0.0
    if error_if_nonfinite and not isfinite(total):
        raise RuntimeError(f"The total norm of order {p} for gradients is non-finite, so it cannot be clipped.")
    return total


def clip_grads_with_norm_(parameters: Any, max_norm: float, total_norm: Any, foreach: Any = None) -> None:
    """Scale all gradients as :func:`clip_grad_norm_` does for a norm that is known, a number or a device's array."""
    if hasattr(total_norm, "array"):
        total_norm = total_norm.array()
    if arrays.is_array(total_norm) and not isinstance(total_norm, np.ndarray):  # the GPU decides
        factor = np.minimum(max_norm / (total_norm + 1e-6), 1.0)
        for g in _gradients(parameters):
            g *= factor.astype(g.dtype)
        return
    factor = max_norm / (float(total_norm) + 1e-6)
    if not factor >= 1:
        for g in _gradients(parameters):
            g *= g.dtype.type(factor)


def clip_grad_norm_(
    parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: Any = None
) -> Any:
    """Scale all gradients so that their common p-norm is not beyond ``max_norm``; returns the norm before."""
    parameters = [parameters] if arrays.is_array(parameters) else list(parameters)
    total = get_total_norm(_gradients(parameters), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, total)
    return total


def clip_grad_norm(*args: Any, **settings: Any) -> Any:
    """The old name of :func:`clip_grad_norm_`."""
    warnings.warn("clip_grad_norm is deprecated in favor of clip_grad_norm_", FutureWarning, stacklevel=2)
    return clip_grad_norm_(*args, **settings)


def clip_grad_value_(parameters: Any, clip_value: float, foreach: Any = None) -> None:
    """Limit every element of the gradients to -clip_value..clip_value."""
    for g in _gradients(parameters):
        np.clip(g, -clip_value, clip_value, out=g)


def parameters_to_vector(parameters: Iterable) -> Any:
    """The numbers of all parameters, one after the other."""
    return np.concatenate([plain(p).ravel() for p in parameters])


def vector_to_parameters(vec: Any, parameters: Iterable) -> None:
    """Copy the numbers of a vector into the parameters; what is too long is left over, what is too short raises."""
    parameters, vec = list(parameters), plain(vec)
    if vec.ndim != 1 or vec.size < sum(p.size for p in parameters):
        raise ValueError(f"the parameters have {sum(p.size for p in parameters)} elements, the vector is {vec.shape}")
    start = 0
    for p in parameters:
        target = p.data if isinstance(p, Parameter) else p
        target[...] = vec[start : start + p.size].reshape(p.shape)
        start += p.size
