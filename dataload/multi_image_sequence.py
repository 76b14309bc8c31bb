"""Sequences of images, input and target frame by frame, read side by side."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from torch7 import lua_math

from . import images, nested
from .column_loader import ColumnLoader


class MultiImageSequence(ColumnLoader):
    """Frames of image sequences in ``datapath/<sequence>/input1.jpg, target1.jpg, input2.jpg, ...``

    Parameters: ``datapath``; ``batchsize``, the number of columns; ``loadsize`` [[planes, height, width] of inputs,
    the same of targets], whose smaller length the smaller side of a loaded image gets; ``samplesize`` [planes, height,
    width] of an input sample (``loadsize`` of inputs; that of targets follows in proportion); ``samplefunc``,
    ``'sampleDefault'`` (scaled), ``'sampleTrain'`` (random crop at the same place of input and target) or a function
    ``f(loader, input, target, inputpath, targetpath, tracker)`` that writes both slots; ``verbose`` (True).

    Attributes to set: ``randseq`` (draw sequences by Lua's ``math.random``), ``cropeverystep`` (a new crop at every
    frame), ``varyloadsize`` (load at a random size between ``samplesize`` and ``loadsize``), ``scaleeverystep`` (at
    every frame), ``inputpattern`` and ``targetpattern``.

    ``sub(start, stop)`` gives the next n = stop - start + 1 steps: float32 arrays of n x batchsize x planes x height x
    width from 0 to 1. A step of zeros comes before each sequence. Source: dataload manual, MultiImageSequence.
    """

    cropeverystep = False
    varyloadsize = False
    scaleeverystep = False
    inputpattern = "input%d.jpg"
    targetpattern = "target%d.jpg"

    def __init__(
        self,
        datapath: str | os.PathLike,
        batchsize: int,
        loadsize: Sequence[Sequence[int]],
        samplesize: Sequence[int] | None = None,
        samplefunc: str | Callable | None = None,
        verbose: bool | None = None,
    ) -> None:
        self.datapath, self.batchsize = Path(datapath), int(batchsize)
        self.inputsize, self.targetsize = (list(map(int, size)) for size in loadsize)
        self.samplesize = list(map(int, samplesize or self.inputsize))
        if any(sample > load for sample, load in zip(self.samplesize[1:], self.inputsize[1:])):
            raise ValueError(f"a samplesize of {self.samplesize} does not fit into a loadsize of {self.inputsize}")
        sides = map(_proportional, self.samplesize[1:], self.inputsize[1:], self.targetsize[1:])
        self.targetsamplesize = [self.targetsize[0], *sides]
        self.samplefunc = samplefunc or "sampleDefault"
        self.verbose = True if verbose is None else verbose
        self.seqdirs: list | None = None
        self.reset()

    def buildIndex(self, cachepath: str | os.PathLike | None = None, overwrite: bool | None = None) -> None:
        """Count the frames of every sequence; ``cachepath``, a .t7 file, keeps the counts and is read if it exists."""
        from torch7.serialization import load, save

        cached = cachepath is not None and os.path.exists(cachepath) and not overwrite
        found = load(cachepath, "ascii")["seqdirs"] if cached else self._sequences()
        if not found:
            raise ValueError(f"no sequences like {self.inputpattern} in the folders of {self.datapath}")
        self.seqdirs = [[name, int(count)] for name, count in found]
        self.nframe = sum(count for _, count in self.seqdirs)
        self.seqlen = -(-(self.nframe + len(self.seqdirs)) // self.batchsize)
        if cachepath is not None and not cached:
            save(cachepath, {"seqdirs": self.seqdirs, "nframe": self.nframe, "seqlen": self.seqlen}, "ascii")
        if self.verbose:
            print(f"found {self.nframe} frames in {len(self.seqdirs)} sequences")

    def _sequences(self) -> list[list]:
        folders = sorted(path for path in self.datapath.iterdir() if path.is_dir())
        counts = ([path.name, self._frames(path)] for path in folders)
        return [entry for entry in counts if entry[1]]

    def _frames(self, folder: Path) -> int:
        before, after = map(re.escape, self.inputpattern.split("%d"))
        return sum(bool(re.fullmatch(rf"{before}\d+{after}", name)) for name in os.listdir(folder))

    def sub(
        self, start: int, stop: int, inputs: Any = None, targets: Any = None, samplefunc: str | Callable | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The next stop - start + 1 time steps."""
        self._indexed()
        n = stop - start + 1
        inputs = nested.rows(inputs, n, np.empty((0, self.batchsize, *self.samplesize), np.float32))
        targets = nested.rows(targets, n, np.empty((0, self.batchsize, *self.targetsamplesize), np.float32))
        samplefunc = samplefunc or self.samplefunc
        function = getattr(type(self), samplefunc) if isinstance(samplefunc, str) else samplefunc
        for column in range(self.batchsize):
            for step in range(n):
                self._read(column, inputs[step, column], targets[step, column], function)
        return inputs, targets

    def _read(self, column: int, input: np.ndarray, target: np.ndarray, function: Callable) -> None:
        tracker = self.trackers["columns"][column]
        if tracker is None:
            input[...], target[...] = 0, 0
            self.trackers["columns"][column] = {"seqid": self._next(len(self.seqdirs)), "idx": 1}
            return
        name, count = self.seqdirs[tracker["seqid"] - 1]
        folder, frame = self.datapath / name, tracker["idx"]
        function(
            self, input, target, folder / (self.inputpattern % frame), folder / (self.targetpattern % frame), tracker
        )
        tracker["idx"] += 1
        if tracker["idx"] > count:
            self.trackers["columns"][column] = None

    def loadImage(self, path: str | os.PathLike, idx: int, tracker: dict) -> Any:
        """The Pillow image in ``path``; ``idx`` is 1 for an input and 2 for its target."""
        load = (self.inputsize, self.targetsize)[idx - 1]
        sample = (self.samplesize, self.targetsamplesize)[idx - 1]
        sides = load[1:]
        if self.varyloadsize:
            if idx == 1 and (tracker["idx"] == 1 or self.scaleeverystep or "scale" not in tracker):
                tracker["scale"] = lua_math.random()
            sides = [_round(s + tracker["scale"] * (l - s)) for s, l in zip(sample[1:], load[1:])]
        return images.open_image(path, load[0], min(sides))

    def sampleDefault(
        self, input: np.ndarray, target: np.ndarray, inputpath: Any, targetpath: Any, tracker: dict
    ) -> None:
        """Input and target scaled to their sample sizes."""
        for idx, (slot, path) in enumerate(((input, inputpath), (target, targetpath)), 1):
            _, height, width = slot.shape
            images.write_planes(slot, images.resize(self.loadImage(path, idx, tracker), width, height))

    def sampleTrain(
        self, input: np.ndarray, target: np.ndarray, inputpath: Any, targetpath: Any, tracker: dict
    ) -> None:
        """Parts of input and target at the same random place."""
        loaded = [self.loadImage(path, idx, tracker) for idx, path in enumerate((inputpath, targetpath), 1)]
        if tracker["idx"] == 1 or self.cropeverystep or "crop" not in tracker:
            tracker["crop"] = lua_math.random(), lua_math.random()
        for slot, image in zip((input, target), loaded):
            _, height, width = slot.shape
            top, left = tracker["crop"]
            top, left = math.ceil(top * (image.height - height)), math.ceil(left * (image.width - width))
            images.write_planes(slot, images.crop(image, left, top, width, height))

    def size(self) -> int:
        """The number of time steps of a column, steps of zeros included."""
        self._indexed()
        return self.seqlen

    def isize(self, excludedim: int | None = None) -> list:
        return self._sample_size(excludedim, self.samplesize)

    def tsize(self, excludedim: int | None = None) -> list:
        return self._sample_size(excludedim, self.targetsamplesize)

    def _sample_size(self, excludedim: int | None, size: list) -> list:
        if excludedim not in (None, 1):
            raise NotImplementedError("only the batch dimension can be left out")
        return list(size)

    def _indexed(self) -> None:
        if self.seqdirs is None:
            self.buildIndex()


def _round(x: float) -> int:
    return math.floor(x + 0.5)


def _proportional(sample: int, load: int, target: int) -> int:
    return min(target, max(1, _round(sample * target / load)))
