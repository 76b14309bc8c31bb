"""When compiled code on disk is renewed."""

import pytest

from nn.thnn import jit


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(jit, "FOLDER", tmp_path)
    (tmp_path / "kernel.py").write_text("from . import simd, vecmath\nfrom .tile import (\n    TILE,\n)\n")
    (tmp_path / "tile.py").write_text("from .micro import ROWS\n")
    for name in ("simd", "vecmath", "micro", "other"):
        (tmp_path / f"{name}.py").write_text("x = 1\n")
    return tmp_path


@pytest.mark.parametrize("name", ["kernel", "simd", "vecmath", "tile", "micro", "other"])
def test_stamp_changes_with_every_file_a_kernel_is_made_of(folder, name):
    def stamp():
        jit._read.cache_clear()
        jit._stamp.cache_clear()
        return jit._stamp(folder / "kernel.py")

    before = stamp()
    assert stamp() == before
    (folder / f"{name}.py").write_text("from .micro import COLUMNS\n")
    assert (stamp() != before) == (name != "other")
    jit._stamp.cache_clear()
    jit._read.cache_clear()


def test_imports_are_found_as_they_are_written():
    _, imported = jit._read(jit.FOLDER / "batch_normalization.py")
    assert {"simd", "jit", "chunks"} <= {path.stem for path in imported}
    assert all(path.exists() for path in imported)
