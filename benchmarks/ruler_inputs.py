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

Run = Callable[[np.dtype], dict[str, Any]]
TESTS = Path(__file__).parent.parent / "test"

SIZES = [(1,), (37,), (5, 300), (400, 500)]
ELEMENTWISE: list[Callable[[], nn.Module]] = [
    *(getattr(nn, name) for name in ("Tanh", "Sigmoid", "ELU", "HardTanh", "HardShrink", "SoftShrink", "SoftPlus")),
    *(getattr(nn, name) for name in ("SoftSign", "LogSigmoid", "ReLU", "ReLU6", "Exp", "Square", "Abs")),
    *(getattr(nn, name) for name in ("TanhShrink", "SoftMax", "LogSoftMax", "SoftMin", "PReLU", "RReLU", "LeakyReLU")),
    lambda: nn.Threshold(0.25, -1),
    lambda: nn.Threshold(0.25, -1, True),
    lambda: nn.RReLU().evaluate(),
    lambda: nn.Clamp(-0.5, 0.75),
    lambda: nn.Power(2),
    lambda: nn.Mul(),
    lambda: nn.Normalize(2),
    lambda: nn.Max(1),
    lambda: nn.Min(1),
    lambda: nn.Mean(1),
]
POSITIVE: list[Callable[[], nn.Module]] = [nn.Sqrt, nn.Log]

#: Modules and the shapes of their inputs.
MODULES: list[tuple[Callable[[], nn.Module], list[tuple[int, ...]]]] = [
    (lambda: nn.PReLU(6), [(3, 6, 5, 5), (3, 6, 70, 70)]),
    (nn.GatedLinearUnit, [(8,), (64, 400), (900, 200)]),
    (nn.SpatialSoftMax, [(3, 5, 7), (4, 20, 60, 60)]),
    (nn.SpatialLogSoftMax, [(3, 5, 7), (4, 20, 60, 60)]),
    (nn.SoftMax, [(3, 5, 7), (4, 20, 60, 60), (7, 10000)]),
    (nn.LogSoftMax, [(7, 10000), (300, 10)]),
    (lambda: nn.Linear(5, 3), [(5,), (1, 5), (4, 5), (200, 5)]),
    (lambda: nn.Linear(37, 20), [(37,), (8, 37), (64, 37)]),
    (lambda: nn.Linear(20, 17, False), [(20,), (9, 20)]),
    (lambda: nn.Linear(500, 450), [(500,), (128, 500), (3, 500)]),
    (lambda: nn.Linear(700, 300, False), [(700,), (600, 700)]),
    (lambda: nn.LinearWeightNorm(40, 30), [(40,), (20, 40)]),
    (lambda: nn.Cosine(40, 30), [(40,), (20, 40)]),
    (lambda: nn.Euclidean(40, 30), [(40,), (20, 40), (300, 40)]),
    (lambda: nn.WeightedEuclidean(40, 30), [(40,), (20, 40), (300, 40)]),
    (lambda: nn.BatchNormalization(33), [(7, 33), (600, 33)]),
    (lambda: nn.BatchNormalization(1024, 1e-5, 0.1, False), [(128, 1024)]),
    (lambda: nn.BatchNormalization(33).evaluate(), [(7, 33), (600, 33)]),
    (lambda: nn.SpatialBatchNormalization(5), [(2, 5, 3, 4), (20, 5, 40, 40)]),
    (lambda: nn.SpatialBatchNormalization(5).evaluate(), [(2, 5, 3, 4), (20, 5, 40, 40)]),
    (lambda: nn.VolumetricBatchNormalization(5), [(2, 5, 3, 4, 5)]),
    (lambda: nn.LayerNormalization(30), [(20, 30)]),
    (lambda: nn.Max(2, 2), [(3, 4, 5), (60, 70, 80)]),
    (lambda: nn.Min(1, 2), [(4, 5), (60, 70, 80)]),
    (lambda: nn.Max(3, 3), [(3, 4, 5), (60, 70, 80)]),
    (lambda: nn.SpatialMaxPooling(2, 2), [(3, 8, 8), (9, 16, 32, 32), (2, 3, 13, 37)]),
    (lambda: nn.SpatialMaxPooling(3, 3, 2, 2, 1, 1).ceil(), [(2, 3, 13, 37), (8, 16, 55, 55)]),
    (lambda: nn.SpatialMaxPooling(5, 3, 1, 2), [(2, 3, 13, 37)]),
    (lambda: nn.SpatialDilatedMaxPooling(3, 3, 2, 1, 1, 1, 2, 1), [(2, 3, 13, 17), (8, 16, 40, 40)]),
    (lambda: nn.SpatialAveragePooling(2, 2, 2, 2), [(3, 8, 8), (9, 16, 32, 32), (2, 3, 13, 37)]),
    (lambda: nn.SpatialAveragePooling(3, 3, 2, 2, 1, 1).ceil(), [(2, 3, 13, 37), (8, 16, 55, 55)]),
    (lambda: nn.SpatialAveragePooling(3, 3, 2, 1, 1, 1).setCountExcludePad(), [(2, 3, 13, 37)]),
    (lambda: nn.SpatialAveragePooling(7, 7), [(2, 3, 13, 37), (8, 16, 40, 40), (4, 64, 7, 7)]),
    (lambda: nn.SpatialAdaptiveMaxPooling(5, 4), [(3, 9, 11), (8, 16, 40, 41)]),
    (lambda: nn.SpatialAdaptiveAveragePooling(5, 4), [(3, 9, 11), (8, 16, 40, 41)]),
    (lambda: nn.SpatialFractionalMaxPooling(2, 2, 4, 5), [(3, 9, 11), (2, 16, 40, 41)]),
    (lambda: nn.VolumetricFractionalMaxPooling(2, 2, 2, 4, 5, 3), [(3, 9, 11, 7)]),
    (lambda: nn.SpatialLPPooling(3, 2, 2, 2), [(3, 9, 11), (4, 3, 30, 31)]),
    (lambda: nn.VolumetricMaxPooling(2, 2, 2), [(2, 4, 6, 8), (4, 6, 10, 22, 24)]),
    (lambda: nn.VolumetricMaxPooling(3, 2, 3, 2, 1, 2, 1, 1, 1), [(2, 5, 6, 8), (4, 6, 10, 22, 24)]),
    (lambda: nn.VolumetricDilatedMaxPooling(2, 2, 2, 1, 1, 1, 0, 0, 0, 2, 1, 2), [(2, 5, 6, 8)]),
    (lambda: nn.VolumetricAveragePooling(2, 2, 2), [(2, 4, 6, 8), (4, 6, 10, 22, 24)]),
    (lambda: nn.VolumetricAveragePooling(3, 2, 3, 2, 1, 2), [(2, 5, 6, 8), (4, 6, 10, 22, 24)]),
    (lambda: nn.TemporalMaxPooling(3, 2), [(9, 5), (6, 90, 100)]),
    (lambda: nn.SpatialCrossMapLRN(5), [(7, 9, 9), (4, 40, 30, 30)]),
    (lambda: nn.SpatialSubSampling(3, 3, 2, 2, 1), [(3, 9, 9), (4, 3, 60, 60)]),
    (lambda: nn.TemporalSubSampling(5, 3, 2), [(9, 5), (6, 90, 5)]),
    (lambda: nn.TemporalConvolution(5, 7, 3), [(9, 5), (6, 90, 5)]),
    (lambda: nn.TemporalConvolution(64, 96, 5, 2), [(9, 64), (6, 90, 64)]),
    (lambda: nn.TemporalRowConvolution(5, 3), [(9, 5), (6, 90, 5)]),
    (lambda: nn.TemporalRowConvolution(64, 3, 2, True), [(64, 9), (6, 64, 90)]),
    (lambda: nn.SpatialConvolution(1, 6, 5, 5), [(1, 32, 32), (32, 1, 32, 32)]),
    (lambda: nn.SpatialConvolution(6, 16, 5, 5), [(32, 6, 14, 14)]),
    (lambda: nn.SpatialConvolution(64, 64, 3, 3, 1, 1, 1, 1), [(4, 64, 17, 18)]),
    (lambda: nn.SpatialConvolution(20, 33, 3, 3, 2, 2, 1, 1), [(4, 20, 17, 18), (20, 9, 11)]),
    (lambda: nn.SpatialConvolution(64, 40, 1, 1), [(4, 64, 17, 18)]),
    (lambda: nn.SpatialFullConvolution(33, 20, 4, 4, 2, 2, 1, 1), [(4, 33, 9, 8)]),
    (lambda: nn.SpatialFullConvolution(24, 3, 4, 4, 2, 2, 1, 1), [(4, 24, 9, 8), (24, 3, 3)]),
    (lambda: nn.SpatialDilatedConvolution(20, 33, 3, 3, 1, 1, 2, 2, 2, 2), [(4, 20, 17, 18)]),
    (lambda: nn.VolumetricConvolution(5, 18, 3, 3, 3, 1, 2, 1, 1, 1, 1), [(2, 5, 6, 9, 10)]),
    (lambda: nn.VolumetricFullConvolution(18, 5, 3, 3, 3, 2, 2, 2, 1, 1, 1), [(2, 18, 4, 5, 6)]),
    (lambda: nn.SpatialDepthWiseConvolution(6, 3, 3, 3), [(2, 6, 20, 21)]),
    (lambda: nn.SpatialConvolutionLocal(3, 5, 19, 21, 3, 3, 2, 1, 1, 1), [(3, 21, 19), (20, 3, 21, 19)]),
    (lambda: nn.SpatialConvolutionMap(nn.tables.random(6, 9, 4), 5, 5), [(6, 14, 15), (20, 6, 34, 35)]),
    (lambda: nn.SpatialConvolutionMap(nn.tables.full(3, 4), 3, 2, 2, 1), [(6, 3, 34, 35)]),
    (lambda: nn.SpatialFullConvolutionMap(nn.tables.random(6, 9, 4), 5, 5, 2, 2), [(6, 9, 10), (20, 6, 14, 15)]),
    (lambda: nn.SpatialUpSamplingNearest(3), [(2, 5, 6), (4, 5, 30, 31)]),
    (lambda: nn.SpatialUpSamplingBilinear(3), [(2, 5, 6), (4, 5, 30, 31)]),
    (lambda: nn.SpatialReflectionPadding(1, 2, 3, 1), [(2, 5, 6), (4, 5, 30, 31)]),
    (lambda: nn.SpatialReplicationPadding(1, 2, 3, 1), [(2, 5, 6), (4, 5, 30, 31)]),
    (lambda: nn.VolumetricReplicationPadding(1, 2, 3, 1, 2, 2), [(2, 5, 6, 7)]),
    (lambda: nn.Sequential().add(nn.SplitTable(1)).add(nn.MM()), [(2, 9, 9), (2, 3, 70, 70)]),
    (lambda: nn.Sequential().add(nn.SplitTable(1)).add(nn.MM(True, False)), [(2, 9, 9), (2, 3, 70, 70)]),
    (lambda: nn.Sequential().add(nn.SplitTable(1)).add(nn.Bilinear(30, 30, 20)), [(2, 40, 30)]),
    (lambda: nn.SeqLSTM(7, 5), [(4, 3, 7)]),
    (lambda: nn.SeqLSTM(40, 48), [(9, 20, 40)]),
    (lambda: nn.SeqLSTM(128, 128), [(6, 150, 128)]),
    (lambda: masked(nn.SeqLSTM(40, 48)), [(9, 20, 40)]),
    (lambda: nn.SeqLSTMP(40, 48, 24), [(9, 20, 40)]),
    (lambda: nn.SeqGRU(7, 5), [(4, 3, 7)]),
    (lambda: nn.SeqGRU(40, 48), [(9, 20, 40)]),
    (lambda: nn.SeqGRU(128, 128), [(6, 150, 128)]),
    (lambda: masked(nn.SeqGRU(40, 48)), [(9, 20, 40)]),
    (lambda: nn.Sequencer(nn.LSTM(7, 5)), [(4, 3, 7), (4, 7)]),
    (lambda: nn.Sequencer(nn.LSTM(40, 64)), [(6, 70, 40)]),
    (lambda: nn.Sequencer(nn.FastLSTM(40, 64)), [(6, 70, 40)]),
    (lambda: nn.Sequencer(nn.GRU(7, 5)), [(4, 3, 7), (4, 7)]),
    (lambda: nn.Sequencer(nn.GRU(40, 64)), [(6, 70, 40)]),
]

CRITERIONS: list[Callable[[], nn.Criterion]] = [
    *(getattr(nn, f"{name}Criterion") for name in ("Abs", "MSE", "SmoothL1", "DistKLDiv", "BCE", "SoftMargin")),
    nn.MultiLabelSoftMarginCriterion,
    nn.MarginCriterion,
    nn.HingeEmbeddingCriterion,
]
LABELLED: list[Callable[[], nn.Criterion]] = [
    *(nn.ClassNLLCriterion, nn.CrossEntropyCriterion, nn.MultiMarginCriterion),
    lambda: nn.ClassNLLCriterion(np.linspace(0.5, 1, 40)),
    lambda: nn.MultiMarginCriterion(2, np.linspace(0.5, 1, 40), 0.5),
]

# images, planes, size, outputs, kernel, stride, pad, dilation, groups
CONVOLUTIONS = [
    (3, 32, (20, 21), 48, (3, 3), (2, 1), (1, 1), (1, 1), 1),
    (2, 24, (12, 13), 36, (3, 3), (1, 1), (1, 1), (1, 1), 2),
    (2, 6, (11, 13), 8, (3, 3), (2, 2), (2, 1), (2, 1), 2),
    (3, 7, (9, 9), 7, (3, 3), (1, 1), (1, 1), (1, 1), 7),
    (19, 2, (12, 40), 3, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (2, 3, (50,), 4, (5,), (2,), (1,), (1,), 1),
    (2, 40, (50,), 70, (5,), (2,), (1,), (1,), 1),
    (2, 2, (5, 6, 20), 2, (2, 3, 3), (1, 2, 1), (1, 0, 1), (1, 1, 2), 1),
    (2, 9, (6, 5, 7), 41, (3, 2, 3), (1, 2, 1), (1, 0, 1), (1, 1, 2), 1),
    (2, 12, (14, 14), 6, (5, 5), (1, 1), (0, 0), (1, 1), 1),
    (3, 3, (60, 61), 64, (11, 11), (4, 4), (2, 2), (1, 1), 1),
    (3, 3, (60, 61), 64, (7, 7), (2, 2), (3, 3), (1, 1), 1),
    (2, 512, (5, 5), 48, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (5, 64, (13, 9), 64, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (3, 80, (8, 8), 96, (3, 3), (1, 1), (0, 0), (1, 1), 1),
    (2, 64, (14, 15), 64, (5, 5), (1, 1), (2, 2), (1, 1), 1),
    (5, 256, (6, 6), 256, (3, 3), (1, 1), (1, 1), (1, 1), 1),
]
# m, n, K
PRODUCTS = [(1, 1, 1), (3, 5, 7), (20, 33, 17), (130, 70, 300), (7, 500, 260), (500, 9, 31), (64, 128, 0)]


def masked(module: Any) -> Any:
    module.maskzero = True
    return module


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
