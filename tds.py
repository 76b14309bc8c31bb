"""``require 'tds'``: the package ``rocks.tds`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import tds

sys.modules[__name__] = tds

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
