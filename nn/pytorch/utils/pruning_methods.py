"""Ways to prune, as classes: what to subclass for one of one's own (manual, "torch.nn.utils.prune").

A method says by ``PRUNING_TYPE`` what it sees of a parameter that is pruned already: ``"unstructured"`` the numbers
that are left, as a vector; ``"structured"`` the channels along its ``dim`` of which something is left; ``"global"``
everything. Its ``compute_mask(t, default_mask)`` returns the new mask of that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import random
from ..parameter import plain
from .normed_weights import _Computed


def checked_amount(amount: Any) -> Any:
    """A number of elements or a share of them; ``TypeError``, ``ValueError`` for what is neither."""
    whole = isinstance(amount, (int, np.integer)) and not isinstance(amount, bool)
    if not whole and not isinstance(amount, (float, np.floating)):
        raise TypeError(f"Invalid type for amount: {amount!r}; a number or a share is needed")
    if amount < 0 or (not whole and amount > 1):
        raise ValueError(f"amount={amount} should be a number that is not negative, or a share in [0, 1]")
    return amount


def count_of(amount: Any, size: int) -> int:
    """How many of ``size`` an amount is; ``ValueError`` for more than there are."""
    if isinstance(amount, (float, np.floating)):
        return round(amount * size)
    if amount > size:
        raise ValueError(f"amount={amount} should be smaller than the number of parameters to prune={size}")
    return int(amount)


def axis_of(dim: int, t: Any) -> int:
    """``dim`` counted from 0; ``ValueError`` for a vector, ``IndexError`` for a dimension that is not there."""
    if t.ndim < 2:
        raise ValueError(f"Structured pruning can only be applied to multidimensional tensors, got {t.shape}")
    if not -t.ndim <= dim < t.ndim:
        raise IndexError(f"Invalid index {dim} for tensor of size {t.shape}")
    return dim % t.ndim


class BasePruningMethod(_Computed, ABC):
    """Base of all methods.

    One that is applied makes ``name`` of the parameter ``name_orig`` and the buffer ``name_mask``, anew before every
    call of the module, whose forward pre-hook it is.
    """

    PRUNING_TYPE = "unstructured"
    _tensor_name: Any = None

    def __init__(self) -> None:
        """Settings are a subclass's; the name comes with :meth:`apply`."""

    @property
    def name(self) -> Any:  # type: ignore[override]
        return self._tensor_name

    @abstractmethod
    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask of ``t``, scores of importance, that keeps nothing which ``default_mask`` does not."""

    def __call__(self, module: Any, inputs: Any) -> None:
        self.before(module, inputs)

    def hook(self) -> Any:
        return self

    def kind(self) -> type:
        return BasePruningMethod

    def apply_mask(self, module: Any) -> Any:
        """The pruned parameter: ``name_orig * name_mask``."""
        if self._tensor_name is None:
            raise AssertionError(f"{type(self).__name__}: apply it to a module first")
        return module._parameters[self.name + "_orig"].data * module._buffers[self.name + "_mask"]

    def weight(self, module: Any) -> Any:
        return self.apply_mask(module)

    def spread(self, module: Any, grad: Any) -> None:
        module._parameters[self.name + "_orig"].accumulate(grad * module._buffers[self.name + "_mask"])

    def prune(self, t: Any, default_mask: Any = None, importance_scores: Any = None) -> Any:
        """``t`` with zeros where the mask, of ``t`` itself or of its ``importance_scores``, has them."""
        t = plain(t)
        scores = t if importance_scores is None else plain(importance_scores)
        if scores.shape != t.shape:
            raise ValueError(f"importance_scores are {scores.shape}, the parameter is {t.shape}")
        return t * self.compute_mask(scores, np.ones_like(t) if default_mask is None else default_mask)

    @classmethod
    def apply(cls, module: Any, name: str, *args: Any, importance_scores: Any = None, **settings: Any) -> Any:
        """Prune a parameter by ``cls(*args, **settings)``, besides what is pruned; returns the method, or all of them.

        ``AttributeError`` if there is no such parameter. Nothing changes where ``compute_mask`` raises.
        """
        method, before = cls(*args, **settings), applied(module, name)
        method._tensor_name = name
        own = original(module, name)
        mask = np.ones_like(own.data) if before is None else module._buffers[name + "_mask"].copy()
        scores = own.data * mask if importance_scores is None else plain(importance_scores)
        if scores.shape != own.shape:
            raise ValueError(f"importance_scores are {scores.shape}, the parameter is {own.shape}")
        if before is not None:
            method = PruningContainer(*(before if isinstance(before, PruningContainer) else [before]), method)
        mask = np.asarray(method.compute_mask(scores, mask), own.dtype, like=own.data)
        if mask.shape != own.shape:
            raise ValueError(f"the mask is {mask.shape}, the parameter {name!r} {own.shape}")
        if before is None:
            del module._parameters[name]
            module.register_parameter(name + "_orig", own)
        else:
            BasePruningMethod.detach(module, name)
        module._buffers[name + "_mask"] = mask
        method.place(module, method.apply_mask(module))
        method.attach(module)
        return method

    def remove(self, module: Any) -> None:
        """Make the pruned parameter a plain one, its zeros included."""
        own = module._parameters.pop(self.name + "_orig")
        own.data[...] = own.data * module._buffers.pop(self.name + "_mask")
        BasePruningMethod.detach(module, self.name)
        vars(module).pop(self.name, None)
        module.register_parameter(self.name, own)


def applied(module: Any, name: str) -> Any:
    """The method that a parameter is pruned by, or None."""
    found = vars(module).get("_computed", {}).get((BasePruningMethod, name))
    return None if found is None else found[0]


def original(module: Any, name: str) -> Any:
    """The parameter that is trained; ``AttributeError`` if there is none."""
    found = module._parameters.get(name if applied(module, name) is None else name + "_orig")
    if found is None:
        raise AttributeError(f"{type(module).__name__!r} object has no parameter {name!r}")
    return found


class PruningContainer(BasePruningMethod):
    """Methods one after the other, of which the last acts on what the others have left."""

    def __init__(self, *methods: Any) -> None:
        self._pruning_methods: tuple = ()
        for method in methods:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: Any) -> None:
        """Append a method; ``TypeError`` for anything else, ``ValueError`` for one of another parameter."""
        if not isinstance(method, BasePruningMethod):
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if self._pruning_methods and method._tensor_name != self._tensor_name:
            raise ValueError(f"a method for {method._tensor_name!r} among those for {self._tensor_name!r}")
        self._tensor_name = method._tensor_name
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._pruning_methods)

    def __getitem__(self, index: Any) -> Any:
        return self._pruning_methods[index]

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        method, t = self._pruning_methods[-1], plain(t)
        part = _left(method, default_mask)
        mask = np.array(default_mask, t.dtype, like=t)
        mask[part] = method.compute_mask(t[part], default_mask=mask[part])
        return mask


def _left(method: Any, mask: Any) -> Any:
    """The index of what a method sees; ``ValueError`` for a type that is not known."""
    if method.PRUNING_TYPE == "unstructured":
        return mask == 1
    if method.PRUNING_TYPE == "global":
        return ...
    if method.PRUNING_TYPE != "structured":
        raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE!r}: unstructured, structured or global")
    if not hasattr(method, "dim"):
        raise AttributeError(f"{type(method).__name__} is structured and has no attribute `dim`")
    axis = axis_of(method.dim, mask)
    return (*[slice(None)] * axis, np.moveaxis(mask, axis, 0).reshape(mask.shape[axis], -1).any(1))


class Identity(BasePruningMethod):
    """Prune nothing, but lay out mask and hook."""

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        return default_mask


class CustomFromMask(BasePruningMethod):
    """Prune where ``mask`` is 0."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Any) -> None:
        self.mask = plain(mask)

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        if default_mask.shape != self.mask.shape:
            raise ValueError(f"the mask is {self.mask.shape}, the parameter {self.name!r} {default_mask.shape}")
        return default_mask * (self.mask != 0)


class RandomUnstructured(BasePruningMethod):
    """Drop ``amount`` numbers, or a share of them, by chance."""

    def __init__(self, amount: Any) -> None:
        self.amount = checked_amount(amount)

    def order(self, t: Any) -> Any:
        """The numbers' places, in the order in which they go."""
        return np.argsort(-random.uniform_(np.empty(t.size, t.dtype, like=t)), kind="stable")

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        count, mask = count_of(self.amount, t.size), np.array(default_mask, like=t)
        if count:
            mask.reshape(-1)[self.order(t)[:count]] = 0
        return mask


class L1Unstructured(RandomUnstructured):
    """Drop the ``amount`` of numbers that are the smallest by size."""

    def order(self, t: Any) -> Any:
        return np.argsort(np.abs(t).reshape(-1), kind="stable")


class RandomStructured(BasePruningMethod):
    """Drop ``amount`` channels along ``dim``, or a share of them, by chance."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: Any, dim: int = -1) -> None:
        self.amount, self.dim = checked_amount(amount), dim

    def scores(self, t: Any) -> Any:
        """A score for each channel; the smallest go."""
        return random.rand(len(t))

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        t = np.moveaxis(t, axis_of(self.dim, t), 0)
        count, mask = count_of(self.amount, len(t)), np.array(default_mask, like=t)
        if count:
            np.moveaxis(mask, self.dim, 0)[np.argsort(self.scores(t), kind="stable")[:count]] = 0
        return mask


class LnStructured(RandomStructured):
    """Drop the channels along ``dim`` whose ``n``-norms are the smallest; n also ``"fro"``, ``"nuc"`` for matrices."""

    def __init__(self, amount: Any, n: Any, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def scores(self, t: Any) -> Any:
        if self.n == "nuc":
            if t.ndim != 3:
                raise ValueError(f"the nuclear norm is one of matrices, the channels are {t.shape[1:]}")
            return np.linalg.norm(t, "nuc", axis=(1, 2))
        return np.linalg.norm(t.reshape(len(t), -1), 2 if self.n == "fro" else self.n, axis=1)
