"""Which files a kernel is made of."""

import os
import subprocess
import sys

import pytest

from torch7 import kernel_sources
from torch7.kernel_sources import RECORD, ROOT, made_of, sources, stamp

KERNEL = """
from __future__ import annotations
import os, numpy as np
from . import simd, vecmath as v
from .tile import (
    TILE,  # a comment
)
from ..engine import \\
    gemm
from house.other.deep import *
import house.plain
if np: from .guarded import x
try:
    from .tried import y
except ImportError:
    from .fallback import y
def f():
    from .inside import z
    "from .in_a_string import nothing"
match os:
    case _:
        from .matched import w
"""
FILES = {
    "house/__init__.py": "from . import unrelated\n",
    "house/room/__init__.py": "",
    "house/room/kernel.py": KERNEL,
    "house/room/simd.py": "",
    "house/room/vecmath.py": "from house.room import second\n",
    "house/room/second.py": "from .kernel import a_circle\n",
    "house/room/tile.py": "",
    "house/room/guarded.py": "",
    "house/room/tried.py": "",
    "house/room/fallback.py": "",
    "house/room/inside.py": "",
    "house/room/matched.py": "",
    "house/room/in_a_string.py": "",
    "house/room/nobody.py": "",
    "house/engine/__init__.py": "from .parts import gemm\n",
    "house/engine/parts.py": "",
    "house/other/deep.py": "",
    "house/plain.py": "",
    "house/unrelated.py": "",
}
USED = sorted(
    name for name in FILES if not name.endswith(("house/__init__.py", "room/__init__.py", "unrelated.py", "nobody.py"))
)
USED.remove("house/room/in_a_string.py")


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    forget()
    yield tmp_path
    forget()


#: More than the clock of any file system is wrong by, and so much less than nothing: every file is old.
LONG = 10**13


def forget():
    """What a new process knows."""
    for kept in ("sources", "stamp", "_source", "_imports", "_place", "_names"):
        getattr(kernel_sources, kept).cache_clear()
    kernel_sources._recalled.clear()
    kernel_sources._recorded.clear()


def test_files_are_found_however_they_are_imported(folder):
    found = made_of(str(folder / "house/room/kernel.py"))
    assert sorted(os.path.relpath(path, folder) for path in found) == USED


@pytest.mark.parametrize("name", FILES)
def test_the_stamp_changes_with_every_file_used_and_no_other(folder, name):
    kernel, path = str(folder / "house/room/kernel.py"), folder / name
    before = stamp(kernel)
    forget()
    assert stamp(kernel) == before
    path.write_text(path.read_text() + "\nx = 1\n")
    forget()
    assert (stamp(kernel) != before) == (name in USED)


@pytest.mark.parametrize("text", ["def (", "from .... import far_above", "from . import not_there", ""])
def test_a_file_without_known_imports_stands_for_itself(tmp_path, text):
    path = tmp_path / "alone.py"
    path.write_text(text)
    assert made_of(str(path)) == {str(path)}


def test_kernels_of_this_project():
    def names(file):
        return {os.path.relpath(path, ROOT) for path in made_of(os.path.join(ROOT, file))}

    assert "torch7/threads.py" in names("optim/kernels.py")
    assert not any(name.startswith(("nn/", "dataload/")) for name in names("optim/kernels.py"))
    assert "nn/__init__.py" not in names("torch7/kernel_cache.py")


def test_a_folder_without_init_below_a_package_of_the_project(monkeypatch, tmp_path):
    monkeypatch.setattr(kernel_sources, "ROOT", str(tmp_path))
    forget()
    room = tmp_path / "nn/thnn/room"
    room.mkdir(parents=True)
    (room / "kernel.py").write_text("from .beside import x\nfrom ..above import y\nfrom torch7.threads import z\n")
    (tmp_path / "torch7").mkdir()
    others = [room / "beside.py", room.parent / "above.py", tmp_path / "torch7/threads.py"]
    for path in others:
        path.write_text("")
    assert made_of(str(room / "kernel.py")) == set(map(str, (room / "kernel.py", *others)))
    forget()


def test_all_that_a_kernel_file_loads_from_the_project_is_found():
    """The modules of the kernels that Python itself loads with a kernel file are among those found by the syntax."""
    code = (
        "import sys, importlib.abc; import nn; before = set(sys.modules)\n"
        "import nn.thnn.simple.batch_normalization\n"
        "print(*[sys.modules[m].__file__ for m in set(sys.modules) - before if m.startswith(('nn.', 'torch7.'))])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in run.stdout.split() if not name.endswith("__init__.py")}  # rooms: a line of text
    assert loaded and loaded <= made_of(os.path.join(ROOT, "nn/thnn/simple/batch_normalization.py"))


def test_functions_that_a_kernel_encloses_count(tmp_path):
    (tmp_path / "inner.py").write_text("def f(x):\n    return x\n")
    space = {}
    exec(compile((tmp_path / "inner.py").read_text(), str(tmp_path / "inner.py"), "exec"), space)

    def made(f):
        return lambda x: f(x)

    assert kernel_sources.files_of(made(space["f"])) == {__file__, str(tmp_path / "inner.py")}


# -- records


@pytest.fixture
def cache(folder, monkeypatch):
    """A folder for compiled kernels whose record knows all files, as long ago as that they may be trusted."""
    monkeypatch.setattr(kernel_sources, "TICK", -LONG)
    (folder / "cache").mkdir()
    look(folder)
    assert (folder / "cache" / RECORD).exists()
    return folder / "cache"


def look(folder):
    """What a new process finds of the kernel in a folder, and how many files it reads for that."""
    forget()
    read = []
    modules = kernel_sources._modules
    kernel_sources._modules = lambda text: read.append(text) or modules(text)
    try:
        return sources(str(folder / "cache"), str(folder / "house/room/kernel.py")), len(read)
    finally:
        kernel_sources._modules = modules


def fresh_stamp(folder):
    forget()
    return stamp(str(folder / "house/room/kernel.py"))


def test_a_start_with_a_record_reads_no_source(folder, cache):
    before = (cache / RECORD).stat()
    found, read = look(folder)
    assert read == 0 and found.stamp == fresh_stamp(folder)
    assert (cache / RECORD).stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("name", USED)
def test_an_edited_file_is_read_again(folder, cache, name):
    before, _ = look(folder)
    (folder / name).write_text(FILES[name] + "x = 1\n")
    found, read = look(folder)
    assert read == 1 and found.stamp != before.stamp and found.stamp == fresh_stamp(folder)
    assert look(folder) == (found, 0)


def test_an_edit_of_the_same_length_with_the_old_times_put_back(folder, cache):
    path = folder / "house/room/second.py"
    before, old = look(folder)[0], path.stat()
    path.write_text(FILES["house/room/second.py"].replace("circle", "square"))
    while path.stat().st_mtime_ns != old.st_mtime_ns or path.stat().st_ctime_ns == old.st_ctime_ns:
        os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))  # until the file system's clock has moved on
    found, read = look(folder)
    assert path.stat().st_size == old.st_size and path.stat().st_mtime_ns == old.st_mtime_ns
    assert read == 1 and found.stamp != before.stamp
    assert found.newest >= path.stat().st_ctime_ns


@pytest.mark.parametrize("time", [21 * 10**17 + n for n in (1, 255, 257, 511)])
def test_times_are_not_rounded(folder, cache, time):
    """As seconds they would be, to fractions of a microsecond."""
    os.utime(folder / "house/room/second.py", ns=(time, time))
    assert look(folder)[0].newest == time


def test_a_file_that_has_just_been_written_is_not_trusted(folder, cache, monkeypatch):
    monkeypatch.setattr(kernel_sources, "TICK", LONG)
    (folder / "house/room/tile.py").write_text("x = 1\n")
    assert [look(folder)[1] for _ in range(3)] == [1, 1, 1]
    monkeypatch.setattr(kernel_sources, "TICK", -LONG)
    assert [look(folder)[1] for _ in range(3)] == [1, 0, 0]


def test_a_new_file_where_a_name_was_an_attribute_counts(folder, cache):
    before = look(folder)[0]
    (folder / "house/engine/parts").mkdir()
    (folder / "house/engine/parts/__init__.py").write_text("")
    (folder / "house/engine/parts/gemm.py").write_text("x = 1\n")
    (folder / "house/engine/parts.py").unlink()
    found, _ = look(folder)
    assert found.stamp != before.stamp and found.stamp == fresh_stamp(folder)


def test_a_file_that_is_gone_does_not_count(folder, cache):
    (folder / "house/room/tried.py").unlink()
    found, _ = look(folder)
    assert found.stamp == fresh_stamp(folder)
    assert "tried.py" not in (cache / RECORD).read_text() or look(folder)[0] == found


def cut(content):
    return content[: len(content) // 2]


def turned(content):
    return content.replace(b".second", b".secant")


@pytest.mark.parametrize(
    "damage", [cut, turned, lambda content: b"", lambda content: b"\xff\n[]", lambda content: None]
)
def test_a_damaged_record_knows_nothing_and_is_written_anew(folder, cache, damage):
    before, record = look(folder)[0], cache / RECORD
    content = damage(record.read_bytes())
    record.unlink()
    if content is None:
        record.mkdir()
    else:
        record.write_bytes(content)
    found, read = look(folder)
    assert found == before and read == len(USED)
    assert look(folder)[1] == (read if content is None else 0)
    assert not list(cache.glob("*.tmp*"))


def test_a_record_made_by_other_rules_knows_nothing(folder, cache, monkeypatch):
    state = kernel_sources._state
    monkeypatch.setattr(
        kernel_sources, "_state", lambda file: [0, 0, 0] if file == kernel_sources.__file__ else state(file)
    )
    assert [look(folder)[1] for _ in range(2)] == [len(USED), 0]


def test_two_processes_that_write_records_at_once(folder, cache):
    """The later record is whole, and what it does not know is read again."""
    (cache / RECORD).unlink()
    program = (
        f"import sys; from torch7 import kernel_sources as k; k.TICK = {-LONG}\n"
        "for name in sys.argv[2:] * 40: k.sources.cache_clear(); k._recorded.clear(); k.sources(sys.argv[1], name)"
    )
    names = [str(folder / name) for name in ("house/room/kernel.py", "house/room/tile.py", "house/engine/parts.py")]
    command = [sys.executable, "-c", program, str(cache)]
    running = [subprocess.Popen([*command, *order]) for order in (names, names[::-1])]
    assert [process.wait() for process in running] == [0, 0]
    found, _ = look(folder)
    assert found.stamp == fresh_stamp(folder) and look(folder) == (found, 0)


def test_a_folder_that_cannot_be_written(folder):
    found, read = look(folder)
    assert found.stamp == fresh_stamp(folder) and look(folder) == (found, read)
