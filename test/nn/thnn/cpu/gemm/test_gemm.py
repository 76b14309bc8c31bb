"""The matrix product and Linear's kernels against extended precision."""

import importlib
import itertools

import numba
import numpy as np
import pytest

from nn import thnn
from nn.thnn.cpu.gemm.gemm import gemm

TOLERANCE = {np.dtype(np.float32): 2e-6, np.dtype(np.float64): 4e-15}
SHAPES = [(1, 1, 1), (3, 5, 7), (50, 70, 300), (33, 65, 513), (3, 700, 40), (200, 9, 257), (300, 1100, 17)]
#: A last panel of one vector of columns, a last block of terms that is deeper than the others, and both.
SHAPES += [(40, 48, 96), (64, 33, 320), (24, 80, 600)]
#: Few rows or few terms: each form of them, with ends in every direction.
SHAPES += [(1, 513, 130), (8, 130, 790), (20, 67, 300), (32, 67, 90), (5, 3000, 9), (2100, 70, 5), (9, 600, 8)]


def normal(rng, shape, dtype):
    return rng.normal(size=shape).astype(dtype)


def error(x, exact):
    return np.abs(x - exact).max() / max(np.abs(exact).max(), 1)


def for_threads(function):
    """The result for one thread and for two, which must be equal bit for bit."""
    kept = numba.get_num_threads()
    results = []
    for n in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(n)
        results.append(function())
    numba.set_num_threads(kept)
    for a, b in zip(*results):
        assert np.array_equal(a, b)
    return results[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("m, n, k", SHAPES)
def test_product(m, n, k, dtype):
    rng = np.random.default_rng(0)
    for transA, transB in itertools.product((False, True), repeat=2):
        a = normal(rng, (k, m) if transA else (m, k), dtype)
        b = normal(rng, (n, k) if transB else (k, n), dtype)
        start, bias = normal(rng, (m, n), dtype), normal(rng, n, dtype)
        exact = (a.T if transA else a).astype(np.longdouble) @ (b.T if transB else b).astype(np.longdouble)
        for alpha, beta, row in ((1, 0, None), (1, 0, bias), (0.5, 1, None), (2, 0.25, bias)):

            def run(a=a, b=b, t=(transA, transB), start=start, factors=(alpha, beta), row=row):
                c = start.copy() if factors[1] else np.full_like(start, np.nan)
                gemm(c, a, b, *t, *factors, row)
                return (c,)

            (c,) = for_threads(run)
            expected = alpha * exact + beta * start + (0 if row is None else row)
            assert error(c, expected) < TOLERANCE[c.dtype], (transA, transB, alpha, beta)


def test_parts_of_larger_matrices():
    rng = np.random.default_rng(1)
    a, b, c = (normal(rng, (60, 90), np.float64) for _ in range(3))
    frame = c.copy()
    gemm(c[3:50, 5:75], a[:47, 2:62], b[:60, 10:80])
    np.testing.assert_allclose(c[3:50, 5:75], a[:47, 2:62] @ b[:60, 10:80], rtol=1e-12, atol=1e-12)
    frame[3:50, 5:75] = c[3:50, 5:75]
    assert np.array_equal(c, frame)


@pytest.mark.parametrize("transA, transB", [(False, True), (False, False), (True, False)])
def test_few_rows_of_larger_matrices(transA, transB):
    """As parts of matrices with longer rows, and nothing beside the part is written."""
    rng = np.random.default_rng(1)
    m, n, K = (301, 87, 3) if transA else (3, 301, 87)
    a, b, c = (normal(rng, (400, 400), np.float32) for _ in range(3))
    A, B = a[: K if transA else m, 1 : 1 + (m if transA else K)], b[: n if transB else K, 2 : 2 + (K if transB else n)]
    frame, exact = c.copy(), (A.T if transA else A).astype(np.float64) @ (B.T if transB else B)
    gemm(c[3 : 3 + m, 5 : 5 + n], A, B, transA, transB)
    assert error(c[3 : 3 + m, 5 : 5 + n], exact) < 2e-6
    frame[3 : 3 + m, 5 : 5 + n] = c[3 : 3 + m, 5 : 5 + n]
    assert np.array_equal(c, frame)


def test_empty_sum_and_empty_result():
    c = np.ones((2, 3))
    gemm(c, np.ones((2, 0)), np.ones((0, 3)), bias=np.arange(3.0))
    assert np.array_equal(c, [[0, 1, 2]] * 2)
    gemm(np.ones((0, 3)), np.ones((0, 4)), np.ones((4, 3)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [None, 1, 4, 33])
@pytest.mark.parametrize("inputs, outputs", [(2, 20), (20, 1), (37, 65), (700, 600)])
def test_linear(rows, inputs, outputs, dtype):
    rng = np.random.default_rng(2)
    batch = () if rows is None else (rows,)
    x, g = normal(rng, (*batch, inputs), dtype), normal(rng, (*batch, outputs), dtype)
    w, b = normal(rng, (outputs, inputs), dtype), normal(rng, outputs, dtype)
    dw, db = normal(rng, w.shape, dtype), normal(rng, b.shape, dtype)
    tolerance = TOLERANCE[x.dtype]

    def run():
        y, dx = np.full_like(g, np.nan), np.full_like(x, np.nan)
        plain, gw, gb, alone = np.empty_like(y), dw.copy(), db.copy(), dw.copy()
        thnn.Linear_updateOutput(x, y, w, b)
        thnn.Linear_updateOutput(x, plain, w, None)
        thnn.Linear_updateGradInput(g, dx, w)
        thnn.Linear_accGradParameters(x, g, gw, gb, 0.5)
        thnn.Linear_accGradParameters(x, g, alone, None, 2)
        return y, plain, dx, gw, gb, alone

    y, plain, dx, gw, gb, alone = for_threads(run)
    X, G, W = (a.astype(np.longdouble) for a in (x, g, w))
    outer = np.atleast_2d(G).T @ np.atleast_2d(X)
    assert error(y, X @ W.T + b) < tolerance
    assert error(plain, X @ W.T) < tolerance
    assert error(dx, G @ W) < tolerance
    assert error(gw, dw + 0.5 * outer) < tolerance
    assert error(gb, db + 0.5 * np.atleast_2d(G).sum(0)) < tolerance
    assert error(alone, dw + 2 * outer) < tolerance


def test_more_threads_than_tiles(monkeypatch, capfd):
    rng = np.random.default_rng(0)
    a, b = normal(rng, (4, 4000), np.float32), normal(rng, (4000, 30), np.float32)
    C, D = np.empty((4, 30), np.float32), np.empty((30, 4), np.float32)
    monkeypatch.setattr(importlib.import_module("nn.thnn.cpu.gemm.gemm"), "threads", lambda nanoseconds: 16)
    gemm(C, a, b)
    gemm(D, b, a, True, True)
    assert error(C, a.astype(np.float64) @ b) < 1e-5
    assert np.abs(D - C.T).max() < 1e-3
    assert "Exception" not in capfd.readouterr().err
