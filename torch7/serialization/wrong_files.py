"""What a file is that is no .t7 file, by its first bytes."""

from __future__ import annotations

_MAGIC = {
    b"PK\x03\x04": "a zip archive (PyTorch 1.6 or newer writes these: torch.load reads it)",
    b"\x80\x02": "a Python pickle (an older PyTorch file: torch.load reads it)",
    b"\x80\x03": "a Python pickle",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file (Keras writes these: h5py reads it)",
    b"version https://git-lfs": "a git-lfs pointer, not the file itself (git lfs pull fetches it)",
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"BZh": "a bzip2 archive; unpack it first",
    b"7z\xbc\xaf": "a 7z archive; unpack it first",
    b"Rar!": "a rar archive; unpack it first",
    b"\x93NUMPY": "a NumPy array (numpy.load reads it)",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"%PDF": "a PDF document",
    b"MATLAB": "a MATLAB file (scipy.io.loadmat reads it)",
    b"Lua": "compiled or plain Lua code",
    b"\x1bL": "compiled Lua code",
}
_TEXTS = {
    "<!doctype": "a web page (the download failed?)",
    "<html": "a web page (the download failed?)",
    "<?xml": "XML",
}


def wrong_kind(head: bytes, ascii: bool) -> str | None:
    """What the file that begins with ``head`` is, where it can be told and is not a .t7 file of this encoding."""
    if not head:
        return "empty"
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    text = head.lstrip().lower()
    for start, kind in _TEXTS.items():
        if text.startswith(start.encode()):
            return kind
    if ascii and b"\0" in head[:8]:
        return "a binary .t7 file: leave out mode='ascii'"
    if not ascii and head[:1] in b"012345678" and head[1:2] in b"\r\n":
        return "an ASCII .t7 file: give mode='ascii'"
    return None
