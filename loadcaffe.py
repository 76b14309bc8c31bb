"""``require 'loadcaffe'``: the package ``rocks.loadcaffe`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import loadcaffe

sys.modules[__name__] = loadcaffe

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
