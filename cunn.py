"""``require 'cunn'``: the package ``rocks.cunn`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import cunn

sys.modules[__name__] = cunn

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
