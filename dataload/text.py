"""Words and their numbers."""

from __future__ import annotations

import itertools
import os
import platform
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

OOV = "<OOV>"
_ids = itertools.count(1)


def buildVocab(
    tokens: Sequence[str], minfreq: int | None = None
) -> tuple[dict[str, int], dict[int, str], dict[str, int]]:
    """``vocab`` (word to number), ``ivocab`` (number to word) and ``wordfreq`` (word to count) of a list of words.

    Numbers start at 1, in the order of the words' bytes. Words that occur less than ``minfreq`` times are left out;
    their total count is that of the word ``<OOV>``, which then has the last number.

    >>> buildVocab(["b", "a", "b", "c"], 2)
    ({'b': 1, '<OOV>': 2}, {1: 'b', 2: '<OOV>'}, {'b': 2, '<OOV>': 2})
    """
    if isinstance(tokens, str) or not all(isinstance(token, str) for token in tokens):
        raise TypeError("buildVocab expects a list of strings")
    counts = Counter(tokens)
    kept = sorted((word for word in counts if counts[word] >= (minfreq or -1)), key=str.encode)
    wordfreq = {word: counts[word] for word in kept}
    dropped = len(tokens) - sum(wordfreq.values())
    if dropped:
        wordfreq[OOV] = dropped + wordfreq.get(OOV, 0)
    vocab = {word: number for number, word in enumerate(wordfreq, 1)}
    return vocab, {number: word for word, number in vocab.items()}, wordfreq


def text2tensor(tokens: Sequence[str], vocab: Mapping[str, int]) -> np.ndarray:
    """The numbers of ``tokens`` as int32, that of ``<OOV>`` for words not in ``vocab``.

    Raises ``KeyError`` for such a word if the vocabulary has no ``<OOV>``.
    """
    numbers = np.fromiter((vocab.get(token, 0) for token in tokens), np.int32, len(tokens))
    unknown = np.flatnonzero(numbers == 0)
    if unknown.size:
        if OOV not in vocab:
            raise KeyError(f"{tokens[unknown[0]]!r} is not in the vocabulary, which has no {OOV}")
        numbers[unknown] = vocab[OOV]
    return numbers


def buildBigrams(dataset: Any) -> dict[int, dict[str, np.ndarray]]:
    """For each word the words that follow it: ``{"index": int64, "prob": float32}`` with relative frequencies.

    ``dataset`` is a loader of word numbers whose ``subiter(1)`` gives inputs and targets of 1 x batchsize.
    """
    pairs: Counter = Counter()
    for _, inputs, targets in dataset.subiter(1):
        pairs.update(zip(inputs.ravel().tolist(), targets.ravel().tolist()))
    bigrams: dict[int, dict[str, Any]] = {}
    for (word, follower), count in sorted(pairs.items()):
        entry = bigrams.setdefault(int(word), {"index": [], "prob": []})
        entry["index"].append(follower)
        entry["prob"].append(count)
    for entry in bigrams.values():
        counts = np.array(entry["prob"], np.float32)
        entry["index"], entry["prob"] = np.array(entry["index"], np.int64), counts / counts.sum()
    return bigrams


def splitString(text: str, sep: str | None = None) -> list[str]:
    """The pieces of ``text`` between the characters of ``sep`` (``:``), without empty ones."""
    sep = sep or ":"
    return [piece for piece in text.translate({ord(c): sep[0] for c in sep}).split(sep[0]) if piece]


def getNumberOfLines(path: str | os.PathLike) -> int:
    """The number of lines of a file."""
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def hostname() -> str:
    """The name of this machine."""
    return platform.node()


def uniqueid(namespace: str | None = None, separator: str | None = None) -> str:
    """A name for an experiment: ``namespace`` (the machine's name), time and a counter, joined by ``separator`` (:)."""
    return (separator or ":").join([namespace or hostname(), str(int(time.time())), str(next(_ids))])
