"""``require 'optnet'``: the package ``rocks.optnet`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import optnet

sys.modules[__name__] = optnet

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
