"""Linear equations: gesv, gels, trtrs, inverse; Cholesky's factors and their use: potrf, potri, potrs, pstrf.

Matrices are Float or Double; results come first as destinations where Lua allows it. A matrix that LAPACK finds
singular, or not positive definite, raises ``numpy.linalg.LinAlgError`` (a ``ValueError``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from .checks import destination
from .lapack import columns, householder, matrix, on_host, option, reflect, solve_triangle, triangle


@destination(sources=2, results=2)
@on_host
def gesv(b: Any, a: Any) -> tuple[Any, Any]:
    """``x, lu = gesv([resb, resa,] b, a)``: x of ``a x = b`` for the columns of ``b``, and the factors L and U of a.

    ``lu`` holds U on and above its diagonal and L, whose diagonal is 1, below; rows are in the order of the pivots.
    """
    b = columns("gesv", b, matrix("gesv", a, square=True))
    lu = _factors(a)
    if not (pivots := lu.diagonal()).all():
        i = int(np.flatnonzero(pivots == 0)[0]) + 1
        raise LinAlgError(f"gesv: U({i}, {i}) is 0, the matrix is singular")
    return np.linalg.solve(a, b), lu


def _factors(a: Any) -> Any:
    """LAPACK's getrf: Gaussian elimination, the largest element of the column as pivot, the first one of equals."""
    lu = a.copy()
    for k in range(len(lu)):
        pivot = k + int(abs(lu[k:, k]).argmax())
        lu[[k, pivot]] = lu[[pivot, k]]
        if lu[k, k] != 0:
            lu[k + 1 :, k] /= lu[k, k]
            lu[k + 1 :, k + 1 :] -= np.outer(lu[k + 1 :, k], lu[k, k + 1 :])
    return lu


@destination(sources=2, results=2)
@on_host
def gels(b: Any, a: Any) -> tuple[Any, Any]:
    """``x, qr = gels([resb, resa,] b, a)``: the least squares solution x (n x k) of ``a x = b`` for m x n ``a``.

    With fewer equations than unknowns it is the shortest solution. ``a`` must have full rank. ``qr`` is ``a`` as
    LAPACK leaves it: R and the reflectors of Q, or of an LQ factorisation where m < n.
    """
    b = columns("gels", b, matrix("gels", a))
    m, n = a.shape
    qr, tau = householder(a.T if m < n else a)
    r = np.triu(qr[: min(m, n)])
    if m >= n:
        return solve_triangle("gels", r, reflect(qr, tau, b, backwards=True)[:n]), qr
    x = np.zeros((n, b.shape[1]), a.dtype)
    x[:m] = solve_triangle("gels", r.T, b)
    return reflect(qr, tau, x, backwards=False), qr.T.copy()


@destination(sources=2, results=2)
@on_host
def trtrs(
    b: Any, a: Any, uplo: str | None = None, trans: str | None = None, diag: str | None = None
) -> tuple[Any, Any]:
    """``x, a = trtrs([resb, resa,] b, a, uplo, trans, diag)``: x of ``a x = b`` for a triangular ``a``.

    ``uplo`` ``'U'`` (default) or ``'L'`` is the triangle that is read; ``trans`` ``'T'`` (``'N'``) solves ``a' x = b``;
    ``diag`` ``'U'`` (``'N'``) takes the diagonal as 1.
    """
    b = columns("trtrs", b, matrix("trtrs", a, square=True))
    part = triangle(a, option("trtrs", uplo, "U", "L"))
    transposed = option("trtrs", trans, "N", "T") == "T"
    if option("trtrs", diag, "N", "U") == "U":
        np.fill_diagonal(part, 1)
    return solve_triangle("trtrs", part.T if transposed else part, b), a.copy()


@destination()
@on_host
def inverse(a: Any) -> Any:
    """``inverse([res,] a)``: the inverse of a square matrix."""
    return np.linalg.inv(matrix("inverse", a, square=True))


@destination()
@on_host
def potrf(a: Any, uplo: str | None = None) -> Any:
    """``potrf([res,] a, uplo)``: Cholesky's factor of a positive definite matrix: ``a = U' U`` (default), or ``L L'``.

    Only the triangle ``uplo`` (``'U'`` or ``'L'``) is read; the factor is 0 in the other one.
    """
    upper = option("potrf", uplo, "U", "L") == "U"
    matrix("potrf", a, square=True)
    try:
        factor = np.linalg.cholesky(a.T if upper else a)
    except LinAlgError:
        raise LinAlgError("potrf: the matrix is not positive definite") from None
    return factor.T.copy() if upper else factor


@destination()
@on_host
def potri(a: Any, uplo: str | None = None) -> Any:
    """``potri([res,] factor, uplo)``: the inverse of the matrix whose factor by :func:`potrf` is given."""
    part = triangle(matrix("potri", a, square=True), uplo := option("potri", uplo, "U", "L"))
    inner = solve_triangle("potri", part, np.eye(len(a), dtype=a.dtype))
    return inner @ inner.T if uplo == "U" else inner.T @ inner


@destination(sources=2)
@on_host
def potrs(b: Any, a: Any, uplo: str | None = None) -> Any:
    """``potrs([res,] b, factor, uplo)``: x of ``a x = b`` for the matrix a whose factor by :func:`potrf` is given."""
    b = columns("potrs", b, matrix("potrs", a, square=True))
    part = triangle(a, uplo := option("potrs", uplo, "U", "L"))
    lower = part.T if uplo == "U" else part
    return solve_triangle("potrs", lower.T, solve_triangle("potrs", lower, b))


@destination(results=2)
@on_host
def pstrf(a: Any, uplo: str | None = None, tolerance: float | None = None) -> tuple[Any, Any]:
    """``factor, pivots = pstrf([res, piv,] a, uplo, tol)``: Cholesky's factor with pivots of a semidefinite matrix.

    ``P' a P`` is ``U' U`` or ``L L'`` for the permutation ``P[pivots[k], k] = 1``; ``pivots`` (IntTensor) counts from
    1. A pivot of ``tol`` or less (default: n times the largest diagonal element times the precision) is an error.
    """
    upper = option("pstrf", uplo, "U", "L") == "U"
    part = triangle(matrix("pstrf", a, square=True), "U" if upper else "L")
    full = part + np.tril(part.T, -1) if upper else part + np.triu(part.T, 1)
    largest = float(full.diagonal().max())
    if tolerance is None or tolerance < 0:
        tolerance = len(a) * float(np.finfo(a.dtype).eps) / 2 * largest
    factor, pivots = _pivoted(full, tolerance)
    return (factor.T.copy() if upper else factor), pivots


def _pivoted(a: Any, tolerance: float) -> tuple[Any, Any]:
    """L and the order of rows, 1-based; the largest diagonal element that is left goes first."""
    n = len(a)
    lower, rest, order = np.zeros_like(a), a.copy(), np.arange(1, n + 1, dtype=np.int32)
    for k in range(n):
        pivot = k + int(rest.diagonal()[k:].argmax())
        if not rest[pivot, pivot] > (0 if k == 0 else tolerance):
            raise LinAlgError("pstrf: the matrix is rank deficient or not positive semidefinite")
        for x in (rest, rest.T, lower, order):
            x[[k, pivot]] = x[[pivot, k]]
        lower[k, k] = np.sqrt(rest[k, k])
        lower[k + 1 :, k] = rest[k + 1 :, k] / lower[k, k]
        rest[k + 1 :, k + 1 :] -= np.outer(lower[k + 1 :, k], lower[k + 1 :, k])
    return lower, order
