from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from .. import utils
from ..extension import register
from ..module import Module
from .decorator import Decorator


@register
class DontCast(Decorator):
    """Keeps its module's type: ``type``, ``float``, ``double`` and ``cuda`` of a network around it pass it by.

    ``castin``: input of another type is converted to ``moduleType``, and gradInput to the decorator's own type, that of
    the network. ``castout`` (default: ``castin``): the output is converted to the decorator's own type, and gradOutput
    to ``moduleType``. ``moduleType`` defaults to the module's type. Errors are those of the modules, with their place
    as a note. Source: manual chapter "containers".
    """

    def __init__(
        self, module: Module, castin: bool | None = None, castout: bool | None = None, moduleType: str | None = None
    ) -> None:
        super().__init__(module)
        self.castin = castin
        self.castout = castin if castout is None else castout
        self.moduleType = module.type() if moduleType is None and (castin or castout) else moduleType
        self._input: Any = None
        self._gradOutput: Any = None

    def updateOutput(self, input: Any) -> Any:
        output = self.modules[0].updateOutput(self._in(input))
        self.output = utils.recursiveCast(self.output, output, self._type) if self.castout else output
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.modules[0].updateGradInput(self._in(input), self._out(gradOutput))
        self.gradInput = utils.recursiveCast(self.gradInput, gradInput, self._type) if self.castin else gradInput
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        super().accGradParameters(self._in(input), self._out(gradOutput), scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        super().accUpdateGradParameters(self._in(input), self._out(gradOutput), lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        super().sharedAccUpdateGradParameters(self._in(input), self._out(gradOutput), lr)

    def _in(self, input: Any) -> Any:
        if self.castin:
            self._input = input = utils.recursiveCast(self._input, input, self.moduleType)
        return input

    def _out(self, gradOutput: Any) -> Any:
        if self.castout:
            self._gradOutput = gradOutput = utils.recursiveCast(self._gradOutput, gradOutput, self.moduleType)
        return gradOutput

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """Without arguments the type that the network sees; with one, note it: the module stays as it is."""
        if type is None:
            return self._type
        if self.castin or self.castout:
            self._type, self._dtype = type, arrays.dtype_of(type)
            self.output, self.gradInput = arrays.empty(type), arrays.empty(type)
        return self

    def clearState(self) -> Self:
        utils.clear(self, "_input", "_gradOutput")
        return super().clearState()
