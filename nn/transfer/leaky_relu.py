from __future__ import annotations

from numbers import Real
from typing import Any

from torch7 import registry

from .. import thnn
from ..extension import register
from .elementwise import Elementwise


@register
class LeakyReLU(Elementwise):
    """A rectifier that leaks: ``y = x`` where ``x > 0``, else ``negval x``; ``dy/dx`` is 1 or ``negval``.

    ``negval`` is 0.01 by default; ``LeakyReLU(True)`` keeps it and works in place. Input of any shape; output of the
    same shape. ``inplace`` overwrites the input and gradOutput; a negative ``negval`` switches it off. ``TypeError``
    for a tensor of another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter "transfer".
    """

    def __init__(self, negval: float | bool | None = None, inplace: bool | None = None) -> None:
        super().__init__()
        if isinstance(negval, bool):
            negval, inplace = None, negval
        self.negval = 0.01 if negval is None else negval
        if not isinstance(self.negval, Real):
            raise TypeError(f"nn.LeakyReLU: negval must be a number, got {negval!r}")
        self.setInplace(inplace)
        if self.negval < 0:
            self.inplace = False

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.LeakyReLU_updateOutput, input, self.negval)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.LeakyReLU_updateGradInput, input, gradOutput, self.negval)

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}({self.negval:g})"


@registry.upgrade(LeakyReLU)
def _upgrade(module: LeakyReLU, fields: dict) -> None:
    """Before nn had one, waifu2x had an ``nn.LeakyReLU`` of its own, whose slope is another field."""
    scale = fields.pop("negative_scale", None)
    if scale is not None:
        fields["negval"], fields["inplace"] = scale, False
