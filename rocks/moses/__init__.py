"""``moses``: functional helpers for tables. Functions get (key, value), as in its first versions.

Tables are lists, dicts or :class:`torch7.lualib.Table`; what is a list in Lua is one here, ``moses.map([1, 2], f)``.
"""

from . import arrays, collections, objects

_found = {
    name: f
    for part in (collections, arrays, objects)
    for name, f in vars(part).items()
    if callable(f) and getattr(f, "__module__", "").startswith(__name__)
}
globals().update(_found)
__all__ = sorted(_found)
