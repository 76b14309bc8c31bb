"""One step of LSTM, FastLSTM or GRU in a few kernels.

The network of a step, a tree of some forty small modules, stays what it is: scripts look into it, change it, share and
save it. A :class:`FusedStep` runs in its place as long as it is as its class builds it and input and state are plain
matrices. It writes into the modules' own ``output``, so that gates, cells and sums are found where they always were,
and the network itself can go on at any moment. Gradients inside the
network are not computed, and a Dropout with ``p = 0`` makes no copies.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from operator import is_
from typing import Any

import numpy as np

import nn
from torch7 import arrays, getRNGState, setRNGState

#: Fields that change in use.
MODES = ("train", "flag", "_type", "shared")


class Pattern:
    """What ``build()`` makes, to compare networks with; no random number is used up.

    ``proved`` are the types for which kernels gave the numbers of such a network.
    """

    def __init__(self, build: Callable[[], nn.Module]) -> None:
        state = getRNGState()
        try:
            self.descriptions = [_description(module) for module in build().listModules()]
        finally:
            setRNGState(state)
        self.proved: set = set()

    def matches(self, module: nn.Module) -> bool:
        """Whether a network is of the pattern, and no method of its modules was replaced."""
        modules = module.listModules()
        return len(modules) == len(self.descriptions) and all(map(_matches, modules, self.descriptions))


def _description(module: nn.Module) -> tuple[type, int, dict, dict, bool]:
    """Class, number of modules in it, settings, sizes of the parameters, and whether a new one has a gradInput."""
    plain = {k: v for k, v in vars(module).items() if isinstance(v, bool | int | float | str | tuple) and k[0] != "_"}
    settings = {k: v for k, v in plain.items() if k not in MODES}
    sizes = {name: getattr(getattr(module, name, None), "shape", None) for name in ("weight", "bias")}
    return type(module), len(getattr(module, "modules", ())), settings, sizes, module.gradInput is not None


def _matches(module: nn.Module, description: tuple) -> bool:
    kind, count, settings, sizes, gradInput = description
    return (
        type(module) is kind
        and len(getattr(module, "modules", ())) == count
        and (module.gradInput is not None or not gradInput)
        and all(getattr(module, k, None) == v for k, v in settings.items())
        and all(getattr(getattr(module, k, None), "shape", None) == v for k, v in sizes.items())
        and not any(callable(v) and not isinstance(v, nn.Module) for v in vars(module).values())
    )


def is_plain(x: Any, shape: tuple, form: tuple[type, Any]) -> bool:
    """Whether kernels take ``x`` as it is; ``form`` is the class of arrays and the dtype."""
    kind, dtype = form
    plain = type(x) is kind and x.shape == shape and x.dtype == dtype and x.flags.c_contiguous
    return plain and (kind is not np.ndarray or x.flags.aligned)


class FusedStep:
    """Runs ``module``, the network of one step.

    A subclass binds its kernels to the modules' buffers in ``_bindFrames(modules, inputs)`` and ``_bindGradients()``,
    and runs them in ``_forward(inputs)``, ``_backward(inputs, gradients)`` and ``_accumulate(inputs, scale)``.
    """

    def __init__(self, module: nn.Module, pattern: Pattern, size: int) -> None:
        self._module = weakref.ref(module)
        self.pattern, self.size = pattern, size
        self.shapes: tuple | None = None  # what the frames are laid for
        self.last_shapes: list = []
        self.ran_forward = self.ran_backward = False  # which passes of the last step were run here
        self.gradInput: list | None = None

    # -- the protocol

    def updateOutput(self, inputs: list) -> Any:
        module = self._module()
        self.ran_backward = False
        if self._fits(inputs):
            self.ran_forward = True
            self._forward(inputs)
        else:
            self.ran_forward = self._bind(module, inputs)
        if not self.ran_forward:
            return module.updateOutput(inputs)
        for table, key, i in self.references:
            table[key] = inputs[i]
        return module.output

    def updateGradInput(self, inputs: list, gradOutput: Any) -> Any:
        module, gradients = self._module(), gradOutput if isinstance(gradOutput, list) else [gradOutput]
        state = self.shapes and self.shapes[1]
        self.ran_backward = (
            self.ran_forward and self._fits(inputs) and all(is_plain(g, state, self.form) for g in gradients)
        )
        if not self.ran_backward:
            return self._whole(inputs).updateGradInput(inputs, gradOutput)
        if self.gradInput is None:
            self.gradInput = self._gradInput(module.gradInput)
        self._backward(inputs, gradients)
        module.gradInput = self.gradInput
        return self.gradInput

    def _gradInput(self, own: Any) -> list:
        """The buffers of the network itself if they fit, else new ones."""
        if isinstance(own, list) and len(own) == len(self.shapes) and all(map(is_plain, own, self.shapes, self.forms)):
            return own
        return self.empty()

    def empty(self) -> list:
        """New arrays of the sizes of the inputs."""
        return [self.xp.empty(shape, self.dtype) for shape in self.shapes]

    def accGradParameters(self, inputs: list, gradOutput: Any, scale: float) -> None:
        if self.ran_backward and self._fits(inputs) and self._gradients():
            self._accumulate(inputs, scale)
            return
        module, ran_backward = self._whole(inputs), self.ran_backward
        self.ran_backward = False
        if ran_backward:
            module.updateGradInput(inputs, gradOutput)
        module.accGradParameters(inputs, gradOutput, scale)

    def _whole(self, inputs: list) -> nn.Module:
        """The network itself, as after a forward of its own."""
        module = self._module()
        if self.ran_forward:
            self.ran_forward, self.shapes = False, None
            module.updateOutput(inputs)
        return module

    # -- whether the frames still hold

    def _fits(self, inputs: list) -> bool:
        """Whether the frames are for such inputs, and the network and its buffers are those they were laid over."""
        return (
            self.shapes is not None
            and all(map(is_plain, inputs, self.shapes, self.forms))
            and sum(map(len, self.fields)) == self.count
            and all(fields["modules"] == modules for fields, modules in self.contents)
            and all(fields.get(name) is x for fields, name, x in self.arrays)
            and not any(fields["p"] for fields in self.dropouts)
        )

    def _bind(self, module: nn.Module, inputs: list) -> bool:
        """Lay the frames over the buffers of a run of the network, if it suits, at the second input of these sizes."""
        self.shapes = self.gradInput = None
        last_shapes, self.last_shapes = self.last_shapes, [getattr(x, "shape", None) for x in inputs]
        if self.pattern is None or last_shapes != self.last_shapes or len(last_shapes[0]) != 2:
            return False
        if not self.pattern.matches(module):
            self.pattern = None
            return False
        weights = module.parameters()[0]
        shapes = last_shapes[0], *((last_shapes[0][0], self.size) for _ in inputs[1:])
        self.dtype, self.xp = weights[0].dtype, arrays.array_module(weights[0])
        self.form = type(weights[0]), self.dtype
        self.forms = [self.form] * len(inputs)
        plain = all(map(is_plain, inputs, shapes, self.forms))
        if not plain or not all(is_plain(w, w.shape, self.form) for w in weights):
            return False
        copies = [x.copy() for x in inputs]
        self._bindModules(module, copies, shapes)
        if self.shapes is None:
            for state, copy in zip(inputs[1:], copies[1:]):  # in evaluation they are the network's own buffers
                state[...] = copy
        return self.shapes is not None

    def _bindModules(self, module: nn.Module, inputs: list, shapes: tuple) -> None:
        module.updateOutput(inputs)
        modules = module.listModules()
        self.fields = [vars(m) for m in modules]
        self.count = sum(map(len, self.fields))
        self.contents = [(f, list(f["modules"])) for f in self.fields if "modules" in f]
        self.dropouts = [vars(m) for m in modules if type(m) is nn.Dropout]
        found = [r for m in modules for r in references(vars(m), "output", inputs)]
        self.references = list({(id(table), key): (table, key, i) for table, key, i in found}.values())
        self.arrays, self.buffers, self.targets, self.gradients = [], [], [], None
        for m in modules:
            if isinstance(m, nn.Linear | nn.CMul):
                self.parameters(m)
        self.shapes = shapes
        self._bindFrames(modules, inputs)
        if self.form not in self.pattern.proved:
            self._verify(inputs)

    def _verify(self, inputs: list) -> None:
        """Compare the kernels with the run of the network, once; without agreement it always runs by itself.

        What the network has computed stays, so that numbers do not depend on whether others were compared before.
        """
        expected = [x.copy() for x in self.buffers]
        self._forward(inputs)
        found = [x.copy() for x in self.buffers]
        for x, own in zip(self.buffers, expected):
            x[...] = own
        if all(self.xp.allclose(a, b, 1e-4, 1e-5, equal_nan=True) for a, b in zip(expected, found)):
            self.pattern.proved.add(self.form)
        else:
            self.pattern = self.shapes = None

    def _gradients(self) -> bool:
        """Whether kernels take the gradients of the parameters as they are; lays the frames over new ones."""
        gradients = [fields.get(name) for fields, name in self.targets]
        if self.gradients is None or not all(map(is_, gradients, self.gradients)):
            self.gradients = None
            if not all((type(g), g.dtype) == self.form and arrays.plain(g) for g in gradients):
                return False
            self._bindGradients()
            self.gradients = gradients
        return True

    def parameters(self, module: nn.Module) -> None:
        """The frames hold as long as the module has the same parameters."""
        for name in ("weight", "bias"):
            if getattr(module, name) is not None:
                self.watched(module, name)
                self.targets.append((vars(module), "grad" + name.capitalize()))

    def output(self, module: nn.Module) -> Any:
        """The output of a module, which is compared with what the kernels write there."""
        self.buffers.append(self.watched(module, "output"))
        return module.output

    def watched(self, module: nn.Module, name: str) -> Any:
        """A field of a module: the frames hold as long as it is the same array."""
        x = getattr(module, name)
        self.arrays.append((vars(module), name, x))
        return x


class MaskedStep:
    """Runs a MaskZero with ``step`` in the place of the network in it."""

    def __init__(self, mask: nn.Module, step: FusedStep) -> None:
        self.mask, self.step = mask, step

    def updateOutput(self, inputs: list) -> Any:
        return self._run(self.mask.updateOutput, inputs)

    def updateGradInput(self, inputs: list, gradOutput: Any) -> Any:
        return self._run(self.mask.updateGradInput, inputs, gradOutput)

    def accGradParameters(self, inputs: list, gradOutput: Any, scale: float) -> None:
        self._run(self.mask.accGradParameters, inputs, gradOutput, scale)

    def _run(self, method: Callable, *args: Any) -> Any:
        network = self.mask.modules[0]
        self.mask.modules[0] = self.step
        try:
            return method(*args)
        finally:
            self.mask.modules[0] = network


def references(table: Any, key: Any, inputs: list) -> list:
    """Where in ``table[key]`` and the lists in it the inputs themselves are: ``(list or dict, key, number)``."""
    value = table[key]
    if isinstance(value, list):
        return [r for i in range(len(value)) for r in references(value, i, inputs)]
    return [(table, key, i) for i, x in enumerate(inputs) if x is value]
