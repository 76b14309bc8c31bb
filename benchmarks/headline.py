"""The network of dpnn's headline: two SeqLSTMs over a large vocabulary, trained by NCE, beside PyTorch.

    python -m benchmarks.headline [--words 100000] [--size 250] [--batch 128] [--seqlen 100] [--k 25] [--rounds 7]
        [--dense] [--profile]

One training step of both: forward, backward and a plain gradient step; prints the milliseconds and the words per
second. The words are drawn from Zipf's law. Ours is the network that scripts of rnn have, a Sequencer of an NCEModule,
which draws k noise words at each of the seqlen steps; PyTorch's is an Embedding with sparse gradients, an LSTM of two
layers and the same loss, on one set of k noise words for all, which costs it least. Only rows of words that occur are
updated on either side (``backwardUpdate`` here); with ``--dense`` our step is zeroGradParameters, backward and
updateParameters, which pass over the tables. ``--profile`` prints the milliseconds of every module instead.
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

import nn
import rnn  # noqa: F401
import torch7

from .timing import side_by_side

RATE = 0.1
PASSES = ("updateOutput", "updateGradInput", "accGradParameters", "accUpdateGradParameters")


def zipf(words: int) -> np.ndarray:
    return 1 / np.arange(1.0, words + 1)


class Ours:
    """A table of word vectors, two SeqLSTMs and a Sequencer of an NCEModule."""

    def __init__(self, opt: argparse.Namespace) -> None:
        self.dense, self.seqlen = opt.dense, opt.seqlen
        layers = [nn.LookupTable(opt.words, opt.size), *(nn.SeqLSTM(opt.size, opt.size) for _ in range(2))]
        scores = nn.Sequential().extend(*layers, nn.SplitTable(1))
        self.output = nn.NCEModule(opt.size, opt.words, opt.k, zipf(opt.words), 1)
        self.net = nn.Sequential().add(nn.ParallelTable().extend(scores, nn.SplitTable(1)))
        self.net.extend(nn.ZipTable(), nn.Sequencer(self.output)).float()
        self.criterion = nn.SequencerCriterion(nn.NCECriterion(), True).float()

    def step(self, words: np.ndarray, targets: np.ndarray) -> float:
        net, criterion, input = self.net, self.criterion, [words, targets]
        loss = criterion.forward(net.forward(input), list(targets))
        gradOutput = criterion.backward(net.output, list(targets))
        if self.dense:
            net.zeroGradParameters()
            net.backward(input, gradOutput)
            net.updateParameters(RATE)
        else:
            net.backwardUpdate(input, gradOutput, RATE)
        return loss


class PyTorch:
    """The same in PyTorch, with one set of noise words for the batch."""

    def __init__(self, opt: argparse.Namespace) -> None:
        import torch

        self.k, self.noise, self.peer = opt.k, torch.from_numpy(zipf(opt.words) / zipf(opt.words).sum()).float(), torch
        self.table = torch.nn.Embedding(opt.words, opt.size, sparse=True)
        self.lstm = torch.nn.LSTM(opt.size, opt.size, 2)
        self.weight = torch.nn.Embedding(opt.words, opt.size, sparse=True)
        self.bias = torch.nn.Embedding(opt.words, 1, sparse=True)
        self.weight.weight.data.uniform_(-1, 1).mul_(opt.size**-0.5)
        self.bias.weight.data.fill_(-math.log(opt.words))
        modules = self.table, self.lstm, self.weight, self.bias
        self.optimiser = torch.optim.SGD([p for m in modules for p in m.parameters()], RATE)

    def step(self, words: Any, targets: Any) -> float:
        self.optimiser.zero_grad()
        x, _ = self.lstm(self.table(words))
        loss = self.loss(x.flatten(0, 1), targets.flatten())
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def loss(self, x: Any, target: Any) -> Any:
        noise = self.peer.multinomial(self.noise, self.k, replacement=True)
        scored = (x * self.weight(target)).sum(1) + self.bias(target)[:, 0]
        others = self.peer.addmm(self.bias(noise)[:, 0], x, self.weight(noise).t())
        scored = scored - (self.k * self.noise[target]).log()
        others = others - (self.k * self.noise[noise]).log()
        softplus = self.peer.nn.functional.softplus
        return (softplus(-scored).sum() + softplus(others).sum()) / len(x)


def text(opt: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Words and the words after them, seqlen x batch."""
    p = zipf(opt.words)
    words = np.random.default_rng(0).choice(opt.words, (opt.seqlen + 1, opt.batch), p=p / p.sum()) + 1
    return words[:-1], words[1:]


def profile(model: Ours, words: np.ndarray, targets: np.ndarray, steps: int = 3) -> None:
    """The milliseconds of a step that every module and criterion takes, the largest first; inner ones count twice."""
    seconds: dict[str, float] = defaultdict(float)
    model.step(words, targets)
    modules = [m for m in model.net.listModules() if not isinstance(m, nn.Sequential | nn.ParallelTable)]
    for i, module in enumerate([*modules, model.criterion]):
        for name in PASSES:
            if hasattr(module, name):
                setattr(module, name, timed(getattr(module, name), seconds, f"{i} {module} {name}".split("\n")[0]))
    start = perf_counter()
    for _ in range(steps):
        model.step(words, targets)
    total = perf_counter() - start
    for name, value in sorted(seconds.items(), key=lambda item: -item[1]):
        print(f"{1e3 * value / steps:9.2f}  {name}")
    print(f"{1e3 * total / steps:9.2f}  the step")


def timed(method: Callable, seconds: dict[str, float], name: str) -> Callable:
    def run(*args: Any) -> Any:
        start = perf_counter()
        try:
            return method(*args)
        finally:
            seconds[name] += perf_counter() - start

    return run


def compare(opt: argparse.Namespace, model: Ours, words: np.ndarray, targets: np.ndarray) -> None:
    import torch

    torch.set_num_threads(opt.threads)
    peer = PyTorch(opt)
    x, y = torch.from_numpy(words - 1), torch.from_numpy(targets - 1)
    contestants = {"ours": lambda: model.step(words, targets), "PyTorch": lambda: peer.step(x, y)}
    for run in contestants.values():
        run()
    seconds = side_by_side(contestants, opt.rounds)
    for name, value in seconds.items():
        print(f"{name:8} {1e3 * value:7.1f} ms a step {words.size / value:8.0f} words/s")
    print(f"ratio {seconds['PyTorch'] / seconds['ours']:.2f}")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="A step of a large language model.")
    for name, value in (("words", 100_000), ("size", 250), ("batch", 128), ("seqlen", 100), ("k", 25)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dense", action="store_true", help="pass over the tables")
    parser.add_argument("--profile", action="store_true", help="where our time goes")
    opt = parser.parse_args(arguments)

    torch7.setnumthreads(opt.threads)
    torch7.manualSeed(1)
    words, targets = text(opt)
    model = Ours(opt)
    print(
        f"{opt.words} words, vectors of {opt.size}, batch {opt.batch} x {opt.seqlen}, k {opt.k}, {opt.threads} threads"
    )
    if opt.profile:
        profile(model, words, targets)
    else:
        compare(opt, model, words, targets)


if __name__ == "__main__":
    main()
