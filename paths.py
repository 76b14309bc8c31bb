"""``require 'paths'``: the package ``rocks.paths`` under Lua's name."""

import sys

from rocks import paths

sys.modules[__name__] = paths
