from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np

from torch7 import arrays, registry

from .. import utils
from ..extension import register
from ..module import Module
from .decorator import Decorator

_ids = count(1)


@register
class NaN(Decorator):
    """Stops where a module produces NaN: raises ``ArithmeticError`` that says in which of its tensors.

    After each pass the output, gradInput and gradients of ``module`` are looked at, and, where one holds a NaN, what
    went in. A tensor counts as NaN when its sum is: infinities of both signs count too. ``id`` names the module in
    messages; default: the number of NaN modules made so far. Source: manual chapter "containers".
    """

    def __init__(self, module: Module, id: Any = None) -> None:
        super().__init__(module)
        self.id = next(_ids) if id is None else id

    def recursiveIsNaN(self, tensor: Any) -> bool:
        """Whether a tensor of the nested table ``tensor`` is NaN."""
        if arrays.is_array(tensor):
            with np.errstate(invalid="ignore"):
                return tensor.dtype.kind == "f" and bool(np.isnan(tensor.sum()))
        if utils.is_table(tensor):
            return any(self.recursiveIsNaN(tensor[k]) for k in utils.keys(tensor))
        return False

    def updateOutput(self, input: Any) -> Any:
        output = super().updateOutput(input)
        if self.recursiveIsNaN(output):
            self._blame("input", input)
            self._blame("parameters", self.parameters()[0])
            self._blame("output", output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = super().updateGradInput(input, gradOutput)
        if self.recursiveIsNaN(gradInput):
            self._blame("gradOutput", gradOutput)
            self._blame("gradInput", gradInput)
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        super().accGradParameters(input, gradOutput, scale)
        self._blame("gradParameters", self.parameters()[1])

    def _blame(self, what: str, tensors: Any) -> None:
        if self.recursiveIsNaN(tensors):
            raise ArithmeticError(f"NaN found in {what} of module :\n{self}")

    def __tostring__(self) -> str:
        id = utils.lua_number(self.id) if isinstance(self.id, int | float) else self.id
        return f"{registry.class_name(type(self))}({id}) @ {self.modules[0]}"
