"""Downloads that go on where they stopped and are never half there."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from . import answers
from .answers import Broken, DownloadError
from .encodings import BodyError, decoded
from .locks import locked
from .paths import log
from .sources import CHECKSUMS

TRIES = 4
PAUSE = 1.0
_AGAIN = (408, 425, 429)  # with those from 500 on: answers after which asking again helps
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LONGEST_NAME = 200  # bytes; suffixes follow


def downloadfile(
    dir: str | os.PathLike,
    url: str,
    existfile: str | os.PathLike | None = None,
    checksum: str | None = None,
    progress: bool | None = None,
) -> Path:
    """Download ``url`` (http, https or file) into the folder ``dir`` and return the path of the file.

    Nothing is done if ``existfile`` (by default the file itself) exists. ``checksum``, ``"sha256:..."`` or
    ``"md5:..."`` (known for some addresses), is compared before the file gets its name; a wrong one raises
    ``ValueError``. A transfer that breaks is taken up again, also by a later call; the file has its name only when it
    is complete. Of several processes one downloads and the others wait. ``progress`` (True) shows a bar on a terminal.
    Raises ``DownloadError``.
    """
    target = Path(dir) / _name(url)
    existing = target if existfile is None else Path(existfile)
    if existing.exists():
        return target
    with locked(_short(target)):
        if not existing.exists() and not (target.exists() and existfile is None):
            log.info("downloading %s to %s", url, target)
            _retrieve(url, target, checksum or CHECKSUMS.get(url), progress is not False)
    return target


def _name(url: str) -> str:
    try:
        name = Path(unquote(urlsplit(url).path)).name
    except ValueError as e:
        raise DownloadError(f"cannot download {url}: {e}") from e
    return "download" if name in ("", ".", "..") or "\0" in name else name


def _short(path: Path) -> Path:
    """``path``, or one of a shorter name that leaves room for suffixes."""
    name = os.fsencode(path.name)
    return path if len(name) <= _LONGEST_NAME else path.with_name(hashlib.sha1(name).hexdigest())


def _retrieve(url: str, target: Path, checksum: str | None, progress: bool) -> None:
    target.unlink(missing_ok=True)
    transfer = Transfer(_short(target).with_name(_short(target).name + ".part"), progress, target.name)
    resumed = transfer.part.exists()
    transfer(url)
    if checksum and resumed and not _agrees(transfer.part, checksum):
        log.info("%s: the part that was here does not fit; starting over", url)
        transfer.forget()
        transfer(url)
    if checksum and not _agrees(transfer.part, checksum):
        transfer.forget()
        raise ValueError(f"{url} does not have the hash {checksum}: another file, or damaged on the way")
    os.replace(transfer.part, target)
    transfer.version.unlink(missing_ok=True)


def _agrees(part: Path, checksum: str) -> bool:
    """Whether a file has a checksum ``"algorithm:digits"`` (sha256 where none is named)."""
    name, _, digits = checksum.rpartition(":")
    with open(part, "rb") as file:
        return hashlib.file_digest(file, name or "sha256").hexdigest() == digits.lower()


class Transfer:
    """Collects one file in ``part``, and keeps that when the transfer breaks."""

    def __init__(self, part: Path, progress: bool, name: str = "") -> None:
        self.part, self.version = part, part.with_name(part.name + ".version")
        self.progress, self.name = progress, name or part.name.removesuffix(".part")

    def __call__(self, url: str) -> None:
        try:
            if urlsplit(url).scheme == "file":
                _copy_file(url, self.part)
            else:
                self._fetch(url)
        except OSError as e:
            if e.errno not in _FULL:
                raise
            self.forget()
            raise OSError(e.errno, e.strerror, os.fspath(self.part)) from e

    def _fetch(self, url: str) -> None:
        reason: Any = None
        for attempt in range(TRIES):
            if reason is not None:
                log.info("%s: %s; trying again", url, reason)
                time.sleep(PAUSE * attempt if reason.pause is None else reason.pause)
            try:
                return self._attempt(url)
            except Broken as e:
                reason = e
        raise DownloadError(f"cannot download {url}: {reason}")

    def _attempt(self, url: str) -> None:
        with answers.get(url, self._headers()) as answer:
            status = answer.status_code
            if status == 416:
                self._start_over("the part that is here does not fit to the file there")
            if status >= 500 or status in _AGAIN:
                raise Broken(f"the server answered {status} {answer.reason}", answers.pause(answer))
            if status not in (200, 206):
                raise DownloadError(f"cannot download {url}: the server answered {status} {answer.reason}")
            self._receive(answer)

    def _start_over(self, reason: str) -> None:
        """Try again without the part; without one there is nothing to try."""
        if not self.part.exists():
            raise DownloadError(f"cannot download {self.name}: {reason}")
        self.forget()
        raise Broken(reason)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if self.part.exists() and self.version.exists():
            headers["Range"] = f"bytes={self.part.stat().st_size}-"
            validator = self.version.read_text().partition("\n")[0]
            if validator:
                headers["If-Range"] = validator
        return headers

    def _receive(self, answer: Any) -> None:
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        offset, total = self._extent(answer)
        version = f"{answers.validator(answer)}\n{total}"
        if offset == 0:
            self.forget()  # before the version is that of the new part
            if encoding in ("", "identity"):
                self.version.write_text(version)
        elif offset != self._size() or version != self.version.read_text():
            self._start_over("the file there is no longer the one of which a part is here")
        if encoding not in ("", "identity"):
            return self._unpack(answer, encoding, offset)
        with open(self.part, "ab" if offset else "wb") as file, self._bar(offset, total) as bar:
            for block in answers.blocks(answer):
                file.write(block)
                bar.update(len(block))
        if total is not None and self._size() != total:
            if self._size() > total:
                self._start_over(f"{self._size()} bytes came, more than the {total} of the file")
            raise Broken(f"{self._size()} of {total} bytes came")

    def _unpack(self, answer: Any, encoding: str, offset: int) -> None:
        """A body that is packed starts anew when it breaks: its bytes are not those of the file."""
        if offset:
            self._start_over("the rest came packed")
        try:
            with open(self.part, "wb") as file:
                for block in decoded(answers.blocks(answer), encoding, self.name):
                    file.write(block)
        except BodyError as e:
            raise Broken(e) from e
        except LookupError as e:
            self.forget()
            raise DownloadError(f"cannot download {self.name}: {e.args[0]}") from e

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _extent(self, answer: Any) -> tuple[int, int | None]:
        """Where the bytes of an answer begin in the file, and the size of the file if it is known."""
        length = answers.length(answer)
        if answer.status_code == 200:
            return 0, length
        span = re.fullmatch(
            r"\s*bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\s*", answer.headers.get("Content-Range", "")
        )
        if not span:
            self._start_over("the server sent a part of the file and did not say which")
        first, last, total = (None if x == "*" else int(x) for x in span.groups())
        if last < first or (total is not None and last >= total) or (length is not None and length != last - first + 1):
            self._start_over(f"the server sent an impossible part of the file, {span[0].strip()}")
        total = self._known_total() if total is None else total
        if total is None:
            self._start_over("the server sent a part of the file and did not say how long that is")
        return first, total

    def _known_total(self) -> int | None:
        total = self.version.read_text().partition("\n")[2] if self.version.exists() else ""
        return int(total) if total.isdigit() else None

    def _bar(self, offset: int, total: int | None) -> Any:
        from tqdm import tqdm

        off = None if self.progress else True
        return tqdm(total=total, initial=offset, unit="B", unit_scale=True, desc=self.name, disable=off)

    def forget(self) -> None:
        """Remove what is here of the file."""
        self.part.unlink(missing_ok=True)
        self.version.unlink(missing_ok=True)


def _copy_file(url: str, part: Path) -> None:
    source = url2pathname(urlsplit(url).path)
    try:
        shutil.copyfile(source, part)
    except FileNotFoundError as e:
        raise DownloadError(f"cannot download {url}: there is no such file") from e
    except OSError as e:
        raise e if e.errno in _FULL else DownloadError(f"cannot download {url}: {e}") from e
