from __future__ import annotations

from typing import Any, Self

from torch7 import arrays, registry

from .. import sums, utils
from ..extension import register
from ..module import Module


class Choosing(Module):
    """Base of the layers that pass on entries of a table: no entry is copied, and those left out get zero gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.gradInput = []

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """As :meth:`nn.Module.type`; what was left from the last call is dropped."""
        if type is not None:
            self.clearState()
        return super().type(type, tensorCache)

    def clearState(self) -> Self:
        self.output = [] if utils.is_table(self.output) else arrays.empty(self._type)
        self.gradInput = []
        return self


@register
class SelectTable(Choosing):
    """One entry of a table, itself: ``output = input[index]``.

    ``index`` is 1-based, from the end if negative, or any key of a dict. The entry may be a table. Its gradient is
    gradOutput, that of every other entry zero. An entry that is not there raises ``IndexError``.
    Source: manual chapter "table".
    """

    def __init__(self, index: Any) -> None:
        super().__init__()
        self.index = index

    def updateOutput(self, input: Any) -> Any:
        self.output = input[self._key(input)]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = zeros(self.gradInput, input)
        key = self._key(input)
        self.gradInput[key] = utils.recursiveCopy(self.gradInput[key], gradOutput)[0]
        return self.gradInput

    def _key(self, input: Any) -> Any:
        """Where ``index`` lies in the list or dict ``input``."""
        if not utils.is_table(input):
            raise TypeError(f"{self}: expecting a table, got {arrays.describe(input)}")
        key = self.index
        whole = isinstance(key, int) or (isinstance(key, float) and key.is_integer())
        if whole and key < 0:
            key = len(input) + int(key) + 1
        if not isinstance(input, dict):
            key = int(key) - 1 if whole and 1 <= key <= len(input) else None
        if key is None or (isinstance(input, dict) and key not in input):
            raise IndexError(f"{self}: index does not exist in the input table {arrays.describe(input)}")
        return key

    def __tostring__(self) -> str:
        index = utils.lua_number(self.index) if isinstance(self.index, int | float) else self.index
        return f"{registry.class_name(type(self))}({index})"


@register
class NarrowTable(Choosing):
    """Some consecutive entries of a table, themselves: ``output[i] = input[offset + i - 1]`` for i = 1..length.

    ``offset`` is 1-based and positive (``ValueError`` otherwise), ``length`` defaults to 1; the output is shorter where
    the input ends. The gradients of all other entries are zero. Source: manual chapter "table".
    """

    _transient = ("_zeros",)

    def __init__(self, offset: int, length: int | None = None) -> None:
        super().__init__()
        self._restore()
        if offset is None or offset < 1:
            raise ValueError(f"nn.NarrowTable(offset, length): offset must be at least 1, got {offset}")
        self.offset = offset
        self.length = 1 if length is None else length
        self.output = []

    def _restore(self) -> None:
        super()._restore()
        self._zeros: list = []

    def updateOutput(self, input: Any) -> list:
        chosen = utils.sequence(input, self)[self.offset - 1 : self.offset - 1 + self.length]
        self.output = utils.refilled(self.output, list(chosen))
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        table, gradOutput = utils.sequence(input, self), utils.sequence(gradOutput, self)
        first, end = self.offset - 1, max(self.offset - 1, min(self.offset - 1 + self.length, len(table)))
        if len(gradOutput) < end - first:
            raise ValueError(f"nn.NarrowTable: {len(gradOutput)} gradients for {end - first} entries")
        self._zeros = zeros(self._zeros, [None if first <= i < end else x for i, x in enumerate(table)])
        self.gradInput = utils.refilled(self.gradInput, list(self._zeros))
        self.gradInput[first:end] = gradOutput[: end - first]
        return self.gradInput


def zeros(buffer: Any, x: Any) -> Any:
    """The nested table ``x`` with zeros in its tensors, in ``buffer`` where that fits; None for what is no tensor."""
    if isinstance(x, dict):
        buffer = buffer if isinstance(buffer, dict) else {}
        for key in [k for k in buffer if k not in x]:
            del buffer[key]
        for key, value in x.items():
            buffer[key] = zeros(buffer.get(key), value)
        return buffer
    if isinstance(x, list | tuple):
        buffer = buffer if isinstance(buffer, list) else []
        del buffer[len(x) :]
        buffer += [None] * (len(x) - len(buffer))
        buffer[:] = [zeros(old, value) for old, value in zip(buffer, x)]
        return buffer
    if not arrays.is_array(x):
        return None
    buffer = arrays.resized(buffer, x.shape, x)
    sums.zero(buffer)
    return buffer
