"""``require 'threads'``: the package ``rocks.threads`` under Lua's name."""

import sys

from rocks import threads

sys.modules[__name__] = threads
