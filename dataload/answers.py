"""Answers of web servers: what they say of a file, its bytes, and what goes wrong on the way."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 30.0
LONGEST_PAUSE = 60.0  # seconds that a server may ask for
_BLOCK = 1 << 16


class DownloadError(OSError):
    """A file that could not be downloaded; the message has its address and the reason."""


class Broken(Exception):
    """A transfer that stopped and may be taken up again, after ``pause`` seconds if the server said so."""

    def __init__(self, reason: Any, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


@contextmanager
def get(url: str, headers: dict[str, str]) -> Iterator[Any]:
    """The answer to a request, its body unread; :class:`Broken` where it makes sense to ask again."""
    requests = _requests()
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            schemes = [urlsplit(each.url).scheme for each in (*answer.history, answer)]
            if urlsplit(url).scheme == "https" and set(schemes) != {"https"}:
                raise DownloadError(f"cannot download {url}: it leads to {answer.url}, which is not safe")
            yield answer
    except (requests.ConnectionError, requests.Timeout) as e:
        raise Broken(e) from e
    except (requests.RequestException, HTTPException, ValueError) as e:
        raise e if isinstance(e, DownloadError) else DownloadError(f"cannot download {url}: {e}") from e


def blocks(answer: Any) -> Iterator[bytes]:
    """The bytes of the body as they came, packed or not."""
    from urllib3.exceptions import HTTPError

    try:
        while block := answer.raw.read(_BLOCK, decode_content=False):
            yield block
    except (HTTPError, HTTPException) as e:
        raise Broken(e) from e


def validator(answer: Any) -> str:
    """What tells this version of the file from another, or nothing."""
    etag = answer.headers.get("ETag", "")
    found = etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified", "")
    return found if found.isascii() and found.isprintable() else ""


def length(answer: Any) -> int | None:
    """How many bytes the body has, if that is known."""
    length = answer.headers.get("Content-Length")
    if length is None or answer.headers.get("Transfer-Encoding"):
        return None
    if not re.fullmatch(r"\s*\d{1,18}\s*", length):
        raise ValueError(f"the server said that {length!r} bytes come")
    return int(length)


def pause(answer: Any) -> float | None:
    """Seconds that the server asks to wait, in its header Retry-After: a number or a date."""
    text = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return min(float(text), LONGEST_PAUSE)
    try:
        seconds = parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def _requests() -> Any:
    try:
        import requests
    except ImportError as e:
        raise ImportError("downloads need requests: pip install 'torch7[data]'") from e
    return requests
