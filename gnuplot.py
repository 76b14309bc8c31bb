"""``require 'gnuplot'``: the package ``rocks.gnuplot`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import gnuplot

sys.modules[__name__] = gnuplot

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
