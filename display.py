"""``require 'display'``: the package ``rocks.display`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import display

sys.modules[__name__] = display

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
