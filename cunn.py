"""``require 'cunn'``: the package ``rocks.cunn`` under Lua's name."""

import sys

from rocks import cunn

sys.modules[__name__] = cunn
