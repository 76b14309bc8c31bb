"""The Google Billion Words corpus, for language models."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import embedded
from .archives import decompressfile
from .download import downloadfile
from .multi_sequence import MultiSequence
from .multi_sequence_gbw import MultiSequenceGBW
from .paths import data_folder
from .t7 import load
from .text import buildVocab, text2tensor


def loadGBW(
    batchsize: int | Sequence[int],
    trainfile: str | None = None,
    datapath: str | os.PathLike | None = None,
    srcurl: str | None = None,
    verbose: bool | None = None,
    checksum: str | None = None,
) -> tuple[MultiSequence, MultiSequence, MultiSequence]:
    """Train, valid and test ``MultiSequence`` of sentences, with attributes ``vocab``, ``ivocab`` and ``wordfreq``, the
    tensor of the words' counts in the order of their numbers: the ``unigrams`` of an ``nn.NCEModule``.

    ``batchsize`` is one number or three. Reads word_map.th7, word_freq.th7, ``trainfile`` (``train_data.th7``,
    ``train_small.th7`` or ``train_tiny.th7``), valid_data.th7 and test_data.th7 in ``datapath``
    (``DATA_PATH/BillionWords``). Where word_map.th7 is missing and ``srcurl`` is given, downloads and unpacks that
    archive; without ``srcurl`` sentences of the Python manual take the place of the corpus.
    Source: dataload manual, loadGBW.
    """
    folder = data_folder(datapath, "BillionWords")
    sizes = [batchsize] * 3 if isinstance(batchsize, int) else list(batchsize)
    if not (folder / "word_map.th7").exists():
        if srcurl is None:
            embedded.announce(f"the Billion Words corpus in {folder}", "sentences of the Python manual")
            return _from_manual(sizes)
        archive = downloadfile(folder, srcurl, folder / "word_map.th7", checksum)
        decompressfile(folder, archive.name, folder / "word_map.th7", verbose is not False)
    files = (trainfile or "train_data.th7", "valid_data.th7", "test_data.th7")
    loaders = [
        MultiSequenceGBW(folder, name, size, verbose is not False) for name, size in zip(files, sizes, strict=True)
    ]
    return _described(loaders, list(load(folder / "word_map.th7")), np.asarray(load(folder / "word_freq.th7")).ravel())


def _described(loaders: list[Any], words: list[str], wordfreq: np.ndarray) -> tuple[Any, Any, Any]:
    ivocab = dict(enumerate(words, 1))
    vocab = {word: number for number, word in ivocab.items()}
    for loader in loaders:
        loader.vocab, loader.ivocab, loader.wordfreq = vocab, ivocab, wordfreq
    return tuple(loaders)


def _from_manual(sizes: list[int]) -> tuple[Any, Any, Any]:
    parts = [[["<S>", *sentence, "</S>"] for sentence in part] for part in embedded.corpus()]
    vocab, _, counts = buildVocab([word for sentence in parts[0] for word in sentence])
    sequences = [[text2tensor(sentence, vocab).astype(np.int64) for sentence in part] for part in parts]
    loaders = [MultiSequence(part, size) for part, size in zip(sequences, sizes, strict=True)]
    return _described(loaders, list(counts), np.array(list(counts.values())))
