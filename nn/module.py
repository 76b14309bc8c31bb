"""``nn.Module``: what every layer is (manual chapter "module")."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import wraps
from typing import Any, Self

from torch7 import arrays, registry
from torch7 import typename as torch_typename

from . import sums, thnn, utils
from .buffers import Buffers
from .extension import register
from .flatten import flatten, lacking


def making_gradients(method: Callable) -> Callable:
    """``accGradParameters`` of a class that makes the gradients first which a module read from a file lacks."""

    @wraps(method)
    def accGradParameters(self: Module, *args: Any, **settings: Any) -> None:
        made = getattr(self.gradWeight, "size", 0) and (self.bias is None or getattr(self.gradBias, "size", 0))
        if not made or self._trained is not WEIGHT_AND_BIAS:
            self.makeGradients()
        return method(self, *args, **settings)

    return accGradParameters


WEIGHT_AND_BIAS = ("weight", "bias")
FLOATS = arrays.dtype_of("torch.FloatTensor"), arrays.dtype_of("torch.DoubleTensor")
PACKAGES = "nn", "dpnn", "rnn", "nnx"
#: Modules that only hold others or move elements; their tensors may be of any type.
MOVING = {"Container", "Identity", "Copy", "Convert", "Constant", "Contiguous", "Collapse", "Reshape", "View"}
MOVING |= {"Transpose", "Squeeze", "Unsqueeze", "Replicate", "Select", "Narrow", "SelectTable", "NarrowTable"}
MOVING |= {"JoinTable", "SplitTable", "FlattenTable", "ZipTable", "ZipTableOneToMany", "ReverseTable", "OneHot"}
MOVING |= {"PrintSize"}


@register
class Module(Buffers):
    """A layer with explicit forward and backward passes.

    A subclass defines ``updateOutput(input)``, ``updateGradInput(input, gradOutput)`` and, when it has parameters,
    ``accGradParameters(input, gradOutput, scale)``. ``output`` and ``gradInput`` hold the last results: buffers that
    the next call reuses, so copy what should last. Input, gradOutput and parameters are of one type, that of
    :meth:`type`; another one raises ``TypeError``.

    Fields a module may have: ``weight``, ``bias`` and their gradients ``gradWeight``, ``gradBias``; ``train``, set by
    :meth:`training` and :meth:`evaluate`. Source: manual chapter "module".
    """

    weight = bias = gradWeight = gradBias = None
    train: bool | None = None
    shared: bool | None = None
    _transient = ("_dtype",)
    _trained: tuple[str, ...] = WEIGHT_AND_BIAS  # its parameters; each has a gradient, such as gradWeight
    _hasDiagHessian = False  # nn.hessian.enable() changes this
    _onNodes: Callable | None = None  # package nngraph puts a method here

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        if cls._trained and "accGradParameters" in vars(cls):
            cls.accGradParameters = making_gradients(cls.accGradParameters)

    def __init__(self) -> None:
        self._type = arrays.getdefaulttensortype()
        self._dtype = arrays.dtype_of(self._type)
        self.output = arrays.empty()
        self.gradInput = arrays.empty()

    def _restore(self) -> None:
        self._type = vars(self).get("_type") or arrays.getdefaulttensortype()
        self._dtype = arrays.dtype_of(self._type)

    # -- the protocol

    def forward(self, input: Any) -> Any:
        """Compute and return ``output`` for ``input``."""
        return self.updateOutput(input)

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        """Compute and return ``gradInput`` and add ``scale`` times the parameter gradients to theirs."""
        self.updateGradInput(input, gradOutput)
        self.accGradParameters(input, gradOutput, 1 if scale is None else scale)
        return self.gradInput

    def updateOutput(self, input: Any) -> Any:
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        pass

    def __call__(self, input: Any = ..., gradOutput: Any = None) -> Any:
        """``m(input)`` is ``m.forward(input)``; ``m(input, gradOutput)`` runs both passes: ``(output, gradInput)``.

        With package nngraph ``m()``, ``m(node)`` and ``m([node, node])`` are nodes of a graph.
        """
        if self._onNodes is not None and (node := self._onNodes(input, gradOutput)) is not None:
            return node
        if input is ...:
            raise TypeError(f"{torch_typename(self)}: called without input; `import nngraph` makes nodes of such calls")
        output = self.forward(input)
        return output if gradOutput is None else (output, self.backward(input, gradOutput))

    # -- gradient steps

    def zeroGradParameters(self) -> Self:
        """Set the gradients of all parameters to zero."""
        for grad in self.parameters()[1]:
            if grad is not None:  # a network may be saved without
                sums.zero(grad)
        return self

    def updateParameters(self, learningRate: float) -> Self:
        """Take a gradient step: every parameter loses ``learningRate`` times its gradient."""
        for weight, grad in zip(*self.parameters()[:2]):
            if grad is None:
                raise ValueError(f"{torch_typename(self)}: there are no gradients; backward makes them")
            thnn.cadd(weight, -learningRate, grad)
        return self

    def makeGradients(self) -> None:
        """Make the gradients that the module lacks, as after a file without them; they are zero."""
        for name in self._trained:
            parameter, gradient = getattr(self, name, None), "grad" + name[0].upper() + name[1:]
            if arrays.is_array(parameter) and parameter.size and lacking(getattr(self, gradient, None)):
                setattr(self, gradient, arrays.array_module(parameter).zeros(parameter.shape, parameter.dtype))

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        """Accumulate the parameter gradients and take the gradient step in one."""
        if self.shared:
            self.sharedAccUpdateGradParameters(input, gradOutput, lr)
        else:
            self.defaultAccUpdateGradParameters(input, gradOutput, lr)

    def defaultAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        """Accumulate ``-lr`` times the gradients straight into ``weight`` and ``bias``."""
        gradWeight, gradBias = self.gradWeight, self.gradBias
        self.gradWeight, self.gradBias = self.weight, self.bias
        try:
            self.accGradParameters(input, gradOutput, -lr)
        finally:
            self.gradWeight, self.gradBias = gradWeight, gradBias

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        """The step for shared parameters: through their gradients, which are overwritten."""
        if self.parameters()[0]:
            self.zeroGradParameters()
            self.accGradParameters(input, gradOutput, 1)
            self.updateParameters(lr)

    def backwardUpdate(self, input: Any, gradOutput: Any, lr: float) -> Any:
        """Compute ``gradInput`` and take the gradient step; returns ``gradInput``."""
        self.updateGradInput(input, gradOutput)
        self.accUpdateGradParameters(input, gradOutput, lr)
        return self.gradInput

    # -- parameters

    def parameters(self) -> tuple[list, ...]:
        """Two lists, the parameters and their gradients, in one order; empty for a module that has none.

        After ``nn.hessian.enable()`` a third one, of the diagonal Hessians that there are.
        """
        lists: tuple[list, ...] = [], []
        if self.weight is not None:
            lists[0].append(self.weight)
            lists[1].append(self.gradWeight)
        if self.bias is not None:
            lists[0].append(self.bias)
            lists[1].append(self.gradBias)
        if self._hasDiagHessian:
            hessians = (getattr(self, name, None) for name in ("diagHessianWeight", "diagHessianBias"))
            lists += ([h for h in hessians if h is not None],)
        return lists

    def getParameters(self) -> tuple[Any, ...]:
        """Two flat arrays, of all parameters and of all gradients; the module's own become views of them.

        Parameters that share memory appear once. Call it once, after conversions (:meth:`type`, :meth:`cuda`): a later
        call makes fresh flat arrays and leaves the first ones behind. Raises ``ValueError`` where parameters are
        shared and their gradients are not. Diagonal Hessians, where there are any, give a third flat array.
        """
        return flatten(self)

    def share(self, other: Module, *names: str) -> Self:
        """Make the named fields those of ``other``, without a copy: both modules then train the same tensors."""
        for name in names:
            if getattr(self, name, None) is not None:
                setattr(self, name, getattr(other, name))
                self.shared = other.shared = True
        return self

    def clone(self, *names: str) -> Module:
        """A deep copy that keeps the sharing inside; the named fields (``'weight'``) are shared with the original."""
        modules = {id(m): m for m in self.listModules()}.values()
        for m in modules:
            if isinstance(m, Module) and any(name.startswith("grad") for name in names):
                m.makeGradients()  # those of a file without any: the clone adds to the same
        held = [(m, name, vars(m)[name]) for m in modules for name in names if vars(m).get(name) is not None]
        for m, name, value in held:
            if not arrays.is_array(value):
                raise TypeError(f"{registry.class_name(type(m))}.{name} is no tensor and cannot be shared")
        try:
            for m, name, value in held:
                vars(m)[name] = arrays.array_module(value).empty(0, value.dtype)
            new = copy.deepcopy(self)
        finally:
            for m, name, value in held:
                vars(m)[name] = value
        return new.share(self, *names) if names else new

    # -- type

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """Without arguments the name of the module's type; with one, convert every tensor in place and return self.

        ``type`` is a Torch type name such as ``'torch.FloatTensor'``. Tensors that share memory still do afterwards;
        ``tensorCache``, a dict passed to several calls, keeps sharing across modules. Index buffers stay integers.
        ``TypeError`` for a type that a layer in here cannot compute in.
        """
        if type is None:
            return self._type
        super().type(type, tensorCache)
        self._type = type
        return self

    def _checkConversion(self, type: str) -> None:
        if arrays.dtype_of(type) in FLOATS or type not in arrays.CPU_TYPES:
            return
        for module in self.listModules():
            names = {cls.__name__ for cls in module.__class__.__mro__}
            ours = module.__class__.__module__.partition(".")[0] in PACKAGES
            if isinstance(module, Module) and ours and names.isdisjoint(MOVING):
                raise TypeError(
                    f"{torch_typename(module)} computes in torch.FloatTensor or torch.DoubleTensor, not in {type}: "
                    "leave the module as it is and convert its input"
                )

    # -- modes and state

    def training(self) -> Self:
        """Switch to training mode (Dropout drops, BatchNormalization uses the batch)."""
        self.train = True
        return self

    def evaluate(self) -> Self:
        """Switch to evaluation mode."""
        self.train = False
        return self

    def reset(self, stdv: float | None = None) -> Self:
        """Draw new initial parameters."""
        return self

    def clearState(self) -> Module:
        """Drop what is only needed between forward and backward, so that files are small."""
        return utils.clear(self, "output", "gradInput")

    # -- the tree of modules

    def apply(self, callback: Callable[[Module], Any]) -> Self:
        """Call ``callback(module)`` on this module and on every module in it, containers before their contents."""
        callback(self)
        return self

    def replace(self, callback: Callable[[Module], Module]) -> Module:
        """Replace every module in this one by ``callback(module)``; returns what this one is replaced by."""
        return callback(self)

    def findModules(self, typename: Any) -> tuple[list, list]:
        """Modules of exactly one class, named (``'nn.Linear'``) or given: ``(modules, their direct containers)``."""
        name = typename if isinstance(typename, str) else registry.class_name(typename)
        found = [pair for pair in self._walk(self) if torch_typename(pair[0]) == name]
        return [m for m, _ in found], [c for _, c in found]

    def listModules(self) -> list[Module]:
        """This module and all modules in it, containers before their contents."""
        return [m for m, _ in self._walk(self)]

    def _walk(self, container: Module) -> list[tuple[Module, Module]]:
        """(module, its direct container) for this module, inside ``container``, and all in it."""
        return [(self, container)]

    # -- print

    def __tostring__(self) -> str:
        """What Lua's print shows; a subclass overrides it."""
        return registry.class_name(type(self))

    def __repr__(self) -> str:
        return self.__tostring__()
