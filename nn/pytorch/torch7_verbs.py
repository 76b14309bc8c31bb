"""Torch7's verbs for tnn modules, so that ``optim`` and scripts in its style work on them."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import numpy as np

from .parameter import Parameter


class Torch7Verbs:
    """The part of Module with the names that Torch7 uses and PyTorch does not."""

    def zeroGradParameters(self) -> Any:
        """Set the gradients of all parameters to zero; returns self."""
        self.zero_grad()
        return self

    def updateParameters(self, learningRate: float) -> Any:
        """Take a gradient step: every parameter loses ``learningRate`` times its gradient; returns self."""
        for p in self.parameters():
            if p.requires_grad:
                p.data[...] -= p.dtype.type(learningRate) * p.grad
        return self

    def evaluate(self) -> Any:
        """``eval()``."""
        return self.eval()

    def clone(self) -> Any:
        """A deep copy; what is shared inside stays shared."""
        return copy.deepcopy(self)

    def getParameters(self, parameters: Iterable | None = None) -> tuple[Any, Any]:
        """Two flat arrays, of parameters and of their gradients; the module's own become views of them.

        ``parameters``: those of this module that are meant, all by default; an optimiser that decays weights should not
        get frozen ones. A shared parameter is in them once. Call it once, after casts. ``ValueError`` if the types
        differ, or for a parameter of another module.
        """
        parameters = self._chosen(parameters)
        types = {p.dtype for p in parameters}
        if len(types) > 1:
            raise ValueError(f"the parameters are of several types: {sorted(map(str, types))}")
        dtype = types.pop() if types else np.dtype(np.float32)
        flat = np.empty(sum(p.size for p in parameters), dtype, like=parameters[0].data if parameters else None)
        grads = np.zeros_like(flat)
        views, start = {}, 0
        for p in parameters:
            end = start + p.size
            flat[start:end] = p.data.ravel()
            grads[start:end] = p.grad.ravel()
            new = Parameter(flat[start:end].reshape(p.shape), p.requires_grad)
            new._grad = grads[start:end].reshape(p.shape)
            views[id(p)], start = new, end
        for module in self.modules():
            for name, p in module._parameters.items():
                if p is not None and id(p) in views:
                    module._parameters[name] = views[id(p)]
        return flat, grads

    def _chosen(self, parameters: Iterable | None) -> list:
        """Each of ``parameters`` once, in their order."""
        own: dict[int, Any] = {id(p): p for p in self.parameters()}  # type: ignore[attr-defined]
        if parameters is None:
            return list(own.values())
        chosen = {id(p): p for p in parameters}
        for n, p in enumerate(chosen.values()):
            if id(p) not in own:
                raise ValueError(f"getParameters: parameter {n}, {getattr(p, 'shape', p)}, is not of this module")
        return list(chosen.values())

    def as_nn(self) -> Any:
        """This module as an ``nn.Module``, for ``nn.Sequential``, ``nn.Jacobian``, ``nn.StochasticGradient``."""
        from .bridges import NNModule

        return NNModule(self)


def _gradient(name: str) -> property:
    def get(self: Any) -> Any:
        parameter = self._parameters.get(name)
        if parameter is None:
            raise AttributeError(f"{type(self).__name__} has no parameter {name!r}")
        return parameter.grad

    def put(self: Any, value: Any) -> None:
        self._parameters[name].grad = value

    return property(get, put)


Torch7Verbs.gradWeight = _gradient("weight")  # type: ignore[attr-defined]
Torch7Verbs.gradBias = _gradient("bias")  # type: ignore[attr-defined]
