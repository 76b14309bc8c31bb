from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays, registry

from .content_loss import PassingLoss
from .gram_matrix import GramMatrix


@nn.register
class StyleLoss(PassingLoss):
    """Passes images on and measures ``loss = strength * crit(agg(input), target)``, ``agg`` being a GramMatrix.

    Modes, ``loss_type`` and ``normalize`` as for :class:`ContentLoss`; ``agg_type``: ``'gram'``, or ``'mean'`` for the
    means of the planes of ``N x C x H x W``. neural-style's keeps its matrix in the field ``gram`` and divides it by
    the number of elements of the input. Source: fast-neural-style.
    """

    def __init__(
        self,
        strength: float | None = None,
        loss_type: Any = None,
        agg_type: Any = None,
        normalize: bool | None = None,
    ) -> None:
        super().__init__()
        self.strength = 1.0 if strength is None else strength
        self.prepare(loss_type)
        if agg_type not in (None, "gram", "mean", True, False):
            raise ValueError(f"nn.StyleLoss: agg_type must be 'gram' or 'mean', got {agg_type!r}")
        self.agg_type = "mean" if agg_type == "mean" else "gram"
        means = agg_type == "mean"
        self.agg = nn.Sequential().add(nn.Mean(3)).add(nn.Mean(3)) if means else GramMatrix()
        self.normalize = bool(agg_type is True or normalize)  # neural-style's third argument

    def measure(self, input: Any) -> Any:
        gram = vars(self).get("gram")
        if gram is None:
            return self.agg.updateOutput(input)
        self.G = nn.utils.recursiveCopy(vars(self).get("G"), gram.updateOutput(input))[0]
        self.G /= input.size
        return self.G

    def measureGradient(self, input: Any, gradient: Any) -> Any:
        gram = vars(self).get("gram")
        if gram is None:
            return self.agg.updateGradInput(input, gradient)
        gradient /= input.size
        return gram.updateGradInput(input, gradient)

    def clearState(self) -> StyleLoss:
        for name in ("agg", "gram"):
            if isinstance(vars(self).get(name), nn.Module):
                getattr(self, name).clearState()
        nn.utils.clear(self, [name for name in ("G",) if arrays.is_array(vars(self).get(name))])
        return super().clearState()


registry.lacking(StyleLoss, agg=None)


@registry.upgrade(StyleLoss)
def _upgrade(module: StyleLoss, fields: dict) -> None:
    if fields.get("agg") is None and fields.get("gram") is None:
        fields["agg"] = GramMatrix()
