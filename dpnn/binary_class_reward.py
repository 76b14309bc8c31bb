from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays

from .vr_class_reward import VRClassReward, labels


@nn.register
class BinaryClassReward(VRClassReward):
    """:class:`VRClassReward` for two classes: the input is ``{p, b}`` and the target N zeros and ones.

    ``p``, N probabilities of class 1, is right where ``p > 0.5`` agrees with the target. Errors as there. Source:
    manual of dpnn.
    """

    def hits(self, scores: Any, target: Any) -> Any:
        if scores.ndim != 1:
            raise ValueError(f"{self}: probabilities must be of one dimension, got {arrays.describe(scores)}")
        return (scores > 0.5) == labels(self, target, scores)
