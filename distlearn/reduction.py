"""Reducing and handing out nested tables of tensors and numbers, for :class:`distlearn.Tree`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import arrays

from . import mpi, tables
from .memory import flatten, portions, settle

#: Functions of two arguments that MPI knows.
KNOWN: dict[Any, str] = {
    None: "SUM", np.add: "SUM", operator.add: "SUM", operator.iadd: "SUM",
    np.multiply: "PROD", operator.mul: "PROD", operator.imul: "PROD",
    np.maximum: "MAX", max: "MAX", np.minimum: "MIN", min: "MIN",
    np.logical_or: "LOR", np.logical_and: "LAND",
}  # fmt: skip
#: ... and what stands for them with booleans, which MPI does not add.
BOOLEAN = {"SUM": "LOR", "MAX": "LOR", "PROD": "LAND", "MIN": "LAND"}


def name(function: Callable | None) -> str:
    """A function in words: MPI's name, or that it has to be called here."""
    return KNOWN.get(function, "a function")


def reduced(tree: Any, value: Any, function: Callable | None) -> Any:
    """``value`` of all nodes reduced by ``function``: tensors in place, numbers anew."""
    operation = name(function)
    if operation == "a function":
        return tables.walkTable(value, lambda x: _by_hand(tree, x, function))
    return tables.walkTable(value, lambda x: _travelled(x, tree, lambda flat: _by_mpi(tree, flat, operation)))


def scattered(tree: Any, value: Any, root: int) -> Any:
    """``value`` of the node of rank ``root`` on all nodes: tensors in place, numbers anew."""
    return tables.walkTable(value, lambda x: _travelled(x, tree, lambda flat: broadcast(tree, flat, root)))


def _travelled(x: Any, tree: Any, move: Callable[[Any], None]) -> Any:
    """``x`` after ``move``, which takes it flat. A number is a double, as in Lua; an int stays one where it can."""
    flat, back = flatten(x if arrays.is_array(x) else np.array(x, np.float64), tree.cudaAware)
    move(flat)
    back()
    if arrays.is_array(x):
        return x
    number = flat.item()
    return int(number) if isinstance(x, int | np.integer) and number.is_integer() else number


def _by_mpi(tree: Any, flat: Any, operation: str) -> None:
    """Reduce in MPI, whose maxima may lose a NaN: where one was stands in a mask of its own."""
    MPI, lost = mpi.mpi(), None
    if operation in ("MAX", "MIN") and flat.dtype.kind in "fc":
        lost = flat != flat
        add(tree, lost, MPI.LOR)
    add(tree, flat, getattr(MPI, BOOLEAN.get(operation, operation) if flat.dtype == bool else operation))
    if lost is not None:
        flat[lost] = np.nan


def add(tree: Any, flat: Any, operation: Any = None) -> None:
    """``flat``, a contiguous array, added over all nodes in place."""
    operation = mpi.mpi().SUM if operation is None else operation
    settle(flat)
    for part in portions(flat) if tree.numNodes > 1 else ():
        with mpi.LOCK:
            request = tree.comm.Iallreduce(tree.inPlace, part, operation)
        mpi.wait(request)


def broadcast(tree: Any, flat: Any, root: int) -> None:
    """``flat`` of the node of rank ``root`` on all nodes."""
    settle(flat)
    for part in portions(flat):
        with mpi.LOCK:
            request = tree.comm.Ibcast(part, root)
        mpi.wait(request)


def _by_hand(tree: Any, x: Any, function: Callable) -> Any:
    """Up a binary tree, where node r takes in the nodes r + 1, r + 2, r + 4 ..., and down again."""
    step = 1
    while step < tree.numNodes and tree.rank % (2 * step) == 0:
        if tree.rank + step < tree.numNodes:
            x = _taken_in(x, function(x, _receive(tree, tree.rank + step, x)))
        step *= 2
    if tree.rank:
        with mpi.LOCK:
            request = tree.comm.isend(arrays.moved(x, np, x.dtype) if arrays.is_array(x) else x, tree.rank - step)
        mpi.wait(request)
    return scattered(tree, x, 0)


def _taken_in(x: Any, result: Any) -> Any:
    """The result of a reduction, a tensor's in its own place."""
    if not arrays.is_array(x):
        return result
    if result is not None and result is not x:
        x[...] = result
    return x


def _receive(tree: Any, rank: int, like: Any) -> Any:
    """What the node of ``rank`` sends, on the device of ``like``."""
    messages: list = []

    def arrived() -> bool:
        with mpi.LOCK:
            message = tree.comm.improbe(rank)
            messages.extend([] if message is None else [message.recv()])
        return bool(messages)

    mpi.until(arrived)
    x = messages[0]
    return arrays.moved(x, arrays.array_module(like), x.dtype) if arrays.is_array(like) else x


def gathered(tree: Any, own: np.ndarray) -> np.ndarray:
    """The arrays ``own`` of all nodes, in the order of the nodes."""
    parts = np.empty((tree.numNodes, *own.shape), own.dtype)
    with mpi.LOCK:
        request = tree.comm.Iallgather(own, parts)
    mpi.wait(request)
    return parts
