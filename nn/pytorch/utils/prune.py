"""Weights of which some are held at zero (manual, "torch.nn.utils.prune").

A pruned parameter ``name`` is computed from ``name_orig``, which is trained, times the buffer ``name_mask``; a forward
pre-hook renews it. Pruning a second time acts on what is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..parameter import plain
from .pruning_methods import (
    BasePruningMethod,
    CustomFromMask,
    Identity,
    L1Unstructured,
    LnStructured,
    PruningContainer,
    RandomStructured,
    RandomUnstructured,
    applied,
    original,
)  # fmt: skip


def custom_from_mask(module: Any, name: str, mask: Any) -> Any:
    """Prune a parameter where ``mask`` is 0, besides what is pruned already; returns the module."""
    CustomFromMask.apply(module, name, mask)
    return module


def identity(module: Any, name: str) -> Any:
    """Prune nothing, but lay out mask and hooks; returns the module."""
    Identity.apply(module, name)
    return module


def l1_unstructured(module: Any, name: str, amount: Any, importance_scores: Any = None) -> Any:
    """Drop the numbers of the smallest size, a number or a share of those left; returns the module."""
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_unstructured(module: Any, name: str, amount: Any) -> Any:
    """Drop numbers by chance; returns the module."""
    RandomUnstructured.apply(module, name, amount)
    return module


def ln_structured(module: Any, name: str, amount: Any, n: Any, dim: int, importance_scores: Any = None) -> Any:
    """Drop the channels along ``dim`` whose ``n``-norms are the smallest; returns the module."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def random_structured(module: Any, name: str, amount: Any, dim: int) -> Any:
    """Drop channels along ``dim`` by chance; returns the module."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def _mask(module: Any, name: str) -> Any:
    own = original(module, name)
    return np.ones_like(plain(own)) if applied(module, name) is None else module._buffers[name + "_mask"]


def _joined(arrays: list) -> Any:
    return np.concatenate([x.reshape(-1) for x in arrays])


def global_unstructured(
    parameters: Iterable, pruning_method: Any, importance_scores: Any = None, **settings: Any
) -> None:
    """Prune pairs of module and name as if they were one parameter, by ``pruning_method(**settings)``.

    ``importance_scores`` is a dict of such pairs. ``TypeError`` for a method that is not unstructured.
    """
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured: parameters must be pairs of module and name")
    if importance_scores is not None and not isinstance(importance_scores, dict):
        raise TypeError("global_unstructured: importance_scores must be a dict of pairs of module and name")
    pairs, given = list(parameters), importance_scores or {}
    masks = [_mask(m, n) for m, n in pairs]
    scores = [plain(given.get((m, n), original(m, n).data * own)) for (m, n), own in zip(pairs, masks)]
    for own, found in zip(masks, scores):
        if own.shape != found.shape:
            raise ValueError(f"importance_scores are {found.shape}, the parameter is {own.shape}")
    method = pruning_method(**settings)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(f"global_unstructured needs an unstructured method, {pruning_method.__name__} is not")
    joint = PruningContainer(method).compute_mask(_joined(scores), _joined(masks))
    ends = np.cumsum([own.size for own in masks])[:-1]
    for (module, name), own, part in zip(pairs, masks, np.split(joint, ends)):
        custom_from_mask(module, name, part.reshape(own.shape))


def remove(module: Any, name: str) -> Any:
    """Make the pruned parameter a plain one, its zeros included; returns the module."""
    method = applied(module, name)
    if method is None:
        raise ValueError(f"Parameter {name!r} of module {module} has to be pruned before pruning can be removed")
    method.remove(module)
    return module


def is_pruned(module: Any) -> bool:
    """Whether a parameter of the module, or of one in it, is pruned."""
    return any(kind is BasePruningMethod for m in module.modules() for kind, _ in vars(m).get("_computed", {}))


__all__ = [
    "BasePruningMethod", "CustomFromMask", "Identity", "L1Unstructured", "LnStructured", "PruningContainer",
    "RandomStructured", "RandomUnstructured", "custom_from_mask", "global_unstructured", "identity", "is_pruned",
    "l1_unstructured", "ln_structured", "random_structured", "random_unstructured", "remove",
]  # fmt: skip
