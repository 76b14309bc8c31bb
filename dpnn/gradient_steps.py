"""Methods of Module around a gradient step: momentum, weight decay, bounds on norms."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

import nn
from nn import thnn
from torch7 import arrays

from .graph import children


@nn.extends(nn.Module)
def momentumGradParameters(self: nn.Module) -> list | None:
    """The list ``momGradParams``, one tensor for each parameter, made as copies of the gradients at the first call.

    None for a module that has no parameters.
    """
    if getattr(self, "momGradParams", None) is None:
        grads = self.parameters()[1]
        if not grads:
            return None
        self.momGradParams = [g.copy() for g in grads]
    return self.momGradParams


@nn.extends(nn.Module)
def updateGradParameters(
    self: nn.Module, momFactor: float, momDamp: float | None = None, momNesterov: bool | None = None
) -> None:
    """Put momentum into the gradients of all parameters; call it before ``updateParameters``.

    ``m = momFactor * m + (1 - momDamp) * gradParam``, then ``gradParam = m``, or with ``momNesterov``
    ``gradParam += momFactor * m``. ``momDamp`` defaults to ``momFactor``. At the first call ``m`` is the gradient.
    Fields ``momFactor``, ``momDamp`` and ``momNesterov`` of a module count more than the arguments; a factor of 0 or
    less does nothing. Source: Sutskever, Martens et al. (2013).
    """
    momFactor = own(self, "momFactor", momFactor)
    momDamp = own(self, "momDamp", momFactor if momDamp is None else momDamp)
    momNesterov = own(self, "momNesterov", momNesterov)
    if momFactor <= 0:
        return
    for module in children(self):
        module.updateGradParameters(momFactor, momDamp, momNesterov)
    if not children(self):
        for m, grad in zip(self.momentumGradParameters() or [], self.parameters()[1]):
            m *= momFactor
            thnn.cadd(m, 1 - momDamp, grad)
            if momNesterov:
                thnn.cadd(grad, momFactor, m)
            else:
                grad[...] = m


@nn.extends(nn.Module)
def weightDecay(self: nn.Module, wdFactor: float, wdMinDim: int | None = None) -> None:
    """Add ``wdFactor`` times each parameter of ``wdMinDim`` (2) or more dimensions to its gradient.

    Fields ``wdFactor`` and ``wdMinDim`` of a module count more than the arguments; a factor of 0 or less does nothing.
    """
    wdFactor = own(self, "wdFactor", wdFactor)
    wdMinDim = own(self, "wdMinDim", 2 if wdMinDim is None else wdMinDim)
    if wdFactor <= 0:
        return
    for module in children(self):
        module.weightDecay(wdFactor, wdMinDim)
    if not children(self):
        for param, grad in zip(*self.parameters()[:2]):
            if param.ndim >= wdMinDim:
                thnn.cadd(grad, wdFactor, param)


@nn.extends(nn.Module)
def maxParamNorm(self: nn.Module, maxOutNorm: float | None = None, maxInNorm: float | None = None) -> None:
    """Scale weights down so that no norm is above a bound; call it after ``updateParameters``.

    ``maxOutNorm`` bounds the norm of the weights of each output neuron (slices of dimension 1), ``maxInNorm`` those of
    each input neuron (slices of the last dimension). Parameters of one dimension are left alone, a bound that is
    missing, 0 or less does not count. Fields of these names count more than the arguments.
    Source: Hinton et al. (2012), Improving neural networks by preventing co-adaptation of feature detectors.
    """
    maxOutNorm, maxInNorm = own(self, "maxOutNorm", maxOutNorm), own(self, "maxInNorm", maxInNorm)
    for module in children(self):
        module.maxParamNorm(maxOutNorm, maxInNorm)
    if not children(self):
        for param in self.parameters()[0]:
            if param.ndim > 1:
                bound(param, 0, maxOutNorm)
                bound(param, param.ndim - 1, maxInNorm)


@nn.extends(nn.LookupTable)
def maxParamNorm(self: nn.LookupTable, maxOutNorm: float | None = None, maxInNorm: float | None = None) -> None:  # noqa: F811
    """As in Module, but its outputs are the columns of ``weight``; a missing ``maxOutNorm`` is ``maxInNorm``."""
    maxInNorm = own(self, "maxInNorm", maxInNorm)
    maxOutNorm = own(self, "maxOutNorm", maxInNorm if maxOutNorm is None else maxOutNorm)
    bound(self.weight, 1, maxOutNorm)
    bound(self.weight, 0, maxInNorm)


@nn.extends(nn.Module)
def gradParamClip(self: nn.Module, cutoffNorm: float, moduleLocal: bool | None = None) -> Any:
    """Scale the gradients down where their norm is above ``cutoffNorm``; returns the norm that they had.

    A float, or for gradients on a GPU a number that stays there until it is asked for. The norm is that of all
    gradients together, or with ``moduleLocal`` that of each leaf on its own. Fields ``cutoffNorm`` and ``moduleLocal``
    of a module count more than the arguments; a cutoff of 0 or less does nothing and returns None. Source: Pascanu et
    al. (2012), On the difficulty of training recurrent neural networks.
    """
    cutoffNorm, moduleLocal = own(self, "cutoffNorm", cutoffNorm), own(self, "moduleLocal", moduleLocal)
    if cutoffNorm <= 0:
        return None
    if moduleLocal and children(self):
        norms = [module.gradParamClip(cutoffNorm, moduleLocal) for module in children(self)]
        return _total([n * n if isinstance(n, float) else n.array() ** 2 for n in norms if n is not None])
    grads = [g for g in self.parameters()[1] if g is not None]
    norm = _total(list(map(squares, grads)))
    if not isinstance(norm, float):  # the GPU decides
        there = norm.array()
        factor = arrays.array_module(there).where(there > cutoffNorm, cutoffNorm / there, 1.0)
        for g in grads:
            g *= factor.astype(g.dtype)
    elif norm > cutoffNorm:
        for g in grads:
            g *= cutoffNorm / norm
    return norm


def _total(squares: list) -> Any:
    """The root of a sum: a float, or of squares on a GPU a number that stays there."""
    total = sum(squares)
    if not arrays.is_array(total):
        return sqrt(total)
    return thnn.number(arrays.array_module(total).sqrt(total))


def own(module: nn.Module, name: str, otherwise: Any) -> Any:
    """The module's field ``name`` if it has one, else ``otherwise``."""
    value = getattr(module, name, None)
    return otherwise if value is None else value


def squares(x: Any) -> Any:
    """The sum of squares, in double precision; on a GPU an array without dimensions."""
    if isinstance(x, np.ndarray):
        return thnn.dot(x, x)
    return (x * x).sum(dtype=np.float64)


def bound(param: Any, axis: int, maxNorm: float | None) -> None:
    """Scale every slice of ``param`` along ``axis`` whose norm is above ``maxNorm`` by ``maxNorm / (norm + 1e-7)``."""
    if maxNorm is None or maxNorm <= 0:
        return
    xp = arrays.array_module(param)
    letters = "abcdefgh"[: param.ndim]
    norms = xp.sqrt(xp.einsum(f"{letters},{letters}->{letters[axis]}", param, param, dtype=np.float64))
    if xp is not np or (norms > maxNorm).any():  # on a GPU nobody waits for the answer
        factors = xp.where(norms > maxNorm, maxNorm / (norms + 1e-7), 1.0).astype(param.dtype)
        param *= factors.reshape([-1 if d == axis else 1 for d in range(param.ndim)])
