"""Download and unpack ImageNet (ILSVRC2012-2014): ``--savePath FOLDER --srcurl ADDRESS``, about 360 GB."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from ..archives import decompressfile
from ..download import downloadfile

TRAIN, VALID, METADATA = "ILSVRC2012_img_train.tar", "ILSVRC2012_img_val.tar", "ILSVRC2012_devkit_t12.tar.gz"
FOLDERS = {TRAIN: "ILSVRC2012_img_train", VALID: "ILSVRC2012_img_val", METADATA: "metadata"}
CHECKSUMS = {
    TRAIN: "md5:1d675b47d978889d74fa0da5fadfb00e",
    VALID: "md5:29b22e2961454d5413ddabcf34fc5622",
    METADATA: "md5:fa75699e90414af021442c21a62c3abf",
}


def download(
    path: str | os.PathLike, srcurl: str, checksums: Mapping[str, str] = CHECKSUMS, remove: bool = False
) -> None:
    """Put training and validation images and metadata from the folder ``srcurl`` into folders of ``path``.

    What was done before is not done again. With ``remove`` each archive is deleted when it is unpacked.
    """
    path = Path(path)
    for name, folder in FOLDERS.items():
        done = path / folder / ".complete"
        if not done.exists():
            archive = downloadfile(path, f"{srcurl.rstrip('/')}/{name}", checksum=checksums.get(name))
            decompressfile(path, archive.name, None, True, path / folder)
            if name == TRAIN:
                _unpack_classes(path / folder)
            done.touch()
        if remove:
            (path / name).unlink(missing_ok=True)


def _unpack_classes(folder: Path) -> None:
    for archive in sorted(folder.glob("*.tar")):
        decompressfile(folder, archive.name, None, False, folder / archive.stem)
        archive.unlink()
        (folder / f".{archive.name}.lock").unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="download_imagenet", description=__doc__)
    parser.add_argument("--savePath", required=True, help="folder for the data")
    parser.add_argument("--srcurl", required=True, help="address of the folder that holds the three archives")
    parser.add_argument("--remove", action="store_true", help="delete each archive when it is unpacked")
    options = parser.parse_args(arguments)
    download(options.savePath, options.srcurl, remove=options.remove)


if __name__ == "__main__":
    main()
