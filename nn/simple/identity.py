from __future__ import annotations

from typing import Any

from ..extension import register
from ..module import Module


@register
class Identity(Module):
    """Passes its input on, and gradOutput back: ``output`` is the input itself, tensor or table.

    Constructor arguments are accepted and ignored. No input is refused. Source: manual chapter "simple".
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()

    def updateOutput(self, input: Any) -> Any:
        self.output = input
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = gradOutput
        return gradOutput
