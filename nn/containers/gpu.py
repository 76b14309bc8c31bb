from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

from torch7 import arrays, registry

from .. import devices, utils
from ..container import Container, a_module
from ..extension import register
from ..module import Module


@register
class GPU(Container):
    """Places a module on a GPU: its parameters live there, and it computes there.

    ``device`` counts from 1. Inputs and gradOutputs are copied to it, the output to ``outdevice`` (default: ``device``)
    and gradInput back to where the input lies; tables of tensors too. Modules of a CPU type are left where they are:
    nothing happens until :meth:`cuda`. A device that is no number, and a module that is none, raise ``TypeError``.
    Source: manual chapter "simple".
    """

    def __init__(self, module: Module, device: int, outdevice: int | None = None) -> None:
        super().__init__()
        if isinstance(device, bool) or not isinstance(device, int | float):
            raise TypeError(f"nn.GPU: device must be a number, got {arrays.describe(device)}")
        a_module(self, module)
        self.device = int(device)
        self.outdevice = self.device if outdevice is None else int(outdevice)
        self.modules = [module]
        if module.type() in arrays.CUDA_TYPES:
            self.type(module.type())

    def setDevice(self, device: int | None = None) -> Self:
        """Move the module's tensors to ``device`` (default: where they should be); returns self."""
        self.device = self.device if device is None else device
        self.modules[0] = self.recursiveModuleDevice(self.modules[0], self.device)
        return self

    def recursiveModuleDevice(self, obj: Any, device: int) -> Any:
        """Move every tensor of a module or nested table to ``device``, keeping what shares memory shared."""
        if self._type not in arrays.CUDA_TYPES:
            return obj
        return devices.move(obj, device)

    def recursiveSetDevice(self, x: Any, device: int) -> Any:
        """A nested table with its tensors on ``device``: themselves where they are there, else copies."""
        return devices.on_device(x, device)

    def updateOutput(self, input: Any) -> Any:
        there = self.recursiveSetDevice(input, self.device)
        with self._there():
            output = self.modules[0].updateOutput(there)
        self.output = self.recursiveSetDevice(output, self.outdevice)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        there = self.recursiveSetDevice(input, self.device), self.recursiveSetDevice(gradOutput, self.device)
        with self._there():
            gradInput = self.modules[0].updateGradInput(*there)
        self.gradInput = self._back(gradInput, input)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._everything("accGradParameters", input, gradOutput, 1 if scale is None else scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._everything("accUpdateGradParameters", input, gradOutput, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._everything("sharedAccUpdateGradParameters", input, gradOutput, lr)

    def _everything(self, method: str, input: Any, gradOutput: Any, factor: float) -> None:
        there = self.recursiveSetDevice(input, self.device), self.recursiveSetDevice(gradOutput, self.device)
        with self._there():
            getattr(self.modules[0], method)(*there, factor)

    def _back(self, gradInput: Any, input: Any) -> Any:
        """``gradInput`` on the devices of ``input``, tensor by tensor."""
        if utils.is_table(gradInput) and utils.is_table(input):
            back = [self._back(gradInput[k], input[k]) for k in utils.keys(gradInput)]
            return dict(zip(gradInput, back)) if isinstance(gradInput, dict) else back
        return self.recursiveSetDevice(gradInput, devices.device_of(input) or self.device)

    def _there(self) -> AbstractContextManager:
        """While it lasts, new tensors are made on the module's device."""
        return devices.at(self.device) if self._type in arrays.CUDA_TYPES else nullcontext()

    def zeroGradParameters(self) -> Self:
        with self._there():
            return super().zeroGradParameters()

    def updateParameters(self, learningRate: float) -> Self:
        with self._there():
            return super().updateParameters(learningRate)

    def applyToModules(self, func: Any) -> Self:
        with self._there():
            return super().applyToModules(func)

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """Without arguments the name of the module's type; with one, convert it on its own device; returns self."""
        if type is None:
            return self._type
        self._type, self._dtype = type, arrays.dtype_of(type)
        with self._there():
            self.output, self.gradInput = arrays.empty(type), arrays.empty(type)
            self.modules[0].type(type, tensorCache)
        return self.setDevice()

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}({self.device}) @ {self.modules[0]}"
