"""What a file is that is no .t7 file, by its first bytes."""

from __future__ import annotations

import json
import re

_PYTORCH = "the load function of PyTorch (package torch on PyPI) reads it, not torch7.load; save its arrays with numpy"
_MAGIC = {
    b"PK\x05\x06": "an empty zip archive",
    b"\x80\x02": f"a Python pickle, perhaps an older PyTorch file: {_PYTORCH}",
    b"\x80\x03": "a Python pickle",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file (Keras writes these: h5py reads it)",
    b"version https://git-lfs": "a git-lfs pointer, not the file itself (git lfs pull fetches it)",
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"BZh": "a bzip2 archive; unpack it first",
    b"\xfd7zXZ": "an xz archive; unpack it first",
    b"\x28\xb5\x2f\xfd": "a zstd archive; unpack it first",
    b"7z\xbc\xaf": "a 7z archive; unpack it first",
    b"Rar!": "a rar archive; unpack it first",
    b"\x93NUMPY": "a NumPy array (numpy.load reads it)",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"MATLAB": "a MATLAB file (scipy.io.loadmat reads it)",
    b"SQLite format 3": "an SQLite database",
    b"Lua": "compiled or plain Lua code",
    b"\x1bL": "compiled Lua code",
}
_TEXTS = {
    "<!doctype": "a web page (the download failed?)",
    "<html": "a web page (the download failed?)",
    "<?xml": "XML",
}
_ASCII = re.compile(rb"[ \t\r\n]*[0-8][ \t]*\r?\n[ \t]*(?:[-+0-9.naif]|\Z)")
_FIRST_PYTORCH = (b"sys_info", b"pickle", b"tensors", b"storages")  # the members of its tar archives
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def looks_ascii(head: bytes) -> bool:
    """Whether a file may be a .t7 file in ASCII: a tag alone on a line, and a number."""
    return head.strip() == b"0" or bool(_ASCII.match(head))


def wrong_kind(head: bytes, mode: str | None) -> str | None:
    """What the file that begins with ``head`` is, where it can be told and is not a .t7 file of encoding ``mode``."""
    if not head:
        return "empty"
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head.startswith(b"PK\x03\x04"):
        return _zip(head)
    if head[257:262] == b"ustar" or head[:100].rstrip(b"\0").removeprefix(b"./") in _FIRST_PYTORCH:
        return _tar(head)
    if head[8:9] == b"{" and b"data_offsets" in head[8:]:
        return "a safetensors file (the package safetensors reads it)"
    if head[0] == 8 and head[2:3] == b"\x12" and 0 < head[1] < 32:  # its version, then the name of who wrote it
        return "an ONNX model (the package onnx reads it)"
    if mode == "ascii" and head[0] <= 8 and head[1:4] == bytes(3):
        return "a binary .t7 file: leave out mode='ascii'"
    if looks_ascii(head):
        return None if mode in (None, "ascii") else f"an ASCII .t7 file: leave out mode={mode!r}"
    return _text(head)


def _zip(head: bytes) -> str:
    """Told by the name of the first member."""
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    if name.endswith(b".npy"):
        return "a zip archive of NumPy arrays (numpy.load reads it)"
    if name.endswith((b"data.pkl", b".format_version", b"/version", b".data/version")):
        return f"a zip archive of PyTorch 1.6 or newer: {_PYTORCH}"
    return f"a zip archive; unpack it first, or if PyTorch wrote it: {_PYTORCH}"


def _tar(head: bytes) -> str:
    if head[:100].rstrip(b"\0").removeprefix(b"./") in _FIRST_PYTORCH:
        return f"a tar archive in PyTorch's first format: {_PYTORCH}"
    return "a tar archive; unpack it first"


def _text(head: bytes) -> str | None:
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = head.decode(encoding)
    except UnicodeDecodeError as e:
        if e.start < len(head) - 3:  # else the end of what was looked at cuts a character
            return None
        text = head[: e.start].decode(encoding)
    if _CONTROL.search(text):
        return None
    start = text.lstrip()
    for beginning, kind in _TEXTS.items():
        if start.lower().startswith(beginning):
            return kind
    if _is_json(start):
        return "JSON text (json.load reads it)"
    lines = [line for line in text.splitlines()[:3] if line.strip()]
    for mark, kind in ((",", "comma"), (";", "semicolon"), ("\t", "tab")):
        if lines and lines[0].count(mark) and all(line.count(mark) == lines[0].count(mark) for line in lines[:2]):
            return f"a table in text, CSV with {kind}s (csv.reader or numpy.loadtxt reads it)"
    return "plain text"


def _is_json(text: str) -> bool:
    """Whether a text is JSON, or begins like a long one."""
    try:
        json.loads(text)
    except ValueError as e:
        return bool(re.match(r'\{\s*"|\[\s*[\[{"0-9-]', text)) and getattr(e, "pos", 0) > 1
    except RecursionError:
        return True
    return text[:1] in ("{", "[")
