from __future__ import annotations

import nn
from torch7 import registry


@nn.register
class Rectifier(nn.ReLU):
    """``y = max(x, 0)``: the name that DeepMind's Atari agents have for :class:`nn.ReLU`. Source: dqn."""

    def __init__(self) -> None:
        super().__init__()


registry.lacking(Rectifier, threshold=0, val=0, inplace=False)
