"""Weights of which some are held at zero (manual, "torch.nn.utils.prune").

A pruned parameter ``name`` is computed from ``name_orig``, which is trained, times the buffer ``name_mask``; a forward
pre-hook renews it. Pruning a second time acts on what is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import random
from ..parameter import plain
from .normed_weights import _Computed


class _Pruned(_Computed):
    """``weight = weight_orig * weight_mask``."""

    def weight(self, module: Any) -> Any:
        return module._parameters[self.name + "_orig"].data * module._buffers[self.name + "_mask"]

    def spread(self, module: Any, grad: Any) -> None:
        module._parameters[self.name + "_orig"].accumulate(grad * module._buffers[self.name + "_mask"])


def _is_pruned(module: Any, name: str) -> bool:
    return (_Pruned, name) in vars(module).get("_computed", {})


def _orig(module: Any, name: str) -> Any:
    """The parameter that is trained; ``AttributeError`` if there is none."""
    found = module._parameters.get(name + "_orig" if _is_pruned(module, name) else name)
    if found is None:
        raise AttributeError(f"{type(module).__name__!r} object has no parameter {name!r}")
    return found


def _mask(module: Any, name: str) -> Any:
    """What is left of a parameter so far: ones and zeros."""
    own = _orig(module, name)
    return module._buffers[name + "_mask"] if _is_pruned(module, name) else np.ones(own.shape, own.dtype)


def custom_from_mask(module: Any, name: str, mask: Any) -> Any:
    """Prune a parameter where ``mask`` is 0, besides what is pruned already; returns the module."""
    own, mask = _orig(module, name), plain(mask)
    if mask.shape != own.shape:
        raise ValueError(f"the mask is {mask.shape}, the parameter {name!r} {own.shape}")
    joint = (_mask(module, name) * (mask != 0)).astype(own.dtype)
    if _is_pruned(module, name):
        module._buffers[name + "_mask"][...] = joint
        rule = vars(module)["_computed"][_Pruned, name][0]
    else:
        rule = _Pruned(name)
        del module._parameters[name]
        module.register_parameter(name + "_orig", own)
        module.register_buffer(name + "_mask", joint)
        rule.attach(module)
    rule.place(module, rule.weight(module))
    return module


def _count(amount: Any, size: int) -> int:
    """How many of ``size`` an amount is: a number of them, or a share from 0 to 1."""
    whole = isinstance(amount, (int, np.integer)) and not isinstance(amount, bool)
    if not whole and not isinstance(amount, (float, np.floating)):
        raise TypeError(f"Invalid type for amount: {amount!r}; a number or a share is needed")
    if amount < 0 or (not whole and amount > 1):
        raise ValueError(f"amount={amount} should be a number that is not negative, or a share in [0, 1]")
    if whole and amount > size:
        raise ValueError(f"amount={amount} should be smaller than the number of parameters to prune={size}")
    return int(amount) if whole else round(amount * size)


def _scores(module: Any, name: str, importance_scores: Any) -> Any:
    scores = _orig(module, name).data if importance_scores is None else plain(importance_scores)
    if scores.shape != _orig(module, name).shape:
        raise ValueError(f"importance_scores are {scores.shape}, the parameter is {_orig(module, name).shape}")
    return scores


def _without(mask: Any, drop: Any) -> Any:
    """``mask`` with those of the ones still in it whose numbers, in order, are in ``drop`` set to 0."""
    left = np.flatnonzero(mask)
    mask = mask.copy()
    mask.reshape(-1)[left[drop]] = 0
    return mask


def _smallest(scores: Any, mask: Any, amount: Any) -> Any:
    left = np.abs(scores[mask != 0])
    return _without(mask, np.argsort(left, kind="stable")[: _count(amount, left.size)])


def _any(scores: Any, mask: Any, amount: Any) -> Any:
    left = random.rand(int((mask != 0).sum()), dtype=mask.dtype)
    return _without(mask, np.argsort(-left, kind="stable")[: _count(amount, left.size)])


def identity(module: Any, name: str) -> Any:
    """Prune nothing, but lay out mask and hooks; returns the module."""
    return custom_from_mask(module, name, np.ones(_orig(module, name).shape))


def l1_unstructured(module: Any, name: str, amount: Any, importance_scores: Any = None) -> Any:
    """Drop the numbers of the smallest size, a number or a share of those left; returns the module."""
    scores = _scores(module, name, importance_scores)
    return custom_from_mask(module, name, _smallest(scores, _mask(module, name), amount))


def random_unstructured(module: Any, name: str, amount: Any) -> Any:
    """Drop numbers by chance; returns the module."""
    return custom_from_mask(module, name, _any(None, _mask(module, name), amount))


def _channels(module: Any, name: str, dim: int, scores: Any, amount: Any) -> Any:
    """Drop the channels along ``dim`` of the smallest scores among those left."""
    mask = _mask(module, name)
    if mask.ndim < 2:
        raise ValueError("Structured pruning can only be applied to multidimensional tensors")
    dim = dim % mask.ndim if -mask.ndim <= dim < mask.ndim else dim
    if not 0 <= dim < mask.ndim:
        raise IndexError(f"Invalid index {dim} for tensor of size {mask.shape}")
    left = np.flatnonzero(np.moveaxis(mask, dim, 0).reshape(mask.shape[dim], -1).any(1))
    drop = left[np.argsort(scores(left), kind="stable")[: _count(amount, left.size)]]
    mask = mask.copy()
    np.moveaxis(mask, dim, 0)[drop] = 0
    return custom_from_mask(module, name, mask)


def ln_structured(module: Any, name: str, amount: Any, n: Any, dim: int, importance_scores: Any = None) -> Any:
    """Drop the channels along ``dim`` whose ``n``-norms are the smallest; returns the module."""
    whole = _scores(module, name, importance_scores)

    def scores(left: Any) -> Any:
        rows = np.moveaxis(whole, dim, 0).reshape(whole.shape[dim], -1)[left]
        order = {"fro": 2, "nuc": None}.get(n, n)
        if order is None:
            raise ValueError("ln_structured: the nuclear norm is not there, use a number")
        return np.linalg.norm(rows, order, axis=1)

    return _channels(module, name, dim, scores, amount)


def random_structured(module: Any, name: str, amount: Any, dim: int) -> Any:
    """Drop channels along ``dim`` by chance; returns the module."""
    return _channels(module, name, dim, lambda left: random.rand(left.size), amount)


class L1Unstructured:
    """What :func:`global_unstructured` takes for the smallest numbers."""

    pick = staticmethod(_smallest)


class RandomUnstructured:
    """What :func:`global_unstructured` takes for numbers by chance."""

    pick = staticmethod(_any)


def global_unstructured(
    parameters: Iterable, pruning_method: Any, importance_scores: Any = None, *, amount: Any
) -> None:
    """Prune pairs of module and name as if they were one parameter, by L1Unstructured or RandomUnstructured."""
    pairs = list(parameters)
    given = importance_scores or {}
    scores = [_scores(m, n, given.get((m, n))).reshape(-1) for m, n in pairs]
    masks = [_mask(m, n) for m, n in pairs]
    joint = pruning_method.pick(np.concatenate(scores), np.concatenate([m.reshape(-1) for m in masks]), amount)
    ends = np.cumsum([m.size for m in masks])[:-1]
    for (module, name), own, part in zip(pairs, masks, np.split(joint, ends)):
        custom_from_mask(module, name, part.reshape(own.shape))


def remove(module: Any, name: str) -> Any:
    """Make the pruned parameter a plain one, its zeros included; returns the module."""
    if not _is_pruned(module, name):
        raise ValueError(f"Parameter {name!r} of module {module} has to be pruned before pruning can be removed")
    rule = _Pruned.detach(module, name)
    own = module._parameters.pop(name + "_orig")
    own.data[...] = own.data * module._buffers.pop(name + "_mask")
    vars(module).pop(rule.name, None)
    module.register_parameter(name, own)
    return module


def is_pruned(module: Any) -> bool:
    """Whether a parameter of the module, or of one in it, is pruned."""
    return any(kind is _Pruned for m in module.modules() for kind, _ in vars(m).get("_computed", {}))


__all__ = [
    "L1Unstructured", "RandomUnstructured", "custom_from_mask", "global_unstructured", "identity", "is_pruned",
    "l1_unstructured", "ln_structured", "random_structured", "random_unstructured", "remove",
]  # fmt: skip
