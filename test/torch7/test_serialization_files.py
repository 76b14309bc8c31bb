"""What a .t7 file comes from and goes to: paths, bytes, open files, both encodings, other programs at the same file."""

import gzip
import io
import os
import pickle
import resource
import stat
import struct
import subprocess
import sys
import tarfile
import threading
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from records import HERE
from t7_values import head, i, number, same, string, table

import torch7 as torch
from torch7 import T7Error
from torch7.__main__ import main
from torch7.serialization import parser
from torch7.serialization.view import view

VALUE = {"text": "hello", "x": np.arange(3.0), "y": np.arange(4), "n": [1, 2.5]}

# -- sources


class Readable:
    """As little of a file as there can be."""

    def __init__(self, data):
        self.data = data

    def read(self):
        return self.data


@pytest.mark.parametrize("mode", ["binary", "ascii"])
def test_everything_that_can_be_read(tmp_path, mode):
    path = tmp_path / "v.t7"
    torch.save(path, VALUE, mode)
    data = path.read_bytes()
    zipped = io.BytesIO(gzip.compress(data))
    sources = [path, str(path), os.fsencode(path), data, bytearray(data), memoryview(data), io.BytesIO(data)]
    for source in [*sources, Readable(data), gzip.open(zipped), open(path, "rb")]:  # noqa: SIM115
        assert same(torch.load(source), VALUE)
        if hasattr(source, "close"):
            source.close()
    assert same(torch.deserialize(data), VALUE)


def test_what_cannot_be_read(tmp_path):
    with pytest.raises(TypeError, match="mode 'rb'"):
        torch.load(io.StringIO("3"))
    for source in (5, None, [1]):
        with pytest.raises(TypeError, match="a path, bytes or an object with read"):
            torch.load(source)
    with pytest.raises(FileNotFoundError):
        torch.load(tmp_path / "none.t7")
    with pytest.raises(IsADirectoryError):
        torch.load(tmp_path)
    with pytest.raises(T7Error, match="truncated"):
        torch.load(torch.serialize(VALUE)[:-1])


def test_an_open_file_is_written_to(tmp_path):
    out = io.BytesIO()
    torch.save(out, VALUE)
    assert out.getvalue() == torch.serialize(VALUE)
    with pytest.raises(TypeError, match="the first argument is a path"):
        torch.save([1], tmp_path / "v.t7")


@pytest.mark.parametrize("name", ["mlp.ascii.t7", "plain.ascii.t7", "tables.ascii.t7"])
def test_ascii_files_need_no_mode(name, tmp_path, capsys):
    value = torch.load(HERE / name)
    assert torch.serialize(value, "ascii") == torch.serialize(torch.load(HERE / name, "ascii"), "ascii")
    assert main(["inspect", str(HERE / name)]) == 0 and capsys.readouterr().out.startswith("ASCII, ")
    assert main(["convert", str(HERE / name), str(tmp_path / "a.npz")]) == 0


@pytest.mark.parametrize("value", [None, True, 5, "text", [], [1], np.arange(3.0), np.arange(3)])
def test_short_ascii_files_need_no_mode(value):
    for newline in (b"\n", b"\r\n"):
        data = torch.serialize(value, "ascii").replace(b"\n", newline)
        assert same(torch.load(data), value)


def test_pipes(tmp_path):
    name = tmp_path / "pipe"
    os.mkfifo(name)
    thread = threading.Thread(target=torch.save, args=(name, VALUE))
    thread.start()
    assert same(torch.load(name), VALUE)
    thread.join()


def test_unknown_encodings():
    data = torch.serialize("text")
    for encoding in ("klingon", "hex", "rot13", "a\0b"):
        with pytest.raises(T7Error, match="encoding"):
            torch.deserialize(data, encoding=encoding)
    assert torch.deserialize(data, encoding="undefined") == b"text"


# -- longs of 4 bytes


def test_longs_of_4_bytes_are_written(tmp_path):
    x = np.arange(-3, 3)
    value = {"x": x, "view": x[2:], "s": (4, 5), "d": np.ones((2, 3)), "n": 2.5}
    data = torch.serialize(value, "b32")
    assert len(data) < len(torch.serialize(value)) and torch.serialize(value, "b64") == torch.serialize(value)
    assert same(torch.deserialize(data, "b32"), value) and same(torch.load(data), value)
    assert torch.serialize((5, 6), "b32") == head(1, b"torch.LongStorage") + i(2, 5, 6)
    with torch.DiskFile(tmp_path / "v.t7", "w") as file:
        file.binary().longSize(4).writeObject(value)
    assert (tmp_path / "v.t7").read_bytes() == data


@pytest.mark.parametrize("value", [np.array([2**31]), np.array([-(2**31) - 1]), (2**40,), [np.array([1, 2**62])]])
def test_what_needs_8_bytes_is_refused(value, tmp_path):
    with pytest.raises(T7Error, match="long of 4 bytes"):
        torch.save(tmp_path / "v.t7", value, "b32")
    assert not list(tmp_path.iterdir())


# -- other files


def tar(*names):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name in names:
            file.addfile(tarfile.TarInfo(name))
    return out.getvalue()


def zipped(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(name, "x")
    return out.getvalue()


PYTORCH = r"the load function of PyTorch \(package torch on PyPI\) reads it, not torch7.load"
OTHERS = {
    "zip": (zipped("archive/data.pkl"), f"PyTorch 1.6 or newer: {PYTORCH}"),
    "npz": (zipped("weight.npy"), "numpy.load"),
    "another zip": (zipped("a.txt"), "a zip archive; unpack"),
    "pickle": (pickle.dumps({"a": 1}, 2), f"older PyTorch file: {PYTORCH}"),
    "tar": (tar("a.t7"), "a tar archive"),
    "first format": (tar("sys_info", "pickle"), f"PyTorch's first format: {PYTORCH}"),
    "json": (b'{"opt": {"lr": 1}}\n', "JSON"),
    "json list": (b"[1, 2,\n 3]", "JSON"),
    "long json": (b'{"a": [' + b"1, " * 5000 + b"1]}", "JSON"),
    "deep json": (b"[" * 5000, "JSON"),
    "csv": (b"5.1,3.5,1.4\n4.9,3.0,1.4\n", "CSV with commas"),
    "csv with a head": (b"x;y\n1;2\n", "CSV with semicolons"),
    "tabs": (b"1.5\t2\n3\t4\n", "CSV with tabs"),
    "csv of digits": (b"3,1\n2,5\n", "CSV"),
    "text": (b"hello there\n", "plain text"),
    "a number": (b"42", "plain text"),
    "words": ("gr\u00fc\u00df dich\n".encode() * 500, "plain text"),
    "utf-16": ("hello".encode("utf-16"), "plain text"),
    "lua": (b"-- a comment\nreturn {1}\n", "plain text"),
    "ONNX": (b"\x08\x09\x12\x07pytorch\x1a\x052.1.0", "ONNX"),
    "safetensors": (struct.pack("<q", 60) + b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', "safetensors"),
    "empty": (b"", "empty"),
}


@pytest.mark.parametrize("mode", [None, "binary", "ascii"])
@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_named(name, mode):
    data, kind = OTHERS[name]
    with pytest.raises(T7Error, match=kind) as error:
        torch.load(io.BytesIO(data), mode)
    assert "\n" not in str(error.value)


# -- damage


def test_a_file_that_shrinks_while_it_is_read(tmp_path, monkeypatch):
    torch.save(tmp_path / "v.t7", [np.arange(1e5), np.arange(1e5)])
    parse = parser.Parser.parse

    def shrink(self):
        root = parse(self)
        os.truncate(tmp_path / "v.t7", 1000)
        return root

    monkeypatch.setattr(parser.Parser, "parse", shrink)
    with pytest.raises(T7Error, match="became shorter"):
        torch.load(tmp_path / "v.t7")


def test_a_million_empty_tables_take_little_memory():
    data = torch.serialize([[] for _ in range(100_000)])
    tracemalloc.start()
    value = torch.deserialize(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * len(data) and len(value) == 100_000 and value[0] is not value[1]


def test_empty_tables_are_shared_keys_and_fields():
    data = table(1, (number(1), table(2)), (number(2), i(3, 2)), (string(b"k"), table(3)), (i(3, 3), number(5)))
    value = torch.deserialize(data)
    assert value[1] is value[2] and value[value["k"]] == 5 and torch.serialize(value) == data
    data = table(
        1, (number(1), table(2)), (number(2), head(3, b"a.B") + i(3, 2)), (number(3), head(4, b"a.B") + table(5))
    )
    empty, first, second = torch.deserialize(data)
    assert empty == [] and first.fields == second.fields == {}
    with pytest.raises(T7Error, match="a object is expected, number 2 is a table"):
        torch.deserialize(table(1, (number(1), table(2)), (number(2), i(4, 2))))


def test_an_object_that_cannot_be_read_leaves_no_numbers_behind(tmp_path):
    good, bad = table(1, (number(1), table(2))), table(3, (number(1), table(4)), (number(2), i(9)))
    (tmp_path / "v.t7").write_bytes(good + bad)
    with torch.DiskFile(tmp_path / "v.t7") as file:
        assert file.binary().readObject() == [[]]
        with pytest.raises(T7Error, match="unknown object type 9"):
            file.readObject()
        known = file._parser[0].records
        assert known.get(2) == [] and known.get(3) is known.get(4) is None


def test_integers_in_text_that_do_not_fit():
    data = torch.serialize(np.array([7, 8]), "ascii")
    for edge in (2**63 - 1, -(2**63)):
        assert torch.load(data.replace(b"7 8", b"%d 8" % edge)).tolist() == [edge, 8]
    for bad in (2**63, -(2**63) - 1, 10**30):
        with pytest.raises(T7Error, match="64 bits"):
            torch.load(data.replace(b"7 8", b"%d 8" % bad))
    with pytest.raises(T7Error):
        torch.load(torch.serialize(np.ones(2), "ascii").replace(b"1 1\n", b"1 1x\n"))


def test_numbers_as_keys_are_not_booleans():
    value = torch.deserialize(table(1, (i(5, 1), string(b"yes"))))
    assert value == {True: "yes"} and next(iter(value)) is True


# -- saving


def save_in_threads(path, count):
    values = [[k, np.full(20_000, float(k))] for k in range(count)]
    threads = [threading.Thread(target=torch.save, args=(path, value)) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_and_processes_may_save_to_one_path(tmp_path):
    path = tmp_path / "v.t7"
    code = f"""if True:
        import numpy as np, torch7
        for k in range(100, 120):
            torch7.save({str(path)!r}, [k, np.full(20_000, float(k))])
    """
    others = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    for _ in range(20):
        save_in_threads(path, 4)
        k, x = torch.load(path)
        assert (x == k).all() and len(x) == 20_000
    assert [other.wait() for other in others] == [0, 0]
    assert os.listdir(tmp_path) == ["v.t7"]


@pytest.mark.parametrize("name", ["n" * 252 + ".t7", "\u00fc" * 126 + ".t7", ".t7"])
def test_long_names_and_names_in_bytes(name, tmp_path):
    path = tmp_path / name
    assert len(name.encode()) in (255, 3)
    torch.save(path, [1])
    assert torch.load(path) == [1]
    torch.save(os.fsencode(path), [2])
    assert torch.load(os.fsencode(path)) == [2] and len(os.listdir(tmp_path)) == 1


def test_permissions_and_links_are_kept(tmp_path):
    path = tmp_path / "v.t7"
    old = os.umask(0o027)
    try:
        torch.save(path, [1])
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    (tmp_path / "link.t7").symlink_to("v.t7")
    (tmp_path / "new.t7").symlink_to("created.t7")
    torch.save(tmp_path / "link.t7", [2])
    torch.save(tmp_path / "new.t7", [3])
    assert torch.load(path) == [2] and stat.S_IMODE(path.stat().st_mode) == 0o604
    assert (tmp_path / "link.t7").is_symlink() and torch.load(tmp_path / "created.t7") == [3]


def test_what_was_left_by_a_killed_process_goes(tmp_path):
    path = tmp_path / "v.t7"
    code = f"""if True:
        import os, signal, torch7
        class Killer(dict):
            def items(self):
                os.kill(os.getpid(), signal.SIGKILL)
        torch7.save({str(path)!r}, ["x" * 100_000, Killer(a=1)])
    """
    torch.save(path, [1])
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9
    assert len(os.listdir(tmp_path)) == 2 and torch.load(path) == [1]
    torch.save(tmp_path / "w.t7", [2])
    assert sorted(os.listdir(tmp_path)) == ["v.t7", "w.t7"]


def test_what_another_thread_still_writes_stays(tmp_path):
    class Nested(dict):
        def items(self):
            torch.save(tmp_path / "inner.t7", [2])
            return super().items()

    torch.save(tmp_path / "outer.t7", Nested(a=1))
    assert torch.load(tmp_path / "outer.t7") == {"a": 1} and torch.load(tmp_path / "inner.t7") == [2]
    assert len(os.listdir(tmp_path)) == 2


def test_a_full_disk_leaves_the_old_file(tmp_path):
    path, large = tmp_path / "v.t7", tmp_path / "large.t7"
    torch.save(path, [1])
    torch.save(large, np.zeros(1_000_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        for size in (1_245, 1_000_000):  # the first fails when the file is closed
            with pytest.raises(OSError, match=r"too large.*v\.t7"):
                torch.save(path, np.zeros(size))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
        with pytest.raises(OSError, match=r"too large.*v\.html"):
            view(large, tmp_path / "v.html")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(os.listdir(tmp_path)) == ["large.t7", "v.t7"] and torch.load(path) == [1]


def test_devices_and_folders(tmp_path):
    torch.save(os.devnull, [1])
    assert not Path(os.devnull).is_file()
    with pytest.raises(IsADirectoryError):
        torch.save(tmp_path, [1])
    with pytest.raises(FileNotFoundError):
        torch.save(tmp_path / "none" / "v.t7", [1])
