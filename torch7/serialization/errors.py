"""What goes wrong with .t7 files."""

from __future__ import annotations


class T7Error(ValueError):
    """A .t7 file that cannot be read, or a value that cannot be written.

    ``offset`` is the byte where reading stopped (None when writing) and ``path`` the place in the value,
    ``modules[3].weight``, counted from 1 as in Lua; both are part of the message.
    """

    def __init__(self, message: str, offset: int | None = None, path: str = "") -> None:
        super().__init__(message, offset, path)
        self.message, self.offset, self.path = message, offset, path

    def __str__(self) -> str:
        where = [f"byte {self.offset}"] if self.offset is not None else []
        where += [f"at {self.path}"] if self.path else []
        return f"{self.message} ({', '.join(where)})" if where else self.message
