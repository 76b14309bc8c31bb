"""Whether a program needs its texts as bytes, as Lua has them, or Python's own do."""

from __future__ import annotations

from collections.abc import Iterator

from . import nodes as n
from .code import natural
from .knowledge import Knowledge


def takes_bytes(known: Knowledge) -> bool:
    """Whether a program takes text beyond ASCII apart, or has some that is no UTF-8."""
    texts = [x.value for x in known.nodes if isinstance(x, n.Constant) and isinstance(x.value, str)]
    if any(not text.isascii() and natural(text) == text for text in texts):
        return True
    if any("string:raw" in words for words in known.facts.values()):
        return True
    return any(_beyond_ascii(known, y) for x in known.nodes for y in _taken_apart(known, x))


def _taken_apart(known: Knowledge, x: n.Node) -> Iterator[n.Expression]:
    """The texts whose bytes an expression looks at: ``#s``, ``s:find(p)``, ``string.rep(s, 2)``."""
    if isinstance(x, n.Unary) and x.op == "#":
        yield x.x
    elif isinstance(x, n.Method):
        yield from (x.of, *x.arguments) if known.kinds(x.of) == {"string"} else ()
    elif isinstance(x, n.Call) and known.text(x.f).startswith("string."):
        yield from x.arguments


def _beyond_ascii(known: Knowledge, x: n.Expression) -> bool:
    x = x.x if isinstance(x, n.Paren) else x
    if isinstance(x, n.Constant):
        return isinstance(x.value, str) and not x.value.isascii()
    if isinstance(x, n.Name) and x.variable is not None and not known.reached(x):
        return any(isinstance(v, n.Constant) and _beyond_ascii(known, v) for v in x.variable.values)
    return "string:bytes" in known.words(x.number)
