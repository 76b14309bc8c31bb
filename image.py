"""``require 'image'``: the package ``rocks.image`` under Lua's name."""

import sys

from rocks import image

sys.modules[__name__] = image
