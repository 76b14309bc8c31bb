"""``torch7.graph``: steps whose compiled code is recorded and run again without Python in between.

A door: what it opens is :mod:`nn.capture`, found when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def graph(step: Callable) -> Any:
    """A function that gives the numbers of ``step``, bit for bit, in less time; it is called as ``step`` is.

    The first calls run as ever and are learnt. From then on the kernels of the passes are run from a table, until a
    shape, a type, a parameter, a mode or a module is another one: that is noticed, the modules run, and it is learnt
    anew. A step of nothing but calls of modules and a criterion is one table; of any other, each pass is one, and what
    stands between them runs as ever. What cannot be captured, such as Dropout, runs by its modules.

    The result's ``captured()`` tells what is run from tables. It belongs to the thread that calls it.
    ``TypeError`` unless ``step`` can be called.
    """
    return import_module("nn.capture").Graph(step)
