"""The path to a place in a value, as a Lua script would write it: ``modules[3].weight``."""

from __future__ import annotations

from typing import Any

from .records import Object, Record, TableRecord, Tensor

_SHOWN = 12  # steps of a path; what lies between the first and the last ones of a longer path is left out


def position_path(open: list[Record]) -> str:
    """Where a parser is: ``open`` are the records it is in, the outermost one first."""
    steps = [_entered(record) for record in open[:-1]] + [_next(open[-1])]
    return join([step for step in steps if step])


def _entered(record: Record) -> str:
    """The step to the item that was read last."""
    if not isinstance(record, TableRecord):
        return ""
    return step(record.items[-2]) if len(record.items) % 2 == 0 else ".<key>"


def _next(record: Record) -> str:
    """The step to the item that is read next."""
    if isinstance(record, TableRecord) and len(record.items) < record.expects:
        return step(record.items[-1]) if len(record.items) % 2 else ".<key>"
    return ".<storage>" if isinstance(record, Tensor) and not record.items else ""


def join(steps: list[str]) -> str:
    if len(steps) > _SHOWN:
        steps = [*steps[: _SHOWN // 2], "...", *steps[-_SHOWN // 2 :]]
    return "".join(steps).lstrip(".")


def step(key: Any) -> str:
    """``.weight`` or ``[3]``; what is neither a name nor a number appears in brackets, and long keys are cut."""
    key = _as_text(key)
    return full_step(key[:40] + "..." if isinstance(key, str) and len(key) > 40 else key)


def full_step(key: Any) -> str:
    """:func:`step` with the whole key, be it long or not."""
    key = _as_text(key)
    if isinstance(key, str):
        return f".{key}" if key.isidentifier() else f"[{key!r}]"
    if isinstance(key, Record | list):
        return f"[<{getattr(key, 'name', getattr(key, 'kind', 'table'))}>]"
    return f"[{int(key) if isinstance(key, float) and key.is_integer() else key}]"


def _as_text(key: Any) -> Any:
    return key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else key


def cut(label: str) -> str:
    """A step of :func:`full_step` for a line of output."""
    return label if len(label) <= 48 else f"{label[:45]}..."


def printable(name: str) -> str:
    """The name of a class for a message: on one line, not too long, without halves of characters."""
    text = repr(name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))[1:-1]
    return text if len(text) <= 80 else f"{text[:80]}..."


def walk(root: Any) -> Any:
    """Every record below ``root`` once, with its path: pairs ``(steps, record)``, parents before their contents.

    ``steps`` is a linked path ``(steps of the parent, step)``, or None at the root.
    """
    stack, seen = [(None, root)], set()
    while stack:
        steps, record = stack.pop()
        if not isinstance(record, Record) or id(record) in seen:
            continue
        seen.add(id(record))
        yield steps, record
        stack.extend(reversed(list(_children(steps, record))))


def _children(steps: Any, record: Record) -> Any:
    if isinstance(record, TableRecord):
        for key, value in record.pairs():
            yield (steps, step(key)), value
            yield (steps, ".<key>"), key
    elif isinstance(record, Object):
        for item in record.items:
            yield steps, item
    else:
        for item in record.items:
            yield (steps, ".<upvalues>"), item


def unroll(steps: Any) -> str:
    """The text of a linked path."""
    parts = []
    while steps is not None:
        steps, part = steps
        parts.append(part)
    return join(parts[::-1])


def path_to(root: Any, wanted: Record) -> str:
    """The path of a record below ``root``."""
    return paths_to(root, [wanted])[0]


def paths_to(root: Any, wanted: list[Record]) -> list[str]:
    """The paths of some records below ``root``."""
    found = dict.fromkeys(map(id, wanted), "")
    left = len(found)
    for steps, record in walk(root) if left else ():
        if id(record) in found:
            found[id(record)], left = unroll(steps), left - 1
            if not left:
                break
    return [found[id(record)] for record in wanted]
