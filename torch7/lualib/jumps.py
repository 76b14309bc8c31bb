"""``goto`` out of nested blocks: an exception that its own block catches."""

from __future__ import annotations

from types import TracebackType


class label(Exception):
    """``with label() as done:`` is a block that ``raise done`` leaves."""

    def __enter__(self) -> label:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        return error is self
