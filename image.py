"""``require 'image'``: the package ``rocks.image`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import image

sys.modules[__name__] = image

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
