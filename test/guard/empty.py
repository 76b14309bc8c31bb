"""Every module and criterion on inputs and targets without elements, under guard pages.

    python test/guard/empty.py [--only Spatial]

It is right to give results without elements, or to refuse in words.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parent)]
import children  # noqa: E402
from hostile import cases, flows_of  # noqa: E402


def emptied(x, axis):
    """``x`` with one size 0; every tensor of a table."""
    if isinstance(x, list | tuple):
        return [emptied(v, axis) for v in x]
    if not isinstance(x, np.ndarray) or axis >= x.ndim:
        return x
    return np.zeros((*x.shape[:axis], 0, *x.shape[axis + 1 :]), x.dtype)


def attempt(case, change):
    """What is unreadable in the passes on changed input, or None."""
    from nn.testing import Case

    try:
        with np.errstate(all="ignore"):
            if isinstance(case, Case):
                module, input = case.module(), change(case.data())
                output = module.forward(input)
                module.backward(input, flows_of(output))
            else:
                criterion, (input, target) = case.criterion(), case.data()
                criterion.forward(change(input), change(target))
                criterion.backward(change(input), change(target))
    except Exception as error:
        return children.unreadable(error)
    return None


def jobs(only):
    import nnx  # noqa: F401
    import rnn  # noqa: F401

    for name, case in cases():
        if only in name:
            shown = str(case).replace("\n", " ")  # makes the module, so once
            for axis in range(5):
                yield (
                    f"{name} axis {axis} [{shown}]",
                    lambda case=case, axis=axis: attempt(case, lambda x: emptied(x, axis)),
                )
            yield f"{name} vector [{shown}]", lambda case=case: attempt(case, lambda x: np.zeros(0))


if __name__ == "__main__":
    children.main(__file__, __doc__, jobs)
