"""Captured computations: the compiled code that modules call is recorded and run again without Python in between.

:class:`Graph` is what ``torch7.graph`` makes; :class:`Captured` one computation; :mod:`safe` says of which modules.
"""

from .captured import Captured
from .graph import Graph

__all__ = ["Captured", "Graph"]
