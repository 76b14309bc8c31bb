"""Bridges between the two packages: an nn module inside a tnn network, and the other way round."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from torch7 import arrays

from ..module import Module as NN
from ..storage import replace_arrays
from .module import Module
from .parameter import Parameter

_FLOATS = np.dtype(np.float32), np.dtype(np.float64)


class _Held:
    """Parameters, their arrays and gradients as they were bound last; out of reach of walks over a module's fields."""

    __slots__ = ("gradients", "parameters", "tensors")

    def __init__(self, parameters: list, tensors: list, gradients: list) -> None:
        self.parameters, self.tensors, self.gradients = list(parameters), list(tensors), list(gradients)


class NNModule(NN):
    """A tnn module as an ``nn.Module``: what :meth:`tnn.Module.as_nn` returns.

    ``tensors`` and ``gradients`` are its parameters and their gradients; several inputs and outputs are lists.
    """

    _trained = ()

    def __init__(self, module: Module) -> None:
        super().__init__()
        self.module = module
        self.tensors, self.gradients = [], []
        self._collect()
        if self.tensors:
            self._type, self._dtype = arrays.type_name(self.tensors[0]), np.dtype(self.tensors[0].dtype)

    def _collect(self) -> None:
        parameters = list(self.module.parameters())
        self.tensors, self.gradients = [p.data for p in parameters], [p.grad for p in parameters]
        self._held = _Held(parameters, self.tensors, self.gradients)

    def _bind(self) -> None:
        """Follow ``tensors`` where getParameters or a conversion put others in their place, and the module's own."""
        parameters, tensors, gradients = self._held.parameters, self._held.tensors, self._held.gradients
        if all(map(_is, self.tensors, tensors)) and all(map(_is, self.gradients, gradients)):
            if not all(map(_is, self.module.parameters(), parameters)):
                self._collect()
            return
        new = {}
        for old, tensor, gradient in zip(parameters, self.tensors, self.gradients):
            new[id(old)] = Parameter(tensor, old.requires_grad)
            new[id(old)]._grad = gradient
        for module in self.module.modules():
            for name, p in module._parameters.items():
                if p is not None:
                    module._parameters[name] = new[id(p)]
        self._held = _Held([new[id(p)] for p in parameters], self.tensors, self.gradients)

    def updateOutput(self, input: Any) -> Any:
        self._bind()
        output = self.module(*input) if isinstance(input, (list, tuple)) else self.module(input)
        self.output = list(output) if isinstance(output, tuple) else output
        return self.output

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        self.gradInput = self.module.backward(input, gradOutput, 1.0 if scale is None else scale)
        return self.gradInput

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        frozen = [p for p in self._held.parameters if p.requires_grad]
        try:
            for p in frozen:
                p.requires_grad = False
            return self.backward(input, gradOutput)
        finally:
            for p in frozen:
                p.requires_grad = True

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self.module.backward(input, gradOutput, 1.0 if scale is None else scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.sharedAccUpdateGradParameters(input, gradOutput, lr)

    def parameters(self) -> tuple[list, ...]:
        self._bind()
        return list(self.tensors), list(self.gradients)

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        if type is None:
            return self._type
        self._bind()
        xp, dtype = arrays.module_of(type), arrays.dtype_of(type)
        self.module._apply(lambda x: arrays.moved(x, xp, dtype if x.dtype.kind == "f" else x.dtype))
        self._collect()
        self._type, self._dtype = type, dtype
        return self

    def training(self) -> Any:
        self.module.train()
        return super().training()

    def evaluate(self) -> Any:
        self.module.eval()
        return super().evaluate()

    def reset(self, stdv: float | None = None) -> Any:
        for module in self.module.modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()
        return self

    def __tostring__(self) -> str:
        return repr(self.module)


def _is(a: Any, b: Any) -> bool:
    return a is b


class Torch7(Module):
    """An ``nn`` module as a tnn module: ``tnn.Torch7(nn.SpatialConvolution(3, 8, 5, 5))``.

    Its parameters are called 0, 1, ... in the order of the nn module's ``parameters()``, and share their memory.
    Several inputs become a table, a table of outputs a tuple. The nn module keeps counting from 1.
    """

    def __init__(self, module: Any) -> None:
        super().__init__()
        if not isinstance(module, NN):
            raise TypeError(f"Torch7 takes a module of nn, got {type(module).__name__}")
        object.__setattr__(self, "module", module)
        self.__dict__["_worker"] = module
        self._hold()

    def _hold(self) -> None:
        tensors, gradients = self.module.parameters()[:2]
        for i, (tensor, gradient) in enumerate(zip(tensors, gradients)):
            self._parameters[str(i)] = parameter = Parameter(tensor)
            parameter._grad = gradient
        self.__dict__["_held"] = _Held(list(self._parameters.values()), tensors, gradients)

    def _bind(self) -> None:
        """Let the nn module follow parameters that were replaced, as ``getParameters`` does."""
        held, tensors, gradients = self._held.parameters, self._held.tensors, self._held.gradients
        parameters = list(self._parameters.values())
        if all(map(_is, parameters, held)):
            return
        moved = {id(old): p.data for old, p in zip(tensors, parameters)}
        moved |= {id(old): p.grad for old, p in zip(gradients, parameters)}
        replace_arrays(self.module, lambda x: moved.get(id(x), x))
        self.__dict__["_held"] = _Held(parameters, [moved[id(x)] for x in tensors], [moved[id(x)] for x in gradients])

    def _apply_own(self, convert: Any, memo: dict) -> None:
        made = convert(arrays.module_of(self.module._type).zeros(1, self.module._dtype))
        if made.dtype in _FLOATS:
            self._bind()
            self.module.type(arrays.type_name(made))
            self._hold()

    def __setstate__(self, state: dict) -> None:
        """A copy's parameters share the memory of its own nn module, not of arrays copied apart from it."""
        super().__setstate__(state)
        wanted = [p.requires_grad for p in self._parameters.values()]
        self._hold()
        for p, requires_grad in zip(self._parameters.values(), wanted):
            p.requires_grad = requires_grad

    def _working(self) -> Any:
        """The nn module, or for a second call in one forward a copy that shares parameters and statistics with it."""
        worker = self.__dict__.get("_worker")
        if worker is self.module:
            return worker
        kept = [a for arrays in self.module.parameters()[:2] for a in arrays]
        kept += [vars(m)[n] for m in self.module.listModules() for n in ("running_mean", "running_var") if n in vars(m)]
        if worker is None or any(a is not b for a, b in zip(kept, self._kept)):
            worker = copy.deepcopy(self.module, {id(a): a for a in kept})
            self.__dict__["_worker"], self.__dict__["_kept"] = worker, kept
        return worker

    def forward(self, *input: Any) -> Any:
        self._bind()
        module = self._working()
        if bool(module.train is not False) != self.training:
            module.training() if self.training else module.evaluate()
        output = module.forward(input[0] if len(input) == 1 else list(input))
        return tuple(output) if isinstance(output, list) else output

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        input = list(input) if isinstance(input, tuple) else input
        frozen = not any(p.requires_grad for p in self._parameters.values())
        if frozen:
            return self._worker.updateGradInput(input, gradOutput)
        return self._worker.backward(input, gradOutput, scale)

    def __repr__(self) -> str:
        return f"Torch7({self.module!r})"
