"""What compiled kernels take, proved whenever a kernel meets arguments of new types: later calls cost nothing more.

A kernel trusts its arguments: tensors of numbers in the machine's byte order, numbers that fit a word. Anything else
would end in an error of the compiler, or be compiled for and read wrongly.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher
from numba.core.errors import NumbaError

#: Kinds of elements: floating-point numbers, integers and booleans.
KINDS = "fiub"
#: Arguments that may be None, under the names they have in every kernel.
OPTIONAL = {"weights", "bias", "gradBias"}
_proved: set[str] = set()


def prove(package: str) -> None:
    """Let every kernel of the modules of ``package`` that are loaded prove its arguments."""
    for name, module in list(sys.modules.items()):
        if name.startswith(package) and name not in _proved:
            _proved.add(name)
            for x in list(vars(module).values()):
                holders = vars(x).values() if type(x).__module__.startswith(package) and hasattr(x, "__dict__") else ()
                for dispatcher in (x, *holders):
                    if isinstance(dispatcher, Dispatcher):
                        prove_kernel(dispatcher)


def prove_kernel(dispatcher: Dispatcher) -> Dispatcher:
    """Let ``dispatcher`` prove its arguments before it is compiled for them, and return it.

    ``TypeError`` for what is unfit.
    """
    if "_compile_for_args" in vars(dispatcher):
        return dispatcher
    compile_for, parallel = dispatcher._compile_for_args, dispatcher.targetoptions.get("parallel")
    names = dispatcher.py_func.__code__.co_varnames

    def compile_proved(*arguments: Any, **more: Any) -> Callable:
        for n, x in enumerate(arguments):
            # Without a word, a parallel loop that reads elements of None is compiled to what reads any memory.
            wrong = "None" if x is None and parallel and names[n] not in OPTIONAL else unfit(x)
            if wrong:
                raise TypeError(f"kernel {dispatcher.__name__}: argument {n + 1} is {wrong}")
        try:
            return compile_for(*arguments, **more)
        except NumbaError as error:
            kinds = ", ".join(map(_described, arguments))
            raise TypeError(f"kernel {dispatcher.__name__} does not take ({kinds})") from error

    dispatcher._compile_for_args = compile_proved
    return dispatcher


def unfit(x: Any) -> str | None:
    """Why a kernel does not take ``x``, or None."""
    if isinstance(x, np.ndarray):
        if x.dtype.kind not in KINDS or not x.dtype.isnative or x.dtype == np.float16:
            return f"a tensor of {x.dtype}; use float32 or float64"
        return None
    if isinstance(x, tuple | list):
        return next(filter(None, map(unfit, x)), None)
    if isinstance(x, str | complex) or (isinstance(x, int) and not -(2**63) <= x < 2**63):
        return f"{x!r:.40}; a number is needed"
    return None


def _described(x: Any) -> str:
    return f"a {'x'.join(map(str, x.shape))} tensor of {x.dtype}" if isinstance(x, np.ndarray) else type(x).__name__
