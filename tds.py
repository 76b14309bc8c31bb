"""``require 'tds'``: the package ``rocks.tds`` under Lua's name."""

import sys

from rocks import tds

sys.modules[__name__] = tds
