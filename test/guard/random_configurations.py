"""Random configurations of modules under guard pages: no element out of bounds, and the same numbers every way.

    python test/guard/random_configurations.py [COUNT] [--seed 1] [--only SpatialConvolution] [--side end]

Every configuration runs forward and backward in double, is held against differences of its loss, then runs in float,
twice, and with inputs that lie in memory in other ways. A process that dies is a finding, with the line of the kernel.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
import children  # noqa: E402
from oracles import CANCELLING, INEXACT, OUTPUTS  # noqa: E402

STEP = 1e-6
#: Whose numbers are no continuous function of the input, or are drawn.
WITHOUT_DIFFERENCES = {"SpatialBinaryConvolution"}
FLOAT = {"ConvolutionOf3x3": 1e-3}
#: Whose choices, drawn in the module's type, are others in float.
DRAWN = {"FractionalMaxPooling"}
#: The least that differences are measured by.
FLOOR = 1e-3


def every(function, x):
    return [every(function, v) for v in x] if isinstance(x, list | tuple) else function(x)


def leaves(x):
    return [leaf for v in x for leaf in leaves(v)] if isinstance(x, list | tuple) else [x]


def drawn(rng, shapes):
    """Numbers that float holds too, of a shape or a list of shapes."""
    if isinstance(shapes, list):
        return [drawn(rng, shape) for shape in shapes]
    return rng.standard_normal(shapes).astype(np.float32).astype(np.float64)


def strided(x):
    wide = np.empty(tuple(2 * n for n in x.shape), x.dtype)[tuple(slice(None, None, 2) for _ in x.shape)]
    wide[...] = x
    return wide


def reversed_in_memory(x):
    backwards = (slice(None, None, -1),) * x.ndim
    return np.ascontiguousarray(x[backwards])[backwards]


def misaligned(x):
    memory = np.empty(x.nbytes + 1, np.uint8)
    y = np.frombuffer(memory.data, x.dtype, x.size, 1).reshape(x.shape)
    y.flags.writeable = True
    y[...] = x
    return y


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def first_axis_last(x):
    return np.moveaxis(np.moveaxis(x, 0, -1).copy(), -1, 0)


LAYOUTS = (strided, reversed_in_memory, misaligned, read_only, np.asfortranarray, first_axis_last)


class Run:
    """A module and its last passes."""

    def __init__(self, make, kind, values=None):
        self.module = getattr(make(), kind)()
        for n, p in enumerate(self.module.parameters()[0]):
            p[...] = (
                drawn(np.random.default_rng(n), p.shape) * min(0.5, 4 / np.sqrt(p.size))
                if values is None
                else values[n]
            )
        self.dtype = self.module.output.dtype if hasattr(self.module.output, "dtype") else np.dtype(kind)

    def parameters(self):
        return [p.copy() for p in self.module.parameters()[0]]

    def __call__(self, x, g):
        """Output, gradInput and gradients of the parameters; ``g`` makes gradOutput of the output."""
        module = self.module
        module.zeroGradParameters()
        if hasattr(module, "forget"):
            module.forget()
        output = every(np.copy, module.forward(x))
        gradInput = every(np.copy, module.backward(x, g(output)))
        return output, gradInput, [q.copy() for q in module.parameters()[1]]


def apart(found, expected, tolerance, terms):
    """Where results differ by more than ``tolerance`` of the largest number, or None.

    What seems to differ is held against the sizes of its terms, too, see :func:`terms_of`.
    """
    for n, name in enumerate(("output", "gradInput", "gradients")):
        for m, (one, other) in enumerate(zip(leaves(found[n]), leaves(expected[n]), strict=True)):
            if one.shape != other.shape:
                return f"{name}: {one.shape} and {other.shape}"
            if not np.array_equal(pixelless(one), pixelless(other)):
                return f"{name}: other windows without pixels"
            one, other = (np.where(pixelless(x), 0, x) for x in (one, other))
            scale = max(np.abs(other).max(initial=0), FLOOR)
            difference = np.abs(one.astype(float) - other).max(initial=0)
            if not difference <= tolerance * scale:
                cancelling, moves = terms()
                scale = max(scale, cancelling[n], moves[n][m])
                if not difference <= tolerance * scale:
                    return f"{name} differs by {difference:.3g} of {scale:.3g}"
    return None


def pixelless(x):
    """Where a pooling met no pixel: the lowest number of a type, or the mean of nothing."""
    return ~(np.abs(x) < 1e30)


def terms_of(make, name, x, g, seed):
    """How large the terms are that make up each result.

    First what the formula says where terms cancel altogether, then by how much the results of a double module move, per
    unit, when every number moves by a millionth of its size up or down.
    """
    rng = np.random.default_rng(seed)

    def moved(a):
        return a * (1 + STEP * rng.choice([-1.0, 1.0], a.shape))

    run = Run(make, "double")
    flows = []

    def kept(output):
        flows.append(g(output))
        return flows[-1]

    before = run(x, kept)
    cancelling = CANCELLING[name](run.module, x, flows[0]) if name in CANCELLING else (0, 0, 0)
    for p in run.module.parameters()[0]:
        p[...] = moved(p)
    after = run(every(moved, x), lambda output: every(moved, g(output)))
    with np.errstate(invalid="ignore"):
        moves = [[np.abs(b - a)[~pixelless(a)].max(initial=0) / STEP for a, b in zip(leaves(p), leaves(q))]
                 for p, q in zip(before, after)]  # fmt: skip
    return cancelling, moves


def slope(name, run, x, g, results, seed):
    """What is wrong with gradInput, as a difference of the loss along a random direction tells it."""
    rng = np.random.default_rng(seed)
    direction = every(lambda a: rng.standard_normal(a.shape), x)
    flow = every(lambda a: np.where(pixelless(a), 0, g(a)), results[0])

    def loss(step):
        if hasattr(run.module, "forget"):
            run.module.forget()
        moved = [a + step * d for a, d in zip(leaves(x), leaves(direction))]
        output = run.module.forward(moved if isinstance(x, list) else moved[0])
        return sum(float((a[b != 0] * b[b != 0]).sum()) for a, b in zip(leaves(output), leaves(flow)))

    products = [a * d for a, d in zip(leaves(results[1]), leaves(direction))]
    analytic, scale = sum(float(p.sum()) for p in products), sum(float(np.abs(p).sum()) for p in products) + 0.01
    count = sum(a.size for a in leaves(results[0]))
    tolerance = 1e-5 + INEXACT[name](run.module, results[0]) if name in INEXACT else 1e-5
    for step in (STEP, STEP / 30):  # a kink within the first is hardly ever within the second, too
        numeric = (loss(step) - loss(-step)) / (2 * step)
        if abs(numeric - analytic) <= tolerance * scale + 1e-12 / step * np.sqrt(count):
            return None
    return f"gradInput gives the slope {analytic:.9g}, the loss {numeric:.9g}"


def check(name, seed):
    """What is wrong with configuration number ``seed`` of a generator, or None."""
    from configurations import GENERATORS

    import torch7

    rng = np.random.default_rng(seed)
    arguments, make, shape = GENERATORS[name](rng)
    torch7.manualSeed(seed)
    label = f"{name}{tuple(arguments)} on {shape}: "
    x = drawn(rng, shape)
    flows = {}

    def g(output):
        return every(lambda o: flows.setdefault(o.shape, drawn(rng, o.shape)).astype(o.dtype), output)

    kept = every(np.copy, x)
    double = Run(make, "double")
    first = double(x, g)
    if not all(map(np.array_equal, leaves(kept), leaves(x))):
        return label + "the input was changed"
    if not all(np.isfinite(a).all() for a in leaves(first if name not in OUTPUTS else first[1:])):
        return label + "numbers that are not finite"
    if name in OUTPUTS and (wrong := unlike(first[0], OUTPUTS[name](double.module, x))):
        return label + wrong
    if name not in WITHOUT_DIFFERENCES and (wrong := slope(name, double, x, g, first, seed)):
        return label + wrong
    torch7.manualSeed(seed)
    float_ = Run(make, "float", double.parameters())
    numbers, x = x, every(lambda a: a.astype(np.float32), x)
    single = float_(x, g)
    terms = cache(lambda: terms_of(make, name, numbers, g, seed))
    if name in DRAWN:
        wrong = unlike(single[0], OUTPUTS[name](float_.module, x))
    else:
        wrong = apart(single, first, FLOAT.get(name, 3e-4), terms)
    if wrong:
        return f"{label}float: {wrong}"
    if wrong := apart(float_(x, g), single, 1e-6, terms):
        return f"{label}a second time: {wrong}"
    for n in rng.choice(len(LAYOUTS), 2, replace=False):
        layout = LAYOUTS[n]
        if wrong := apart(float_(every(layout, x), lambda o, layout=layout: every(layout, g(o))), single, 1e-5, terms):
            return f"{label}{layout.__name__}: {wrong}"
    return None


def unlike(found, expected):
    """What is wrong with the output of a pooling, or None."""
    if found.shape != expected.shape:
        return f"output: {found.shape} instead of {expected.shape}"
    if not np.allclose(found, expected, 1e-12, 1e-12, equal_nan=True):
        return f"output differs by {np.nanmax(np.abs(found - expected)):.3g} from the definition"
    return None


def jobs(only, count, seed):
    from configurations import GENERATORS

    names = [name for name in GENERATORS if only in name]
    for n in range(count):
        name, number = names[n % len(names)], seed * 1_000_003 + n
        yield f"{name} {number}", lambda name=name, number=number: check(name, number)


if __name__ == "__main__":
    children.main(__file__, __doc__, jobs, count=2000)
