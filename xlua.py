"""``require 'xlua'``: the package ``rocks.xlua`` under Lua's name."""

import sys

from rocks import xlua

sys.modules[__name__] = xlua
