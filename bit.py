"""``require 'bit'``: the package ``rocks.bit`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import bit

sys.modules[__name__] = bit

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
