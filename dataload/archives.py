"""Unpacking archives: whole or not at all, and never outside their folder."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from .locks import locked
from .paths import log


def decompressfile(
    dir: str | os.PathLike,
    archive: str | os.PathLike,
    existfile: str | os.PathLike | None = None,
    verbose: bool | None = None,
    dst: str | os.PathLike | None = None,
) -> None:
    """Unpack ``archive`` (.zip, .tar, .tgz, .tar.gz, .gz) into ``dst`` (``dir``) unless ``existfile`` exists.

    What is in ``dst`` appears only when all of the archive is unpacked, ``existfile`` last. An archive with a path
    that leads out of it raises ``ValueError``; a damaged one an error that names it.
    """
    archive, target = Path(dir, archive), Path(dst or dir)
    _place(_unpacker(archive), archive, target, None if existfile is None else Path(existfile), verbose)


def unzip(archive: str | os.PathLike, dst: str | os.PathLike) -> None:
    """Unpack a .zip file into the folder ``dst``."""
    _place(_unzip, Path(archive), Path(dst))


def untar(archive: str | os.PathLike, dst: str | os.PathLike) -> None:
    """Unpack a .tar file, compressed or not, into the folder ``dst``."""
    _place(_untar, Path(archive), Path(dst))


def gunzip(archive: str | os.PathLike) -> None:
    """Unpack ``name.gz`` to ``name`` beside it."""
    _place(_gunzip, Path(archive), Path(archive).parent)


def _unpacker(archive: Path) -> Callable[[Path, Path], None]:
    name = archive.name.lower()
    if ".zip" in name:
        return _unzip
    if ".tar" in name or ".tgz" in name:
        return _untar
    if name.endswith((".gz", ".gzip")):
        return _gunzip
    raise ValueError(f"do not know how to unpack {archive}")


def _place(
    unpack: Callable[[Path, Path], None],
    archive: Path,
    target: Path,
    existing: Path | None = None,
    verbose: bool | None = None,
) -> None:
    """Unpack into a folder of its own, then move every file to its place, ``existing`` at the end."""
    with locked(archive):
        if existing is not None and existing.exists():
            return
        if verbose:
            log.info("unpacking %s", archive)
        staging = target / f".unpacking-{archive.name}"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        try:
            unpack(archive, staging)
            _move(staging, target, existing)
        except (tarfile.TarError, zipfile.BadZipFile, EOFError, gzip.BadGzipFile, zlib.error) as e:
            raise ValueError(f"cannot unpack {archive}: {e}") from e
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _move(staging: Path, target: Path, last: Path | None) -> None:
    files = [path.relative_to(staging) for path in staging.rglob("*") if not path.is_dir()]
    for path in sorted(files, key=lambda path: target / path == last):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(staging / path, target / path)


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        for member in file.infolist():
            _check_path(archive, member.filename)
            if stat.S_ISLNK(member.external_attr >> 16):
                raise ValueError(f"{archive} holds a link: {member.filename}")
        file.extractall(folder)


def _untar(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as file:
        members = file.getmembers()
        for member in members:
            _check_path(archive, member.name)
            if not (member.isreg() or member.isdir()):
                raise ValueError(f"{archive} holds something that is neither a file nor a folder: {member.name}")
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        file.extractall(folder, members, filter="data")


def _gunzip(archive: Path, folder: Path) -> None:
    if archive.stat().st_size == 0:
        raise EOFError("it is empty")
    with gzip.open(archive) as packed, open(folder / archive.name.rpartition(".")[0], "wb") as file:
        shutil.copyfileobj(packed, file)


def _check_path(archive: Path, name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", name):
        raise ValueError(f"{archive} holds a path that leads out of it: {name}")
