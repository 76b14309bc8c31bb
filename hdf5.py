"""``require 'hdf5'``: the package ``rocks.hdf5`` under Lua's name."""

import sys
from typing import TYPE_CHECKING, Any

from rocks import hdf5

sys.modules[__name__] = hdf5

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
