"""``goto``: on with the next round of a loop, out of a region, or back to where one begins."""

from __future__ import annotations

from . import nodes as n
from .errors import TranslationError

_LOOPS = (n.While, n.Repeat, n.NumericFor, n.GenericFor)


def arrange(main: n.Function) -> None:
    """Find the label of each ``goto``; statements between the two become a region of their block."""
    for f in [x for x in n.walk(main) if isinstance(x, n.Function)]:
        jumps = _Jumps()
        jumps.block(f.body, None, [])
        for block, name in jumps.regions:
            _divide(block, name, jumps.found[block, name])


class _Jumps:
    """Walks one function; each open block knows its labels and the loop whose body it is."""

    def __init__(self) -> None:
        self.found: dict[tuple[n.Block, str], list[n.Goto]] = {}

    @property
    def regions(self) -> list[tuple[n.Block, str]]:
        return list(self.found)

    def block(self, block: n.Block, loop: n.Node | None, around: list[tuple[n.Block, n.Node | None]]) -> None:
        around = [*around, (block, loop)]
        for s in block.statements:
            if isinstance(s, n.Goto):
                self.jump(s, around)
            for inner in _blocks(s):
                self.block(inner, s if isinstance(s, _LOOPS) else None, around)

    def jump(self, s: n.Goto, around: list[tuple[n.Block, n.Node | None]]) -> None:
        outside = False  # of the innermost loop
        for block, loop in reversed(around):
            if s.name in (x.name for x in block.statements if isinstance(x, n.Label)):
                if loop is not None and not outside and _is_last(block, s.name):
                    s.loop = loop
                else:
                    self.found.setdefault((block, s.name), []).append(s)
                return
            outside = outside or loop is not None
        raise TranslationError(f"no visible label {s.name!r} for goto", s.line)


def _blocks(s: n.Statement) -> list[n.Block]:
    """The blocks of a statement, without those of functions in it."""
    if isinstance(s, n.If):
        return [block for _, block in s.clauses]
    return [s.body] if isinstance(s, n.Do | n.While | n.Repeat | n.NumericFor | n.GenericFor) else []


def _is_last(block: n.Block, name: str) -> bool:
    """Whether only labels come from the label on."""
    labels = [i for i, s in enumerate(block.statements) if isinstance(s, n.Label) and s.name == name]
    return all(isinstance(s, n.Label) for s in block.statements[labels[0] :])


def _divide(block: n.Block, name: str, jumps: list[n.Goto]) -> None:
    """The statements from the first jump to a label, and from a label to the last jump back (or where locals end)."""
    places = [i for i, s in enumerate(block.statements) if isinstance(s, n.Label) and s.name == name]
    holders = [i for i, s in enumerate(block.statements) if any(x in jumps for x in n.walk(s))]
    if not places or len(holders) == 0:
        raise TranslationError(f"goto {name}: labels whose ways cross have no form in Python", jumps[0].line)
    label = places[0]
    if (last := max(holders)) > label:
        declares = any(isinstance(s, n.Local) or getattr(s, "local", False) for s in block.statements[label : last + 1])
        _gather(block, label + 1, len(block.statements) if declares else last + 1, name, jumps, True)
    if min(holders) < label:
        _gather(block, min(holders), label, name, jumps, False)


def _gather(block: n.Block, first: int, last: int, name: str, jumps: list[n.Goto], again: bool) -> None:
    inside = block.statements[first:last]
    body = n.Block(inside, start=inside[0].start, end=inside[-1].end, line=inside[0].line)
    body.last_line = inside[-1].last_line
    if again and any(_leaves_loop(s) for s in inside):
        raise TranslationError(f"goto {name}: back, with a break of a loop around it, has no form in Python", body.line)
    region = n.Region(name, body, again, start=body.start, end=body.end, line=body.line, last_line=body.last_line)
    for x in n.walk(body):
        if x in jumps:
            x.region = region
    block.statements[first:last] = [region]


def _leaves_loop(s: n.Node) -> bool:
    """Whether a ``break``, or a jump to the next round, belongs to a loop around the statement."""
    if isinstance(s, n.Break) or (isinstance(s, n.Goto) and s.loop is not None):
        return True
    if isinstance(s, n.Function | n.While | n.Repeat | n.NumericFor | n.GenericFor):
        return False
    return any(_leaves_loop(x) for x in s.children())
