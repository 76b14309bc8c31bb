"""``require 'cjson'``: the package ``rocks.cjson`` under Lua's name."""

import sys

from rocks import cjson

sys.modules[__name__] = cjson
