"""``require 'threads'``: the package ``rocks.threads`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import threads

sys.modules[__name__] = threads

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
