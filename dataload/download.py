"""Downloads that go on where they stopped and are never half there."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from .locks import locked
from .paths import log
from .sources import CHECKSUMS

TIMEOUT = 30.0
TRIES = 4
PAUSE = 1.0
_BLOCK = 1 << 16


class DownloadError(OSError):
    """A file that could not be downloaded; the message has its address and the reason."""


class _Broken(Exception):
    """A transfer that stopped and may be taken up again."""


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
    target = Path(dir) / (Path(unquote(urlsplit(url).path)).name or "download")
    existing = target if existfile is None else Path(existfile)
    if existing.exists():
        return target
    with locked(target):
        if not existing.exists() and not (target.exists() and existfile is None):
            log.info("downloading %s to %s", url, target)
            _retrieve(url, target, checksum or CHECKSUMS.get(url), progress is not False)
    return target


def _retrieve(url: str, target: Path, checksum: str | None, progress: bool) -> None:
    pooch = _pooch()
    target.unlink(missing_ok=True)
    transfer = Transfer(target.with_name(target.name + ".part"), progress)
    level = pooch.get_logger().level
    pooch.get_logger().setLevel("WARNING")
    try:
        pooch.retrieve(url, checksum, target.name, target.parent, downloader=transfer)
    finally:
        pooch.get_logger().setLevel(level)


class Transfer:
    """Pooch's downloader for one file, which collects it in ``part`` and keeps that when the transfer breaks."""

    def __init__(self, part: Path, progress: bool) -> None:
        self.part, self.version = part, part.with_name(part.name + ".version")
        self.progress = progress

    def __call__(self, url: str, output_file: Any, pooch: Any) -> None:
        try:
            if urlsplit(url).scheme == "file":
                _copy_file(url, self.part)
            else:
                self._fetch(url)
        except OSError as e:
            if e.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                self._forget()
            raise
        os.replace(self.part, output_file)
        self.version.unlink(missing_ok=True)

    def _fetch(self, url: str) -> None:
        reason = None
        for attempt in range(TRIES):
            if attempt:
                log.info("%s: %s; trying again", url, reason)
                time.sleep(PAUSE * attempt)
            try:
                return self._attempt(url)
            except _Broken as e:
                reason = e
        raise DownloadError(f"cannot download {url}: {reason}")

    def _attempt(self, url: str) -> None:
        with _answers(url, self._headers()) as answer:
            if answer.status_code == 416:
                self._forget()
                raise _Broken("the part that is here does not fit to the file there")
            if answer.status_code >= 500:
                raise _Broken(f"the server answered {answer.status_code}")
            if answer.status_code not in (200, 206):
                raise DownloadError(f"cannot download {url}: the server answered {answer.status_code} {answer.reason}")
            self._receive(answer)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if self.part.exists() and self.version.exists():
            headers["Range"] = f"bytes={self.part.stat().st_size}-"
            validator = self.version.read_text().partition("\n")[0]
            if validator:
                headers["If-Range"] = validator
        return headers

    def _receive(self, answer: Any) -> None:
        offset, total = _extent(answer)
        version = f"{_validator(answer)}\n{total}"
        if offset == 0:
            self.version.write_text(version)
        elif offset != self.part.stat().st_size or version != self.version.read_text():
            self._forget()
            raise _Broken("the file there is no longer the one of which a part is here")
        with open(self.part, "ab" if offset else "wb") as file, self._bar(offset, total) as bar:
            for block in _blocks(answer):
                file.write(block)
                bar.update(len(block))
        size = self.part.stat().st_size
        if total is not None and size != total:
            raise _Broken(f"{size} of {total} bytes came")

    def _bar(self, offset: int, total: int | None) -> Any:
        from tqdm import tqdm

        name = self.part.name.removesuffix(".part")
        off = None if self.progress else True
        return tqdm(total=total, initial=offset, unit="B", unit_scale=True, desc=name, disable=off)

    def _forget(self) -> None:
        self.part.unlink(missing_ok=True)
        self.version.unlink(missing_ok=True)


@contextmanager
def _answers(url: str, headers: dict[str, str]) -> Iterator[Any]:
    import requests

    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            yield answer
    except (requests.ConnectionError, requests.Timeout) as e:
        raise _Broken(e) from e
    except requests.RequestException as e:
        raise DownloadError(f"cannot download {url}: {e}") from e


def _blocks(answer: Any) -> Iterator[bytes]:
    from urllib3.exceptions import HTTPError

    try:
        while block := answer.raw.read(_BLOCK, decode_content=False):
            yield block
    except HTTPError as e:
        raise _Broken(e) from e


def _validator(answer: Any) -> str:
    etag = answer.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _extent(answer: Any) -> tuple[int, int | None]:
    """Where the bytes of ``answer`` begin in the file, and the size of the file if it is known."""
    length = answer.headers.get("Content-Length")
    if answer.status_code == 200:
        return 0, None if length is None else int(length)
    _, _, extent = answer.headers.get("Content-Range", "bytes 0-0/*").partition(" ")
    span, _, total = extent.partition("/")
    return int(span.partition("-")[0]), int(total) if total.isdigit() else None


def _copy_file(url: str, part: Path) -> None:
    source = url2pathname(urlsplit(url).path)
    try:
        shutil.copyfile(source, part)
    except FileNotFoundError as e:
        raise DownloadError(f"cannot download {url}: there is no such file") from e


def _pooch() -> Any:
    try:
        import pooch
    except ImportError as e:
        raise ImportError("downloads need pooch: pip install 'torch7[data]'") from e
    return pooch
