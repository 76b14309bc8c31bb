"""``require 'cudnn'``: the package ``rocks.cudnn`` under Lua's name."""

import sys

from rocks import cudnn

sys.modules[__name__] = cudnn
