"""Weights that are computed from other parameters before every call: weight_norm and spectral_norm.

The computed weight is an attribute of the module, renewed by a forward pre-hook, so ``m.forward(x)`` alone uses the one
of the last ``m(x)``. A backward hook turns its gradient into those of the parameters behind it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from .. import random
from ..parameter import Parameter, plain


class _Computed:
    """Base of what computes a weight: ``before`` is the forward pre-hook, ``after`` the backward hook."""

    def __init__(self, name: str) -> None:
        self.name = name

    def kind(self) -> type:
        """Of which kind a parameter has one at most."""
        return type(self)

    def hook(self) -> Any:
        """What is registered as the forward pre-hook."""
        return self.before

    def place(self, module: Any, weight: Any) -> None:
        """Make ``weight`` the module's, in the same parameter as long as shape, type and place fit."""
        held = vars(module).get(self.name)
        moved = isinstance(held, np.ndarray) is not isinstance(weight, np.ndarray)
        if held is None or moved or held.shape != weight.shape or held.dtype != weight.dtype:
            vars(module)[self.name] = Parameter(weight.copy())
        else:
            held.data[...] = weight

    def before(self, module: Any, input: Any) -> None:
        self.place(module, self.weight(module))

    def after(self, module: Any, gradInput: Any, gradOutput: Any) -> None:
        held = vars(module)[self.name]
        self.spread(module, held.grad.copy())
        held.grad.fill(0)

    def assign(self, module: Any, value: Any) -> None:
        """What ``module.name = value`` does: it holds until the next call computes the weight."""
        self.place(module, plain(value))

    def weight(self, module: Any) -> Any:
        raise NotImplementedError

    def spread(self, module: Any, grad: Any) -> None:
        raise NotImplementedError

    def attach(self, module: Any) -> None:
        """Add the hooks; ``RuntimeError`` where the weight is computed already."""
        handles = module.register_forward_pre_hook(self.hook()), module.register_full_backward_hook(self.after)
        vars(module).setdefault("_computed", {})[self.kind(), self.name] = self, handles

    @classmethod
    def detach(cls, module: Any, name: str) -> Any:
        found = vars(module).get("_computed", {}).pop((cls, name), None)
        if found is None:
            raise ValueError(f"{cls.__name__} of {name!r} not found in {module}")
        for handle in found[1]:
            handle.remove()
        return found[0]


def _take(module: Any, name: str, kind: type) -> Any:
    """The module's parameter, which is taken out; ``RuntimeError`` if it is computed already."""
    if (kind, name) in vars(module).get("_computed", {}):
        raise RuntimeError(f"Cannot register two {kind.__name__} hooks on the same parameter {name}")
    parameter = module._parameters.pop(name, None)
    if parameter is None:
        raise AttributeError(f"{type(module).__name__} has no parameter {name!r}")
    return parameter


class WeightNorm(_Computed):
    """``weight = g v / |v|``, the norm over all dimensions but ``dim``, or over all for None."""

    def __init__(self, name: str, dim: int | None) -> None:
        super().__init__(name)
        self.dim = dim

    def norm(self, v: Any) -> Any:
        if self.dim is None:
            return np.sqrt((v * v).sum())
        axes = tuple(i for i in range(v.ndim) if i != self.dim % v.ndim)
        return np.sqrt((v * v).sum(axis=axes, keepdims=True))

    def parts(self, module: Any) -> tuple[Any, Any]:
        return module._parameters[self.name + "_g"], module._parameters[self.name + "_v"]

    def weight(self, module: Any) -> Any:
        g, v = self.parts(module)
        return v.data * (g.data / self.norm(v.data))

    def spread(self, module: Any, grad: Any) -> None:
        g, v = self.parts(module)
        length = self.norm(v.data)
        product = grad * v.data
        along = product.sum() if self.dim is None else product.sum(
            axis=tuple(i for i in range(v.ndim) if i != self.dim % v.ndim), keepdims=True
        )  # fmt: skip
        g.accumulate(arrays.given(along / length).reshape(g.shape))
        v.accumulate((g.data / length) * (grad - v.data * (along / length**2)))


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Train a weight as length ``name_g`` and direction ``name_v``; returns the module. Salimans et al. 2016."""
    rule = WeightNorm(name, dim)
    weight = _take(module, name, WeightNorm)
    module.register_parameter(
        name + "_g", Parameter(np.asarray(rule.norm(weight.data), weight.dtype, like=weight.data))
    )
    module.register_parameter(name + "_v", Parameter(weight.data.copy()))
    rule.place(module, rule.weight(module))
    rule.attach(module)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Make the weight a parameter again; returns the module."""
    rule = WeightNorm.detach(module, name)
    weight = rule.weight(module)
    del module._parameters[name + "_g"], module._parameters[name + "_v"], vars(module)[name]
    module.register_parameter(name, Parameter(weight))
    return module


class SpectralNorm(_Computed):
    """``weight = W / sigma``, sigma the largest singular value by power iteration, as a matrix with ``dim`` first."""

    def __init__(self, name: str, iterations: int, eps: float, dim: int) -> None:
        super().__init__(name)
        self.iterations, self.eps, self.dim = iterations, eps, dim

    def matrix(self, weight: Any) -> Any:
        return np.moveaxis(weight, self.dim, 0).reshape(weight.shape[self.dim], -1)

    def normalised(self, x: Any) -> Any:
        return x / np.maximum(np.linalg.norm(x), x.dtype.type(self.eps))

    def vectors(self, module: Any) -> tuple[Any, Any]:
        return module._buffers[self.name + "_u"], module._buffers[self.name + "_v"]

    def weight(self, module: Any, iterate: bool | None = None) -> Any:
        whole = module._parameters[self.name + "_orig"].data
        matrix, (u, v) = self.matrix(whole), self.vectors(module)
        for _ in range(self.iterations if (module.training if iterate is None else iterate) else 0):
            v[...] = self.normalised(matrix.T @ u)
            u[...] = self.normalised(matrix @ v)
        return whole / (u @ (matrix @ v))

    def spread(self, module: Any, grad: Any) -> None:
        parameter, (u, v) = module._parameters[self.name + "_orig"], self.vectors(module)
        matrix = self.matrix(parameter.data)
        sigma = u @ (matrix @ v)
        shape = np.moveaxis(parameter.data, self.dim, 0).shape
        outer = np.moveaxis(np.outer(u, v).reshape(shape), 0, self.dim)
        parameter.accumulate((grad - (grad * parameter.data).sum() / sigma * outer) / sigma)


def spectral_norm(
    module: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Any:
    """Divide a weight by its largest singular value; returns the module. Source: Miyato et al. 2018."""
    if n_power_iterations <= 0:
        raise ValueError(f"Expected n_power_iterations to be positive, but got {n_power_iterations}")
    if dim is None:
        dim = 1 if "ConvTranspose" in type(module).__name__ else 0
    rule, weight = SpectralNorm(name, n_power_iterations, eps, dim), _take(module, name, SpectralNorm)
    for end, size in zip(("_u", "_v"), rule.matrix(weight.data).shape):
        drawn = random.normal_(np.empty(size, weight.dtype, like=weight.data))
        module.register_buffer(name + end, rule.normalised(drawn).astype(weight.dtype))
    module.register_parameter(name + "_orig", weight)
    vars(module)[name] = Parameter(weight.data.copy())
    rule.attach(module)
    return module


def remove_spectral_norm(module: Any, name: str = "weight") -> Any:
    """Make the weight a parameter again; returns the module."""
    rule = SpectralNorm.detach(module, name)
    weight = rule.weight(module, False)
    del module._parameters[name + "_orig"], module._buffers[name + "_u"], module._buffers[name + "_v"]
    del vars(module)[name]
    module.register_parameter(name, Parameter(weight))
    return module
