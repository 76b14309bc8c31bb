"""``require 'lfs'``: the package ``rocks.lfs`` under Lua's name."""

import sys

from rocks import lfs

sys.modules[__name__] = lfs
