"""``require 'argcheck'``: the package ``rocks.argcheck`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import argcheck

sys.modules[__name__] = argcheck

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
