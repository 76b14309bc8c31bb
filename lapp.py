"""``require 'lapp'``: the package ``rocks.lapp`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import lapp

sys.modules[__name__] = lapp

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
