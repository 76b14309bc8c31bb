"""``require 'csvigo'``: the package ``rocks.csvigo`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import csvigo

sys.modules[__name__] = csvigo

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
