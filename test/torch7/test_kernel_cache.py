"""Compiled kernels on disk: found, renewed, and never in the way of a computation."""

import errno
import gc
import importlib.util
import itertools
import os
import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import numba
import pytest

from torch7 import kernel_cache

SOURCE = """
from torch7.kernel_cache import compiled

@compiled
def double(x):
    return 2 * x
"""
number = itertools.count()


LAG = kernel_cache.LAG


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """A process that has not warned, keeps kernels beside their files, and takes every file for an old one."""
    monkeypatch.setattr(kernel_cache, "_warned", False)
    monkeypatch.setattr(kernel_cache, "LAG", -(10**13))
    monkeypatch.setattr(numba.config, "CACHE_LOCATOR_CLASSES", "", raising=False)
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "kernels.py"
    path.write_text(SOURCE)
    return path


def load(path):
    """The kernel as a new process would find it."""
    spec = importlib.util.spec_from_file_location(f"kernels{next(number)}", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # Numba looks there for a kernel's globals
    spec.loader.exec_module(module)
    gc.collect()  # of kernels from before nothing is left
    return module.double


def hits(path, x=3):
    """The kernel's value is right; how often it was found on disk."""
    kernel = load(path)
    assert kernel(x) == 2 * x
    return sum(kernel.stats.cache_hits.values())


def files(path, suffix):
    return sorted((path.parent / "__pycache__").glob(f"*{suffix}"))


def told(call):
    """The warnings of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [w for w in caught if "compiled anew" in str(w.message)]


def test_a_kernel_is_compiled_once(source):
    assert [hits(source) for _ in range(3)] == [0, 1, 1]
    assert hits(source, 1.5) == 0 and hits(source, 1.5) == 1 and hits(source) == 1


def truncated(content):
    return content[: len(content) // 2]


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]


DAMAGE = {
    "empty": lambda content: b"",
    "one byte": lambda content: content[:1],
    "truncated": truncated,
    "last byte missing": lambda content: content[:-1],
    "flipped": flipped,
    "text": lambda content: b"nothing of the kind\n" * 100,
    "zeros": lambda content: bytes(len(content)),
    "a pickle of something else": lambda content: pickle.dumps(numba.__version__) + pickle.dumps(7),
    "a pickle of a missing class": lambda content: pickle.dumps(numba.__version__) + b"cnowhere\nNothing\n.",
}


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_written_anew(source, suffix, damage):
    hits(source)
    (file,) = files(source, suffix)
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    assert told(lambda: hits(source)) or (suffix, damage) == (".nbi", "flipped")
    assert not told(lambda: hits(source))
    assert hits(source) == 1


def test_one_warning_for_many_kernels(source):
    hits(source), hits(source, 1.5)
    for file in files(source, ".nbc"):
        file.write_bytes(b"")
    assert len(told(lambda: (hits(source), hits(source, 1.5)))) == 1


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_file_that_is_missing(source, suffix):
    hits(source)
    files(source, suffix)[0].unlink()
    assert not told(lambda: hits(source)) and hits(source) == 1


def test_an_index_of_another_numba(source):
    hits(source)
    (index,) = files(source, ".nbi")
    index.write_bytes(pickle.dumps("0.1") + b"whatever that one wrote")
    assert not told(lambda: hits(source)) and hits(source) == 1


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_folder_in_the_place_of_a_file(source, suffix):
    hits(source)
    files(source, suffix)[0].unlink()
    next_to = files(source, ".nbc" if suffix == ".nbi" else ".nbi")[0]
    name = next_to.name.replace(".1.nbc", ".nbi") if suffix == ".nbi" else next_to.name.replace(".nbi", ".1.nbc")
    (next_to.parent / name).mkdir()
    assert len(told(lambda: (hits(source), hits(source)))) == 1
    assert not list(next_to.parent.glob("*.tmp*"))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT])
def test_nothing_can_be_written(source, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, "refused")

    monkeypatch.setattr("os.replace", refuse)
    assert len(told(lambda: (hits(source), hits(source, 1.5)))) == 1
    assert not files(source, ".nbc") and not list(source.parent.glob("__pycache__/*.tmp*"))
    monkeypatch.undo()
    assert [hits(source), hits(source)] == [0, 1]


def test_a_file_that_must_not_be_read(source, monkeypatch):
    hits(source)

    def refuse(path):
        raise PermissionError(errno.EACCES, "refused", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert len(told(lambda: hits(source))) == 1


def test_no_folder_for_the_cache(source, monkeypatch):
    class Nowhere:
        @classmethod
        def from_function(cls, *_):
            return None

    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [Nowhere])
    assert len(told(lambda: (hits(source), hits(source)))) == 1


def test_a_kernel_without_a_file_is_just_compiled():
    space = {}
    assert not told(lambda: exec(SOURCE, space)) and space["double"](3) == 6


def test_code_of_a_file_that_has_changed_since_is_not_kept(source, monkeypatch):
    monkeypatch.setattr(kernel_cache, "LAG", LAG)
    kernel = load(source)
    source.write_text(SOURCE.replace("2 * x", "3 * x"))
    later = source.stat().st_mtime_ns + 10**10
    os.utime(source, ns=(later, later))
    assert kernel(3) == 6 and not told(lambda: kernel(1.5)) and not files(source, ".nb*")


@pytest.mark.parametrize("time", [21 * 10**17 + n for n in (0, 1, 255, 257, 511)])
@pytest.mark.parametrize("before", [-1, 0, LAG - 1, LAG, LAG + 1])
def test_code_of_a_file_written_about_when_the_kernel_was_made_is_not_kept(source, monkeypatch, time, before):
    """The times of files come from a clock that may be behind, and nanoseconds count."""
    monkeypatch.setattr(kernel_cache, "LAG", LAG)
    cache = load(source)._cache
    cache._made = time + before
    os.utime(source, ns=(time, time))
    assert bool(cache.cache_path) == (before >= LAG)


WITH_INNER = """
from torch7.kernel_cache import compiled, inner

@inner
def one_more(x):
    return x + 1

@compiled
def double(x):
    return 2 * one_more(x) - 2
"""


def test_what_only_kernels_call_is_kept_for_other_callers(source):
    source.write_text(WITH_INNER)
    assert hits(source) == 0 and hits(source) == 1
    for file in source.parent.glob("__pycache__/*double*.nb*"):
        file.unlink()
    kernel = load(source)
    assert kernel(3) == 6
    inner = kernel.py_func.__globals__["one_more"]
    assert sum(inner.stats.cache_hits.values()) == 1 and not sum(kernel.stats.cache_hits.values())


def test_what_only_kernels_call_has_no_code_of_its_own(source):
    source.write_text(WITH_INNER)
    kernel = load(source)
    assert kernel(3) == 6
    inner = kernel.py_func.__globals__["one_more"]
    (result,) = inner.overloads.values()
    assert result.library.get_pointer_to_function(result.fndesc.llvm_func_name) == 0


WITH_CALLER = """
import numpy as np
from torch7.kernel_cache import compiled, inner

@inner
def root(x):
    if x < 0:
        raise ValueError("no root")
    return np.sqrt(x)

@compiled
def double(x):
    return 2 * root(x * x)

@compiled
def eightfold(x):
    return double(double(double(x)))
"""


def test_a_kernel_from_disk_is_taken_in_by_another(source):
    source.write_text(WITH_CALLER)
    kernel = load(source)
    kernel.py_func.__globals__["eightfold"](1.0)
    for file in source.parent.glob("__pycache__/*eightfold*.nb*"):
        file.unlink()
    kernel = load(source)
    caller = kernel.py_func.__globals__["eightfold"]
    assert kernel(3.0) == 6 and caller(3.0) == 24
    assert sum(kernel.stats.cache_hits.values()) == 1 and not sum(caller.stats.cache_hits.values())


def test_errors_of_kernels_from_disk(source):
    source.write_text(WITH_CALLER.replace("root(x * x)", "root(x)"))
    for _ in range(2):
        kernel = load(source)
        with pytest.raises(ValueError, match="no root"):
            kernel(-1.0)
    assert sum(kernel.stats.cache_hits.values()) == 1


def test_a_process_that_finds_its_kernels_does_without_the_compiler_s_library(source):
    """Numba's arrays and mathematics take longer to import than a network's kernels to read."""
    program = (
        f"import sys; sys.path.insert(0, {str(source.parent)!r}); from torch7 import kernel_cache\n"
        f"kernel_cache.LAG = {kernel_cache.LAG}; from kernels import double\n"
        "print(double(3), 'numba.np.arraymath' in sys.modules, *map(double, map(float, sys.argv[1:])))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program, *more], capture_output=True, text=True, check=True)
        for more in ([], [], ["7.25"])
    ]
    assert [run.stdout.split() for run in runs] == [["6", "True"], ["6", "False"], ["6", "False", "14.5"]]


def test_two_processes_that_write_at_once_never_run_one_another_s_code(source):
    """Both have read an empty index and call their files number 1: the later index with the earlier file."""
    hits(source)
    (data,) = files(source, ".nbc")
    of_integers = data.read_bytes()
    files(source, ".nbi")[0].unlink()
    hits(source, 1.5)
    data.write_bytes(of_integers)
    assert hits(source, 1.5) == 0 and hits(source, 1.5) == 1


def test_what_else_code_depends_on_is_part_of_the_key():
    def triple(x):
        return 3 * x

    one, other = (kernel_cache.KernelCache(triple, options) for options in ("16 bytes", "32 bytes"))
    codegen = numba.core.registry.cpu_target.target_context.codegen()
    assert one._index_key("sig", codegen) != other._index_key("sig", codegen)


def test_kernels_of_all_packages_are_kept_so():
    from nn.thnn.cpu.gemm import gemv
    from nn.thnn.cpu.runtime import parallel
    from optim import kernels

    dispatchers = gemv.dot, parallel.launch, kernels.adam.loop, kernels.adam.chunks
    assert all(isinstance(dispatcher._cache, kernel_cache.KernelCache) for dispatcher in dispatchers)
