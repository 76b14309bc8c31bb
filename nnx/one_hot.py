from __future__ import annotations

from typing import Any

import numpy as np

import nn
from torch7 import arrays, registry


class OneHot(nn.OneHot):
    """char-rnn's ``OneHot``: rows of the identity matrix, ``output[n] = e[input[n]]``.

    Input: n 1-based tokens of any integer or float type; output ``n x outputSize``. It has no gradient by its input.
    Its files hold the matrix as ``_eye``; ours write it and do without. Source: char-rnn.
    """

    def _t7_fields(self) -> dict[str, Any]:
        return {**vars(self), "_eye": np.eye(self.outputSize, dtype=np.float32)}

    def __tostring__(self) -> str:
        return registry.class_name(type(self))


registry.register("OneHot", OneHot)


@registry.upgrade(OneHot)
def _upgrade(module: OneHot, fields: dict) -> None:
    eye = fields.pop("_eye", None)
    if fields.get("outputSize") is None and arrays.is_array(eye):
        fields["outputSize"] = len(eye)
