"""Linear algebra: against LAPACK's own routines (by SciPy) where their results are fixed, else by what must hold."""

import numpy as np
import pytest
from numpy.linalg import LinAlgError
from scipy import linalg
from scipy.linalg import lapack

import torch7 as torch

RNG = np.random.default_rng(7)
SIZES = [1, 2, 3, 5, 12, 40]
TYPES = [np.float64, np.float32]


def near(got, expected, scale=1.0):
    assert got.shape == np.shape(expected)
    eps = 1e-9 if got.dtype == np.float64 else 2e-3
    np.testing.assert_allclose(got, expected, rtol=eps, atol=eps * scale)


def square(n, dtype=np.float64):
    return (RNG.standard_normal((n, n)) + n * np.eye(n)).astype(dtype)


def positive(n, dtype=np.float64):
    a = RNG.standard_normal((n, n))
    return (a @ a.T + n * np.eye(n)).astype(dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n", SIZES)
def test_gesv(n, dtype):
    a, b = RNG.standard_normal((n, n)).astype(dtype), RNG.standard_normal((n, 2)).astype(dtype)
    x, lu = torch.gesv(b, a)
    expected, _, solution, _ = lapack.get_lapack_funcs("gesv", (a,))(a, b)
    near(lu, expected, 10)
    near(a @ x, b, 10 * abs(solution).max())
    assert x.dtype == lu.dtype == dtype
    res = np.zeros((n, 2), dtype), np.zeros((n, n), dtype)
    assert torch.gesv(*res, b, a)[0] is res[0]
    np.testing.assert_array_equal(res[1], lu)
    assert torch.gesv(b[:, 0].copy(), a)[0].shape == (n, 1)


def test_gesv_takes_pivots_in_order():
    assert torch.gesv(torch.ones(3, 1), torch.Tensor([[1, 2, 4], [2, 1, 1], [-2, 3, 1]]))[1].tolist() == [
        [2, 1, 1],
        [-1, 4, 2],
        [0.5, 0.375, 2.75],
    ]
    with pytest.raises(LinAlgError, match=r"U\(2, 2\) is 0"):
        torch.gesv(torch.ones(2, 1), torch.Tensor([[1, 2], [2, 4]]))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("m, n", [(1, 1), (3, 3), (8, 2), (2, 8), (20, 7), (7, 20), (1, 4), (4, 1)])
def test_gels(m, n, dtype):
    a, b = RNG.standard_normal((m, n)).astype(dtype), RNG.standard_normal((m, 3)).astype(dtype)
    x, qr = torch.gels(b, a)
    factors, full, info = lapack.get_lapack_funcs("gels", (a,))(a, np.vstack([b, np.zeros((max(n - m, 0), 3), dtype)]))
    assert info == 0
    near(qr, factors, 10)
    near(x, full[:n], 10)
    res = np.zeros_like(x), np.zeros_like(qr)
    assert torch.gels(*res, b, a)[1] is res[1]
    np.testing.assert_array_equal(res[0], x)


def test_gels_needs_full_rank():
    with pytest.raises(LinAlgError, match="gels: element"):
        torch.gels(torch.ones(3, 1), torch.Tensor([[1, 0], [1, 0], [1, 0]]))


@pytest.mark.parametrize("uplo", [None, "U", "L"])
@pytest.mark.parametrize("trans", [None, "N", "T"])
@pytest.mark.parametrize("diag", [None, "N", "U"])
def test_trtrs(uplo, trans, diag):
    a, b = square(5), RNG.standard_normal((5, 2))
    x, copy = torch.trtrs(b, a, uplo, trans, diag)
    expected, info = lapack.dtrtrs(a, b, uplo == "L", trans == "T", diag == "U")
    assert info == 0
    near(x, expected)
    np.testing.assert_array_equal(copy, a)
    with pytest.raises(ValueError, match="trtrs takes 'U' or 'L', got 'X'"):
        torch.trtrs(b, a, "X")


def test_trtrs_of_a_singular_triangle():
    with pytest.raises(LinAlgError, match=r"element \(2, 2\)"):
        torch.trtrs(torch.ones(2, 1), torch.Tensor([[1, 2], [3, 0]]))
    assert torch.trtrs(torch.ones(2, 1), torch.Tensor([[1, 2], [3, 0]]), "U", "N", "U")[0].tolist() == [[-1], [1]]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n", SIZES)
def test_inverse(n, dtype):
    a = square(n, dtype)
    near(torch.inverse(a) @ a, np.eye(n))
    res = np.zeros_like(a)
    assert torch.inverse(res, a) is res and res.dtype == dtype
    with pytest.raises(LinAlgError):
        torch.inverse(np.zeros_like(a))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("uplo", [None, "U", "L"])
def test_cholesky(n, dtype, uplo):
    a, b = positive(n, dtype), RNG.standard_normal((n, 2)).astype(dtype)
    half = np.tril(a) if uplo == "L" else np.triu(a)  # only this triangle counts
    factor = torch.potrf(half, uplo)
    near(factor, linalg.cholesky(a.astype(float), lower=uplo == "L"), 10)
    noise = factor + (np.triu(np.ones((n, n)), 1) if uplo == "L" else np.tril(np.ones((n, n)), -1)).astype(dtype)
    near(torch.potri(noise, uplo) @ a, np.eye(n))
    near(a @ torch.potrs(b, noise, uplo), b)
    assert torch.potrs(b, factor, uplo).dtype == dtype
    res = np.zeros_like(a)
    assert torch.potrf(res, half, uplo) is res and torch.potri(res, factor, uplo) is res


def test_cholesky_of_what_is_not_positive():
    with pytest.raises(LinAlgError, match="not positive definite"):
        torch.potrf(torch.Tensor([[1, 2], [2, 1]]))
    with pytest.raises(LinAlgError, match="potri: element"):
        torch.potri(torch.zeros(2, 2))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("uplo", [None, "U", "L"])
def test_pstrf(n, dtype, uplo):
    a = positive(n, dtype)
    half = np.tril(a) if uplo == "L" else np.triu(a)
    factor, pivots = torch.pstrf(half, uplo)
    expected, order, _, info = lapack.get_lapack_funcs("pstrf", (a,))(half, lower=uplo == "L")
    assert info == 0 and pivots.dtype == np.int32
    np.testing.assert_array_equal(pivots, order)
    near(factor, np.tril(expected) if uplo == "L" else np.triu(expected), 10)
    permuted = a[pivots - 1][:, pivots - 1]
    near(factor @ factor.T if uplo == "L" else factor.T @ factor, permuted, 100)
    res = np.zeros_like(a), np.zeros(n, np.int32)
    assert torch.pstrf(*res, half, uplo)[1] is res[1]


def test_pstrf_of_a_deficient_matrix():
    a = torch.Tensor([[4, 2], [2, 1]])
    for call in (lambda: torch.pstrf(a), lambda: torch.pstrf(torch.eye(2), "U", 2), lambda: torch.pstrf(-torch.eye(1))):
        with pytest.raises(LinAlgError, match="rank deficient"):
            call()
    assert torch.pstrf(torch.Tensor([[1, 0], [0, 9]]))[1].tolist() == [2, 1]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("uplo", [None, "U", "L"])
def test_symeig(n, dtype, uplo):
    a = positive(n, dtype)
    half = np.tril(a) if uplo == "L" else np.triu(a)
    e, v = torch.symeig(half, "V", uplo)
    near(a @ v, v * e, 100)
    near(v.T @ v, np.eye(n))
    assert (np.diff(e) >= 0).all() and e.dtype == v.dtype == dtype
    values, zeros = torch.symeig(half, "N", uplo)
    near(values, e, 100)
    assert zeros.shape == (n, n) and not zeros.any()
    res = np.zeros(n, dtype), np.zeros((n, n), dtype)
    assert torch.symeig(*res, half, "V", uplo)[0] is res[0]


@pytest.mark.parametrize("n", [2, 3, 5, 12, 20])
@pytest.mark.parametrize("uplo", ["U", "L"])
def test_symeig_has_the_signs_of_syev(n, uplo):
    """Up to 25 rows the routine that Torch called and the one that NumPy calls take the same steps."""
    for _ in range(5):
        a = positive(n)
        _, expected, info = lapack.dsyev(a, lower=uplo == "L")
        assert info == 0
        near(torch.symeig(a, "V", uplo)[1], expected)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n", SIZES)
def test_eig(n, dtype):
    a = RNG.standard_normal((n, n)).astype(dtype)
    e, v = torch.eig(a, "V")
    wr, wi, _, vr, info = lapack.get_lapack_funcs("geev", (a,))(a)
    assert info == 0 and e.dtype == v.dtype == dtype
    if dtype == np.float64:  # in single precision NumPy finds them in another order
        near(e, np.stack([wr, wi], 1), 10)
        near(v, vr, 10)
    pairs = np.linalg.eig(a)
    near(np.sort(e[:, 0]), np.sort(pairs[0].real).astype(dtype), 10)
    values, none = torch.eig(a)
    near(np.sort(values, 0), np.sort(e, 0), 10)
    assert none.size == 0
    res = np.zeros((n, 2), dtype), np.ones((n, n), dtype)
    assert torch.eig(*res, a, "N")[1] is res[1] and (res[1] == 1).all()
    np.testing.assert_array_equal(res[0], values)
    assert torch.eig(*res, a, "V")[0] is res[0]
    np.testing.assert_array_equal(res[1], v)
    with pytest.raises(TypeError, match="eig takes"):
        torch.eig(a, a)


def test_eig_of_a_rotation():
    e, v = torch.eig(torch.Tensor([[0, -1], [1, 0]]), "V")
    assert e.tolist() == [[0, 1], [0, -1]]
    pair = v[:, 0] + 1j * v[:, 1]
    np.testing.assert_allclose(np.array([[0, -1], [1, 0]]) @ pair, 1j * pair, atol=1e-12)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("m, n", [(1, 1), (3, 3), (8, 2), (2, 8), (20, 7), (30, 30)])
@pytest.mark.parametrize("job", [None, "S", "A"])
def test_svd(m, n, dtype, job):
    a, k = RNG.standard_normal((m, n)).astype(dtype), min(m, n)
    u, s, v = torch.svd(a, job)
    assert (u.shape, s.shape, v.shape) == ((m, m if job == "A" else k), (k,), (n, n if job == "A" else k))
    near(u[:, :k] * s @ v[:, :k].T, a, 10)
    near(u.T @ u, np.eye(u.shape[1]))
    near(v.T @ v, np.eye(v.shape[1]))
    assert (np.diff(s) <= 0).all() and u.dtype == s.dtype == v.dtype == dtype
    res = np.zeros_like(u), np.zeros_like(s), np.zeros_like(v)
    assert torch.svd(*res, a, job)[2] is res[2]
    np.testing.assert_array_equal(res[0], u)


@pytest.mark.parametrize("job", ["S", "A"])
def test_svd_has_the_signs_of_gesvd(job):
    """Up to 25 rows or columns the routine that Torch called and the one that NumPy calls take the same steps."""
    for m in range(1, 14):
        for n in range(1, 14):
            a, k = RNG.standard_normal((m, n)), min(m, n)
            u, s, vt, info = lapack.dgesvd(a, full_matrices=job == "A")
            got = torch.svd(a, job)
            assert info == 0
            near(got[1], s)
            near(got[0][:, :k], u[:, :k])
            near(got[2][:, :k], vt.T[:, :k])


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("m, n", [(1, 1), (3, 3), (8, 2), (2, 8), (20, 7), (40, 40)])
def test_qr(m, n, dtype):
    a, k = RNG.standard_normal((m, n)).astype(dtype), min(m, n)
    geqrf, orgqr = lapack.get_lapack_funcs(("geqrf", "orgqr"), (a,))
    expected, tau, _, _ = geqrf(a)
    f, factors = torch.geqrf(a)
    near(f, expected, 10)
    near(factors, tau)
    q, r = torch.qr(a)
    near(r, np.triu(expected[:k]), 10)
    near(q, orgqr(np.ascontiguousarray(expected[:, :k]), tau)[0])
    near(torch.orgqr(f, factors), q)
    full = np.linalg.qr(a, "complete")[0]
    c, d = RNG.standard_normal((m, 3)).astype(dtype), RNG.standard_normal((2, m)).astype(dtype)
    for trans, product in (("N", full), ("T", full.T), (None, full)):
        near(torch.ormqr(f, factors, c, "L", trans), product @ c, 10)
        near(torch.ormqr(f, factors, d, "R", trans), d @ product, 10)
    res = np.zeros_like(q), np.zeros_like(r)
    assert torch.qr(*res, a)[0] is res[0]


def test_qr_keeps_the_signs_of_lapack():
    q, r = torch.qr(torch.eye(2))
    assert q.tolist() == [[1, 0], [0, 1]]
    q, r = torch.qr(torch.Tensor([[3, 1], [4, 2]]))
    assert r[0, 0] == pytest.approx(-5) and q[0, 0] == pytest.approx(-0.6)


@pytest.mark.parametrize("name", ["inverse", "potrf", "potri", "pstrf", "symeig", "eig"])
@pytest.mark.parametrize("x", [np.ones((2, 3)), np.ones(3), np.zeros((0, 0))])
def test_square_matrices_only(name, x):
    with pytest.raises(ValueError, match=f"{name} takes a square matrix, got"):
        getattr(torch, name)(x)


@pytest.mark.parametrize("name", ["inverse", "potrf", "symeig", "eig", "svd", "qr"])
@pytest.mark.parametrize("x", [np.ones((2, 2), np.int64), np.ones((2, 2), np.float16), [[1.0]]])
def test_types(name, x):
    with pytest.raises(TypeError, match=f"{name} needs FloatTensors|the matrix must be a tensor"):
        getattr(torch, name)(x)


def test_sizes_must_fit():
    a = torch.eye(3)
    for name in ("gesv", "trtrs", "gels", "potrs"):
        with pytest.raises(ValueError, match=f"{name}: sizes do not fit: 2x1"):
            getattr(torch, name)(torch.ones(2, 1), a)
        with pytest.raises(TypeError, match="one type"):
            getattr(torch, name)(torch.float(torch.ones(3, 1)), a)
    with pytest.raises(ValueError, match="orgqr: sizes"):
        torch.orgqr(a, torch.ones(4))
    with pytest.raises(ValueError, match="ormqr: sizes"):
        torch.ormqr(a, torch.ones(3), torch.ones(2, 2))
