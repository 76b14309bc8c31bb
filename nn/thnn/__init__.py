"""The kernels of nn, in rooms with the names of the chapters; every operation is loaded at its first use.

``thnn.Tanh_updateOutput`` is an entry of operation ``Tanh``; :mod:`nn.thnn.operation` has the table of all operations
and of the other names that THNN gives them. One rule finds a file: the module ``nn/transfer/tanh.py`` has its kernels
in ``nn/thnn/transfer/tanh.py``, their tests are in ``test/nn/thnn/transfer``, and kernels for the GPU lie beside them:
``soft_max.cu`` has the kernels and ``soft_max_cuda.py`` the functions that launch them. What is one formula of every
element is made from the CPU's. An operation without a kernel refuses arrays on a GPU by its name.

Packages outside use what this module gives and nothing behind it. Nothing is compiled, and Numba is not imported,
before the first call. Kernels do not check their arguments: arrays are C-contiguous, of one dtype and of fitting
shapes. Modules see to that, by ``resizeOutput`` and by :func:`contiguous`.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

from numpy import bool_, ndarray

from torch7 import arrays
from torch7.forking import imported

from .operation import Operation, entry


def _both_ways() -> None:
    """From the first array on a GPU on, entries look at the kind of their first argument."""
    own = globals()
    for name in [n for n, value in own.items() if n in _found and not isinstance(value, Operation)]:
        own[name] = Operation(name, own[name])


_found: set[str] = set()
arrays.when_cuda_is_used(_both_ways)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    globals()[name] = found = entry(name)
    _found.add(name)
    return found


def replaying() -> Any:
    """What records the compiled code of a computation and runs it again: ``record``, ``Program``, ``NotReplayable``."""
    return imported(f"{__name__}.cpu.replay.program")


def replaying_there() -> Any:
    """The same for computations on a GPU: ``record``, which gives a program, and ``NotReplayable``."""
    return imported(f"{__name__}.cuda.replay.program")


def drawing_there() -> Any:
    """The generators of the GPUs: ``fill``, ``manualSeed``, ``initialSeed``, ``state``, ``restore``, ``held``."""
    return imported(f"{__name__}.cuda.random.generator")


def compile_there(types: tuple[str, ...], say: Any) -> None:
    """Compile every kernel for the current GPU, for ``'float'``, ``'double'`` or both; ``say`` gets a line a file."""
    imported(f"{__name__}.cuda.texts").compile_all(types, say)


def refused(bad: Any, refuse: Callable[[int], Any]) -> None:
    """Call ``refuse`` with the place of what a kernel found wrong: at once, or for a GPU once a number is read there.

    Whoever calls has seen that it is not -1, which is nothing.
    """
    if isinstance(bad, int):
        refuse(bad)
    else:
        bad.watch(refuse)


def suspect(wrong: Any, refuse: Callable[[int], Any]) -> None:
    """Call ``refuse`` with 0 if an element of the array of truths ``wrong`` is true, as :func:`refused` does."""
    if isinstance(wrong, ndarray | bool_):
        if wrong.any():
            refuse(0)
    else:
        imported(f"{__name__}.cuda.results").suspect(wrong, refuse)


def settle() -> None:
    """Tell the first of what :func:`refused` has to tell about calls on a GPU."""
    imported(f"{__name__}.cuda.results").settle()


def quotient(total: Any, count: Any) -> Any:
    """``total / count``, or for sums on a GPU the same as a number that stays there."""
    if isinstance(total, float):
        return total / count
    return imported(f"{__name__}.cuda.results").quotient(total, count)


def number(x: Any) -> Any:
    """A sum as a float; on a GPU, where it is an array, as a number that stays there until it is asked for."""
    if isinstance(x, Number):
        return float(x)
    results = imported(f"{__name__}.cuda.results")
    return results.result(results.Held(x))


def contiguous(x: Any) -> Any:
    """``x`` as kernels take it: C-contiguous, writable, in the machine's byte order; else a copy that is.

    The byte order must be proved here: Numba 0.68 takes an array of the other order for native where it comes in a
    tuple, as all arguments of a kernel over ranges do, or after a misaligned array.
    """
    try:
        if x.dtype.isnative:
            return x if x.flags.carray else x.copy(order="C")
        return x.astype(x.dtype.type, order="C")
    except AttributeError:  # None, and CuPy's flags
        if x is None:
            return x
        x = arrays.bare(x)
        return x if arrays.plain(x) else x.copy(order="C")


def copy_back(copy: Any, x: Any) -> None:
    """Copy what a kernel added to ``copy``, which is ``contiguous(x)`` in any shape, back to ``x``."""
    if copy is not x:
        x[...] = copy.reshape(x.shape)
