"""``require 'matio'``: the package ``rocks.matio`` under Lua's name."""

import sys

from rocks import matio

sys.modules[__name__] = matio
