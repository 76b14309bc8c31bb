"""Kernels whose way through Numba is shorter compute what they say, whatever of Python they use."""

import gc
import os
import subprocess
import sys
import weakref

import numba.core.caching
import numpy as np
import pytest

from nn.thnn.cpu.runtime.jit import compact, inlined
from torch7 import kernel_code, kernel_passes
from torch7.kernel_cache import compiled, inner


def closure(x, y):
    def scaled(v):
        return 2 * v

    return scaled(x[0]) + sum([v * v for v in y])


def formula(x, y):
    return (x + 2 * y) / (1 + x * x) - np.sqrt(y)


def list_to_array(x, y):
    return np.array([x[0], y[1], 3.0]) * 2


def array_in_tuple(x, y):
    pair = x, y
    for _ in range(3):
        pair = pair[1], pair[0]
    x = pair[0]
    return x[1:] if len(pair) == 2 else x


def empty_array(x, y):
    z = np.empty(x.size, x.dtype)
    for i in range(x.size):
        z[i] = x[i] if x[i] > y[i] else y[i]
    z = z[::-1].copy()
    return z


def text(x, y):
    return "less" if x[0] < y[0] else "more"


@inner
def _larger(a, b):
    return a if a > b else b


@inlined
def _scaled(v):
    def twice(v):
        return 2 * v

    if v > 100:
        raise ValueError("larger than 100")
    return twice(v)


@inlined
def _sum_of_scaled(x):
    total = 0.0
    for v in x:
        total += _scaled(v)
    return total


def texts_in_texts(x, y):
    first = _sum_of_scaled(x)
    return first - _sum_of_scaled(y) + _scaled(first)


empty_array_of_little_code = compact(
    type(empty_array)(empty_array.__code__, empty_array.__globals__, "empty_array_of_little_code")
)


def calls_an_inner_function(x, y):
    return _larger(x[0], y[0]) + _larger(1, 2)


@pytest.mark.parametrize(
    "function",
    [
        closure,
        formula,
        list_to_array,
        array_in_tuple,
        empty_array,
        empty_array_of_little_code,
        text,
        texts_in_texts,
        calls_an_inner_function,
    ],
)
def test_kernels_compute_what_python_does(function):
    x, y = np.array([0.25, 0.5, 2.0]), np.array([1.0, 0.125, 4.0])
    python = function
    if function is calls_an_inner_function:
        python = lambda x, y: max(x[0], y[0]) + 2
    elif function is texts_in_texts:
        python = lambda x, y: 6 * x.sum() - 2 * y.sum()
    kernel = compiled(function)
    for a, b in ((x, y), (y, x), (x.astype(np.float32), y.astype(np.float32))):
        expected = python(a, b)
        assert isinstance(expected, str) or np.asarray(expected).size
        found = kernel(a, b)
        assert found == expected if isinstance(expected, str) else np.allclose(found, expected, rtol=1e-6)


def _raises(x):
    if x[0] > 1:
        raise ValueError("not", x.size)
    return _scaled(x[0])


def test_kernels_raise():
    """Also with values that are known only then, and out of the text of another function."""
    kernel = compiled(_raises)
    assert kernel(np.array([0.5])) == 1
    with pytest.raises(ValueError, match=r"\('not', 3\)"):
        kernel(np.array([2.0, 0, 0]))
    with pytest.raises(ValueError, match="larger than 100"):
        compiled(texts_in_texts)(np.array([101.0]), np.zeros(1))


def test_passes_that_have_something_to_do_stay():
    def one(x):
        with x:
            raise ValueError

    def other(x):
        return x + 1

    found = []
    for function in (one, other):
        passes = kernel_passes.DefaultPassBuilder.define_untyped_pipeline(
            type("State", (), {"func_ir": None, "flags": _Flags})()
        )
        found.append({kind for kind, _ in kernel_passes.shorten(passes, function.__code__).passes})
    assert found[0] - found[1] == {kernel_passes.WithLifting, kernel_passes.RewriteDynamicRaises}


class _Flags:
    no_rewrites, enable_ssa = False, True


@pytest.mark.parametrize("function", [empty_array, empty_array_of_little_code])
def test_little_code_is_asked_for(function):
    kernel = compiled(function)
    kernel._cache = numba.core.caching.NullCache()  # the code of one from disk is not LLVM's
    kernel(np.ones(3), np.zeros(3))
    (result,) = kernel.overloads.values()
    assert ("optsize" in str(result.library._final_module)) == (function is empty_array_of_little_code)


class _Cycle:
    pass


@pytest.fixture
def thawed():
    """Nothing is kept from the garbage collector, as in a program that has not asked for it."""
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    yield
    gc.unfreeze()
    if frozen:
        gc.freeze()


def compile_something():
    kernel = compiled(lambda x: x + 1)
    kernel._cache = numba.core.caching.NullCache()
    assert kernel(1.0) == 2


def test_what_counts_as_old_is_collected_at_last(thawed):
    gc.disable()
    try:
        cycle = _Cycle()
        cycle.own, found = cycle, weakref.ref(cycle)
        del cycle
        kernel_code._count_as_old()
        gc.collect(1)
        assert found() is not None and gc.get_freeze_count() == 0
        gc.collect()
        assert found() is None
    finally:
        gc.enable()


def test_what_a_compilation_made_counts_as_old(monkeypatch):
    """Once, and where garbage is collected at all."""
    calls = []
    monkeypatch.setattr(kernel_code, "_count_as_old", lambda: calls.append(gc.isenabled()))
    compile_something()
    assert calls == [False] and gc.isenabled()
    gc.disable()
    try:
        compile_something()
        assert calls == [False] and not gc.isenabled()
    finally:
        gc.enable()


def test_what_the_program_froze_stays_frozen(thawed):
    gc.freeze()
    frozen = gc.get_freeze_count()
    compile_something()
    assert gc.get_freeze_count() > frozen / 2 > 0  # some of them are gone by themselves


def test_references_are_counted_as_ever():
    """None is lost and none is kept: arrays in tuples, exchanged, returned and made."""
    kernels = [compiled(array_in_tuple), compiled(empty_array)]
    x, y = np.ones(4), np.zeros(4)
    before = [sys.getrefcount(x), sys.getrefcount(y)]
    results = [kernel(x, y) for kernel in kernels for _ in range(5)]
    assert [result.tolist() for result in results[:5]] == [[0, 0, 0]] * 5
    assert [result.tolist() for result in results[5:]] == [[1, 1, 1, 1]] * 5
    del results
    assert [sys.getrefcount(x), sys.getrefcount(y)] == before


TEAM = """
import numpy as np
from torch7 import threading_layer, threads
threads.setnumthreads(1)
from nn.thnn.simple.cadd import cadd
sums = []
for n in (1, 2):
    threads.setnumthreads(n)
    x, y = np.zeros(1 << 18, np.float32), np.arange(1 << 18, dtype=np.float32)
    cadd(x, 2.0, y)
    assert (x == 2 * y).all()
    print(threading_layer._work_together.cache_info().currsize)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Numba's own layers run the loops")
def test_one_thread_does_without_the_code_of_a_team():
    environment = dict(os.environ, NUMBA_NUM_THREADS="2")
    run = subprocess.run([sys.executable, "-c", TEAM], capture_output=True, text=True, check=True, env=environment)
    assert run.stdout.split() == ["0", "1"]
