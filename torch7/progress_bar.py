"""A progress bar on the terminal: how far, how fast, how long yet."""

from __future__ import annotations

import sys
from typing import Any


class Silent:
    """What stands for a bar where none is shown."""

    def update(self, n: int = 1) -> None:
        """Nothing is drawn."""

    def set_postfix_str(self, text: str, refresh: bool = False) -> None:
        """Nothing is drawn."""

    def close(self) -> None:
        """Nothing was drawn."""


def progress_bar(total: int | None, unit: str, shown: bool = True) -> Any:
    """A bar of tqdm, with ``unit`` a second and the time left, where stderr is a terminal and tqdm is there."""
    if not shown or not sys.stderr.isatty():
        return Silent()
    try:
        from tqdm import tqdm
    except ImportError:
        return Silent()
    return tqdm(total=total, unit=unit, leave=False, dynamic_ncols=True)
