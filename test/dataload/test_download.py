import errno
import gzip
import hashlib
import os
import subprocess
import sys
import time
import zlib
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace

import pytest
from file_server import FileServer

import dataload as dl
from dataload import answers, download

DATA = bytes(range(256)) * 1000
SUM = "sha256:" + hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.01)
    monkeypatch.setattr(answers, "TIMEOUT", 600)  # a busy machine may keep the server waiting


@pytest.fixture
def server():
    with FileServer({"data.bin": DATA}) as server:
        yield server


def visible(folder):
    return sorted(path.name for path in Path(folder).iterdir() if not path.name.startswith("."))


def test_a_file_is_downloaded_once(server, tmp_path):
    for _ in range(2):
        path = dl.downloadfile(tmp_path / "new" / "folder", server.url + "/data.bin", checksum=SUM)
        assert path == tmp_path / "new" / "folder" / "data.bin" and path.read_bytes() == DATA
    assert server.requests == [("data.bin", None)] and visible(path.parent) == ["data.bin"]


def test_nothing_is_done_where_the_wanted_file_exists(server, tmp_path):
    (tmp_path / "unpacked").touch()
    dl.downloadfile(tmp_path, server.url + "/data.bin", tmp_path / "unpacked")
    assert server.requests == [] and visible(tmp_path) == ["unpacked"]


def test_a_broken_transfer_is_taken_up_again(server, tmp_path):
    server.faults = [1000, 50000]
    assert dl.downloadfile(tmp_path, server.url + "/data.bin", checksum=SUM).read_bytes() == DATA
    assert server.requests == [("data.bin", None), ("data.bin", "bytes=1000-"), ("data.bin", "bytes=51000-")]
    assert visible(tmp_path) == ["data.bin"]


def test_a_transfer_that_keeps_breaking_is_taken_up_by_the_next_call(server, tmp_path):
    server.faults = [1000] * download.TRIES
    with pytest.raises(dl.DownloadError, match=r"data\.bin"):
        dl.downloadfile(tmp_path, server.url + "/data.bin")
    assert "data.bin" not in visible(tmp_path)
    assert dl.downloadfile(tmp_path, server.url + "/data.bin").read_bytes() == DATA
    assert server.requests[-1] == ("data.bin", f"bytes={1000 * download.TRIES}-")
    assert visible(tmp_path) == ["data.bin"]


def test_a_server_without_ranges_starts_over(server, tmp_path):
    server.faults = [1000, "no ranges"]
    assert dl.downloadfile(tmp_path, server.url + "/data.bin", checksum=SUM).read_bytes() == DATA


@pytest.mark.parametrize("etags", [True, False])
@pytest.mark.parametrize("other", [DATA[::-1] + b"longer", b"shorter"])
def test_a_file_that_changed_meanwhile_starts_over(tmp_path, etags, other):
    with FileServer({"data.bin": DATA}, etags) as server:
        server.faults = [1000] * download.TRIES
        with pytest.raises(dl.DownloadError):
            dl.downloadfile(tmp_path, server.url + "/data.bin")
        server.files["data.bin"] = other
        assert dl.downloadfile(tmp_path, server.url + "/data.bin").read_bytes() == other


def test_a_wrong_checksum_leaves_nothing(server, tmp_path):
    with pytest.raises(ValueError, match="hash"):
        dl.downloadfile(tmp_path, server.url + "/data.bin", checksum="md5:" + "0" * 32)
    assert visible(tmp_path) == []
    assert dl.downloadfile(tmp_path, server.url + "/data.bin", checksum=SUM).exists()


def test_known_checksums_are_compared(server, tmp_path, monkeypatch):
    monkeypatch.setitem(download.CHECKSUMS, server.url + "/data.bin", "md5:" + "0" * 32)
    with pytest.raises(ValueError, match="hash"):
        dl.downloadfile(tmp_path, server.url + "/data.bin")
    assert dl.downloadfile(tmp_path, server.url + "/data.bin", checksum=SUM).exists()
    assert all(url.startswith("http") and len(known) == 36 for url, known in list(download.CHECKSUMS.items())[:-1])


def test_missing_files_are_not_asked_for_again(server, tmp_path):
    with pytest.raises(dl.DownloadError, match=r"nothing\.bin.*404"):
        dl.downloadfile(tmp_path, server.url + "/nothing.bin")
    assert len(server.requests) == 1 and visible(tmp_path) == []


def test_a_busy_server_is_asked_again(server, tmp_path):
    server.faults = [503, 500]
    assert dl.downloadfile(tmp_path, server.url + "/data.bin").read_bytes() == DATA


def test_redirects_are_followed(tmp_path):
    with FileServer({"there.bin": DATA}, redirects={"data.bin": "/there.bin"}) as server:
        path = dl.downloadfile(tmp_path, server.url + "/data.bin")
    assert path.name == "data.bin" and path.read_bytes() == DATA


def test_a_slow_server_is_waited_for_and_a_dead_one_is_not(server, tmp_path, monkeypatch):
    server.delay = 0.05
    assert dl.downloadfile(tmp_path, server.url + "/data.bin").read_bytes() == DATA
    server.files["other.bin"] = DATA
    server.faults = ["stall"]
    server.stalled = lambda: monkeypatch.setattr(answers, "TIMEOUT", 600)
    monkeypatch.setattr(answers, "TIMEOUT", 0.5)
    monkeypatch.setattr(download, "TRIES", 1000)  # some of which the server may be too late for
    assert dl.downloadfile(tmp_path, server.url + "/other.bin").read_bytes() == DATA
    assert [path for path, _ in server.requests].count("other.bin") >= 2


def test_no_server_at_all(tmp_path):
    with pytest.raises(dl.DownloadError, match=r"127\.0\.0\.1:9"):
        dl.downloadfile(tmp_path, "http://127.0.0.1:9/data.bin")
    assert visible(tmp_path) == []


def test_a_full_disk_leaves_nothing(server, tmp_path, monkeypatch):
    class Full:
        def __init__(self, file):
            self.file, self.room = file, 100_000

        def write(self, block):
            self.room -= len(block)
            if self.room < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self.file.write(block)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

    monkeypatch.setattr(download, "open", lambda *args: Full(Path.open(*args)), raising=False)
    with pytest.raises(OSError, match="No space left") as caught:
        dl.downloadfile(tmp_path, server.url + "/data.bin")
    assert (
        caught.value.errno == errno.ENOSPC
        and caught.value.filename.startswith(str(tmp_path))
        and visible(tmp_path) == []
    )
    monkeypatch.undo()
    assert dl.downloadfile(tmp_path, server.url + "/data.bin").read_bytes() == DATA


def test_files_are_copied_from_file_addresses(tmp_path):
    source = tmp_path / "a folder" / "data.bin"
    source.parent.mkdir()
    source.write_bytes(DATA)
    assert dl.downloadfile(tmp_path / "to", source.as_uri(), checksum=SUM).read_bytes() == DATA
    with pytest.raises(dl.DownloadError, match="no such file"):
        dl.downloadfile(tmp_path / "to", (tmp_path / "none.bin").as_uri())


def test_two_processes_download_once(server, tmp_path):
    server.delay = 0.05
    code = "import sys, dataload as dl; print(len(dl.downloadfile(sys.argv[1], sys.argv[2]).read_bytes()))"
    command = [sys.executable, "-c", code, str(tmp_path), server.url + "/data.bin"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for _ in range(2)]
    assert [process.communicate(timeout=3600)[0] for process in both] == [f"{len(DATA)}\n"] * 2
    assert len(server.requests) == 1 and visible(tmp_path) == ["data.bin"]


def half(server):
    """A fault: half of the file, and nothing more while the server runs."""

    def respond(handler):
        handler.send_response(200)
        for name, value in ("Content-Length", len(DATA)), ("ETag", f'"{hashlib.md5(DATA).hexdigest()}"'):
            handler.send_header(name, str(value))
        handler.end_headers()
        handler.wfile.write(DATA[: len(DATA) // 2])
        server.over.wait()

    return respond


def killed(server, folder, begun):
    """Start a process that downloads what the server has half of, and kill it as soon as ``begun()``."""
    server.faults = [half(server)] * 1000
    code = "import sys, dataload as dl; dl.downloadfile(sys.argv[1], sys.argv[2])"
    process = subprocess.Popen([sys.executable, "-c", code, str(folder), server.url + "/data.bin"])
    while not begun():
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    server.faults = []


def test_a_killed_download_never_looks_complete(server, tmp_path):
    part = tmp_path / "data.bin.part"
    killed(server, tmp_path, lambda: part.exists() and part.stat().st_size)
    assert not (tmp_path / "data.bin").exists()
    assert dl.downloadfile(tmp_path, server.url + "/data.bin", checksum=SUM).read_bytes() == DATA
    assert server.requests[-1][1] is not None


# -- answers that lie


def answer(status, body=DATA, **headers):
    """A fault that answers so; a header of None is left out."""

    def respond(handler):
        handler.send_response(status)
        for name, value in ({"Content_Length": len(body)} | headers).items():
            if value is not None:
                handler.send_header(name.replace("_", "-"), str(value))
        handler.end_headers()
        handler.wfile.write(body)

    return respond


def span(first, last, total=None):
    return f"bytes {first}-{last}/{total or len(DATA)}"


LIES = {
    "no range": {},
    "empty range": {"Content_Range": ""},
    "words": {"Content_Range": "bytes some-more/all"},
    "another unit": {"Content_Range": f"lines 1000-{len(DATA) - 1}/{len(DATA)}"},
    "another start": {"Content_Range": span(999, len(DATA) - 1)},
    "end before start": {"Content_Range": span(1000, 10)},
    "end behind the file": {"Content_Range": span(1000, len(DATA))},
    "another file": {"Content_Range": span(1000, len(DATA) - 1, len(DATA) + 5)},
    "huge": {"Content_Range": span(1000, 10**30, 10**31)},
    "length of more": {"Content_Range": span(1000, 1999)},
    "several parts": {"Content_Type": "multipart/byteranges; boundary=x"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_part_of_a_file_must_say_which(server, tmp_path, lie):
    body = DATA[1000:]
    server.faults = [1000, answer(206, body, ETag=f'"{hashlib.md5(DATA).hexdigest()}"', **LIES[lie])]
    assert dl.downloadfile(tmp_path, server.url + "/data.bin").read_bytes() == DATA
    assert server.requests[-1][1] is None and visible(tmp_path) == ["data.bin"]
    server.faults = [answer(206, body, **LIES[lie])] * download.TRIES
    with pytest.raises(dl.DownloadError, match="data"):
        dl.downloadfile(tmp_path / "new", server.url + "/data.bin")
    assert visible(tmp_path / "new") == []


def test_a_part_that_nobody_asked_for_is_no_file(server, tmp_path):
    for extent in ("bytes 0-255999/*", None):
        server.faults = [answer(206, DATA, Content_Range=extent)]
        with pytest.raises(dl.DownloadError, match="did not say"):
            dl.downloadfile(tmp_path, server.url + "/data.bin")
        assert visible(tmp_path) == []


def test_the_rest_of_a_file_whose_size_the_server_forgot(server, tmp_path):
    tag = f'"{hashlib.md5(DATA).hexdigest()}"'
    rest = answer(206, DATA[1000:], ETag=tag, Content_Range=span(1000, len(DATA) - 1, "*"))
    server.faults = [1000, rest]
    assert dl.downloadfile(tmp_path, server.url + "/data.bin", checksum=SUM).read_bytes() == DATA
    assert len(server.requests) == 2


def test_a_rest_of_other_bytes_is_found_by_the_checksum(server, tmp_path):
    tag = f'"{hashlib.md5(DATA).hexdigest()}"'
    server.faults = [1000] * download.TRIES
    with pytest.raises(dl.DownloadError):
        dl.downloadfile(tmp_path, server.url + "/data.bin")
    start = 1000 * download.TRIES
    wrong = bytes(len(DATA) - start)
    server.faults = [answer(206, wrong, ETag=tag, Content_Range=span(start, len(DATA) - 1))]
    assert dl.downloadfile(tmp_path, server.url + "/data.bin", checksum=SUM).read_bytes() == DATA
    assert server.requests[-1] == ("data.bin", None)


@pytest.mark.parametrize("length", ["many", "-5", "1e3", "", "9" * 30])
def test_lengths_that_are_none(server, tmp_path, length):
    server.faults = [answer(200, Content_Length=length)] * download.TRIES
    with pytest.raises(dl.DownloadError, match=r"data\.bin"):
        dl.downloadfile(tmp_path, server.url + "/data.bin")
    assert "data.bin" not in visible(tmp_path)


def test_a_body_that_is_shorter_than_was_said(server, tmp_path):
    server.faults = [answer(200, DATA[:100], Content_Length=len(DATA))] * download.TRIES
    with pytest.raises(dl.DownloadError, match=r"data\.bin"):
        dl.downloadfile(tmp_path, server.url + "/data.bin")
    assert "data.bin" not in visible(tmp_path)


@pytest.mark.parametrize(
    "to", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:,x", "http://[bad", "//", "/data.bin"]
)
def test_redirects_to_nowhere(tmp_path, to):
    with FileServer({}, redirects={"data.bin": to}) as server, pytest.raises(dl.DownloadError, match="cannot download"):
        dl.downloadfile(tmp_path, server.url + "/data.bin")
    assert visible(tmp_path) == []


@pytest.mark.parametrize(
    "url", ["http://[bad", "nothing", "gopher://x/y", "http:///x", "http://127.0.0.1:99999/x", "http://a b/c"]
)
def test_addresses_that_are_none(tmp_path, url):
    with pytest.raises(dl.DownloadError, match="cannot download"):
        dl.downloadfile(tmp_path, url)
    assert visible(tmp_path) == []


# -- packed bodies


def deflated(data, bits):
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(data) + packer.flush()


TWO = gzip.compress(DATA[:5]) + gzip.compress(DATA[5:])
PACKED = {"gzip": gzip.compress(DATA), "x-gzip": TWO, "deflate": deflated(DATA, 15), "Deflate": deflated(DATA, -15)}


@pytest.mark.parametrize("encoding", PACKED)
def test_packed_bodies_are_unpacked(server, tmp_path, encoding):
    body = PACKED[encoding]
    short = answer(200, body[:-20], Content_Encoding=encoding)
    server.faults = [short, answer(200, body, Content_Encoding=encoding)]
    assert dl.downloadfile(tmp_path, server.url + "/data.bin", checksum=SUM).read_bytes() == DATA
    assert server.requests == [("data.bin", None)] * 2 and visible(tmp_path) == ["data.bin"]


def test_bodies_of_other_encodings_and_damaged_ones(server, tmp_path):
    server.faults = [answer(200, Content_Encoding="br")]
    with pytest.raises(dl.DownloadError, match="encoding"):
        dl.downloadfile(tmp_path, server.url + "/data.bin")
    server.faults = [answer(200, b"\x1f\x8b" + DATA, Content_Encoding="gzip")] * download.TRIES
    with pytest.raises(dl.DownloadError, match="damaged"):
        dl.downloadfile(tmp_path, server.url + "/data.bin")
    assert "data.bin" not in visible(tmp_path)
    server.faults = [answer(200, b"", Content_Encoding="gzip")]
    assert dl.downloadfile(tmp_path, server.url + "/data.bin").read_bytes() == b""


@pytest.mark.parametrize("name", ["x.gz", "x.tar.gz", "x.tgz"])
def test_files_that_are_packed_themselves_stay_so(server, tmp_path, name):
    body = gzip.compress(DATA)
    for k, sent in enumerate((body, gzip.compress(body))):
        server.faults = [answer(200, sent, Content_Encoding="gzip")]
        assert dl.downloadfile(tmp_path / str(k), f"{server.url}/{name}").read_bytes() == body


# -- servers that are busy, names, kills


@pytest.mark.parametrize("status", [429, 503, 408])
def test_a_server_says_when_to_ask_again(server, tmp_path, status, monkeypatch):
    slept = []
    monkeypatch.setattr(download, "time", SimpleNamespace(sleep=slept.append, time=time.time))
    waits = ["7", "100000", formatdate(0), "soon", None]
    for retry in waits:
        server.faults = [answer(status, b"", Retry_After=retry)]
        path = dl.downloadfile(tmp_path / str(retry).partition(",")[0], server.url + "/data.bin")
        assert path.read_bytes() == DATA
    assert slept == [7, answers.LONGEST_PAUSE, 0, download.PAUSE, download.PAUSE]
    server.faults = [answer(status, b"", Retry_After="1")] * download.TRIES
    with pytest.raises(dl.DownloadError, match=str(status)):
        dl.downloadfile(tmp_path / "never", server.url + "/data.bin")


@pytest.mark.parametrize("name", ["n" * 255, "%C3%BC" * 100, "a%2Fb"])
def test_names_that_are_long_or_none(server, tmp_path, name):
    server.files[name] = DATA
    server.faults = [1000]
    path = dl.downloadfile(tmp_path / "to", f"{server.url}/{name}")
    assert path.parent == tmp_path / "to" and path.read_bytes() == DATA and len(visible(path.parent)) == 1


@pytest.mark.parametrize("path", ["", "/", "/..", "/a%2F..", "/%2e%2e", "/.", "/a%00b"])
def test_addresses_without_a_name(path):
    assert download._name(f"http://127.0.0.1{path}") == "download"


def test_nothing_is_left_of_killed_downloads(server, tmp_path):
    for count in range(2):
        killed(server, tmp_path, lambda count=count: len(server.requests) > count)
    assert dl.downloadfile(tmp_path, server.url + "/data.bin", checksum=SUM).read_bytes() == DATA
    assert visible(tmp_path) == ["data.bin"]


def test_a_version_without_its_part_asks_for_all(server, tmp_path):
    (tmp_path / "data.bin.part.version").write_text("old\n5")
    assert dl.downloadfile(tmp_path, server.url + "/data.bin").read_bytes() == DATA
    assert server.requests == [("data.bin", None)]
