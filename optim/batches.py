"""Batches of whatever holds samples: a loader, arrays, a list of examples, or a function that yields batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from torch7.arrays import is_array
from torch7.random import randperm

#: How many samples, their inputs and their targets.
Batch = tuple[int, Any, Any]


def prepared(data: Any) -> Any:
    """``data`` as :func:`batches` takes it: arrays in the place of a list of examples; errors for all else."""
    return data if callable(data) or hasattr(data, "subiter") else _arrays(data)


def batches(data: Any, batchsize: int, shuffle: bool) -> Iterator[Batch]:
    """One epoch of ``data``, in random order with ``shuffle``; the last batch may be smaller.

    ``data``: a loader of dataload; a tuple ``(inputs, targets)`` of arrays, or tables of arrays, with a row for each
    sample; a list of examples ``[input, target]``; or a function that returns an iterator of ``(inputs, targets)``.
    A loader of sequences, which has no samples to be asked for, comes in its own order, ``batchsize`` steps at a time.
    """
    if callable(data) and not hasattr(data, "subiter"):
        for inputs, targets in data():
            yield len(_first(inputs)), inputs, targets
    elif not hasattr(data, "subiter"):
        yield from _rows(_arrays(data), batchsize, shuffle)
    elif shuffle and hasattr(data, "asyncPut"):  # its workers draw the samples
        yield from _counted(data.sampleiter(batchsize))
    elif shuffle and _by_number(data):
        yield from _indexed(data, batchsize)
    else:
        yield from _counted(data.subiter(batchsize))


def samples_of(data: Any) -> int | None:
    """The number of samples of an epoch, None where only the end will tell."""
    if hasattr(data, "subiter"):
        return int(data.size())
    return None if callable(data) else len(_first(_arrays(data)[0]))


def _by_number(loader: Any) -> bool:
    """Whether the loader gives samples by their numbers: the base class only says that it does not."""
    return type(loader).index.__qualname__ != "DataLoader.index"


def _indexed(loader: Any, batchsize: int) -> Iterator[Batch]:
    order, inputs, targets = randperm(loader.size()).astype(np.int64), None, None
    for start in range(0, len(order), batchsize):
        part = order[start : start + batchsize]
        inputs, targets, *_ = loader.index(part, inputs, targets)
        yield len(part), inputs, targets


def _counted(iterator: Iterator[tuple]) -> Iterator[Batch]:
    before = 0
    for k, inputs, targets, *_ in iterator:
        yield k - before, inputs, targets
        before = k


def _rows(arrays: tuple[Any, Any], batchsize: int, shuffle: bool) -> Iterator[Batch]:
    count = len(_first(arrays[0]))
    order = randperm(count).astype(np.int64) - 1 if shuffle else None
    for start in range(0, count, batchsize):
        part = slice(start, start + batchsize) if order is None else order[start : start + batchsize]
        inputs, targets = (_mapped(lambda x, part=part: x[part], table) for table in arrays)
        yield min(batchsize, count - start), inputs, targets


def _arrays(data: Any) -> tuple[Any, Any]:
    """Inputs and targets as arrays, or tables of arrays, of one length."""
    pair = isinstance(data, tuple | list) and len(data) == 2
    if not (pair and (isinstance(data, tuple) or all(is_array(x) for x in data))):
        if not isinstance(data, tuple | list) or not all(isinstance(e, tuple | list) and len(e) == 2 for e in data):
            raise TypeError(
                "optim.Trainer takes a loader, a tuple (inputs, targets) of arrays, a list of examples [input, target] "
                f"or a function that returns an iterator of batches, not {type(data).__name__}"
            )
        if not data:
            raise ValueError("optim.Trainer: the data set is empty")
        data = tuple(_stacked([example[i] for example in data]) for i in (0, 1))
    data = tuple(np.asarray(x) if isinstance(x, list) and (not x or np.isscalar(x[0])) else x for x in data)
    lengths = [len(x) for table in data for x in _leaves(table)]
    if len(set(lengths)) != 1 or not lengths[0]:
        raise ValueError(f"optim.Trainer: inputs and targets have different numbers of samples, or none: {lengths}")
    return data[0], data[1]


def _stacked(values: list) -> Any:
    """The samples of a list as one array, or table by table."""
    if isinstance(values[0], tuple | list):
        return [_stacked([value[i] for value in values]) for i in range(len(values[0]))]
    return np.stack(values)


def _mapped(function: Callable[[Any], Any], table: Any) -> Any:
    return [_mapped(function, x) for x in table] if isinstance(table, tuple | list) else function(table)


def _leaves(table: Any) -> list:
    return [leaf for x in table for leaf in _leaves(x)] if isinstance(table, tuple | list) else [table]


def _first(table: Any) -> Any:
    return _leaves(table)[0]
