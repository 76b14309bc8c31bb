import gzip
import io
import tarfile
import zipfile

import pytest

import dataload as dl

FILES = {"a.txt": b"first", "folder/b.txt": b"second" * 1000}


def make_zip(path, files=FILES):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def make_tar(path, files=FILES, mode="w:gz", **fields):
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for field, value in fields.items():
                setattr(member, field, value)
            archive.addfile(member, io.BytesIO(data))


def everything(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.suffix != ".lock"
    }


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tar.gz", "x.tgz"])
def test_archives_are_unpacked(tmp_path, name):
    make = make_zip if name.endswith("zip") else make_tar
    make(tmp_path / name, **({"mode": "w"} if name == "x.tar" else {}))
    dl.decompressfile(tmp_path, name, tmp_path / "out" / "folder" / "b.txt", dst=tmp_path / "out")
    assert everything(tmp_path / "out") == FILES


def test_gzip_files_are_unpacked_beside_themselves(tmp_path):
    (tmp_path / "x.txt.gz").write_bytes(gzip.compress(b"text"))
    dl.decompressfile(tmp_path, "x.txt.gz")
    assert (tmp_path / "x.txt").read_bytes() == b"text"
    (tmp_path / "x.txt").unlink()
    dl.gunzip(tmp_path / "x.txt.gz")
    assert (tmp_path / "x.txt").read_bytes() == b"text"


def test_nothing_is_unpacked_where_the_wanted_file_exists(tmp_path):
    (tmp_path / "done").touch()
    dl.decompressfile(tmp_path, "missing.zip", tmp_path / "done")


def test_what_is_there_stays(tmp_path):
    make_zip(tmp_path / "x.zip")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "c.txt").write_bytes(b"mine")
    dl.unzip(tmp_path / "x.zip", tmp_path)
    assert everything(tmp_path / "folder") == {"b.txt": FILES["folder/b.txt"], "c.txt": b"mine"}


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "..\\evil.txt", "C:\\evil.txt"])
@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_paths_that_lead_out_are_refused(tmp_path, make, name):
    archive = tmp_path / ("x.zip" if make is make_zip else "x.tgz")
    make(archive, {"good.txt": b"1", name: b"2"})
    with pytest.raises(ValueError, match="leads out"):
        dl.decompressfile(tmp_path, archive.name, dst=tmp_path / "deep" / "out")
    assert everything(tmp_path / "deep") == {} and not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(tmp_path, kind):
    make_tar(tmp_path / "x.tgz", {"link": b""}, type=kind, linkname="/etc/passwd")
    with pytest.raises(ValueError, match="neither a file nor a folder: link"):
        dl.untar(tmp_path / "x.tgz", tmp_path / "out")
    assert everything(tmp_path / "out") == {}


def test_links_in_zip_files_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        member = zipfile.ZipInfo("link")
        member.external_attr = 0o120777 << 16
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(ValueError, match="holds a link"):
        dl.unzip(tmp_path / "x.zip", tmp_path / "out")


@pytest.mark.parametrize("name", ["x.zip", "x.tgz", "x.tar", "x.gz"])
@pytest.mark.parametrize("keep", [0.5, 0])
def test_a_damaged_archive_leaves_nothing(tmp_path, name, keep):
    import random

    noise = {"noise": random.Random(1).randbytes(30000)}
    path = tmp_path / name
    if name == "x.gz":
        path.write_bytes(gzip.compress(noise["noise"]))
    else:
        make_zip(path, noise) if name == "x.zip" else make_tar(path, noise, "w" if name == "x.tar" else "w:gz")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ValueError, match=rf"cannot unpack .*{name}"):
        dl.decompressfile(tmp_path, name, dst=tmp_path / "out")
    assert everything(tmp_path / "out") == {}


def test_unknown_archives_are_refused(tmp_path):
    (tmp_path / "x.rar").touch()
    with pytest.raises(ValueError, match="do not know"):
        dl.decompressfile(tmp_path, "x.rar")


def test_withcwd_comes_back(tmp_path):
    import os

    before = os.getcwd()
    assert dl.withcwd(tmp_path, os.getcwd) == os.path.realpath(tmp_path)
    with pytest.raises(ZeroDivisionError):
        dl.withcwd(tmp_path, lambda: 1 / 0)
    assert os.getcwd() == before


# -- whole or not at all


def refused(tmp_path, name, match, **options):
    before = everything(tmp_path / "out") if (tmp_path / "out").exists() else {}
    with pytest.raises(ValueError, match=match):
        dl.decompressfile(tmp_path, name, dst=tmp_path / "out", **options)
    assert everything(tmp_path / "out") == before
    assert not [p for p in (tmp_path / "out").iterdir() if p.name.startswith(".unpacking")]


def test_encrypted_members(tmp_path):
    make_zip(tmp_path / "x.zip")
    data = bytearray((tmp_path / "x.zip").read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(mark) + flags] |= 1
    (tmp_path / "x.zip").write_bytes(data)
    refused(tmp_path, "x.zip", r"x\.zip: it is encrypted: folder/b\.txt")


def test_unknown_methods(tmp_path):
    make_zip(tmp_path / "x.zip")
    data = bytearray((tmp_path / "x.zip").read_bytes())
    for mark, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.rindex(mark) + method] = 77
    (tmp_path / "x.zip").write_bytes(data)
    refused(tmp_path, "x.zip", r"cannot unpack .*x\.zip")


@pytest.mark.parametrize("make, name", [(make_zip, "x.zip"), (make_tar, "x.tar.gz")])
def test_a_file_where_a_folder_is_and_the_reverse(tmp_path, make, name):
    make(tmp_path / name, {"first": b"1", "thing": b"2"})
    (tmp_path / "out" / "thing").mkdir(parents=True)
    (tmp_path / "out" / "thing" / "inside").write_bytes(b"3")
    refused(tmp_path, name, "thing is a folder")
    make(tmp_path / name, {"first": b"1", "thing/inside/deep": b"2"})
    refused(tmp_path, name, "inside is a file")
    for files in ({"a": b"1", "a/b": b"2"}, {"a/b": b"1", "a": b"2"}):
        make(tmp_path / name, files)
        refused(tmp_path, name, "cannot unpack")


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz", "x.tar", "x.bin.gz"])
def test_archives_that_unpack_without_end(tmp_path, name):
    files = {"a": bytes(300_000), "b": bytes(300_000)}
    if name == "x.bin.gz":
        (tmp_path / name).write_bytes(gzip.compress(bytes(600_000)))
    elif name == "x.zip":
        make_zip(tmp_path / name, files)
    else:
        make_tar(tmp_path / name, files, "w" if name == "x.tar" else "w:gz")
    refused(tmp_path, name, "more than 400,000 bytes", maxsize=400_000)
    dl.decompressfile(tmp_path, name, dst=tmp_path / "out", maxsize=700_000)
    assert sum(map(len, everything(tmp_path / "out").values())) == 600_000


def test_bombs_stop_at_a_multiple_of_their_size(tmp_path, monkeypatch):
    monkeypatch.setattr("dataload.archives.SMALL", 1000)
    make_zip(tmp_path / "x.zip", {"a": bytes(1_000_000)})
    refused(tmp_path, "x.zip", "more than")
    make_zip(tmp_path / "x.zip", {f"{k}": b"" for k in range(2_000)})
    dl.decompressfile(tmp_path, "x.zip", dst=tmp_path / "out", maxsize=2_000 * 512)
    refused(tmp_path, "x.zip", "more than", maxsize=2_000 * 512 - 1)


def test_sizes_in_headers_are_not_believed(tmp_path):
    make_zip(tmp_path / "x.zip", {"a": bytes(100_000)})
    data = (tmp_path / "x.zip").read_bytes().replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    (tmp_path / "x.zip").write_bytes(data)
    refused(tmp_path, "x.zip", "cannot unpack")


@pytest.mark.parametrize("kind", [0o010000, 0o020000, 0o120000, 0o140000])
def test_links_and_devices_in_zips(tmp_path, kind):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("first", b"1")
        member = zipfile.ZipInfo("thing")
        member.external_attr = (kind | 0o644) << 16
        archive.writestr(member, b"/etc/hostname")
    refused(tmp_path, "x.zip", "link or a device")


def test_damaged_archives_of_other_kinds(tmp_path):
    for mode in ("w:bz2", "w:xz", "w:gz"):
        make_tar(tmp_path / "x.tar", {"a": bytes(range(256)) * 1000}, mode)
        data = (tmp_path / "x.tar").read_bytes()
        for damaged in (data[: len(data) // 2], data[: len(data) // 2] + b"\xff" * 50 + data[len(data) // 2 + 50 :]):
            (tmp_path / "x.tar").write_bytes(damaged)
            refused(tmp_path, "x.tar", "cannot unpack")
