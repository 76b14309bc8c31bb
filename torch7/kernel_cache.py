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
import time
import warnings
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numba
from numba.core import types
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.runtime import rtsys

from .kernel_code import InnerCompiler, InnerResults, KernelCompiler, KernelResults
from .kernel_sources import Sources, files_of, sources

#: ``contract`` and ``nsz`` only, so that NaN, infinities and the order of sums stay as written; no division check,
#: which would stop the vectoriser; no GIL.
FLAGS = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz"}}
CHECKSUM = hashlib.sha256().digest_size
#: Nanoseconds by which the clock of a file's times may be behind: what was written within them before a kernel was made
#: may be another text than the kernel's, written just after.
LAG = 20_000_000
_warned = False


def compiled(function: Callable, options: str = "", **flags: bool) -> Callable:
    """A kernel: compiled at its first call with each signature, or found on disk."""
    dispatcher = numba.njit(**FLAGS, **flags, no_cfunc_wrapper=True, pipeline_class=KernelCompiler)(function)
    dispatcher._cache = KernelCache(function, options)
    return dispatcher


#: The same for what only compiled code calls.
INNER_FLAGS = FLAGS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "pipeline_class": InnerCompiler}


def inner(function: Callable, options: str = "", kept: bool = True) -> Callable:
    """A function that only kernels call; Python cannot. Unless ``kept`` it is on disk only as a part of its callers."""
    dispatcher = numba.njit(**INNER_FLAGS)(function)
    template = dispatcher.get_call_template
    # Constants among the arguments are of no type of their own, for which the function would be compiled again.
    dispatcher.get_call_template = lambda args, named: template(tuple(map(types.unliteral, args)), named)
    if kept:
        dispatcher._cache = InnerCache(function, options)
    return dispatcher


class KernelCache(FunctionCache):
    """Numba's cache of a function, which computes on where its files fail; they are looked for when they are needed."""

    _impl_class = KernelResults

    def __init__(self, function: Callable, options: str = "") -> None:
        self._name, self._py_func, self._options, self._made = repr(function), function, options, time.time_ns()
        self.enable()

    @cached_property
    def _impl(self) -> Any:
        return self._impl_class(self._py_func)

    @cached_property
    def _cache_path(self) -> str:
        return self._impl.locator.get_cache_path()

    @cached_property
    def _sources(self) -> Sources:
        return sources(self._cache_path, *sorted(files_of(self._py_func)))

    @cached_property
    def _cache_file(self) -> _Files:
        return _Files(self._cache_path, self._impl.filename_base, self._sources.stamp)

    @cached_property
    def _is_usable(self) -> bool:
        """Whether there is a folder for the files, and the sources are still those that this process runs.

        That a function without a file has no folder is no matter.
        """
        try:
            return bool(self._cache_path) and self._sources.newest <= self._made - LAG
        except (OSError, RuntimeError) as error:
            if Path(self._py_func.__code__.co_filename).exists():
                _warn(error)
            return False

    @property
    def cache_path(self) -> str | None:
        """The folder of the files, if there is one."""
        return self._cache_path if self._is_usable else None

    def _index_key(self, sig: Any, codegen: Any) -> tuple:
        return (*super()._index_key(sig, codegen), self._options, self._impl_class.__name__)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function, or None where it is not there or cannot be read.

        Unlike Numba's cache this does without what types and functions Numba knows: only compiling needs it, and to
        import it takes longer than all else at a start.
        """
        try:
            if not self._is_usable:
                return None
            rtsys.initialize(target_context)
            with self._guard_against_spurious_io_errors():
                return self._load_overload(sig, target_context)
        except Exception as error:  # damaged files end in errors of every kind
            _warn(error)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled function where that is possible."""
        try:
            if self._is_usable:
                super().save_overload(sig, data)
        except OSError as error:
            _warn(error)


class InnerCache(KernelCache):
    """The same for a function that only kernels call."""

    _impl_class = InnerResults


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
