"""A bigram language model on Python's own manual: noise-contrastive estimation beside the full softmax.

    python -m benchmarks.nce [--epochs 3] [--k 100] [--size 64] [--vocabularies 10000 30000 100000]

The text is that of ``help()`` (CPython's documentation topics, 465 kB) and the docstrings of the standard library:
10 704 different words in CPython 3.11, a tenth of the lines held out. Both models start from the same parameters, see
the same batches and take plain gradient steps, NCE for twice as many epochs. Prints the perplexity of the held-out
words and the time of training, after each epoch, then the time of a training step for larger vocabularies.
"""

from __future__ import annotations

import argparse
import ast
import math
import re
import sysconfig
import time
from functools import partial
from itertools import pairwise
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np

import dpnn
import nn
import torch7 as torch

from .timing import side_by_side

BATCH = 128


def text() -> list[str]:
    """The lines of Python's documentation."""
    lines = "\n".join(topics[name] for name in sorted(topics)).splitlines()
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(errors="replace"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                lines += (ast.get_docstring(node) or "").splitlines()
    return lines


def pairs(lines: list[str]) -> tuple[np.ndarray, np.ndarray, int]:
    """Pairs (word, next word) by number, of nine tenths of the lines and of the rest; the size of the vocabulary."""
    numbers: dict[str, int] = {}
    parts: tuple[list, list] = [], []
    for i, line in enumerate(lines):
        words = [numbers.setdefault(word, len(numbers) + 1) for word in re.findall(r"\w+|[^\w\s]", line)]
        parts[i % 10 == 9].extend(pairwise(words))
    return np.array(parts[0]), np.array(parts[1]), len(numbers)


class FullSoftMax:
    """A table of word vectors, a Linear and a softmax over all words."""

    def __init__(self, words: int, size: int) -> None:
        self.net = nn.Sequential().add(nn.LookupTable(words, size))
        self.net.add(nn.Linear(size, words)).add(nn.LogSoftMax()).float()
        self.criterion = nn.ClassNLLCriterion().float()

    def step(self, words: np.ndarray, targets: np.ndarray, rate: float) -> None:
        self.criterion.forward(self.net.forward(words), targets)
        self.net.zeroGradParameters()
        self.net.backward(words, self.criterion.backward(self.net.output, targets))
        self.net.updateParameters(rate)

    def loss(self, words: np.ndarray, targets: np.ndarray) -> float:
        return self.criterion.forward(self.net.forward(words), targets)


class NCE:
    """The same table, with an NCEModule in the place of Linear and softmax; only words that were drawn are updated."""

    def __init__(self, words: int, size: int, k: int, unigrams: np.ndarray) -> None:
        self.table = nn.LookupTable(words, size)
        self.output = nn.NCEModule(size, words, k, unigrams, 1)
        self.output.logsoftmax = True
        self.net = nn.Sequential().add(nn.ParallelTable().add(self.table).add(nn.Identity())).add(self.output).float()
        self.criterion = nn.NCECriterion().float()

    def step(self, words: np.ndarray, targets: np.ndarray, rate: float) -> None:
        vectors = self.table.forward(words)
        input = [vectors, targets]
        self.criterion.forward(self.output.forward(input), targets)
        gradOutput = self.criterion.backward(self.output.output, targets)
        gradInput = self.output.backwardUpdate(input, gradOutput, rate)
        self.table.accUpdateGradParameters(words, gradInput[0], rate)

    def loss(self, words: np.ndarray, targets: np.ndarray) -> float:
        self.output.evaluate().normalized = True
        scores = self.net.forward([words, targets])
        self.output.training().normalized = False
        return -float(scores[np.arange(len(targets)), targets - 1].mean(dtype=np.float64))


def perplexity(model: FullSoftMax | NCE, data: np.ndarray) -> float:
    total = sum(model.loss(part[:, 0], part[:, 1]) * len(part) for part in batches(data))
    return math.exp(total / len(data))


def batches(data: np.ndarray) -> list[np.ndarray]:
    return [np.ascontiguousarray(data[i : i + BATCH]) for i in range(0, len(data), BATCH)]


def train(
    model: FullSoftMax | NCE, data: np.ndarray, held_out: np.ndarray, epochs: int, rate: float, name: str
) -> float:
    """Train and print; returns the seconds of all steps."""
    torch.manualSeed(2)
    seconds = 0.0
    for epoch in range(epochs):
        order = batches(data[torch.randperm(len(data)) - 1])
        start = time.perf_counter()
        for i, part in enumerate(order):
            progress = (epoch + i / len(order)) / epochs
            model.step(part[:, 0], part[:, 1], rate * (1 - 0.95 * progress))
        seconds += time.perf_counter() - start
        print(f"{name:12} epoch {epoch + 1}  held-out perplexity {perplexity(model, held_out):7.1f}  {seconds:6.1f} s")
    return seconds


def unigrams_of(data: np.ndarray, words: int) -> np.ndarray:
    return np.bincount(data[:, 1], minlength=words + 1)[1:] + 0.1


def models(words: int, size: int, k: int, unigrams: np.ndarray) -> tuple[FullSoftMax, NCE]:
    """Both models with the same small parameters."""
    torch.manualSeed(1)
    full, nce = FullSoftMax(words, size), NCE(words, size, k, unigrams)
    nce.table.weight *= 0.1
    nce.output.weight *= 0.1
    for a, b in zip(full.net.parameters()[0], nce.net.parameters()[0]):
        a[...] = b
    return full, nce


def compare(opt: argparse.Namespace) -> None:
    data, held_out, words = pairs(text())
    print(f"{len(data)} pairs of {words} words, {len(held_out)} held out; batches of {BATCH}, k = {opt.k}")
    full, nce = models(words, opt.size, opt.k, unigrams_of(data, words))
    quick = train(nce, data, held_out, 2 * opt.epochs, opt.rate, "NCE")
    slow = train(full, data, held_out, opt.epochs, opt.rate, "full softmax")
    ratio = perplexity(nce, held_out) / perplexity(full, held_out)
    print(f"perplexity of NCE / full softmax {ratio:.3f}, time {quick / slow:.3f}")


def steps(opt: argparse.Namespace) -> None:
    print("vocabulary   full softmax       NCE   (ms for a training step)")
    for words in opt.vocabularies:
        torch.manualSeed(1)
        full, nce = models(words, opt.size, opt.k, 1 / np.arange(1.0, words + 1))
        x, y = (torch.random(np.empty(BATCH, np.int64), 1, words) for _ in range(2))
        contestants = {"full": partial(full.step, x, y, 0.1), "nce": partial(nce.step, x, y, 0.1)}
        seconds = side_by_side(contestants, rounds=7)
        print(f"{words:10} {1e3 * seconds['full']:14.2f} {1e3 * seconds['nce']:9.3f}")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Noise-contrastive estimation beside the full softmax.")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--k", type=int, default=100)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--rate", type=float, default=5)
    parser.add_argument("--vocabularies", type=int, nargs="*", default=[10_000, 30_000, 100_000])
    opt = parser.parse_args(arguments)
    print(f"dpnn {dpnn.version}, {torch.getnumthreads()} threads")
    compare(opt)
    steps(opt)


if __name__ == "__main__":
    main()
