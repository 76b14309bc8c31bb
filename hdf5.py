"""``require 'hdf5'``: the package ``rocks.hdf5`` under Lua's name."""

import sys

from rocks import hdf5

sys.modules[__name__] = hdf5
