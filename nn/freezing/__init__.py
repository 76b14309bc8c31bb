"""``nn.freeze``: a network that only goes forward. :mod:`trace` reads what the modules do, :mod:`fold` shortens it,
:mod:`arena` plans its memory, :mod:`frozen` runs it.
"""

from .frozen import Frozen, freeze

__all__ = ["Frozen", "freeze"]
