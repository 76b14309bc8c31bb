"""Give training and validation images of ImageNet the same class folders, class1 to class1000: ``--dataPath FOLDER``.

Only prints what it would do unless ``--forReal`` is given.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import numpy as np


def harmonize(path: str | os.PathLike, for_real: bool = False, progress: bool = False) -> int:
    """Rename the folders of training images, sort the validation images into such folders and write classInfo.th7.

    Returns the number of folders renamed and images moved (or, unless ``for_real``, to be so).
    """
    path = Path(path)
    metadata = path / "metadata"
    classes = read_classes(next(metadata.rglob("meta*.mat")))
    truth = np.loadtxt(next(metadata.rglob("*validation_ground_truth.txt")), np.int64, ndmin=1)
    moves = _train_moves(path / "ILSVRC2012_img_train", classes) + _valid_moves(path / "ILSVRC2012_img_val", truth)
    for source, target in moves:
        if progress or not for_real:
            print(f"{source} -> {target}")
        if for_real:
            target.parent.mkdir(exist_ok=True)
            os.rename(source, target)
    if for_real:
        from torch7.serialization import save

        save(metadata / "classInfo.th7", classes)
    return len(moves)


def read_classes(path: Path) -> dict[int, dict[str, Any]]:
    """The classes with images in a meta.mat of the development kit: number to wnid, words, gloss and children."""
    try:
        from scipy.io import loadmat
    except ImportError as e:
        raise ImportError("the metadata of ImageNet is a MATLAB file: pip install scipy") from e
    synsets = np.atleast_1d(loadmat(path, squeeze_me=True)["synsets"])
    number = next(name for name in synsets.dtype.names if name.endswith("_ID"))
    return {
        int(row[number]): {
            "wnid": str(row["WNID"]),
            "words": str(row["words"]),
            "gloss": str(row["gloss"]),
            "nchildren": int(row["num_children"]),
            "children": [int(child) for child in np.atleast_1d(row["children"])],
        }
        for row in synsets
    }


def _train_moves(folder: Path, classes: dict[int, dict[str, Any]]) -> list[tuple[Path, Path]]:
    numbers = {entry["wnid"]: number for number, entry in classes.items()}
    found = sorted(path for path in folder.iterdir() if path.is_dir() and path.name in numbers)
    return [(path, folder / f"class{numbers[path.name]}") for path in found]


def _valid_moves(folder: Path, truth: np.ndarray) -> list[tuple[Path, Path]]:
    found = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() == ".jpeg")
    numbers = [int(path.stem.rpartition("_")[2]) for path in found]
    return [(path, folder / f"class{truth[number - 1]}" / path.name) for path, number in zip(found, numbers)]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="harmonize_imagenet", description=__doc__)
    parser.add_argument("--dataPath", required=True, help="folder made by download_imagenet")
    parser.add_argument("--forReal", action="store_true", help="do it, rather than print it")
    parser.add_argument("--progress", action="store_true", help="print each move")
    options = parser.parse_args(arguments)
    print(harmonize(options.dataPath, options.forReal, options.progress), "moves")


if __name__ == "__main__":
    main()
