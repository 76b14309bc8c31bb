"""Data sets in Torch's own files."""

from __future__ import annotations

import os
from typing import Any


def load(path: str | os.PathLike) -> Any:
    """The object of a .t7 (.th7) file, ASCII or binary."""
    from torch7 import serialization

    return serialization.load(path)
