"""``require 'lapp'``: the package ``rocks.lapp`` under Lua's name."""

import sys

from rocks import lapp

sys.modules[__name__] = lapp
