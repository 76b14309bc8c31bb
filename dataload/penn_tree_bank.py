"""The Penn Tree Bank corpus, for language models."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from . import embedded
from .download import downloadfile
from .paths import data_folder
from .sequence_loader import SequenceLoader
from .text import buildVocab, text2tensor

EOS = "<eos>"
FILES = ("ptb.train.txt", "ptb.valid.txt", "ptb.test.txt")


def loadPTB(
    batchsize: int | Sequence[int],
    datapath: str | os.PathLike | None = None,
    srcurl: str | None = None,
    vocab: Mapping[str, int] | None = None,
    ivocab: Mapping[int, str] | None = None,
    wordfreq: Mapping[str, int] | None = None,
    checksum: Mapping[str, str] | None = None,
) -> tuple[SequenceLoader, SequenceLoader, SequenceLoader]:
    """Train, valid and test ``SequenceLoader`` of word numbers (int32), each line ended by the word ``<eos>``.

    ``batchsize`` is one number or three. Reads ptb.train.txt, ptb.valid.txt and ptb.test.txt in ``datapath``
    (``DATA_PATH/PennTreeBank``); where they are missing and ``srcurl`` is given, downloads them from that folder,
    with ``checksum`` a dictionary by file name. Without ``srcurl`` sentences of the Python manual take their place.
    The vocabulary is that of the training text unless ``vocab``, ``ivocab`` and ``wordfreq`` are given; the loaders
    have all three as attributes. Source: dataload manual, loadPTB.
    """
    sizes = [batchsize] * 3 if isinstance(batchsize, int) else list(batchsize)
    texts = _texts(datapath, srcurl, checksum or {})
    words = [text.replace("\n", f" {EOS} ").split() for text in texts]
    if vocab is None or ivocab is None or wordfreq is None:
        vocab, ivocab, wordfreq = buildVocab(words[0])
    loaders = [SequenceLoader(text2tensor(part, vocab), size) for part, size in zip(words, sizes, strict=True)]
    for loader in loaders:
        loader.vocab, loader.ivocab, loader.wordfreq = vocab, ivocab, wordfreq
    return tuple(loaders)


def _texts(datapath: str | os.PathLike | None, srcurl: str | None, checksum: Mapping[str, str]) -> list[str]:
    folder = data_folder(datapath, "PennTreeBank")
    if srcurl is not None:
        for name in FILES:
            downloadfile(folder, f"{srcurl.rstrip('/')}/{name}", checksum=checksum.get(name))
    if all((folder / name).exists() for name in FILES):
        return [(folder / name).read_text("utf-8") for name in FILES]
    embedded.announce(f"the Penn Tree Bank in {folder}", "sentences of the Python manual")
    return ["".join(f" {' '.join(sentence)} \n" for sentence in part) for part in embedded.corpus()]
