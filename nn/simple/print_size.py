from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import utils
from ..extension import register
from ..module import Module


@register
class PrintSize(Module):
    """Prints the sizes of its input and of gradOutput, and passes both on: for looking into a network.

    ``prefix`` begins the lines, ``PrintSize`` by default. Input: a tensor, a table, or None. No input is refused.
    Source: the class of the same name in Torch's nn.
    """

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__()
        self.prefix = prefix or "PrintSize"

    def updateOutput(self, input: Any) -> Any:
        self.output = input
        print(f"{self.prefix}:input\n\t{_sizes(input)}")
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = gradOutput
        print(f"{self.prefix}:gradOutput\n\t{_sizes(gradOutput)}")
        return gradOutput


def _sizes(x: Any) -> str:
    if x is None:
        return "missing size"
    return utils.size_string(x.shape) if arrays.is_array(x) else arrays.describe(x)
