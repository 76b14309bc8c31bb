"""``require 'npy4th'``: the package ``rocks.npy4th`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import npy4th

sys.modules[__name__] = npy4th

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
