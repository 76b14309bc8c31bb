"""``require 'cunn'``: nn.DataParallelTable and nn.DataParallel; the layers themselves are nn's, on both kinds of
memory.
"""

from __future__ import annotations

from typing import Any

import nn

_CLASSES = ("DataParallelTable", "DataParallel")

for _name in _CLASSES:
    nn.extension.later(_name, "nnx.data_parallel_table")


def __getattr__(name: str) -> Any:
    if name in _CLASSES:
        return getattr(nn, name)
    raise AttributeError(f"module 'cunn' has no attribute {name!r}")
