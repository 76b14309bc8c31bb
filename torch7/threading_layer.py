"""Numba's parallel loops run by :mod:`thread_team`, for our kernels alone.

Numba calls ``numba_parallel_for`` for every loop, and its layers (tbb, omp, workqueue) define it. While a kernel of
ours is compiled or loaded, the name means the team; code of others finds what Numba chose.
"""

from __future__ import annotations

import atexit
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import llvmlite.binding as llvm
import numba
import numpy as np
from numba.core import types
from numba.core.ccallback import CFunc
from numba.core.compiler_lock import global_compiler_lock
from numba.np.ufunc import parallel

from . import forking, thread_team, threads
from .atomics import call, load, stack, store
from .kernel_cache import FLAGS, KernelCache, compiled
from .kernel_code import KernelCompiler
from .thread_team import LIMIT, MOST, RANGE, SIZE, TOGETHER, WORKER, run, team_address


def _range(context, like, part, parts):
    """A part of Numba's parallel loop: some of the indices of the first dimension, as NumPy's gufuncs have it."""
    sizes, arrays, steps = load(context, 2), load(context, 1), load(context, 3)
    first = load(sizes, 0) * part // parts
    inner, count = load(context, 5), load(context, 6)
    own_sizes, own_arrays = stack(inner + 1), stack(count)
    store(own_sizes, 0, load(sizes, 0) * (part + 1) // parts - first)
    for n in range(1, inner + 1):
        store(own_sizes, n, load(sizes, n))
    for n in range(count):
        store(own_arrays, n, load(arrays, n) + load(steps, n) * first)
    call(load(context, 0), own_arrays, own_sizes, steps, load(context, 4))


def _for(function, arrays, sizes, steps, data, inner, count, threads):
    """What Numba calls ``numba_parallel_for``."""
    context = stack(7)
    store(context, 0, function)
    store(context, 1, arrays)
    store(context, 2, sizes)
    store(context, 3, steps)
    store(context, 4, data)
    store(context, 5, inner)
    store(context, 6, count)
    run(load(team_address(), RANGE), context, 0, min(threads, load(sizes, 0)))


_memory = np.zeros(SIZE + 8, np.int64)
_address = _memory.ctypes.data + -_memory.ctypes.data % 64
llvm.add_symbol("torch7_team", _address)
_functions: list[CFunc] = []
#: The address of the team once it has been made ready.
_begun: list[int] = []

#: Where Numba's own layers are used instead: their ways to wait are their own.
AVAILABLE = sys.platform == "linux"


def _function(body, *arguments, result=types.void):
    """A C function, kept for good; its address."""
    function = CFunc(body, (arguments, result), {}, FLAGS, KernelCompiler)
    function._cache = KernelCache(body)
    function.compile()
    _functions.append(function)
    return function.address


def start() -> None:
    """Make the team ready; its threads begin with the first job."""
    with global_compiler_lock:
        if not AVAILABLE or _begun:
            return
        parallel._launch_threads()
        thread_team.reset(_address)
        _begun.append(_address)
        apply()
        atexit.register(thread_team.stop, _address)


@cache
def _work_together() -> None:
    """Compile what only several threads need."""
    word = types.int64
    _store(_address, WORKER, _function(thread_team.worker, word, result=word))
    _store(_address, TOGETHER, _function(thread_team.together, *[word] * 4))


@cache
def _parallel_for() -> int:
    """The address of what Numba calls for its loops."""
    _store(_address, RANGE, _function(_range, *[types.int64] * 4))
    return _function(_for, *[types.int64] * 8)


def _helpers() -> int:
    return min(threads.getnumthreads(), numba.config.NUMBA_NUM_THREADS, MOST) - 1


def apply() -> None:
    """Follow a change of the number of threads."""
    if _begun:
        helpers = _helpers()
        if helpers:
            with global_compiler_lock:
                _work_together()
        _store(_address, LIMIT, helpers)


@compiled
def _store(team, n, value):
    store(team, n, value)


def _before_fork() -> None:
    """Wait until no other thread compiles: the child could not go on with what is half done."""
    global_compiler_lock.acquire()
    llvm.ffi.lib._lock.__enter__()


def _release() -> None:
    llvm.ffi.lib._lock.__exit__(None, None, None)
    global_compiler_lock.release()


def _after_fork() -> None:
    """In the child: threads and the owners of locks are gone, and Numba's lock between processes is the parent's."""
    parallel._backend_init_thread_lock = threading.RLock()
    parallel._backend_init_process_lock = threading.RLock()
    _release()
    if _begun:
        thread_team.reset(_address)


forking.at_fork(_before_fork, _release, _after_fork)


def compiled_parallel(function: Callable, options: str = "") -> Callable:
    """A kernel with ``prange`` over fixed chunks, without reductions over them."""
    dispatcher = compiled(function, options, parallel=True)
    compile_signature = dispatcher.compile

    def compile(signature):
        with linked():
            return compile_signature(signature)

    dispatcher.compile = compile
    return dispatcher


@contextmanager
def linked() -> Iterator[None]:
    """What is compiled or loaded meanwhile has its parallel loops run by the team."""
    with global_compiler_lock:
        start()
        if not AVAILABLE:
            yield
            return
        loop = _parallel_for()
        names = ("numba_parallel_for", "get_thread_id")
        before = [llvm.address_of_symbol(name) for name in names]
        # parts of a job have no number of their thread: code that asks for it (a reduction over threads) must not run
        for name, address in zip(names, (loop, llvm.address_of_symbol("abort"))):
            llvm.add_symbol(name, address)
        try:
            yield
        finally:
            for name, address in zip(names, before):
                llvm.add_symbol(name, address)
