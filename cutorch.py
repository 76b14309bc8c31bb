"""``require 'cutorch'``: the package ``rocks.cutorch`` under Lua's name."""

import sys

from rocks import cutorch

sys.modules[__name__] = cutorch
