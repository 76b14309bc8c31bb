"""ImageNet: the classification images of ILSVRC2012 to ILSVRC2014."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from .async_iterator import AsyncIterator
from .image_class import ImageClass
from .paths import log
from .t7 import load


def loadImageNet(
    datapath: str | os.PathLike,
    nthread: int | None = None,
    loadsize: Sequence[int] | None = None,
    samplesize: Sequence[int] | None = None,
    verbose: bool | None = None,
) -> tuple[AsyncIterator, AsyncIterator]:
    """Train and valid ``AsyncIterator`` of ``nthread`` (2) workers over ``ImageClass``.

    ``datapath`` holds what ``dataload.scripts.download_imagenet`` and ``harmonize_imagenet`` make. Training samples
    are random crops of ``samplesize`` ([3, 224, 224]) from images loaded at ``loadsize`` ([3, 256, 256]), validation
    samples ten crops of each image. Classes are in the order of their numbers; ``classinfo`` describes them where
    metadata/classInfo.th7 exists. Source: dataload manual, loadImageNet.
    """
    datapath, loadsize, samplesize = Path(datapath), loadsize or [3, 256, 256], samplesize or [3, 224, 224]
    if not datapath.is_dir():
        raise FileNotFoundError(f"there is no folder {datapath}: run dataload.scripts.download_imagenet first")
    info = datapath / "metadata" / "classInfo.th7"
    classinfo = load(info) if info.exists() else None
    if isinstance(classinfo, list):
        classinfo = dict(enumerate(classinfo, 1))
    if classinfo is None and verbose is not False:
        log.info("no %s: run dataload.scripts.harmonize_imagenet for names of classes", info)
    loaders = []
    for name, samplefunc in (("ILSVRC2012_img_train", "sampleTrain"), ("ILSVRC2012_img_val", "sampleTest")):
        images = ImageClass(datapath / name, loadsize, samplesize, samplefunc, _before, verbose)
        images.classinfo = classinfo
        loaders.append(AsyncIterator(images, nthread))
        loaders[-1].classes, loaders[-1].classinfo = images.classes, classinfo
    return tuple(loaders)


def _before(a: str, b: str) -> bool:
    return _number(a) < _number(b)


def _number(name: str) -> int:
    found = re.search(r"\d+", name)
    return int(found[0]) if found else 0
