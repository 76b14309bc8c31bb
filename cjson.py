"""``require 'cjson'``: the package ``rocks.cjson`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import cjson

sys.modules[__name__] = cjson

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
