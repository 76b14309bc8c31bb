"""``require 'optnet'``: the package ``rocks.optnet`` under Lua's name."""

import sys

from rocks import optnet

sys.modules[__name__] = optnet
