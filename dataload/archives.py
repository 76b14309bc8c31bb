"""Unpacking archives: whole or not at all, never outside their folder, and not without end."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import re
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from .locks import locked
from .paths import log

# A file unpacks to at most so many times its size, or this many bytes: data sets reach 20, bombs 1000.
RATIO, SMALL = 200, 1 << 30
_BLOCK = 1 << 20
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    FileExistsError,
    IsADirectoryError,
    NotADirectoryError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
)


def decompressfile(
    dir: str | os.PathLike,
    archive: str | os.PathLike,
    existfile: str | os.PathLike | None = None,
    verbose: bool | None = None,
    dst: str | os.PathLike | None = None,
    maxsize: int | None = None,
) -> None:
    """Unpack ``archive`` (.zip, .tar, .tgz, .tar.gz, .gz) into ``dst`` (``dir``) unless ``existfile`` exists.

    What is in ``dst`` appears only when all of the archive is unpacked, ``existfile`` last. ``ValueError``, and nothing
    in ``dst``, for an archive that is damaged, encrypted or of an unknown method, has a path that leads out of it, a
    link, or a file where ``dst`` has a folder (or the reverse), or unpacks to more than ``maxsize`` bytes (by default
    200 times its size, and at least 1 GiB).
    """
    archive, target = Path(dir, archive), Path(dst or dir)
    existing = None if existfile is None else Path(existfile)
    _place(_unpacker(archive), archive, target, existing, verbose, maxsize)


def unzip(archive: str | os.PathLike, dst: str | os.PathLike) -> None:
    """Unpack a .zip file into the folder ``dst``."""
    _place(_unzip, Path(archive), Path(dst))


def untar(archive: str | os.PathLike, dst: str | os.PathLike) -> None:
    """Unpack a .tar file, compressed or not, into the folder ``dst``."""
    _place(_untar, Path(archive), Path(dst))


def gunzip(archive: str | os.PathLike) -> None:
    """Unpack ``name.gz`` to ``name`` beside it."""
    _place(_gunzip, Path(archive), Path(archive).parent)


def _unpacker(archive: Path) -> Callable[[Path, Unpacked], None]:
    name = archive.name.lower()
    if ".zip" in name:
        return _unzip
    if ".tar" in name or ".tgz" in name:
        return _untar
    if name.endswith((".gz", ".gzip")):
        return _gunzip
    raise ValueError(f"do not know how to unpack {archive}")


class Unpacked:
    """What an archive holds, in the folder ``root``: at most ``room`` bytes."""

    def __init__(self, root: Path, room: int) -> None:
        self.root, self.room, self.left = root, room, room

    def folder(self, name: str) -> None:
        self._path(name).mkdir(parents=True, exist_ok=True)

    def file(self, name: str, source: Any, executable: bool = False) -> None:
        """Copy what ``source`` reads; the size that an archive declares may be anything."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            while block := source.read(_BLOCK):
                self._take(len(block))
                file.write(block)
        if executable:
            path.chmod(path.stat().st_mode | 0o111)

    def _path(self, name: str) -> Path:
        self._take(512)  # a file takes room, be it empty
        parts = PurePosixPath(name.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or re.match("[A-Za-z]:", name) or "\0" in name:
            raise ValueError(f"it holds a path that leads out of it: {name!r}")
        return self.root / parts

    def _take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise ValueError(f"it unpacks to more than {self.room:,} bytes; maxsize= allows more")

    def files(self) -> list[Path]:
        return [path.relative_to(self.root) for path in self.root.rglob("*") if not path.is_dir()]


def _place(
    unpack: Callable[[Path, Unpacked], None],
    archive: Path,
    target: Path,
    existing: Path | None = None,
    verbose: bool | None = None,
    maxsize: int | None = None,
) -> None:
    """Unpack into a folder of its own, then move every file to its place, ``existing`` at the end."""
    with locked(archive):
        if existing is not None and existing.exists():
            return
        if verbose:
            log.info("unpacking %s", archive)
        room = max(SMALL, RATIO * archive.stat().st_size) if maxsize is None else maxsize
        staging = target / f".unpacking-{hashlib.sha1(os.fsencode(archive.absolute())).hexdigest()[:16]}"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        try:
            unpacked = Unpacked(staging, room)
            unpack(archive, unpacked)
            _check_target(unpacked.files(), target)
            _move(unpacked, target, existing)
        except (ValueError, *_DAMAGE) as e:
            raise ValueError(f"cannot unpack {archive}: {e}") from e
        except OSError as e:  # of bz2, which has no error of its own
            raise e if e.errno else ValueError(f"cannot unpack {archive}: {e}") from e
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _check_target(files: Iterable[Path], target: Path) -> None:
    """No file may come where a folder is, and no folder where a file is."""
    for path in files:
        if (target / path).is_dir():
            raise ValueError(f"{target / path} is a folder, in the archive it is a file")
        for parent in path.parents:
            if (target / parent).exists() and not (target / parent).is_dir():
                raise ValueError(f"{target / parent} is a file, in the archive it is a folder")


def _move(unpacked: Unpacked, target: Path, last: Path | None) -> None:
    for path in sorted(unpacked.files(), key=lambda path: target / path == last):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(unpacked.root / path, target / path)


def _unzip(archive: Path, unpacked: Unpacked) -> None:
    with zipfile.ZipFile(archive) as file:
        for member in file.infolist():
            kind = stat.S_IFMT(member.external_attr >> 16)
            if stat.S_ISLNK(kind) or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise ValueError(f"it holds a link or a device: {member.filename}")
            if member.flag_bits & 1:
                raise ValueError(f"it is encrypted: {member.filename}")
            if member.is_dir():
                unpacked.folder(member.filename)
                continue
            with file.open(member) as source:
                unpacked.file(member.filename, source)


def _untar(archive: Path, unpacked: Unpacked) -> None:
    with tarfile.open(archive) as file:
        for member in file:
            if not (member.isreg() or member.isdir()):
                raise ValueError(f"it holds something that is neither a file nor a folder: {member.name}")
            if member.isdir():
                unpacked.folder(member.name)
                continue
            with file.extractfile(member) as source:
                unpacked.file(member.name, source, bool(member.mode & 0o100))


def _gunzip(archive: Path, unpacked: Unpacked) -> None:
    if archive.stat().st_size == 0:
        raise EOFError("it is empty")
    with gzip.open(archive) as source:
        unpacked.file(archive.name.rpartition(".")[0], source)
