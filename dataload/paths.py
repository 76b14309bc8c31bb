"""Where data sets and results are kept."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

log = logging.getLogger("dataload")
if not log.handlers:
    log.addHandler(logging.StreamHandler())
    log.setLevel(logging.INFO)


def _user_folder() -> str:
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    return os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")


TORCH_PATH = os.environ.get("TORCH_DATA_PATH") or os.path.join(_user_folder(), "torch7")
DATA_PATH = os.environ.get("DEEP_DATA_PATH") or os.path.join(TORCH_PATH, "data")
SAVE_PATH = os.environ.get("DEEP_SAVE_PATH") or os.path.join(TORCH_PATH, "save")


def data_folder(datapath: str | os.PathLike | None, name: str) -> Path:
    """``datapath``, or folder ``name`` of ``dataload.DATA_PATH`` as it is now."""
    return Path(datapath) if datapath is not None else Path(sys.modules["dataload"].DATA_PATH, name)


def withcwd(path: str | os.PathLike, function: Callable[[], Any]) -> Any:
    """What ``function()`` returns with ``path`` as the working directory; the old one is restored."""
    before = os.getcwd()
    os.chdir(path)
    try:
        return function()
    finally:
        os.chdir(before)
