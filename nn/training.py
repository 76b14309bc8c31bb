"""The chapter "training": ``nn.StochasticGradient``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from torch7 import registry
from torch7.random import randperm

from .utils import lua_number


class StochasticGradient:
    """Training by stochastic gradient descent, one example at a time.

    Fields: ``learningRate`` (0.01), ``learningRateDecay`` (0), ``maxIteration`` (25 epochs; 0 or less: no end),
    ``shuffleIndices`` (True), ``verbose`` (True), and the hooks ``hookExample(trainer, example)`` and
    ``hookIteration(trainer, iteration, error)``, called after every example and every epoch. ``module`` and
    ``criterion`` are what is trained. The order of examples is drawn once per :meth:`train`; epoch k > 1 uses the rate
    ``learningRate / (1 + k learningRateDecay)``. Source: manual chapter "training".
    """

    def __init__(self, module: Any, criterion: Any) -> None:
        self.learningRate = 0.01
        self.learningRateDecay = 0
        self.maxIteration = 25
        self.shuffleIndices = True
        self.module = module
        self.criterion = criterion
        self.verbose = True
        self.hookExample: Callable[[StochasticGradient, Any], Any] | None = None
        self.hookIteration: Callable[[StochasticGradient, int, float], Any] | None = None

    def train(self, dataset: Any) -> None:
        """Train on ``dataset``: a sequence of pairs ``(input, target)``.

        It is a Python list, or an object as Lua scripts have it, with a method ``size()`` and examples ``dataset[1]``
        to ``dataset[size]``. Prints the mean error of every epoch.
        """
        examples = in_order(dataset, self.shuffleIndices)
        print("# StochasticGradient: training")
        iteration, rate = 1, self.learningRate
        while True:
            error = self._epoch(dataset, examples, rate)
            if self.hookIteration is not None:
                self.hookIteration(self, iteration, error)
            if self.verbose:
                print("# current error = " + lua_number(error))
            iteration += 1
            rate = self.learningRate / (1 + iteration * self.learningRateDecay)
            if 0 < self.maxIteration < iteration:
                break
        print("# StochasticGradient: you have reached the maximum number of iterations")
        print("# training error = " + lua_number(error))

    def _epoch(self, dataset: Any, examples: list, rate: float) -> float:
        """One pass over the examples; the mean of their errors."""
        module, criterion = self.module, self.criterion
        total = 0.0
        for i in progress(examples, self.verbose):
            example = dataset[i]
            input, target = example[0], example[1]
            total += criterion.forward(module.forward(input), target)
            module.updateGradInput(input, criterion.updateGradInput(module.output, target))
            module.accUpdateGradParameters(input, criterion.gradInput, rate)
            if self.hookExample is not None:
                self.hookExample(self, example)
        return total / len(examples)


registry.register("nn.StochasticGradient", StochasticGradient)


def in_order(dataset: Any, shuffle: bool) -> list[int]:
    """The indices of the examples, in random order if asked; the permutation is drawn in either case."""
    lua = callable(getattr(dataset, "size", None))
    size = dataset.size() if lua else len(dataset)
    if size < 1:
        raise ValueError("the data set is empty")
    order = randperm(size).astype(int).tolist()
    if not shuffle:
        order = list(range(1, size + 1))
    return order if lua else [i - 1 for i in order]


def progress(examples: list, verbose: bool) -> Iterable[int]:
    """``examples`` under a progress bar where a terminal is there and tqdm is installed."""
    if not verbose or not sys.stderr.isatty():
        return examples
    try:
        from tqdm import tqdm
    except ImportError:
        return examples
    return tqdm(examples, leave=False, unit="example")
