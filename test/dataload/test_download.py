import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from file_server import FileServer

import dataload as dl
from dataload import download

DATA = bytes(range(256)) * 1000
SUM = "sha256:" + hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.01)
    monkeypatch.setattr(download, "TIMEOUT", 5)


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
    monkeypatch.setattr(download, "TIMEOUT", 1)
    assert dl.downloadfile(tmp_path, server.url + "/other.bin").read_bytes() == DATA
    assert len(server.requests) == 3


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
    assert caught.value.errno == errno.ENOSPC and visible(tmp_path) == []
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
    assert [process.communicate(timeout=60)[0] for process in both] == [f"{len(DATA)}\n"] * 2
    assert len(server.requests) == 1 and visible(tmp_path) == ["data.bin"]


def test_a_killed_download_never_looks_complete(server, tmp_path):
    server.delay = 0.2
    code = "import sys, dataload as dl; dl.downloadfile(sys.argv[1], sys.argv[2])"
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), server.url + "/data.bin"])
    while not (tmp_path / "data.bin.part").exists() or not (tmp_path / "data.bin.part").stat().st_size:
        assert process.poll() is None
    process.kill()
    process.wait()
    assert not (tmp_path / "data.bin").exists()
    server.delay = 0
    assert dl.downloadfile(tmp_path, server.url + "/data.bin", checksum=SUM).read_bytes() == DATA
    assert server.requests[-1][1] is not None
