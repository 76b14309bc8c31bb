"""``require 'display'``: the package ``rocks.display`` under Lua's name."""

import sys

from rocks import display

sys.modules[__name__] = display
