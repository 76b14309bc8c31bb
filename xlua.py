"""``require 'xlua'``: the package ``rocks.xlua`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import xlua

sys.modules[__name__] = xlua

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
