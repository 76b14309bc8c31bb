"""The chapter "training": ``nn.StochasticGradient``."""

from __future__ import annotations

import inspect
import math
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from torch7 import arrays, registry
from torch7.names import doubt_field
from torch7.progress_bar import Silent, progress_bar
from torch7.random import randperm

from .capture.training import Steps
from .utils import lua_number

#: What runs the steps of the trainers, beside them so that it is in no file.
_steps: weakref.WeakKeyDictionary[StochasticGradient, Steps] = weakref.WeakKeyDictionary()


class StochasticGradient:
    """Training by stochastic gradient descent, one example at a time.

    Fields: ``learningRate`` (0.01), ``learningRateDecay`` (0), ``maxIteration`` (25 epochs; 0 or less: no end),
    ``shuffleIndices`` (True), ``verbose`` (True), and the hooks ``hookExample(trainer, example)`` and
    ``hookIteration(trainer, iteration, error)``, called after every example and every epoch. ``module`` and
    ``criterion`` are what is trained. The order of examples is drawn once per :meth:`train`; epoch k > 1 uses the rate
    ``learningRate / (1 + k learningRateDecay)``. Setting another field that looks like one of these warns. An error
    that is NaN or infinite warns once in each :meth:`train`, which goes on, as in Torch.
    Source: manual chapter "training".
    """

    def __init__(self, module: Any, criterion: Any) -> None:
        for name, x in (("module", module), ("criterion", criterion)):
            if isinstance(x, type):
                raise TypeError(f"nn.StochasticGradient: {name} is the class {x.__name__}: write {x.__name__}()")
        self.learningRate = 0.01
        self.learningRateDecay: float = 0
        self.maxIteration = 25
        self.shuffleIndices = True
        self.module = module
        self.criterion = criterion
        self.verbose = True
        self.hookExample: Callable[[StochasticGradient, Any], Any] | None = None
        self.hookIteration: Callable[[StochasticGradient, int, float], Any] | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        doubt_field("nn.StochasticGradient", self, name)
        super().__setattr__(name, value)

    def train(self, dataset: Any) -> None:
        """Train on ``dataset``: a sequence of pairs ``(input, target)``.

        It is a Python list, or, as Lua scripts have it, an object with a method ``size()`` and examples ``dataset[1]``
        to ``dataset[size]``, or a dict of the examples 1, 2, ... with or without ``'size'``, a number or a function.
        Prints the mean error of every epoch.
        """
        examples = in_order(dataset, self.shuffleIndices)
        print("# StochasticGradient: training")
        iteration, rate, finite = 1, self.learningRate, True
        while True:
            error = self._epoch(dataset, examples, rate)
            if finite and not math.isfinite(error):
                finite = False
                value = "NaN" if math.isnan(error) else "infinite"
                message = f"nn.StochasticGradient: the error is {value} in iteration {iteration}, learningRate {rate:g}"
                warnings.warn(message, RuntimeWarning, stacklevel=2)
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

    def __repr__(self) -> str:
        fields = "learningRate", "learningRateDecay", "maxIteration", "shuffleIndices"
        settings = ", ".join(f"{name}={getattr(self, name)}" for name in fields)
        return f"nn.StochasticGradient({type(self.module).__name__}, {type(self.criterion).__name__}, {settings})"

    def _epoch(self, dataset: Any, examples: list, rate: float) -> float:
        """One pass over the examples; the mean of their errors."""
        steps = self._steps()
        if type(dataset) is list and self.hookExample is None:
            return steps.run(dataset, progress(examples, self.verbose), rate, _pair) / len(examples)
        total = 0.0
        for i in progress(examples, self.verbose):
            example = dataset[i]
            total += steps(*_pair(example, i), rate)
            if self.hookExample is not None:
                self.hookExample(self, example)
                steps = self._steps()
        return total / len(examples)

    def _steps(self) -> Steps:
        """What runs the steps; one for each pair of module and criterion."""
        steps = _steps.get(self)
        if steps is None or steps.module is not self.module or steps.criterion is not self.criterion:
            _steps[self] = steps = Steps(self.module, self.criterion)
        return steps


registry.register("nn.StochasticGradient", StochasticGradient)


def _pair(example: Any, i: int) -> tuple[Any, Any]:
    try:
        return example[0], example[1]
    except (TypeError, IndexError, KeyError) as e:
        message = f"nn.StochasticGradient: example {i} is no pair (input, target), it is {arrays.describe(example)}"
        raise TypeError(message) from e


def in_order(dataset: Any, shuffle: bool) -> list[int]:
    """The indices of the examples, in random order if asked; the permutation is drawn in either case."""
    size, first = _extent(dataset)
    if size < 1:
        raise ValueError("the data set is empty")
    order = randperm(size).astype(int).tolist()
    if not shuffle:
        order = list(range(1, size + 1))
    return order if first == 1 else [i - 1 for i in order]


def _extent(dataset: Any) -> tuple[int, int]:
    """The number of examples and the index of the first one: 1 where a Lua script made the data set, else 0."""
    size = getattr(dataset, "size", None)
    if size is None and isinstance(dataset, Mapping):
        size = dataset.get("size", sum(isinstance(key, int) and key >= 1 for key in dataset))
    elif not callable(size):
        return len(dataset), 0
    if callable(size):
        size = size(dataset) if inspect.signature(size).parameters else size()
    if isinstance(dataset, Mapping) and (missing := set(range(1, int(size) + 1)) - dataset.keys()):
        raise ValueError(f"the data set has no example {min(missing)} of 1..{int(size)}")
    return int(size), 1


def progress(examples: list, verbose: bool) -> Iterable[int]:
    """``examples``, under a progress bar where a terminal is there and tqdm is installed."""
    bar = progress_bar(len(examples), "example", verbose)
    return examples if isinstance(bar, Silent) else _counted(examples, bar)


def _counted(examples: list, bar: Any) -> Iterator[int]:
    for example in examples:
        yield example
        bar.update()
    bar.close()
