"""Random constructor calls of every class, then forward and backward on random input, under guard pages.

    python test/guard/constructors.py [COUNT] [--seed 1] [--only Spatial] [--seconds 170]

Any of it may be refused in words; nothing may end the process, and no error of the compiler may come through.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
import children  # noqa: E402

#: Arguments that a constructor may get, by how wrong they are.
SMALL = [1, 2, 3, 4, 5]
WRONG = [0, -1, -3, 2**31 - 1, 2**31, 2**40, 2**64, -(2**63), 1.5, 0.5, 2.0, float("nan"), float("inf"), None, True,
         False, "3", "", "nn", [], [1], [2, 3], [[1, 1], [2, 1]], {}, {"oheight": 3, "owidth": -1}, (2, 2)]  # fmt: skip
#: Constructors that take time with large numbers: a network, a table of parameters.
LARGE = 1000


def tensor(rng):
    shape = tuple(
        int(n) for n in rng.choice([0, 1, 2, 3, 4, 6], int(rng.integers(0, 5)), p=[0.04, 0.2, 0.2, 0.2, 0.2, 0.16])
    )
    kind = rng.random()
    if kind < 0.1:
        return rng.integers(-1, 5, shape)
    return rng.standard_normal(shape).astype(np.float64 if kind < 0.9 else np.float32)


def argument(rng):
    """A number that fits most of the time, else anything."""
    import nn

    kind = rng.random()
    if kind < 0.55:
        return int(rng.choice(SMALL))
    if kind < 0.9:
        return WRONG[int(rng.integers(len(WRONG)))]
    return tensor(rng) if kind < 0.95 else nn.Linear(2, 2) if kind < 0.98 else nn.Tanh()


def input_of(rng):
    kind = rng.random()
    if kind < 0.7:
        return tensor(rng)
    if kind < 0.9:
        return [tensor(rng) for _ in range(int(rng.integers(0, 4)))]
    return argument(rng)


def arguments_of(cls, rng):
    parameters = inspect.signature(cls.__init__).parameters.values()
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][1:]
    needed = sum(p.default is p.empty for p in places)
    count = int(rng.integers(needed, len(places) + 1)) if rng.random() < 0.95 else int(rng.integers(0, len(places) + 2))
    return [argument(rng) for _ in range(count)]


def like(rng, output):
    """A gradOutput: of the output's shape most of the time."""
    if isinstance(output, list | tuple):
        return [like(rng, o) for o in output]
    fits = isinstance(output, np.ndarray) and rng.random() < 0.8
    return (
        rng.standard_normal(output.shape).astype(output.dtype) if fits and output.dtype.kind == "f" else input_of(rng)
    )


def attempt(cls, seed):
    """What is unreadable in the end of a random life of an object, or None."""
    import nn

    rng = np.random.default_rng(seed)
    try:
        with np.errstate(all="ignore"):
            obj = cls(*arguments_of(cls, rng))
            for _ in range(2):
                input, target = input_of(rng), input_of(rng)
                output = obj.forward(input) if isinstance(obj, nn.Module) else obj.forward(input, target)
                obj.backward(input, like(rng, output) if isinstance(obj, nn.Module) else target)
    except Exception as error:
        return children.unreadable(error)
    return None


def jobs(only, count, seed):
    import nnx  # noqa: F401
    import rnn  # noqa: F401
    from torch7 import registry

    registered = {name: cls for name, cls in registry.registered().items() if only in name}
    classes = [c for _, c in sorted(registered.items()) if hasattr(c, "forward") or hasattr(c, "updateOutput")]
    for n in range(count):
        cls, number = classes[n % len(classes)], seed * 1_000_003 + n
        yield f"{cls.__name__} {number}", lambda cls=cls, number=number: attempt(cls, number)


if __name__ == "__main__":
    children.main(__file__, __doc__, jobs, count=2000)
