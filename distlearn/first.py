"""What only the first node does: logs and checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import torch7

from .tree import Tree


class Silent:
    """Stands on the other nodes for an object of the first: any method may be called and does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **named: Any) -> Silent:
        return self

    def __bool__(self) -> bool:
        return False


def onFirst(tree: Tree, function: Callable, *args: Any, **named: Any) -> Any:
    """``function(*args)`` on the first node; the others wait for it and get an object all of whose methods do nothing.

    ``log = distlearn.onFirst(tree, optim.Logger, "train.log")``. An exception there is raised on all nodes.
    """
    result, error = Silent(), None
    if tree.rank == 0:
        try:
            result = function(*args, **named)
        except Exception as e:
            error = e
    text = np.frombuffer(repr(error).encode(), np.uint8).copy()
    size = tree.scatter(0 if error is None else text.size)
    if size:
        text = tree.scatter(np.resize(text, size))
        raise error or RuntimeError(f"node 1 failed: {text.tobytes().decode()}")
    return result


def save(tree: Tree, path: Any, value: Any, format: str | None = None) -> None:
    """``torch.save(path, value)`` by the first node; when it returns the file is there for all."""
    onFirst(tree, torch7.save, path, value, *([] if format is None else [format]))
