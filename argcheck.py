"""``require 'argcheck'``: the package ``rocks.argcheck`` under Lua's name."""

import sys

from rocks import argcheck

sys.modules[__name__] = argcheck
