"""Compiled kernels on disk: renewed when anything a kernel is made of changes, and never in the way of a computation.

Numba's cache watches the kernel's own file alone. Here an entry belongs also to the text of every file of the project
that this file imports, directly or not, since their functions may go into the kernel. Which files these are is read
from the syntax, so that a kernel may lie in any folder of any package.

What cannot be read, or was damaged, is compiled anew; what cannot be written is left out. One warning tells. Every
entry carries its key and a checksum, so that neither half a file nor one of two processes that write at once is run.
"""

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile, NullCache

from .kernel_sources import files_of, stamp

#: ``contract`` and ``nsz`` only, so that NaN, infinities and the order of sums stay as written; no division check,
#: which would stop the vectoriser; no GIL.
FLAGS = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz"}}
CHECKSUM = hashlib.sha256().digest_size
_warned = False


def compiled(function: Callable, options: str = "", **flags: bool) -> Callable:
    """A kernel: compiled at its first call with each signature, or found on disk."""
    dispatcher = numba.njit(**FLAGS, **flags)(function)
    dispatcher._cache = kernel_cache(function, options)
    return dispatcher


def kernel_cache(function: Callable, options: str = "") -> FunctionCache | NullCache:
    """The cache for a function that Numba compiles; ``options`` tells what else the compiled code depends on."""
    try:
        return KernelCache(function, options)
    except (OSError, RuntimeError) as error:
        if Path(function.__code__.co_filename).exists():  # no folder can be written
            _warn(error)
        return NullCache()


class KernelCache(FunctionCache):
    """Numba's cache of a function, which computes on where its files fail."""

    def __init__(self, function: Callable, options: str = "") -> None:
        super().__init__(function)
        self._options = options
        self._cache_file = _Files(self._cache_path, self._impl.filename_base, stamp(*files_of(function)))

    def _index_key(self, sig: Any, codegen: Any) -> tuple:
        return (*super()._index_key(sig, codegen), self._options)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function, or None where it is not there or cannot be read."""
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:  # damaged files end in errors of every kind
            _warn(error)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled function where that is possible."""
        try:
            super().save_overload(sig, data)
        except OSError as error:
            _warn(error)


class _Files(IndexDataCacheFile):
    """Numba's index and data files; a data file holds a checksum, the key it was written for and the code."""

    def save(self, key: tuple, data: Any) -> None:
        try:
            super().save(key, (key, data))
        except OSError:
            raise
        except Exception:  # an index that cannot be read is begun anew
            self.flush()
            super().save(key, (key, data))

    def load(self, key: tuple) -> Any:
        name = self._load_index().get(key)
        try:
            written_for, data = (None, None) if name is None else self._load_data(name)
        except FileNotFoundError:
            return None
        return data if written_for == key else None

    def _load_data(self, name: str) -> Any:
        content = Path(self._data_path(name)).read_bytes()
        if hashlib.sha256(content[CHECKSUM:]).digest() != content[:CHECKSUM]:
            raise ValueError(f"{name} is damaged")
        return pickle.loads(content[CHECKSUM:])

    def _save_data(self, name: str, data: Any) -> None:
        content = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(hashlib.sha256(content).digest() + content)


def _warn(error: Exception) -> None:
    """Say once in a process that compiled kernels are not kept or not found."""
    global _warned
    if not _warned:
        _warned = True
        warnings.warn(
            f"the cache of compiled kernels cannot be used ({type(error).__name__}: {error}); "
            "kernels are compiled anew, which takes time and changes no result",
            RuntimeWarning,
            stacklevel=2,
        )
