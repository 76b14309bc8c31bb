from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

import nn
from nn import devices
from torch7 import arrays, registry

from .replicas import Parts, Replicas, together


class Replicated(nn.Decorator):
    """Base of containers of replicas on several GPUs: the first one is the module, and computes for all by itself."""

    def __init__(self) -> None:
        nn.Container.__init__(self)

    def add(self, module: nn.Module, gpuids: Any = None) -> Self:
        """Set the module; later ones, the replicas of the oldest interface, are left out, and so are the GPUs."""
        return self if self.modules else super().add(module)

    def get(self, index: int) -> nn.Module | None:
        return self.modules[0] if self.modules else None

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}: 1 x {self.modules[0] if self.modules else 'nothing'}"


@nn.register
class DataParallelTable(Replicated):
    """Divides a batch among GPUs, each with a copy of the module; gradients are added up on the first one.

    ``dimension`` (1) is the one that is divided; tables are divided tensor by tensor. ``add(module, gpus)`` sets the
    module and its devices, which count from 1. Output and gradInput lie on the first of them, and parameters and their
    gradients are those of the module there. ``usenccl`` has NCCL add and copy, if it is there; ``flattenParams``
    changes nothing, since neighbours in memory always travel together. On the CPU, or where there is one device, the
    module computes for all. Source: cunn.

    As in cunn, batch normalisation takes the statistics of each part, and those of the first device are kept. Copies
    follow the parameters after each ``backward``, :meth:`updateParameters` and :meth:`syncParameters`.
    """

    #: How many devices networks of files are for, instead of those in the file.
    deserializeNGPUs: int | None = None
    _transient = "replicas", "parts", "inputGpu", "needsSync"

    def __init__(self, dimension: int | None = None, flattenParams: bool | None = None, usenccl: bool | None = None):
        super().__init__()
        self.dimension = 1 if dimension is None else dimension
        self.flattenParams, self.usenccl = bool(flattenParams), bool(usenccl)
        self.gpuAssignments: list[int] = []
        self._restore()

    def _restore(self) -> None:
        self.replicas: Replicas | None = None
        self.parts: Parts | None = None
        self.inputGpu: list | None = None
        self.needsSync = False

    def add(self, module: nn.Module, gpuids: Any = None) -> Self:
        """Set the module and the list of its devices; or one device, then call it again with the next."""
        if gpuids is not None:
            self.gpuAssignments += [int(n) for n in (gpuids if isinstance(gpuids, list | tuple) else [gpuids])]
        return super().add(module)

    def devices(self, type: str | None = None) -> list[int]:
        """The devices that compute, at least one; none on the CPU. ``IndexError`` for some that are not there."""
        if (type or self._type) not in arrays.CUDA_TYPES or arrays.cuda_is_in_memory():
            return []
        count = arrays.cupy().cuda.runtime.getDeviceCount()
        if count == 1 or not self.gpuAssignments:
            return [1]
        if max(self.gpuAssignments) > count:
            raise IndexError(
                f"nn.DataParallelTable is for the devices {self.gpuAssignments}, and there are {count}: "
                "set gpuAssignments, or nn.DataParallelTable.deserializeNGPUs before loading"
            )
        return self.gpuAssignments

    def _copies(self) -> Replicas | None:
        """The module and its copies, made anew where it is another one; None where the module computes for all."""
        places = self.devices()
        if len(places) < 2:
            return None
        if self.replicas is None or not self.replicas.fit(self.modules[0], places):
            self.replicas, self.needsSync = Replicas(self.modules[0], list(places), self.usenccl), False
        if self.parts is None or self.parts.form != (len(places), self.dimension, self._dtype):
            self.parts = Parts(len(places), self.dimension, self._dtype)
        return self.replicas

    def _there(self, type: str | None = None) -> AbstractContextManager:
        """While it lasts, the first device is the current one."""
        places = self.devices(type)
        return devices.at(places[0]) if places else nullcontext()

    def _alone(self, method: str, *arguments: Any) -> Any:
        """What the module does by itself, on its device."""
        with self._there():
            places = self.devices()
            return getattr(super(), method)(*(devices.on_device(x, places[0]) if places else x for x in arguments))

    def updateOutput(self, input: Any) -> Any:
        copies = self._copies()
        if copies is None:
            return self._alone("updateOutput", input)
        if self.needsSync:
            self.syncParameters()
        self.inputGpu = copies.run(lambda _, n: self.parts.of(input, n, "input"))
        self.output = self._together(
            self.output, copies.run(lambda m, n: None if self.inputGpu[n] is None else m.updateOutput(self.inputGpu[n]))
        )
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self._copies() is None:
            return self._alone("updateGradInput", input, gradOutput)
        return self._gradients("updateGradInput", gradOutput)

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        if (copies := self._copies()) is None:
            return self._alone("accGradParameters", input, gradOutput, scale)
        self._each("accGradParameters", gradOutput, 1 if scale is None else scale)
        self._collect(copies)

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        if (copies := self._copies()) is None:
            return self._alone("backward", input, gradOutput, scale)
        gradInput = self._gradients("backward", gradOutput, 1 if scale is None else scale)
        self._collect(copies)
        return gradInput

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        """Not on several devices: ``NotImplementedError``, as in cunn."""
        if self._copies() is not None:
            raise NotImplementedError("accUpdateGradParameters not supported for DataParallelTable")
        self._alone("accUpdateGradParameters", input, gradOutput, lr)

    sharedAccUpdateGradParameters = accUpdateGradParameters

    def _together(self, buffer: Any, parts: list) -> Any:
        with devices.at(self.replicas.places[0]):
            return together(buffer, parts, self.dimension)

    def _each(self, method: str, gradOutput: Any, *scale: float) -> list:
        """A method of every copy that had a part of the input, with its part of gradOutput."""
        if self.inputGpu is None:
            raise RuntimeError("nn.DataParallelTable: call forward before backward")

        def call(module: nn.Module, n: int) -> Any:
            x = self.inputGpu[n]
            return None if x is None else getattr(module, method)(x, self.parts.of(gradOutput, n, "g"), *scale)

        return self.replicas.run(call)

    def _gradients(self, method: str, gradOutput: Any, *scale: float) -> Any:
        parts = self._each(method, gradOutput, *scale)
        if self.gradInput is not None:
            self.gradInput = self._together(self.gradInput, parts)
        return self.gradInput

    def _collect(self, copies: Replicas) -> None:
        copies.collect()
        self.needsSync = True

    def syncParameters(self) -> None:
        """Copy the parameters of the first device to the others."""
        if self.replicas is not None:
            self.replicas.synchronise()
        self.needsSync = False

    def updateParameters(self, learningRate: float) -> Self:
        self._alone("updateParameters", learningRate)
        self.syncParameters()
        return self

    def zeroGradParameters(self) -> Self:
        return self._alone("zeroGradParameters")

    def reset(self, stdv: float | None = None) -> Self:
        with self._there():
            self.modules[0].reset(stdv)
        self.syncParameters()
        return self

    def applyToModules(self, func: Callable) -> Self:
        """``func`` on the module and its copies, each on its device."""
        if self.replicas is None:
            return super().applyToModules(func)
        self.replicas.run(lambda module, _: func(module))
        return self

    def apply(self, callback: Callable) -> Self:
        """``callback`` on the module and all in it; the copies are made anew from it."""
        super().apply(callback)
        self._restore()
        return self

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        if type is None:
            return self._type
        with self._there(type):
            super().type(type, tensorCache)
        self._restore()
        return self

    def clearState(self) -> nn.Module:
        super().clearState()
        self._restore()
        return self

    def threads(self, initFunc: Any = None) -> Self:
        """Call ``initFunc`` and return the module.

        There are no threads: what is launched on one device does not wait for another, so that all compute at once.
        """
        if initFunc is not None:
            initFunc()
        return self

    def __tostring__(self) -> str:
        n = 1 if self.replicas is None else len(self.replicas.places)
        return f"nn.DataParallelTable: {n} x {self.modules[0] if self.modules else 'nothing'}"


@nn.register
class DataParallel(Replicated):
    """fbcunn's division of a batch among GPUs: here its first module runs on the whole batch. Source: fbcunn."""

    def __init__(self, dimension: int | None = None) -> None:
        super().__init__()
        self.dimension = 1 if dimension is None else dimension


def _first(module: Replicated, fields: dict) -> None:
    """One replica is left; parameters that only copied it go."""
    modules = fields.get("modules")
    modules = list(modules.values()) if isinstance(modules, dict) else list(modules or [])
    fields["modules"] = modules[:1]
    for name in (
        "flattenedParams",
        "impl",
        "typeStr",
        "inputGpu",
        "outputGpu",
        "gradInputGpu",
        "gradOutputGpu",
        "buffer",
    ):
        fields.pop(name, None)


def _places(table: DataParallelTable, fields: dict) -> None:
    places = fields.get("gpuAssignments") or []
    places = list(places.values()) if isinstance(places, dict) else list(places)
    count = DataParallelTable.deserializeNGPUs
    fields["gpuAssignments"] = [int(n) for n in places] if count is None else list(range(1, count + 1))


registry.upgrade(DataParallelTable)(_first)
registry.upgrade(DataParallelTable)(_places)
registry.upgrade(DataParallel)(_first)
registry.lacking(DataParallelTable, dimension=1, flattenParams=False, usenccl=False, gpuAssignments=[])
registry.lacking(DataParallel, dimension=1)
