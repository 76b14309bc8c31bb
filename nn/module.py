"""``nn.Module``: what every layer is (manual chapter "module")."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from torch7 import arrays, registry

from . import thnn, utils
from .doors import register
from .flatten import flatten
from .storage import Shared, persistent


@register
class Module(Shared):
    """A layer with explicit forward and backward passes.

    A subclass defines ``updateOutput(input)``, ``updateGradInput(input, gradOutput)`` and, when it has parameters,
    ``accGradParameters(input, gradOutput, scale)``. ``output`` and ``gradInput`` hold the last results: buffers that
    the next call reuses, so copy what should last. Input, gradOutput and parameters are of one type, that of
    :meth:`type`; another one raises ``TypeError``.

    Fields a module may have: ``weight``, ``bias`` and their gradients ``gradWeight``, ``gradBias``; ``train``, set by
    :meth:`training` and :meth:`evaluate`.
    """

    weight = bias = gradWeight = gradBias = None
    train: bool | None = None
    shared: bool | None = None
    _transient = ("_dtype",)
    _hasDiagHessian = False  # nn.hessian.enable() changes this

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

    def __call__(self, input: Any, gradOutput: Any = None) -> Any:
        """``m(input)`` is ``m.forward(input)``; ``m(input, gradOutput)`` runs both passes: ``(output, gradInput)``."""
        output = self.forward(input)
        return output if gradOutput is None else (output, self.backward(input, gradOutput))

    # -- gradient steps

    def zeroGradParameters(self) -> Module:
        """Set the gradients of all parameters to zero."""
        for grad in self.parameters()[1]:
            grad.fill(0)
        return self

    def updateParameters(self, learningRate: float) -> Module:
        """Take a gradient step: every parameter loses ``learningRate`` times its gradient."""
        for weight, grad in zip(*self.parameters()[:2]):
            thnn.cadd(weight, -learningRate, grad)
        return self

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
        pairs = ((self.weight, self.gradWeight), (self.bias, self.gradBias))
        pairs = [(p, g) for p, g in pairs if p is not None]
        lists = [p for p, _ in pairs], [g for _, g in pairs]
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

    def share(self, other: Module, *names: str) -> Module:
        """Make the named fields those of ``other``, without a copy: both modules then train the same tensors."""
        for name in names:
            if getattr(self, name, None) is not None:
                setattr(self, name, getattr(other, name))
                self.shared = other.shared = True
        return self

    def clone(self, *names: str) -> Module:
        """A deep copy that keeps the sharing inside; the named fields (``'weight'``) are shared with the original."""
        modules = {id(m): m for m in self.listModules()}.values()
        held = [(m, name, vars(m)[name]) for m in modules for name in names if vars(m).get(name) is not None]
        for m, name, value in held:
            if not arrays.is_array(value):
                raise TypeError(f"{registry.class_name(type(m))}.{name} is no tensor and cannot be shared")
        try:
            for m, name, value in held:
                setattr(m, name, arrays.array_module(value).empty(0, value.dtype))
            new = copy.deepcopy(self)
        finally:
            for m, name, value in held:
                setattr(m, name, value)
        return new.share(self, *names) if names else new

    # -- type

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """Without arguments the name of the module's type; with one, convert every tensor in place and return self.

        ``type`` is a Torch type name such as ``'torch.FloatTensor'``. Tensors that share memory still do afterwards;
        ``tensorCache``, a dict passed to several calls, keeps sharing across modules. Index buffers stay integers.
        """
        if type is None:
            return self._type
        arrays.module_of(type)
        cache = {} if tensorCache is None else tensorCache
        for name, value in persistent(self).items():
            vars(self)[name] = self._converted(name, value, type, cache)
        self._type, self._dtype = type, arrays.dtype_of(type)
        return self

    def _converted(self, name: str, value: Any, type: str, cache: dict) -> Any:
        """Buffers of the last call are converted by value: they may be views of a whole data set."""
        if name in ("output", "gradInput") and arrays.is_array(value) and value.base is not None:
            return utils.recursiveType(value.copy(), type)
        return utils.recursiveType(value, type, cache)

    def float(self, tensorCache: dict | None = None) -> Module:
        """Convert to ``torch.FloatTensor``, float32."""
        return self.type("torch.FloatTensor", tensorCache)

    def double(self, tensorCache: dict | None = None) -> Module:
        """Convert to ``torch.DoubleTensor``, float64."""
        return self.type("torch.DoubleTensor", tensorCache)

    def cuda(self, tensorCache: dict | None = None) -> Module:
        """Convert to ``torch.CudaTensor``, float32 on the GPU; ``ImportError`` without CuPy."""
        return self.type("torch.CudaTensor", tensorCache)

    # -- modes and state

    def training(self) -> Module:
        """Switch to training mode (Dropout drops, BatchNormalization uses the batch)."""
        self.train = True
        return self

    def evaluate(self) -> Module:
        """Switch to evaluation mode."""
        self.train = False
        return self

    def reset(self, stdv: float | None = None) -> Module:
        """Draw new initial parameters."""
        return self

    def clearState(self) -> Module:
        """Drop what is only needed between forward and backward, so that files are small."""
        return utils.clear(self, "output", "gradInput")

    # -- the tree of modules

    def apply(self, callback: Callable[[Module], Any]) -> Module:
        """Call ``callback(module)`` on this module and on every module in it, containers before their contents."""
        callback(self)
        return self

    def replace(self, callback: Callable[[Module], Module]) -> Module:
        """Replace every module in this one by ``callback(module)``; returns what this one is replaced by."""
        return callback(self)

    def findModules(self, typename: Any) -> tuple[list, list]:
        """Modules of exactly one class, named (``'nn.Linear'``) or given: ``(modules, their direct containers)``."""
        name = typename if isinstance(typename, str) else registry.class_name(typename)
        found = [pair for pair in self._walk(self) if registry.class_name(type(pair[0])) == name]
        return [m for m, _ in found], [c for _, c in found]

    def listModules(self) -> list[Module]:
        """This module and all modules in it, containers before their contents."""
        return [m for m, _ in self._walk(self)]

    def _walk(self, container: Module) -> list[tuple[Module, Module]]:
        """(module, its direct container) for this module, inside ``container``, and all in it."""
        return [(self, container)]

    # -- buffers and checks, for updateOutput and updateGradInput

    def resizeOutput(self, input: Any, shape: tuple | None = None) -> Any:
        """``self.output`` as a buffer of ``shape`` (that of ``input`` if None), after a check of ``input``'s type."""
        output = self.output
        if shape is None:
            shape = getattr(input, "shape", None)
        if type(output) is type(input) and output.shape == shape and output.dtype is self._dtype is input.dtype:
            return output
        self.checkType(input)
        self.output = output = arrays.resized(output, shape, input)
        return output

    def resizeGradInput(self, input: Any, gradOutput: Any) -> Any:
        """``self.gradInput`` as a buffer of ``input``'s shape, after a check of both arguments' types."""
        gradInput = self.gradInput
        dtype = self._dtype
        same = type(gradInput) is type(gradOutput) and gradInput.shape == input.shape
        if same and gradInput.dtype is dtype is input.dtype and gradOutput.dtype is dtype:
            return gradInput
        self.checkType(input)
        self.checkType(gradOutput, "gradOutput")
        self.gradInput = gradInput = arrays.resized(gradInput, input.shape, input)
        return gradInput

    def resized(self, buffer: Any, shape: tuple) -> Any:
        """``buffer`` itself if it is a C-contiguous tensor of ``shape`` and the module's type, else a new one."""
        dtype = self._dtype
        if arrays.is_array(buffer) and buffer.shape == shape and buffer.dtype == dtype and buffer.flags.c_contiguous:
            return buffer
        return arrays.module_of(self._type).empty(shape, dtype)

    def checkType(self, input: Any, what: str = "input") -> None:
        """Raise ``TypeError`` unless ``input`` is a tensor of the module's type."""
        if type(input) is type(self.output) and input.dtype is self._dtype is self.output.dtype:
            return
        name = registry.class_name(type(self))
        if not arrays.is_array(input):
            raise TypeError(f"{name}: {what} must be a tensor, got {arrays.describe(input)}")
        expected = arrays.module_of(self._type)
        if arrays.array_module(input) is not expected:
            where = "module.cuda()" if expected.__name__ == "numpy" else "cupy.asarray(x), or module.float()"
            raise TypeError(f"{name} is of type {self._type}, its {what} is on another device: call {where}")
        if input.dtype != self._dtype:
            raise TypeError(
                f"{name} is of type {self._type} ({self._dtype}), its {what} is {arrays.describe(input)}: "
                f"convert one of them, by x.astype('{self._dtype}') or module.type('{arrays.type_name(input)}')"
            )

    def checkGradOutput(self, gradOutput: Any, output: Any) -> Any:
        """``gradOutput`` in the shape of ``output``; ``ValueError`` where their element counts differ."""
        if gradOutput.shape == output.shape:
            return gradOutput
        if gradOutput.size != output.size:
            raise ValueError(
                f"{registry.class_name(type(self))}: gradOutput is {arrays.describe(gradOutput)}, "
                f"the output of the last forward {arrays.describe(output)}; call forward before backward"
            )
        return gradOutput.reshape(output.shape)

    # -- print

    def __tostring__(self) -> str:
        """What Lua's print shows; a subclass overrides it."""
        return registry.class_name(type(self))

    def __repr__(self) -> str:
        return self.__tostring__()
