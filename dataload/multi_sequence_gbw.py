"""Sentences of the Billion Words corpus, cut from one array."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .multi_sequence import MultiSequence
from .paths import log
from .t7 import load

START, END, UNKNOWN = 793470, 793471, 793469


class Sentences(Sequence):
    """The pieces of one array between ``starts``, as views that are made when they are asked for."""

    def __init__(self, words: np.ndarray, starts: np.ndarray) -> None:
        self.words, self.starts = words, starts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, i: int) -> np.ndarray:
        if not -len(self) <= i < len(self):
            raise IndexError(f"sentence {i} of {len(self)}")
        i %= len(self)
        return self.words[self.starts[i] : self.starts[i + 1]]

    def __deepcopy__(self, memo: dict) -> Sentences:
        return self


class MultiSequenceGBW(MultiSequence):
    """A ``MultiSequence`` of the sentences in one file of the Google Billion Words corpus.

    The file, a .th7 in ``datapath``, holds whole numbers, rows x 2: the row in which this row's sentence starts, and
    the number of a word; a sentence ends with 793471 (``</S>``), anything else raises ``ValueError``. Every sentence
    gets 793470 (``<S>``) in front. Source: dataload manual, loadGBW.
    """

    def __init__(self, datapath: str | os.PathLike, filename: str, batchsize: int, verbose: bool | None = None) -> None:
        table = load(Path(datapath, filename))
        super().__init__(_sentences(table, filename), batchsize)
        if verbose:
            log.info("%s: %d sentences, %d words", filename, len(self.sequences), len(table))

    def _count(self) -> int:
        return len(self.sequences.words)


def _sentences(table: np.ndarray, filename: str) -> Sentences:
    if table.ndim != 2 or table.shape[1] != 2 or not len(table):
        raise ValueError(f"{filename} does not hold rows of two numbers but an array of shape {table.shape}")
    begins = np.flatnonzero(table[:, 0] == np.arange(1, len(table) + 1))
    ends = np.append(begins[1:], len(table)) - 1
    if len(begins) == 0 or begins[0] != 0 or (table[ends, 1] != END).any():
        raise ValueError(f"{filename} has a sentence that does not end with {END}")
    counts = ends - begins + 1
    if not np.array_equal(table[:, 0], np.repeat(begins + 1, counts)):
        raise ValueError(f"{filename} has rows that do not point to the start of their sentence")
    words = np.empty(len(table) + len(begins), np.int64)
    starts = np.append(begins, len(table)) + np.arange(len(begins) + 1)
    words[starts[:-1]] = START
    words[np.delete(np.arange(len(words)), starts[:-1])] = table[:, 1]
    return Sentences(words, starts)
