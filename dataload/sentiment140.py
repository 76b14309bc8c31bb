"""Sentiment140: tweets that sound sad or happy."""

from __future__ import annotations

import csv
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from . import embedded
from .archives import decompressfile
from .download import downloadfile
from .locks import locked
from .paths import data_folder, log
from .t7 import load
from .tensor_loader import TensorLoader
from .text import OOV
from .twokenize import tokenize

TRAIN, TEST = "training.1600000.processed.noemoticon.csv", "testdata.manual.2009.06.14.csv"
TOKENS = {TRAIN: "traintokens.1600000.processed.noemoticon.csv", TEST: "testtokens.manual.2009.06.14.csv"}
_TARGETS = {"0": 1, "4": 2}
_NEUTRAL = "2"


class TweetLoader(TensorLoader):
    """A ``TensorLoader`` of tweets with ``vocab``, ``ivocab`` and ``unigram``, the counts of the training set."""

    vocab: dict[str, int]
    ivocab: dict[int, str]
    unigram: np.ndarray

    def tensor2text(self, numbers: np.ndarray) -> str:
        """The words of a row of inputs, joined by spaces."""
        return " ".join(self.ivocab[number] for number in numbers.tolist() if number > 0)

    def describe(self, vocab: dict[str, int], unigram: np.ndarray) -> TweetLoader:
        """Give the loader its vocabulary; returns self."""
        self.vocab, self.unigram = vocab, unigram
        self.ivocab = {number: word for word, number in vocab.items()}
        return self


def loadSentiment140(
    datapath: str | os.PathLike | None = None,
    minfreq: int | None = None,
    seqlen: int | None = None,
    validratio: float | None = None,
    srcurl: str | None = None,
    progress: bool | None = None,
    checksum: str | None = None,
) -> tuple[TweetLoader, TweetLoader, TweetLoader]:
    """Train, valid and test loader: inputs int64 N x ``seqlen`` (50), targets 1 (sad) or 2 (happy).

    Inputs are word numbers, with zeros in front of short tweets; words that occur less than ``minfreq`` (3) times in
    the training set are ``<OOV>``, number 1. Reads the tokenised csv files in ``datapath`` (``DATA_PATH/Twitter``), or
    makes them of the original ones; where both are missing and ``srcurl`` is given, downloads and unpacks that
    archive. Without ``srcurl`` sentences of the Python manual take their place, sad where they speak of errors. The
    training set is shuffled, its last ``validratio`` (1/8) is the validation set, and the result is kept in
    cache_<minfreq>_<seqlen>.t7, which is made anew if ``dataload.overwrite`` is set. ``progress`` (True) reports.
    Source: dataload manual, loadSentiment140.
    """
    minfreq, seqlen = 3 if minfreq is None else minfreq, 50 if seqlen is None else seqlen
    folder = data_folder(datapath, "Twitter")
    if _fetched(folder, srcurl, checksum):
        train, test = _cached(folder, minfreq, seqlen, progress is not False)
    else:
        embedded.announce(
            f"Sentiment140 in {folder}", "sentences of the Python manual (sad: those that speak of errors)"
        )
        tweets = [(str(polarity), text.split()) for polarity, text in embedded.judged_sentences()]
        train, _ = _build([t for i, t in enumerate(tweets) if i // 2 % 5], minfreq, seqlen)
        test, _ = _build([t for i, t in enumerate(tweets) if not i // 2 % 5], train, seqlen)
        train.shuffle()
    parts = train.split(1 - (1 / 8 if validratio is None else validratio))
    train, valid = (TweetLoader(p.inputs, p.targets).describe(train.vocab, train.unigram) for p in parts)
    return train, valid, test


def Sentiment140Loader(
    filename: str | os.PathLike, vocab: Mapping[str, int] | int, maxlen: int | None = None
) -> tuple[TweetLoader, int]:
    """The tweets of a tokenised csv file and the longest length ``maxlen`` (50) of a row of inputs.

    ``vocab`` is a dictionary from word to number, or the least count of a word for a new one, in which ``<OOV>`` is 1
    and words follow in the order of their bytes. Field 1 of a line is the polarity (0 sad, 4 happy; 2 is left out,
    anything else raises ``ValueError``), field 6 the text.
    """
    return _build(list(_read_tokens(Path(filename))), vocab, 50 if maxlen is None else maxlen)


def _build(tweets: list[tuple[str, list[str]]], vocab: Any, maxlen: int) -> tuple[TweetLoader, int]:
    unknown = {polarity for polarity, _ in tweets} - {*_TARGETS, _NEUTRAL}
    if unknown:
        raise ValueError(f"Unrecognized target {sorted(unknown)[0]}")
    if isinstance(vocab, TweetLoader):
        numbers, unigram = vocab.vocab, vocab.unigram
    elif isinstance(vocab, Mapping):
        numbers, unigram = dict(vocab), _counts(tweets, vocab)
    else:
        numbers, unigram = _vocabulary(tweets, vocab)
    tweets = [tweet for tweet in tweets if tweet[0] != _NEUTRAL]
    inputs = np.zeros((len(tweets), maxlen), np.int64)
    for row, (_, words) in zip(inputs, tweets):
        found = [numbers.get(word, numbers[OOV]) for word in words[:maxlen]]
        row[maxlen - len(found) :] = found
    targets = np.array([_TARGETS[polarity] for polarity, _ in tweets], np.int64)
    return TweetLoader(inputs, targets).describe(numbers, unigram), maxlen


def _vocabulary(tweets: list[tuple[str, list[str]]], minfreq: int) -> tuple[dict[str, int], np.ndarray]:
    counts = Counter(word for _, words in tweets for word in words)
    kept = sorted((word for word in counts if counts[word] >= minfreq), key=str.encode)
    vocab = {word: number for number, word in enumerate([OOV, *kept], 1)}
    return vocab, _counts(tweets, vocab)


def _counts(tweets: list[tuple[str, list[str]]], vocab: Mapping[str, int]) -> np.ndarray:
    numbers = [vocab.get(word, vocab[OOV]) - 1 for _, words in tweets for word in words]
    return np.bincount(numbers, minlength=len(vocab)).astype(np.int64)


def _read_tokens(path: Path) -> Iterator[tuple[str, list[str]]]:
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            fields = re.findall(r'[^",]+', line.rstrip("\r\n"))
            words = fields[5].split() if len(fields) > 5 else []
            yield fields[0], list(map(sys.intern, words))


def _fetched(folder: Path, srcurl: str | None, checksum: str | None) -> bool:
    """Whether the tokenised files are in ``folder``, made of the original ones or of a download if need be."""
    if all((folder / name).exists() for name in TOKENS.values()):
        return True
    if srcurl is not None and not all((folder / name).exists() for name in TOKENS):
        decompressfile(folder, downloadfile(folder, srcurl, checksum=checksum).name, folder / TEST)
    if not all((folder / name).exists() for name in TOKENS):
        return False
    for name, tokens in TOKENS.items():
        _tokenise(folder / name, folder / tokens)
    return True


def _tokenise(source: Path, target: Path) -> None:
    """Write ``source`` with the words of its tweets in lower case; quotes and commas would end the field."""
    with locked(target):
        if target.exists():
            return
        log.info("cutting the tweets of %s into words", source)
        part = target.with_name(target.name + ".part")
        with open(source, encoding="latin-1", newline="") as read, open(part, "w", encoding="utf-8") as write:
            for *fields, text in csv.reader(read):
                words = (re.sub('[",]', "", word) for word in tokenize(text.lower()))
                clean = [re.sub('[",]', " ", field).strip() or "-" for field in fields]
                write.write(",".join(f'"{field}"' for field in [*clean, " ".join(filter(None, words)) or " "]) + "\n")
        os.replace(part, target)


def _cached(folder: Path, minfreq: int, seqlen: int, progress: bool) -> tuple[TweetLoader, TweetLoader]:
    import dataload
    from torch7.serialization import save

    path = folder / f"cache_{minfreq}_{seqlen}.t7"
    with locked(path):
        if path.exists() and not dataload.overwrite:
            found = load(path)
            if isinstance(found, dict) and "words" in found:
                return _restored(found)
        train, _ = Sentiment140Loader(folder / TOKENS[TRAIN], minfreq, seqlen)
        if progress:
            _report(train)
        test, _ = Sentiment140Loader(folder / TOKENS[TEST], train.vocab, seqlen)
        test.unigram = train.unigram
        train.shuffle()
        save(
            path,
            {"words": list(train.vocab), "unigram": train.unigram, "trainset": _pair(train), "testset": _pair(test)},
        )
    return train, test


def _pair(loader: TweetLoader) -> list[np.ndarray]:
    return [loader.inputs, loader.targets]


def _restored(found: dict) -> tuple[TweetLoader, TweetLoader]:
    vocab = {word: number for number, word in enumerate(found["words"], 1)}
    loaders = (TweetLoader(*found[name]) for name in ("trainset", "testset"))
    return tuple(loader.describe(vocab, found["unigram"]) for loader in loaders)


def _report(train: TweetLoader) -> None:
    print(f"Number of tweets: {train.size()}")
    print(f"Vocabulary size: {len(train.vocab)}")
    print(f"Number of occurrences replaced with {OOV}: {train.unigram[0]}")
    print(f"Size of the corpus in words: {train.unigram.sum()}")
