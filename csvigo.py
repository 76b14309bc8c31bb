"""``require 'csvigo'``: the package ``rocks.csvigo`` under Lua's name."""

import sys

from rocks import csvigo

sys.modules[__name__] = csvigo
