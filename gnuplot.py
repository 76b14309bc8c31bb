"""``require 'gnuplot'``: the package ``rocks.gnuplot`` under Lua's name."""

import sys

from rocks import gnuplot

sys.modules[__name__] = gnuplot
