"""``require 'moses'``: the package ``rocks.moses`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import moses

sys.modules[__name__] = moses

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
