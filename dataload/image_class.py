"""Image classification from a folder of class folders."""

from __future__ import annotations

import fnmatch
import functools
import math
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import torch7 as torch

from . import images, nested
from .data_loader import DataLoader


class ImageClass(DataLoader):
    """Images in ``datapath/<class>/.../<image>``, read when they are asked for.

    Parameters: ``datapath``, a folder or a list of them; ``loadsize`` [planes, height, width], whose smaller length the
    smaller side of a loaded image gets; ``samplesize`` [planes, height, width] of a sample (``loadsize``);
    ``samplefunc``, ``'sampleDefault'`` (scaled), ``'sampleTrain'`` (random crop, mirrored half of the time),
    ``'sampleTest'`` (centre and corner crops and their mirror images: ten samples) or a function
    ``f(loader, dst, path)`` that returns ``dst`` filled or another sample, or s samples in one array;
    ``sortfunc(a, b)``, whether class a comes before b (``<``); ``verbose`` (True);
    ``excludeFile`` and ``excludeDir``, patterns of file names and of paths to leave out.

    Batches: inputs float32, N x planes x height x width from 0 to 1, and targets int64, class numbers from 1;
    ``index``, ``sub`` and ``sample`` also return the list of paths. ``sample`` draws a class first, then one of its
    images. Raises ``ValueError`` for a class without images and, with its path, for a file that is no image.
    Source: dataload manual, ImageClass.
    """

    def __init__(
        self,
        datapath: str | os.PathLike | Sequence[str | os.PathLike],
        loadsize: Sequence[int],
        samplesize: Sequence[int] | None = None,
        samplefunc: str | Callable | None = None,
        sortfunc: Callable[[str, str], bool] | None = None,
        verbose: bool | None = None,
        excludeFile: str | None = None,
        excludeDir: str | None = None,
    ) -> None:
        self.datapath = (
            [os.fspath(datapath)] if isinstance(datapath, str | os.PathLike) else list(map(os.fspath, datapath))
        )
        self.loadsize = _size("loadsize", loadsize)
        self.samplesize = _size("samplesize", loadsize if samplesize is None else samplesize)
        self.samplefunc = samplefunc or "sampleDefault"
        self.verbose = True if verbose is None else verbose
        self.classes = _class_names(self.datapath, sortfunc)
        self.iclasses = {name: number for number, name in enumerate(self.classes, 1)}
        found = [self._find(name, excludeFile, excludeDir) for name in self.classes]
        self._set_index(found)
        if self.verbose:
            print(f"found {self.size()} images in {len(self.classes)} classes")

    def _find(self, name: str, exclude_file: str | None, exclude_dir: str | None) -> list[bytes]:
        folders = [os.path.join(path, name) for path in self.datapath]
        found = [os.fsencode(path) for folder in folders for path in _image_files(folder, exclude_file, exclude_dir)]
        if not found:
            raise ValueError(f"Class has zero samples: {name} in {', '.join(self.datapath)}")
        return found

    def _set_index(self, found: list[list[bytes]]) -> None:
        paths = [path for group in found for path in group]
        self.imagePath = np.array(paths, f"S{max(map(len, paths)) + 1}").view(np.int8).reshape(len(paths), -1)
        counts = [len(group) for group in found]
        self.imageClass = np.repeat(np.arange(1, len(found) + 1), counts)
        stops = np.cumsum(counts)
        self.classList = [np.arange(stop - count + 1, stop + 1) for count, stop in zip(counts, stops)]
        self.classListSample = self.classList

    def path(self, index: int) -> str:
        """The path of image ``index``."""
        return os.fsdecode(self.imagePath[index - 1].tobytes().rstrip(b"\0"))

    def index(
        self, indices: Any, inputs: Any = None, targets: Any = None, samplefunc: str | Callable | None = None
    ) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """Inputs, targets and paths of the images ``indices``; ``samplefunc`` in place of the loader's own."""
        indices = np.asarray(indices, np.int64)
        if indices.size == 0 or indices.min() < 1 or indices.max() > self.size():
            raise IndexError(f"image indices must lie in 1..{self.size()}, got {indices}")
        paths = [self.path(i) for i in indices]
        inputs, repeats = self._load(paths, inputs, self._function(samplefunc))
        targets = nested.rows(targets, len(inputs), self.imageClass)
        targets[:] = np.repeat(self.imageClass[indices - 1], repeats)
        return inputs, targets, paths

    def sample(
        self, batchsize: int, inputs: Any = None, targets: Any = None, samplefunc: str | Callable | None = None
    ) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """As ``index`` for ``batchsize`` random images, every class as likely as the others."""
        self._indices = self._drawn(batchsize)
        return self.index(self._indices, inputs, targets, samplefunc)

    def _drawn(self, batchsize: int) -> np.ndarray:
        indices = np.empty(batchsize, np.int64)
        for i in range(batchsize):
            candidates = self.classListSample[torch.random(1, len(self.classes)) - 1]
            indices[i] = candidates[torch.random(1, len(candidates)) - 1]
        return indices

    def _function(self, samplefunc: str | Callable | None) -> Callable:
        samplefunc = samplefunc or self.samplefunc
        return getattr(type(self), samplefunc) if isinstance(samplefunc, str) else samplefunc

    def _load(self, paths: list[str], inputs: Any, function: Callable) -> tuple[np.ndarray, int]:
        dst = np.empty(self.samplesize, np.float32)
        head = np.asarray(function(self, dst, paths[0]))
        repeats = 1 if head.ndim == 3 else len(head)
        inputs = nested.rows(inputs, len(paths) * repeats, np.empty((0, *head.shape[-3:]), np.float32))
        slots = inputs if head.ndim == 3 else inputs.reshape(-1, *head.shape)
        slots[0] = head
        for slot, path in zip(slots[1:], paths[1:]):
            result = function(self, slot if slot.shape == dst.shape else dst, path)
            if result is not slot:
                slot[...] = result
        return inputs, repeats

    def loadImage(self, path: str) -> Any:
        """The Pillow image in ``path``, its smaller side resized to the smaller length of ``loadsize``."""
        return images.open_image(path, self.samplesize[0], min(self.loadsize[1:]))

    def sampleDefault(self, dst: np.ndarray | None, path: str) -> np.ndarray:
        """The image scaled to ``samplesize``."""
        _, height, width = self.samplesize
        return images.write_planes(dst, images.resize(self.loadImage(path), width, height))

    def sampleTrain(self, dst: np.ndarray | None, path: str) -> np.ndarray:
        """A part of ``samplesize`` at a random place, mirrored half of the time (three uniform draws)."""
        image = self.loadImage(path)
        _, height, width = self.samplesize
        top = math.ceil(torch.uniform(0, max(0, image.height - height)))
        left = math.ceil(torch.uniform(0, max(0, image.width - width)))
        part = images.crop(image, left, top, width, height)
        return images.write_planes(dst, part, flip=torch.uniform() > 0.5)

    def sampleTest(self, dst: np.ndarray | None, path: str) -> np.ndarray:
        """Ten parts of ``samplesize``: centre, top left, top right, bottom left, bottom right, each then mirrored."""
        image = self.loadImage(path)
        planes, height, width = self.samplesize
        right, bottom = image.width - width, image.height - height
        corners = [(math.ceil(right / 2), math.ceil(bottom / 2)), (0, 0), (right, 0), (0, bottom), (right, bottom)]
        parts = np.empty((10, planes, height, width), np.float32)
        for i, (left, top) in enumerate(corners):
            images.write_planes(parts[2 * i], images.crop(image, left, top, width, height))
            parts[2 * i + 1] = parts[2 * i][:, :, ::-1]
        return parts

    def size(self, class_: str | int | None = None, list_: list | None = None) -> int:
        """The number of images, or of those of one class, by name or number."""
        if class_ is None:
            return len(self.imageClass)
        number = self.iclasses[class_] if isinstance(class_, str) else class_
        return len((list_ or self.classList)[number - 1])

    def isize(self, excludedim: int | bool | None = None) -> list:
        return nested.without([self.size(), *self.samplesize], excludedim)

    def tsize(self, excludedim: int | bool | None = None) -> list:
        return nested.without([self.size()], excludedim)


def _size(name: str, size: Sequence[int]) -> list[int]:
    size = [int(length) for length in size]
    if len(size) != 3 or size[0] not in (1, 3) or min(size) < 1:
        raise ValueError(f"{name} is [planes (1 or 3), height, width], got {size}")
    return size


def _class_names(datapath: list[str], sortfunc: Callable[[str, str], bool] | None) -> list[str]:
    names = {entry.name for path in datapath for entry in os.scandir(path) if entry.is_dir()}
    names = sorted((name for name in names if not name.startswith(".")), key=os.fsencode)
    if not names:
        raise ValueError(f"no class folders in {', '.join(datapath)}")
    if sortfunc is None:
        return names
    return sorted(names, key=functools.cmp_to_key(lambda a, b: bool(sortfunc(b, a)) - bool(sortfunc(a, b))))


def _image_files(folder: str, exclude_file: str | None, exclude_dir: str | None) -> Iterator[str]:
    for parent, folders, files in os.walk(folder, followlinks=True):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(parent, name)
            skipped = exclude_file and fnmatch.fnmatchcase(name.lower(), exclude_file.lower())
            skipped = skipped or (exclude_dir and fnmatch.fnmatchcase(path, exclude_dir))
            if not skipped and name.lower().endswith(images.EXTENSIONS):
                yield path
