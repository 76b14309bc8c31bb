"""``torch.DiskFile``, ``torch.MemoryFile`` and ``torch.PipeFile``."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np

from .stream import File, FileError
from .values import Storage


def _mode(mode: str | None, known: tuple[str, ...]) -> str:
    mode = mode or "r"
    if mode not in known:
        raise ValueError(f"mode is {', '.join(map(repr, known))}, not {mode!r}")
    return mode


class DiskFile(File):
    """``torch.DiskFile(name, [mode], [quiet])``: a file of numbers, text and objects; ``mode`` is ``'r'`` (default),
    ``'w'`` or ``'rw'``, which begins at the start and makes the file where there is none.

    The encoding is ASCII, as in Torch, until ``binary()`` is called. In a loop, ``for obj in DiskFile(name)``, it
    yields the objects up to the end of the file. With ``quiet`` the result is None where the file cannot be opened.
    """

    torch_typename = "torch.DiskFile"

    def __new__(cls, name: str | os.PathLike, mode: str | None = None, quiet: bool | None = None) -> Any:
        mode = _mode(mode, ("r", "w", "rw"))
        path = cls._path(name)
        how = {"r": "rb", "w": "wb"}.get(mode) or ("r+b" if os.path.exists(path) else "w+b")
        try:
            stream = open(path, how)  # noqa: SIM115
        except OSError:
            if quiet:
                return None
            raise
        self = super().__new__(cls)
        File.__init__(self, stream, mode, os.fspath(name))
        self._quiet = bool(quiet)
        return self

    def __init__(self, name: str | os.PathLike, mode: str | None = None, quiet: bool | None = None) -> None:
        """All is done in ``__new__``."""

    @staticmethod
    def _path(name: str | os.PathLike) -> Any:
        return os.fspath(name)

    def name(self) -> str:
        return self._name

    def __iter__(self) -> Iterator[Any]:
        while self._stream.tell() < self._size():
            yield self.readObject()


class MemoryFile(File):
    """``torch.MemoryFile([mode])`` or ``torch.MemoryFile(content, [mode])``: a file in memory, of mode ``'rw'``.

    ``content`` is bytes or a CharStorage, whose last zero is not part of the file. ``storage()`` is the contents as
    such.
    """

    torch_typename = "torch.MemoryFile"

    def __init__(self, content: Any = None, mode: str | None = None) -> None:
        if isinstance(content, str):
            content, mode = None, content
        mode = _mode(mode or "rw", ("r", "w", "rw"))
        data = (
            b"" if content is None else bytes(content) if isinstance(content, bytes) else np.asarray(content).tobytes()
        )
        if not isinstance(content, bytes):
            data = data.removesuffix(b"\0")
        super().__init__(io.BytesIO(data), mode)

    def storage(self) -> Storage:
        """The contents as a CharStorage, with the zero that ends it in Torch."""
        return Storage(np.frombuffer(self._stream.getvalue() + b"\0", np.int8).copy())


class PipeFile(File):
    """``torch.PipeFile(command, [mode])``: what a shell command writes (``'r'``), or reads (``'w'``)."""

    torch_typename = "torch.PipeFile"

    def __init__(self, command: str, mode: str | None = None, quiet: bool | None = None) -> None:
        mode = _mode(mode, ("r", "w"))
        self._process = subprocess.Popen(
            self._path(command), shell=True, **{"stdout" if mode == "r" else "stdin": subprocess.PIPE}
        )
        stream: Any = io.BytesIO(self._process.communicate()[0]) if mode == "r" else self._process.stdin
        super().__init__(stream, mode)
        self._quiet = bool(quiet)

    @staticmethod
    def _path(command: str) -> Any:
        return command

    def close(self) -> None:
        super().close()
        self._process.wait()


__all__ = ["DiskFile", "FileError", "MemoryFile", "PipeFile"]
