"""Every field of every module and criterion replaced by hostile values, under guard pages.

    python test/guard/hostile.py [--only SpatialConv] [--only "Linear = big-endian"] [--seconds 170]

A job is a case of the battery, one of its fields, a value, and the moment of the change: before the first pass, between
forward and backward, or after both. It is right if it ends in an error that a user can read, or if it computes what the
untouched field gives where the value means the same. A child that dies is a crash.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
TABLES = sorted(HERE.parent.glob("*/cases_*.py"))
sys.path[:0] = [str(HERE), str(HERE.parent.parent), *sorted({str(table.parent) for table in TABLES})]

import children  # noqa: E402

HIDDEN = {"_type", "_dtype", "train", "shared"}
#: Fields whose type says what the module does: Copy converts to that of its results.
TYPED = {"Copy": ("output", "gradInput")}
MOMENTS = ("new", "between", "used")


NUMBERS = {
    "-1": -1, "0": 0, "2": 2, "7": 7, "1000": 1000, "2^31": 2**31, "2^40": 2**40, "2^64": 2**64, "-2^63": -(2**63),
    "1.5": 1.5, "nan": float("nan"), "inf": float("inf"), "-inf": -float("inf"),
}  # fmt: skip
OTHERS = {
    "None": None, "text": "3", "list": [], "list of one": [1], "dict": {}, "object": object(), "True": True,
    "class": dict, "number": 3, "tensor": np.ones((2, 2)), "places": np.array([[10**6, -5]]),
}  # fmt: skip


def big_endian(x):
    return x.astype(x.dtype.newbyteorder(">"))


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def strided(x):
    wide = np.zeros((*x.shape, 2), x.dtype)
    wide[..., 0] = x
    return wide[..., 0]


def misaligned(x):
    memory = np.zeros(x.nbytes + 8, np.uint8)
    first = (1 - memory.ctypes.data) % 8  # guarded memory begins at any address
    y = memory[first : first + x.nbytes].view(x.dtype).reshape(x.shape) if x.size else x.copy()
    y[...] = x
    return y


#: Tensors that mean the same, and tensors that do not.
SAME = {
    "strided": strided, "Fortran": np.asfortranarray, "reversed": lambda x: x[::-1].copy()[::-1] if x.ndim else x,
    "read-only": read_only, "misaligned": misaligned, "big-endian": big_endian,
    "float32": lambda x: x.astype(np.float32), "float16": lambda x: x.astype(np.float16),
    "int64": lambda x: x.astype(np.int64), "int32": lambda x: x.astype(np.int32),
    "list": lambda x: x.tolist(),
}  # fmt: skip
SPOILT = {
    "empty": lambda x: x[:0].reshape(-1), "flat and short": lambda x: x.reshape(-1)[:-1].copy(),
    "a row more": lambda x: np.concatenate([x, x[:1]]) if x.ndim else x,
    "a row less": lambda x: x[:-1].copy() if x.ndim else x,
    "flat": lambda x: x.reshape(-1).copy(), "turned": lambda x: np.ascontiguousarray(x.T),
    "0-dimensional": lambda x: np.array(x.reshape(-1)[0] if x.size else 1, x.dtype), "an axis more": lambda x: x[None],
    "complex": lambda x: x.astype(complex), "bool": lambda x: x.astype(bool), "objects": lambda x: x.astype(object),
    "nan": lambda x: np.full_like(x, np.nan if x.dtype.kind == "f" else -(2**31)),
    "huge": lambda x: np.full_like(x, 2**62 if x.dtype.kind == "i" else 1e30), "negative": lambda x: -abs(x) - 1,
    "zero": np.zeros_like,
}  # fmt: skip


def cases():
    """One or two cases of each class."""
    from nn.testing import Case

    seen = {}
    for table in TABLES:
        for case in import_module(table.stem).CASES:
            made = case.module() if isinstance(case, Case) else case.criterion()
            name = type(made).__name__
            seen[name] = seen.get(name, 0) + 1
            if seen[name] <= 2:
                yield name, case


def flows_of(output):
    """A gradOutput for an output."""
    from nn.testing.case import gradient_like

    return gradient_like(output)


def runner(case):
    """(new object, three moments of its run): each a function of the object that returns results."""
    from nn.testing import Case
    from nn.testing.case import forward, gradient_like
    from nn.testing.tensors import copied

    if not isinstance(case, Case):

        def both(criterion, change, moment):
            input, target = case.data()
            for number in range(2):
                change(MOMENTS[2 * number] == moment)
                loss = criterion.forward(input, target)
                change(number == 0 and moment == "between")
                gradient = criterion.backward(input, target)
            return [np.float64(loss), copied(gradient)]

        return case.criterion, both

    def passes(module, change, moment):
        input = case.data()
        for number in range(2):
            change(MOMENTS[2 * number] == moment)
            output = forward(module, copied(input))
            change(number == 0 and moment == "between")
            if number == 0:
                module.zeroGradParameters()
            gradInput = module.backward(copied(input), gradient_like(output), 0.5)
            results = [copied(output), copied(gradInput)]
            if hasattr(module, "forget"):
                module.forget()
        module.updateParameters(0.1)
        return [*results, copied(module.parameters()[1])]

    return case.module, passes


def values_for(held):
    """(label, value, whether it means the same) for a field that holds ``held``."""
    if isinstance(held, np.ndarray):
        for label, change in SAME.items():
            yield label, change, True
        for label, change in SPOILT.items():
            yield label, change, False
    elif isinstance(held, bool) or held is None or not isinstance(held, int | float):
        pass
    else:
        yield "as float", float(held), True
        yield "as float32", np.float32(held), True
        yield "as array", np.array(held), True
        for label, value in NUMBERS.items():
            yield label, value, False
    for label, value in OTHERS.items():
        yield label, value, False


def agree(found, expected):
    from nn.testing.tensors import flat

    a, b = flat(found), flat(expected)
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-5, atol=1e-6, equal_nan=True)


def job(make, run, expected, name, change, same, moment):
    """What is wrong after one change, or None."""
    obj = make()
    exact = True

    def swap(now):
        nonlocal exact
        if now and name in vars(obj):
            held = vars(obj)[name]
            value = change(held) if callable(change) and isinstance(held, np.ndarray) else change
            exact = not isinstance(held, np.ndarray) or np.array_equal(value, held)
            setattr(obj, name, value)

    try:
        with np.errstate(all="ignore"):
            results = run(obj, swap, moment)
    except Exception as error:
        return children.unreadable(error)
    if same and exact and not agree(results, expected):
        return "another result"
    return None


#: Results in the place of what the same pass reads.
ALIASES = [("output", "input"), ("output", "weight"), ("gradInput", "input"), ("gradInput", "gradOutput"),
           ("gradInput", "weight"), ("gradInput", "output")]  # fmt: skip


def life(case, name=None, other=None, view=False):
    """Results of a second pass before which the field ``name`` was set to ``other``, or to a view of it."""
    from nn.testing.case import gradient_like
    from nn.testing.tensors import copied
    from torch7 import manualSeed

    manualSeed(1)
    module, x = case.module(), case.data()
    g = gradient_like(module.forward(x))
    module.backward(x, g)
    module.zeroGradParameters()
    if hasattr(module, "forget"):
        module.forget()
    arrays = {"input": x, "gradOutput": g, "weight": vars(module).get("weight"), "output": module.output}
    if view:
        arrays = {name: a[...] if isinstance(a, np.ndarray) else a for name, a in arrays.items()}
    held = vars(module).get(name)
    if name and not (isinstance(held, np.ndarray) and isinstance(arrays[other], np.ndarray)):
        return None
    if name == "output":
        module.output = arrays[other]
    output = copied(module.forward(x))
    if name == "gradInput":
        module.gradInput = arrays[other]
    return [output, copied(module.backward(x, g)), copied(module.parameters()[1])]


def alias_job(case, name, other, view):
    """What is wrong after one array was put in two places, or None."""
    try:
        with np.errstate(all="ignore"):
            found, expected = life(case, name, other, view), life(case)
    except Exception as error:
        return children.unreadable(error)
    return None if found is None or agree(found, expected) else "another result"


def alias_jobs(only):
    from nn.testing import Case

    for cls, case in cases():
        if only in cls and isinstance(case, Case):
            shown = str(case).replace("\n", " ")  # makes the module, so once
            for name, other in ALIASES:
                for view in (False, True):
                    label = f"{cls}.{name} = {'a view of ' * view}{other} [{shown}]"
                    yield label, lambda a=(case, name, other, view): alias_job(*a)
            yield from memory_jobs(cls, case, shown)


def memory_jobs(cls, case, shown):
    """Every float buffer of a module in one memory with its output, and with its gradInput: no pass may crash."""
    from nn.testing.case import gradient_like

    module, x = case.module(), case.data()
    module.backward(x, gradient_like(module.forward(x)))
    held = [name for name, value in vars(module).items() if isinstance(value, np.ndarray)]
    for name in held:
        for other in ("output", "gradInput"):
            if other in held and name != other:
                yield f"{cls}.{name} beside {other} [{shown}]", lambda a=(case, name, other): memory_job(*a)


def memory_job(case, name, other):
    """What is unreadable after two fields were put in one memory, or None."""
    from nn.testing.case import gradient_like

    try:
        with np.errstate(all="ignore"):
            module, x = case.module(), case.data()
            g = gradient_like(module.forward(x))
            module.backward(x, g)
            fields = vars(module)[name], vars(module)[other]
            memory = np.zeros(max(a.nbytes for a in fields), np.uint8)
            for field, a in zip((name, other), fields):
                memory[: a.nbytes] = a.reshape(-1).view(np.uint8)
                setattr(module, field, memory[: a.nbytes].view(a.dtype).reshape(a.shape))
            for _ in range(2):
                if hasattr(module, "forget"):
                    module.forget()
                module.forward(x)
                module.backward(x, g)
    except Exception as error:
        return children.unreadable(error)
    return None


def mislead():
    """Let Numba 0.68 meet misaligned arrays: from then on it takes those of another byte order for native ones."""
    import numba

    take = numba.njit(lambda x: x.size)
    for dtype in (np.float64, np.float32, np.int64):
        for axes in range(1, 6):
            take(misaligned(np.ones((2,) * axes, dtype)))


def jobs(only):
    import nnx  # noqa: F401
    import rnn  # noqa: F401

    mislead()
    only, _, value = map(str.strip, only.partition("="))
    if not value:
        yield from alias_jobs(only)
    for cls, case in cases():
        if only not in cls:
            continue
        make, run = runner(case)
        expected = run(make(), lambda now: None, None)
        used, shown = make(), str(case).replace("\n", " ")
        run(used, lambda now: None, None)
        for name, held in sorted(vars(used).items()):
            if name in HIDDEN or name in TYPED.get(cls, ()):
                continue
            for label, change, same in values_for(held):
                if value not in label:
                    continue
                for moment in MOMENTS:
                    yield (
                        f"{cls}.{name} = {label} ({moment}) [{shown}]",
                        lambda a=(make, run, expected, name, change, same, moment): job(*a),
                    )


if __name__ == "__main__":
    children.main(__file__, __doc__, jobs, seconds=170)
