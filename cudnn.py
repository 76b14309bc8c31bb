"""``require 'cudnn'``: the package ``rocks.cudnn`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import cudnn

sys.modules[__name__] = cudnn

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
