"""The decorators of all CPU kernels.

Flags: ``contract`` and ``nsz`` only, so that NaN, infinities and the order of sums stay as written; no division check,
which would stop the vectoriser; no GIL.

Compiled code is kept on disk. Numba renews it when the kernel's own file changes; here also when a file of this folder
that it imports, whose code may go into the kernel, or the width of vectors does.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numba
from numba.core.caching import FunctionCache

from torch7 import threads

from .host import VECTOR_BYTES

FLAGS = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz"}}
FOLDER = Path(__file__).parent
IMPORTS = re.compile(
    r"^ *from (?:nn\.thnn)?\.(\w+) import|^ *from (?:nn\.thnn|\.) import (?:\(([^)]*)\)|([\w, ]+))", re.MULTILINE
)


def _prefer_tbb() -> None:
    """Load the tbb wheel's library, which lies where Numba does not look, so that Numba's first choice is there."""
    library = Path(sys.prefix) / "lib" / "libtbb.so.12"
    if library.exists():
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)


@functools.cache
def _read(path: Path) -> tuple[bytes, tuple[Path, ...]]:
    """A source and the files of this folder it imports."""
    source = path.read_text(encoding="utf-8") if path.exists() else ""
    names = re.findall(r"\w+", " ".join(sum(IMPORTS.findall(source), ())))
    return source.encode(), tuple(FOLDER / f"{name}.py" for name in names)


@functools.cache
def _stamp(path: Path) -> str:
    """Changes with a source, with what it imports, directly or not, and with the width of vectors."""
    found, queue = {}, [path]
    while queue:
        file = queue.pop()
        if file not in found:
            found[file], imported = _read(file)
            queue += imported
    digest = hashlib.sha256(str(VECTOR_BYTES).encode())
    for file in sorted(found):
        digest.update(found[file])
    return digest.hexdigest()


_prefer_tbb()
threads.apply()


class CACHE(FunctionCache):
    """Numba's cache on disk, with the stamp in its keys."""

    def __init__(self, function: Callable) -> None:
        super().__init__(function)
        self._stamp = _stamp(Path(inspect.getfile(function)))

    def _index_key(self, sig, codegen):
        return (*super()._index_key(sig, codegen), self._stamp)


def _compiled(function: Callable, **flags: bool) -> Callable:
    dispatcher = numba.njit(**FLAGS, **flags)(function)
    dispatcher._cache = CACHE(function)
    return dispatcher


def inner(function: Callable) -> Callable:
    """A kernel that only kernels call."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def kernel(function: Callable) -> Callable:
    """A serial kernel."""
    return _compiled(function)


def inlined(function: Callable) -> Callable:
    """A kernel whose text is put where it is called: splits a long kernel without compiling it twice."""
    return numba.njit(inline="always", **FLAGS)(function)


def parallel(function: Callable) -> Callable:
    """A kernel with ``prange`` over fixed chunks."""
    return _compiled(function, parallel=True)
