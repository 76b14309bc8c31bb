"""DiskFile, MemoryFile and PipeFile: numbers, text and objects in one stream."""

import gc
import types

import numpy as np
import pytest

import nn
import torch7 as torch
from torch7 import T7Error

KINDS = {"Byte": "u1", "Char": "i1", "Short": "i2", "Int": "i4", "Long": "i8", "Float": "f4", "Double": "f8"}


SETTINGS = [["ascii"], ["binary"], ["binary", "bigEndianEncoding"]]
#: numbers as text need the spaces between
CASES = [(name, s) for name in KINDS for s in SETTINGS] + [(n, ["ascii", "noAutoSpacing"]) for n in ("Byte", "Char")]


@pytest.mark.parametrize("name,settings", CASES)
def test_numbers(name, settings):
    file = torch.MemoryFile()
    for setting in settings:
        getattr(file, setting)()
    values = np.array([3, 1, 4, 1, 5]).astype(KINDS[name])
    write, read = getattr(file, f"write{name}"), getattr(file, f"read{name}")
    assert write(7) == 1 and write(values) == 5 and write([9, 2]) == 2
    file.seek(1)
    assert read() == 7
    got = read(5)
    assert got.dtype == values.dtype and np.array_equal(got, values)
    room = np.zeros(2, KINDS[name])
    assert read(room) == 2 and room.tolist() == [9, 2]
    with pytest.raises(OSError, match="read 0 blocks instead of 1"):
        read()


def test_bytes_in_files():
    file = torch.MemoryFile().binary()
    file.writeInt(258)
    file.bigEndianEncoding().writeShort(258)
    file.littleEndianEncoding().longSize(4).writeLong([1, 2])
    stored = file.storage()
    assert stored.torch_typename == "torch.CharStorage"
    assert stored.data.tolist() == [2, 1, 0, 0, 1, 2, 1, 0, 0, 0, 2, 0, 0, 0, 0]
    text = torch.MemoryFile()
    text.writeInt([1, 2])
    text.writeDouble(0.1)
    text.writeString("end\n")
    assert text.storage().data.tobytes() == b"1 2\n0.10000000000000001\nend\n\0"


def test_text_and_places():
    file = torch.MemoryFile(b"12 7.5 word\nsecond\nlast", "r")
    assert file.readInt() == 12 and file.readDouble() == 7.5 and file.position() == 7
    assert file.readString("*l") == " word" and file.readString("*l") == "second" and file.readString("*a") == "last"
    with pytest.raises(OSError, match="0 blocks"):
        file.readString("*l")
    assert file.seek(4).readString("*l") == "7.5 word" and file.seekEnd().position() == 24
    with pytest.raises(OSError, match="position 99"):
        file.seek(99)
    with pytest.raises(ValueError, match=r"'\*a'"):
        file.readString("a")
    with pytest.raises(OSError, match="open for reading"):
        file.writeInt(1)
    assert (
        torch.MemoryFile("é".encode()).readString("*a") == "é" and torch.MemoryFile(b"\xff").readString("*a") == b"\xff"
    )
    assert torch.MemoryFile().writeString("é") == 2


def test_quiet_files_note_what_fails(tmp_path):
    file = torch.MemoryFile(b"x", "r")
    file.quiet()
    assert file.isQuiet() and file.readInt() == 0 and file.hasError()
    assert not file.clearError().hasError()
    file.writeInt(1)
    assert file.hasError() and file.storage().data.tolist() == [120, 0]
    assert torch.DiskFile(tmp_path / "none", "r", True) is None
    with pytest.raises(FileNotFoundError):
        torch.DiskFile(tmp_path / "none", "r")


def test_objects_between_numbers():
    net = nn.Sequential().add(nn.Linear(2, 3))
    for setting in ("ascii", "binary"):
        file = torch.MemoryFile()
        getattr(file, setting)()
        file.writeInt(5)
        file.writeObject(net).writeObject({"w": net.get(1).weight})
        file.writeDouble(2.5)
        file.seek(1)
        assert file.readInt() == 5
        back, table = file.readObject(), file.readObject()
        assert np.array_equal(back.get(1).weight, net.get(1).weight) and table["w"] is back.get(1).weight
        assert file.readDouble() == 2.5
        with pytest.raises(T7Error, match="truncated"):
            file.readObject()


def test_a_memory_file_over_what_another_holds():
    first = torch.MemoryFile("w").binary()
    first.writeObject([1, 2])
    assert torch.MemoryFile(first.storage(), "r").binary().readObject() == [1, 2]
    with pytest.raises(OSError, match="open for writing"):
        first.seek(1).readObject()
    assert torch.deserialize(bytes(first.storage().data[:-1])) == [1, 2]
    with pytest.raises(ValueError, match="'rw'"):
        torch.MemoryFile("x")


def test_files_to_read_and_write(tmp_path):
    name = tmp_path / "a.dat"
    with torch.DiskFile(name, "rw") as file:
        assert file.isReadable() and file.isWritable() and file.name() == str(name)
        file.binary().writeObject("one")
        place = file.position()
        file.writeObject("two")
        assert file.seek(1).readObject() == "one" and file.readObject() == "two"
        file.seek(place).writeObject("new")
        assert file.seek(place).readObject() == "new"
    assert not file.isOpened()
    with torch.DiskFile(name, "rw") as file:
        assert list(file.binary()) == ["one", "new"]
    file = torch.DiskFile(name).binary()
    size = file.seekEnd().position() - 1
    assert file.seek(1).readByte(size).tobytes() == name.read_bytes()


def test_pipes(tmp_path):
    file = torch.PipeFile("echo 3 4; echo end", "r")
    assert file.readInt(2).tolist() == [3, 4] and file.readString("*l") == "end"
    out = torch.PipeFile(f"cat > '{tmp_path}/é'", "w")
    out.writeInt([5, 6])
    out.close()
    assert (tmp_path / "é").read_text() == "5 6\n"


def test_words_about_files():
    file = torch.MemoryFile()
    assert torch.type(file) == "torch.MemoryFile" and not file.isBinary() and file.binary().isBinary()
    assert file.isAutoSpacing() and not file.noAutoSpacing().isAutoSpacing() and file.isReferenced()
    assert not file.referenced(False).isReferenced() and file.isNativeEncoding()
    assert file.writeBool(True) == 1 and file.seek(1).readBool() is True
    for call in (lambda: file.longSize(3), lambda: torch.PipeFile("true", "rw"), lambda: torch.DiskFile("x", "a")):
        with pytest.raises(ValueError):
            call()


def test_a_closed_file_holds_nothing_that_it_read():
    table = {"x": np.ones(3)}
    table["me"] = table
    file = torch.MemoryFile().binary()
    file.writeObject(table)
    file.seek(1)
    read = file.readObject()
    gc.disable()  # no circle may be left that the collector has to find
    try:
        file.close()
        assert [r for r in gc.get_referrers(read["x"]) if not isinstance(r, types.FrameType)] == [read]
    finally:
        gc.enable()
