"""``require 'npy4th'``: the package ``rocks.npy4th`` under Lua's name."""

import sys

from rocks import npy4th

sys.modules[__name__] = npy4th
