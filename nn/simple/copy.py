from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

from ..extension import register
from ..module import Module


@register
class Copy(Module):
    """Converts between tensor types: ``output`` is the input as ``outtype``, ``gradInput`` gradOutput as ``intype``.

    ``intype`` and ``outtype`` are Torch type names, by default the default tensor type. Where they are equal the input
    itself is passed on, and gradOutput back, unless ``forceCopy``. With ``dontCast`` the module's :meth:`type` stays.
    Input of any shape. ``TypeError`` for what is no tensor. Source: manual chapter "simple".
    """

    forceCopy = False
    dontCast = False

    def __init__(
        self,
        intype: str | None = None,
        outtype: str | None = None,
        forceCopy: bool | None = None,
        dontCast: bool | None = None,
    ) -> None:
        super().__init__()
        intype, outtype = intype or self._type, outtype or self._type
        self.gradInput, self.output = arrays.empty(intype), arrays.empty(outtype)
        self.forceCopy, self.dontCast = forceCopy, dontCast

    @property
    def passes(self) -> bool:
        """Whether tensors are passed on as they are."""
        return self.output.dtype == self.gradInput.dtype and not self.forceCopy

    def updateOutput(self, input: Any) -> Any:
        self.output = _converted(input, self.output, self.passes)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = _converted(gradOutput, self.gradInput, self.passes)
        return self.gradInput

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        return self if type and self.dontCast else super().type(type, tensorCache)


@registry.upgrade(Copy)
def _upgrade(module: Copy, fields: dict) -> None:
    """The buffers' types say what is converted: a file without them converts nothing."""
    for name in ("output", "gradInput"):
        if fields.get(name) is None:
            fields[name] = arrays.empty(fields.get("_type"))


def _converted(x: Any, buffer: Any, passes: bool) -> Any:
    """``x`` itself, or ``x`` written to a buffer of ``buffer``'s type."""
    if not arrays.is_array(x):
        raise TypeError(f"nn.Copy: a tensor expected, got {arrays.describe(x)}")
    if passes and x.dtype == buffer.dtype and type(x) is type(buffer):
        return x
    xp = arrays.array_module(buffer)
    if buffer.shape != x.shape or not buffer.flags.c_contiguous:
        buffer = xp.empty(x.shape, buffer.dtype)
    buffer[...] = arrays.moved(x, xp, buffer.dtype)
    return buffer
