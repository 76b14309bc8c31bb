"""``require 'lfs'``: the package ``rocks.lfs`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import lfs

sys.modules[__name__] = lfs

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
