"""Parameters that are computed from others by modules (manual, "torch.nn.utils.parametrize").

``layer.parametrizations.weight`` holds what is trained, ``original``, and the modules that make the weight of it. The
weight is renewed by a forward pre-hook, so ``m.forward(x)`` alone uses the one of the last ``m(x)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..containers import ModuleDict, ModuleList
from ..parameter import Parameter, plain
from ..tape import suspended
from .normed_weights import _Computed


class ParametrizationList(ModuleList):
    """The modules that make one parameter, and what they make it of: ``original``, or ``original0``, ``original1``."""

    def __init__(self, modules: list, original: Any) -> None:
        super().__init__(modules)
        several = isinstance(original, (list, tuple))
        arrays = original if several else [original]
        self.names = [f"original{i}" for i in range(len(arrays))] if several else ["original"]
        for name, array in zip(self.names, arrays):
            self.register_parameter(name, Parameter(plain(array).copy()))

    def forward(self) -> Any:
        """The parameter."""
        first, *rest = self
        x = first(*(getattr(self, name) for name in self.names))
        for module in rest:
            x = module(x)
        return x

    def right_inverse(self, value: Any) -> None:
        """Let what the parameter is made of give ``value``; ``RuntimeError`` for a module without ``right_inverse``."""
        for module in reversed(list(self)):
            if not hasattr(module, "right_inverse"):
                raise RuntimeError(f"parametrization {type(module).__name__} does not implement right_inverse.")
            value = module.right_inverse(value)
        for name, array in zip(self.names, value if isinstance(value, (list, tuple)) else [value]):
            own, array = self._parameters[name], plain(array)
            if array.dtype != own.dtype or array.shape != own.shape:
                raise ValueError(f"{name} is {own.shape} of {own.dtype}, cannot become {array.shape} of {array.dtype}")
            own.data[...] = array


class _Parametrized(_Computed):
    """The hooks of one parametrized parameter."""

    def __init__(self, name: str, modules: ParametrizationList) -> None:
        super().__init__(name)
        self.list = modules

    def weight(self, module: Any) -> Any:
        return suspended(self.list)

    def spread(self, module: Any, grad: Any) -> None:
        suspended(self.list.backward, [], grad)

    def assign(self, module: Any, value: Any) -> None:
        """What ``module.name = value`` does."""
        self.list.right_inverse(plain(value))
        self.place(module, self.weight(module))


def _inverse(parametrization: Any, value: Any) -> Any:
    """What the module makes ``value`` of, by its ``right_inverse``; ``value`` itself if it has none."""
    inverse = getattr(parametrization, "right_inverse", None)
    try:
        return value if inverse is None else inverse(value)
    except NotImplementedError:
        return value


def register_parametrization(module: Any, tensor_name: str, parametrization: Any, *, unsafe: bool = False) -> Any:
    """Let ``module.tensor_name`` be what ``parametrization`` makes of a new parameter; returns the module.

    A second one is applied to the result of the first; what they are made of stays. ``ValueError`` if there is no such
    parameter, or, unless ``unsafe``, where shape or type change.
    """
    if is_parametrized(module, tensor_name):
        held = module.parametrizations[tensor_name]
        originals = [held._parameters[name].data for name in held.names]
        original = originals[0] if held.names == ["original"] else originals
        return _install(module, tensor_name, [*held, parametrization], original, unsafe)
    if module._parameters.get(tensor_name) is None:
        raise ValueError(f"{type(module).__name__} has no parameter {tensor_name!r} to parametrize")
    original = _inverse(parametrization, module._parameters[tensor_name].data)
    return _install(module, tensor_name, [parametrization], original, unsafe)


def _install(module: Any, name: str, modules: list, original: Any, unsafe: bool) -> Any:
    made = ParametrizationList(modules, original)
    made.train(module.training)
    before = module._parameters.get(name, vars(module).get(name))
    value = suspended(made)
    if not unsafe and (value.shape != before.shape or value.dtype != before.dtype):
        raise ValueError(
            f"the parametrization makes {value.shape} of {value.dtype}, {name!r} is {before.shape} of {before.dtype}: "
            "say unsafe=True if that is meant"
        )
    if is_parametrized(module, name):
        _Parametrized.detach(module, name)
    module._parameters.pop(name, None)
    if "parametrizations" not in module._modules:
        module.parametrizations = ModuleDict()
    module.parametrizations[name] = made
    rule = _Parametrized(name, made)
    rule.place(module, value)
    rule.attach(module)
    return module


def is_parametrized(module: Any, tensor_name: str | None = None) -> bool:
    """Whether a module, or one parameter of it, is computed by :func:`register_parametrization`."""
    held = module._modules.get("parametrizations")
    return held is not None and (len(held) > 0 if tensor_name is None else tensor_name in held)


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """Make the value a parameter again, or what it was made of (``leave_parametrized=False``); returns the module."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"{type(module).__name__} has no parametrization on {tensor_name!r}")
    held = module.parametrizations[tensor_name]
    if not leave_parametrized and held.names != ["original"]:
        raise ValueError("leave_parametrized=False needs one original; this parametrization has several")
    value = suspended(held) if leave_parametrized else held.original.data
    _Parametrized.detach(module, tensor_name)
    del module.parametrizations[tensor_name], vars(module)[tensor_name]
    if not len(module.parametrizations):
        del module.parametrizations
    module.register_parameter(tensor_name, Parameter(plain(value).copy()))
    return module


def transfer_parametrizations_and_params(from_module: Any, to_module: Any, tensor_name: str | None = None) -> Any:
    """Let ``to_module`` share the parametrized parameters of another, or the one named; returns ``to_module``.

    A parameter that it lacks is created. ``AssertionError`` if there is nothing parametrized.
    """
    if not is_parametrized(from_module):
        raise AssertionError(f"{type(from_module).__name__} has no parametrized parameters to transfer")
    for name in [*from_module.parametrizations] if tensor_name is None else [tensor_name]:
        held = from_module.parametrizations[name]
        if not hasattr(to_module, name):
            to_module.register_parameter(name, Parameter(plain(vars(from_module)[name]).copy()))
        originals = [held._parameters[n].data for n in held.names]
        _install(to_module, name, [*held], originals[0] if held.names == ["original"] else originals, True)
        to_module.parametrizations[name]._parameters.update(held._parameters)
    return to_module


def type_before_parametrizations(module: Any) -> type:
    """The class of a module; parametrizing does not change it here."""
    return type(module)


@contextmanager
def cached() -> Iterator[None]:
    """Nothing: a parametrized value is computed once a call of its module in any case."""
    yield
