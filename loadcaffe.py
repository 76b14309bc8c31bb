"""``require 'loadcaffe'``: the package ``rocks.loadcaffe`` under Lua's name."""

import sys

from rocks import loadcaffe

sys.modules[__name__] = loadcaffe
