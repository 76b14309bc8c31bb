"""``require 'paths'``: the package ``rocks.paths`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import paths

sys.modules[__name__] = paths

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
