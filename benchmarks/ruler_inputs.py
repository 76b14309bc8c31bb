"""What ``benchmarks.ruler`` runs: modules, criterions, kernels and optimisers, on shapes that meet every algorithm.

A subject is ``(name, run)``: ``run(dtype)`` computes it from scratch and returns a dict of results by name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import nn
import optim
import rnn  # noqa: F401
import torch7
from nn import thnn
from nn.testing import Case, CriterionCase

from .ruler_shapes import CONVOLUTIONS, CRITERIONS, ELEMENTWISE, LABELLED, MODULES, POSITIVE, PRODUCTS, SIZES

Run = Callable[[np.dtype], dict[str, Any]]
TESTS = Path(__file__).parent.parent / "test"


def array(shape: tuple[int, ...], dtype: np.dtype, seed: int = 0, positive: bool = False) -> np.ndarray:
    x = np.random.default_rng(seed).standard_normal(shape)
    return (np.abs(x) + 0.5 if positive else x).astype(dtype)


def passes(module: nn.Module, x: Any, dtype: np.dtype) -> dict[str, Any]:
    """Output and gradients of one forward and one backward pass; the gradients of parameters start from 1."""
    module.type(torch7.typename(np.empty(0, dtype)))
    torch7.manualSeed(3)
    output = module.forward(x.copy())
    found: dict[str, Any] = {"output": output.copy()}
    for gradient in module.parameters()[1]:
        gradient[...] = 1
    module.forward(y := x.copy())
    found["gradInput"] = module.backward(y, array(output.shape, dtype, 1), 0.5)
    return found | {f"gradient {n}": g for n, g in enumerate(module.parameters()[1])}


def modules() -> Iterator[tuple[str, Run]]:
    """Every module of the tables above."""
    table = [(make, SIZES, False) for make in ELEMENTWISE] + [(make, SIZES, True) for make in POSITIVE]
    table += [(make, shapes, False) for make, shapes in MODULES]
    for n, (make, shapes, positive) in enumerate(table):
        for shape in shapes:

            def run(dtype: np.dtype, make=make, shape=shape, positive=positive) -> dict[str, Any]:
                torch7.manualSeed(2)
                return passes(make(), array(shape, dtype, positive=positive), dtype)

            torch7.manualSeed(2)
            yield f"module {n} {str(make()).partition(chr(10))[0]} {shape}", run


def lookups() -> Iterator[tuple[str, Run]]:
    """A table of words, of few and of many."""
    for count, norm in product((7, 4000), (None, 1.5)):

        def run(dtype: np.dtype, count=count, norm=norm) -> dict[str, Any]:
            torch7.manualSeed(2)
            return passes(nn.LookupTable(50, 96, None, norm), np.arange(count) * 7 % 50 + 1, dtype)

        yield f"LookupTable {count} {norm}", run


def criterions() -> Iterator[tuple[str, Run]]:
    """Every criterion on a few and on many numbers, averaged and not."""
    for (n, make), rows, average in product(enumerate(CRITERIONS + LABELLED), (7, 2000), (True, False)):

        def run(dtype: np.dtype, make=make, rows=rows, average=average) -> dict[str, Any]:
            criterion = make()
            criterion.type(torch7.typename(np.empty(0, dtype)))
            criterion.sizeAverage = average
            x, t = array((rows, 40), dtype), (array((rows, 40), dtype, 1) > 0).astype(dtype)
            if make in LABELLED:
                t = np.arange(rows) % 40 + 1
            elif isinstance(criterion, nn.BCECriterion | nn.DistKLDivCriterion):
                x = 1 / (1 + np.exp(-x))
            return {"loss": np.float64(criterion.forward(x, t)), "gradInput": criterion.backward(x, t)}

        yield f"criterion {n} {type(make()).__name__} {rows} {average}", run


def convolutions() -> Iterator[tuple[str, Run]]:
    """The convolution's entries, with what no module asks for: groups, a bias for gradInput, none forward."""
    for case in CONVOLUTIONS:

        def run(dtype: np.dtype, case=case) -> dict[str, Any]:
            batch, channels, size, outputs, kernel, stride, pad, dilation, groups = case
            sizes = zip(size, kernel, stride, pad, dilation)
            out = tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in sizes)
            x, w = array((batch, channels, *size), dtype), array((outputs, channels // groups, *kernel), dtype, 1)
            b, c, dy = (array(s, dtype, n) for n, s in ((2, (outputs,)), (3, (channels,)), (4, (batch, outputs, *out))))
            y, bare, dx, full = (np.empty_like(like) for like in (dy, dy, x, x))
            dw, db = np.ones_like(w), np.ones_like(b)
            geometry = stride, pad, dilation, groups
            thnn.Convolution_updateOutput(x, y, w, b, geometry)
            thnn.Convolution_updateOutput(x, bare, w, None, geometry)
            thnn.Convolution_updateGradInput(dy, dx, w, geometry)
            thnn.Convolution_updateGradInput(dy, full, w, geometry, c)
            thnn.Convolution_accGradParameters(x, dy, dw, db, geometry, 0.5)
            return {"y": y, "bare": bare, "dx": dx, "full": full, "dw": dw, "db": db}

        yield f"convolution {case}", run


def products() -> Iterator[tuple[str, Run]]:
    """Matrix products of every form."""
    from nn.thnn.cpu.gemm.gemm import gemm

    for m, n, K in PRODUCTS:

        def run(dtype: np.dtype, m=m, n=n, K=K) -> dict[str, Any]:
            found = {}
            for ta, tb, beta in product((False, True), (False, True), (0.0, 1.0, 0.5)):
                a, b = array((K, m) if ta else (m, K), dtype), array((n, K) if tb else (K, n), dtype, 1)
                c, bias = array((m, n + 5), dtype, 2)[:, :n], array((n,), dtype, 3)
                gemm(c, a, b, ta, tb, 0.75, beta, None if beta else bias)
                found[f"{ta} {tb} {beta}"] = c
            return found

        yield f"gemm {m} {n} {K}", run


def optimisers() -> Iterator[tuple[str, Run]]:
    """Three steps of every update that has a kernel, of few and of many parameters."""
    plain = "adadelta adagrad adam adamax asgd rmsprop rprop sgd"
    settings = [(name, {}) for name in plain.split()]
    settings += [("sgd", {"momentum": 0.9, "nesterov": True, "dampening": 0}), ("nag", {"momentum": 0.9})]
    settings += [("sgd", {"momentum": 0.9, "weightDecay": 0.1}), ("lbfgs", {"maxIter": 3}), ("cg", {"maxIter": 3})]
    for (name, keys), size in product(settings, (100, 50000)):

        def run(dtype: np.dtype, name=name, keys=keys, size=size) -> dict[str, Any]:
            x, config = array((size,), dtype), dict(keys)
            for _ in range(3):
                getattr(optim, name)(lambda x: (float((x * x).sum()) / 2, x * dtype.type(0.9)), x, config)
            return {"x": x}

        yield f"optim.{name} {keys} {size}", run


def battery() -> Iterator[tuple[str, Run]]:
    """The cases of the tests."""
    from nn.testing import criterion_battery
    from nn.testing.case import run as run_module
    from nn.testing.tensors import mapped

    def as_type(value: Any, dtype: np.dtype) -> Any:
        return mapped(lambda x: x.astype(dtype) if x.dtype == np.float64 else x, value)

    def run(dtype: np.dtype, case: Any) -> dict[str, Any]:
        if isinstance(case, CriterionCase):
            data = [as_type(x, dtype) for x in case.data()]
            made = criterion_battery.run(case.criterion().type(torch7.typename(np.empty(0, dtype))), *data)
            return {"loss": np.float64(made[0]), "gradInput": made[1]}
        module, x = case.module(), as_type(case.data(), dtype)
        found = run_module(module.type(torch7.typename(np.empty(0, dtype))), x)
        return dict(zip(("output", "gradInput", "gradients"), found))

    for path in sorted(TESTS.glob("*/cases_*.py")):
        sys.path.insert(0, str(path.parent))
        for n, case in enumerate(import_module(path.stem).CASES):
            if isinstance(case, Case | CriterionCase):
                yield f"{path.stem} {n} {case}", lambda dtype, case=case: run(dtype, case)


def subjects() -> Iterator[tuple[str, Run]]:
    for part in (modules, lookups, criterions, convolutions, products, optimisers, battery):
        yield from part()
