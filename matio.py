"""``require 'matio'``: the package ``rocks.matio`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import matio

sys.modules[__name__] = matio

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
