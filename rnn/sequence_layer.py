from __future__ import annotations

from math import prod
from typing import Any, Self

import nn
from nn import sums, thnn
from nn.storage import persistent
from torch7 import arrays, registry

from .abstract_sequencer import AbstractSequencer
from .mask_zero import zero_samples

CLEARED = (
    "cell",
    "gates",
    "packed",
    "hidden",
    "reset_h",
    "grad_x",
    "gradGates",
    "gradTotal",
    "next_h",
    "buffer1",
    "buffer2",
)
CLEARED += ("buffer3", "grad_a_buffer")


class SequenceLayer(nn.Module):
    """Base of layers that run a whole sequence in one kernel: input modes, states and their gradients.

    A subclass has parameters ``weight`` and ``bias``, lists its initial states in ``STATES`` (names of buffers), their
    user fields in ``USER``, and defines ``_forward(x, zero)``, ``_backward(gradOutput, zero)`` and
    ``_accumulate(x, scale)`` on sequences ``T x N x ...``.
    """

    STATES: tuple[str, ...] = ("h0",)
    LAST: tuple[str, ...] = ("_output",)  # the sequences whose last step is the next state
    USER: tuple[str, ...] = ("userPrevOutput",)
    USER_GRAD: tuple[str, ...] = ("gradPrevOutput",)
    GRAD_OUT: tuple[str, ...] = ("userGradPrevOutput",)
    _transient = ("_x", "_zero", "_fresh", "_given", "_gradOutput", "_rooms")
    _x: Any = None
    _zero: Any = None
    _fresh = False
    _given = 0
    _gradOutput: Any = None
    _rooms: dict[str, Any] | None = None
    batchfirst = False
    maskzero = False
    _remember = "neither"
    userPrevOutput: Any = None
    gradPrevOutput: Any = None

    def _prepare(self) -> None:
        """The fields that a new layer begins with."""
        self.batchfirst = self.maskzero = False
        self._remember = "neither"
        for name in ("_output", "gates", "grad_x"):
            setattr(self, name, arrays.empty(self._type))
        for name in self.STATES:
            setattr(self, name, arrays.empty(self._type))
            setattr(self, f"grad_{name}", arrays.empty(self._type))
        self.gradInput = [*(getattr(self, f"grad_{name}") for name in self.STATES), self.grad_x]

    # -- the protocol

    def updateOutput(self, input: Any) -> Any:
        *states, x = self._parts(input)
        self._x = self._timeFirst(x, "_x")
        T, N, _ = self._x.shape
        self._initial([None] * (len(self.STATES) - len(states)) + list(states), N)
        self._given, self._fresh = len(states), False
        self._zero = self._masks(self._x)
        for name, width in self._sequences().items():
            self._fit(name, (T, N, width))
        self._forward(self._x, self._zero)
        self.output = self._batchFirst(self._output)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x, gradOutput = self._checked(input, gradOutput)
        T, N, _ = x.shape
        for name, width in self._gradSequences().items():
            self._fit(name, (T, N, width))
        for state, user in zip(self.STATES, self.USER_GRAD):
            self._gradState(state, user)
        self._backward(gradOutput, self._zero)
        self._fresh = True
        for state, field in zip(self.STATES, self.GRAD_OUT):
            setattr(self, field, getattr(self, f"grad_{state}"))
        grad_x = self._batchFirst(self.grad_x)
        given = [getattr(self, f"grad_{name}") for name in self.STATES[len(self.STATES) - self._given :]]
        self.gradInput = [*given, grad_x] if self._given else grad_x
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        if not self._fresh:
            self.updateGradInput(input, gradOutput)
        self._accumulate(self._x, 1 if scale is None else scale)

    def _sequences(self) -> dict[str, int]:
        """The buffers of sequences that forward fills, with their widths."""
        raise NotImplementedError

    def _gradSequences(self) -> dict[str, int]:
        """The buffers of sequences that backward fills, with their widths."""
        raise NotImplementedError

    def _masks(self, x: Any) -> Any:
        """What ``_forward`` and ``_backward`` take as zero: the samples of each step that are, or None."""
        return zero_samples(x, 1) if self.maskzero else None

    # -- buffers

    def _fit(self, name: str, shape: tuple) -> Any:
        """The field ``name`` as a buffer of ``shape``; its memory is kept as long as it suffices."""
        buffer = vars(self).get(name)
        fits = arrays.is_array(buffer) and buffer.shape == shape and buffer.dtype == self._dtype
        if not fits or not arrays.plain(buffer):
            buffer = self._room(name, shape)
            setattr(self, name, buffer)
        return buffer

    def _room(self, name: str, shape: tuple) -> Any:
        """Memory for ``shape``, the same at every call with this name that it suffices for."""
        self._rooms = self._rooms if self._rooms is not None else {}
        room, count = self._rooms.get(name), prod(shape)
        if room is None or room.size < count:
            room = self._rooms[name] = arrays.module_of(self._type).empty(count, self._dtype)
        return room[:count].reshape(shape)

    def _held(self, name: str, shape: tuple) -> Any:
        """The field ``name`` as forward left it; ``ValueError`` unless it is a buffer of ``shape``."""
        x = vars(self).get(name)
        if not arrays.is_array(x) or x.shape != shape or x.dtype != self._dtype or not arrays.plain(x):
            raise ValueError(
                f"{self._name()}: {name} is {arrays.describe(x)}, the last forward left it {shape}; "
                "call forward before backward"
            )
        return x

    def _state(self, name: str) -> Any:
        """The first state ``name``, as forward left it."""
        return self._held(name, (self._x.shape[1], self._stateWidth(name)))

    def _sequence(self, name: str) -> Any:
        """The sequence ``name``, as forward or backward left it."""
        widths = {**self._sequences(), **self._gradSequences()}
        return self._held(name, (*self._x.shape[:2], widths[name]))

    # -- the state

    def _stateWidth(self, name: str) -> int:
        return self._sequences()[self.LAST[self.STATES.index(name)]]

    def _initial(self, given: list, N: int) -> None:
        """Fill the buffers of initial states: as given, as the user set them, as remembered, or zeros."""
        new = []
        for name, state, user, last in zip(self.STATES, given, self.USER, self.LAST):
            buffer, what = getattr(self, name, None), name if state is not None else user
            state = state if state is not None else getattr(self, user)
            if state is None and self.hasMemory() and buffer is not None and buffer.size:
                held = getattr(self, last)
                state = held[-1] if len(held) else None  # nothing is left of it after clearState, as in files
                if state is not None and len(state) != N:
                    raise ValueError(
                        f"{self._name()}: batch sizes must be the same to remember states: {len(state)}, {N}"
                    )
            width = self._stateWidth(name)
            if state is not None:
                self.checkType(state, what)
                if state.shape != (N, width):
                    raise ValueError(f"{self._name()}: {what} must be {N}x{width}, got {arrays.describe(state)}")
            new.append((name, user, state, (N, width)))
        for name, user, state, shape in new:
            sums.copy(state, self._fit(name, shape))
            vars(self).pop(user, None)

    def _gradState(self, name: str, user: str) -> None:
        """The buffer of the gradient by a state: by the last one as the user set it, or zeros."""
        state, gradient = self._state(name), getattr(self, user, None)
        if gradient is not None and (not arrays.is_array(gradient) or gradient.size != state.size):
            found = arrays.describe(gradient)
            raise ValueError(f"{self._name()}: {user} must have the shape {state.shape}, got {found}")
        sums.copy(gradient, self._fit(f"grad_{name}", state.shape))
        vars(self).pop(user, None)

    def remember(self, mode: str | None = None) -> Self:
        """Set when the state lasts from one forward to the next, as in a Sequencer; returns the module."""
        AbstractSequencer.remember(self, mode)
        return self

    hasMemory = AbstractSequencer.hasMemory

    def forget(self) -> Self:
        """Start the next forward from zeros; returns the module."""
        for name in self.STATES:
            setattr(self, name, arrays.empty(self._type))
        return self

    resetStates = forget

    def maskZero(self) -> Self:
        """Let steps whose input is zero give zeros and start anew; returns the module."""
        self.maskzero = True
        return self

    def training(self) -> Self:
        if self.train is False:
            self.forget()
        return super().training()

    def evaluate(self) -> Self:
        if self.train is not False:
            self.forget()
        return super().evaluate()

    # -- input and output

    def _parts(self, input: Any) -> list:
        """The states that are given and x, checked."""
        parts = list(input) if isinstance(input, list | tuple) else [input]
        if not 1 <= len(parts) <= 1 + len(self.STATES):
            raise ValueError(f"{self._name()}: input is x or a table of states and x, got {arrays.describe(input)}")
        x = parts[-1]
        self.checkType(x)
        if x.ndim != 3:
            raise ValueError(f"{self._name()}: Only supports batch mode: T x N x D, got {arrays.describe(x)}")
        if x.shape[2] != self._inputSize() or not x.size:
            raise ValueError(f"{self._name()}: input must be T x N x {self._inputSize()}, got {arrays.describe(x)}")
        return parts

    def _checked(self, input: Any, gradOutput: Any) -> tuple[Any, Any]:
        """x and gradOutput as sequences; ``ValueError`` unless they fit the last forward."""
        x = self._parts(input)[-1]
        shape = x.shape[:2][:: -1 if self.batchfirst else 1]
        if self._x is None or self._x.shape[:2] != shape or not getattr(self, self.STATES[0]).size:
            raise ValueError(f"{self._name()}: call forward before backward, with the same input")
        self.checkType(gradOutput, "gradOutput")
        self._x = self._timeFirst(x, "_x")
        gradOutput = self.gradOutputAs(gradOutput, self._batchFirst(self._output))
        return self._x, self._timeFirst(gradOutput, "_gradOutput")

    def _timeFirst(self, x: Any, name: str) -> Any:
        """``x`` as a contiguous sequence T x N x D; a copy is in the memory of ``name``."""
        x = x.transpose(1, 0, 2) if self.batchfirst else x
        if arrays.plain(x):
            return x
        copy = self._room(name, x.shape)
        copy[...] = x
        return copy

    def _batchFirst(self, x: Any) -> Any:
        return x.transpose(1, 0, 2) if self.batchfirst else x

    def _inputSize(self) -> int:
        raise NotImplementedError

    def _parameterShapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter."""
        raise NotImplementedError

    def _weights(self) -> tuple[Any, Any]:
        """weight and bias as kernels take them; ``ValueError`` unless they fit the layer's sizes."""
        self.checkTensors(**self._parameterShapes())
        return thnn.contiguous(self.weight), thnn.contiguous(self.bias)

    def _gradients(self) -> tuple[Any, ...]:
        """The gradients of all parameters as kernels take them."""
        shapes = {f"grad{name[0].upper()}{name[1:]}": shape for name, shape in self._parameterShapes().items()}
        self.checkTensors(**shapes)
        return tuple(thnn.contiguous(getattr(self, name)) for name in shapes)

    def _name(self) -> str:
        return registry.class_name(type(self))

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        if type is not None:
            self._x = self._gradOutput = self._rooms = None
            self._fresh = False
        return super().type(type, tensorCache)

    def clearState(self) -> Self:
        self.forget()
        for name in CLEARED:
            if name in persistent(self):
                setattr(self, name, arrays.empty(self._type))
        for name in (*self.USER, *self.USER_GRAD, *self.GRAD_OUT):
            vars(self).pop(name, None)
        for name in self.STATES:
            setattr(self, f"grad_{name}", arrays.empty(self._type))
        self._output, self.output = arrays.empty(self._type), arrays.empty(self._type)
        self.gradInput = None
        self._x = self._zero = self._gradOutput = self._rooms = None
        self._fresh = False
        return self
