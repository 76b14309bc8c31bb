"""``require 'cutorch'``: the package ``rocks.cutorch`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import cutorch

sys.modules[__name__] = cutorch

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
