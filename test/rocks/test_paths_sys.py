"""paths, sys and lfs."""

import os
import time

import pytest

from rocks import lfs, paths, sys


def test_names(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert paths.concat("a", "b.lua") == f"{tmp_path}/a/b.lua"
    assert (
        paths.concat("/a", "..", "b") == "/b" and paths.concat("/a", "/c") == "/c" and paths.concat() == str(tmp_path)
    )
    assert [paths.basename(*a) for a in (("/a/b.lua",), ("/a/b.lua", "lua"), ("b.lua", ".lua"), ("/",))] == [
        "b.lua",
        "b",
        "b",
        "/",
    ]
    assert [paths.dirname(n) for n in ("/a/b", "b", "/a", "a/b/")] == ["/a", ".", "/", "a"]
    assert paths.extname("a.tar.gz") == "gz" and paths.extname("a") is None


def test_folders(tmp_path):
    folder = paths.concat(str(tmp_path), "x", "y")
    assert paths.mkdir(folder) and paths.dirp(folder) and not paths.filep(folder)
    (tmp_path / "x" / "a.lua").write_text("abc")
    (tmp_path / "x" / "b.txt").write_text("")
    assert sorted(paths.files(f"{tmp_path}/x")) == [".", "..", "a.lua", "b.txt", "y"]
    assert list(paths.files(f"{tmp_path}/x", "%.lua$")) == ["a.lua"]
    assert list(paths.files(f"{tmp_path}/x", lambda n: n.startswith("b"))) == ["b.txt"]
    assert list(paths.iterfiles(f"{tmp_path}/x")) == ["a.lua", "b.txt"] and list(paths.iterdirs(f"{tmp_path}/x")) == [
        "y"
    ]
    assert paths.filesize(f"{tmp_path}/x/a.lua") == 3 and paths.filesize("nowhere") is None
    assert paths.dir("nowhere") is None and len(paths.dir(f"{tmp_path}/x")) == 5
    assert paths.rmdir(f"{tmp_path}/x") is None and paths.rmdir(folder)
    with pytest.raises(ValueError, match="'yes'"):
        paths.rmall(f"{tmp_path}/x")
    assert paths.rmall(f"{tmp_path}/x", "yes") and not paths.dirp(f"{tmp_path}/x")
    assert not paths.mkdir("/proc/nothing/here")
    name = paths.tmpname()
    assert paths.filep(name)
    os.remove(name)


def test_files_beside_the_code_that_asks(tmp_path):
    assert paths.thisfile() == __file__ and paths.thisfile("x.py") == paths.concat(os.path.dirname(__file__), "x.py")
    (tmp_path / "part.py").write_text("value = factor * 7\n")
    (tmp_path / "main.py").write_text(
        "from rocks import paths, sys\nfactor = 3\npaths.dofile('part.py')\nhere = sys.fpath()\n"
    )
    names = {"__file__": f"{tmp_path}/main.py"}
    exec(compile((tmp_path / "main.py").read_text(), f"{tmp_path}/main.py", "exec"), names)
    assert names["value"] == 21 and names["here"] == str(tmp_path)


def test_clock_and_shell(tmp_path, capfd):
    assert abs(sys.clock() - time.time()) < 60
    sys.tic()
    assert 0 <= sys.toc() < 60
    sys.toc(True)
    assert float(capfd.readouterr().out) >= 0
    assert sys.execute("printf 'a\\nb\\n'") == "a\nb" and sys.fexecute("echo") == ""
    (tmp_path / "b").write_text("")
    (tmp_path / ".c").write_text("")
    assert sys.ls(str(tmp_path)) == "b" and sys.la(str(tmp_path)) == ".\n..\n.c\nb"
    assert sys.split(",a,,b,", ",") == ["a", "", "b"] and sys.split("a  b\tc", "%s+") == ["a", "b", "c"]
    assert sys.COLORS.red == "\x1b[0;31m" and sys.COLORS.Blue == "\x1b[1;34m" and sys.COLORS._white == "\x1b[47m"
    assert sys.isNaN(float("nan")) and not sys.isNaN(1) and sys.uname() in ("linux", "macos", "windows")


def test_lfs(tmp_path):
    name = f"{tmp_path}/a"
    assert lfs.mkdir(name) is True and lfs.attributes(name, "mode") == "directory"
    assert lfs.mkdir(name) == (None, "File exists")
    (tmp_path / "a" / "f").write_text("four")
    assert lfs.attributes(f"{name}/f")["size"] == 4 and lfs.attributes(f"{name}/f", "mode") == "file"
    assert lfs.attributes("nowhere") == (
        None,
        "cannot obtain information from file 'nowhere': No such file or directory",
    )
    assert sorted(lfs.dir(name)) == [".", "..", "f"]
    assert lfs.link(f"{name}/f", f"{name}/g", True) is True and lfs.symlinkattributes(f"{name}/g", "mode") == "link"
    assert lfs.touch(f"{name}/f", 5, 7) is True and lfs.attributes(f"{name}/f", "modification") == 7
    assert lfs.rmdir(name)[0] is None and lfs.currentdir() == os.getcwd()
