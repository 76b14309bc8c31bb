"""Factorisations: eigenvalues (symeig, eig), singular values (svd), orthogonal factors (qr, geqrf, orgqr, ormqr).

Matrices are Float or Double; results come first as destinations where Lua allows it. Signs are LAPACK's: those of q
and r are fixed by its algorithm; those of eigenvectors and singular vectors are not fixed by anything and may differ
from one build of LAPACK to another.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import describe
from .checks import destination
from .lapack import householder, matrix, on_host, option, reflect


@destination(results=2)
@on_host
def symeig(a: Any, job: str | None = None, uplo: str | None = None) -> tuple[Any, Any]:
    """``e, v = symeig([rese, resv,] a, 'N' or 'V', 'U' or 'L')``: eigenvalues of a symmetric matrix, ascending.

    With ``'V'`` the columns of ``v`` are the eigenvectors; with ``'N'`` (default) ``v`` is 0. Only the triangle
    ``uplo`` (``'U'``) is read.
    """
    uplo = option("symeig", uplo, "U", "L")
    matrix("symeig", a, square=True)
    if option("symeig", job, "N", "V") == "N":
        return np.linalg.eigvalsh(a, uplo), np.zeros_like(a, order="C")
    values, vectors = np.linalg.eigh(a, uplo)
    return values, vectors


@on_host
def _eig(a: Any, job: str | None) -> tuple[Any, Any]:
    matrix("eig", a, square=True)
    if option("eig", job, "N", "V") == "N":
        values, vectors = np.linalg.eigvals(a), np.empty(0, a.dtype)
    else:
        values, vectors = np.linalg.eig(a)
        if np.iscomplexobj(vectors):
            second = values.imag < 0  # of a pair: its column holds the imaginary part of the first one
            vectors = np.where(second, -vectors.imag, vectors.real)
    return np.stack([values.real, values.imag], 1).astype(a.dtype), vectors.astype(a.dtype)


def eig(*args: Any) -> tuple[Any, Any]:
    """``e, v = eig([rese, resv,] a, 'N' or 'V')``: eigenvalues of a square matrix, n x 2: real and imaginary parts.

    With ``'V'`` the columns of ``v`` are the eigenvectors; of a pair of conjugate ones the first column holds the real
    part and the second the imaginary part. With ``'N'`` (default) ``v`` is empty, or left as it is. NumPy computes in
    double precision, for Float tensors too.
    """
    job = args[-1] if len(args) in (2, 4) else None
    tensors = args[: len(args) - (len(args) in (2, 4))]
    if len(tensors) not in (1, 3) or not (job is None or isinstance(job, str)):
        raise TypeError("eig takes ([rese, resv,] a, 'N' or 'V')")
    if len(tensors) == 3 and job != "V":
        return _values(tensors[0], tensors[2]), tensors[1]
    return _both(*tensors, job)


_both = destination(results=2)(_eig)
_values = destination(results=1)(lambda a: _eig(a, None)[0])


@destination(results=3)
@on_host
def svd(a: Any, job: str | None = None) -> tuple[Any, Any, Any]:
    """``u, s, v = svd([resu, ress, resv,] a, 'S' or 'A')``: ``a = u diag(s) v'``, s descending.

    With ``'S'`` (default) u and v have as many columns as s has elements, with ``'A'`` all.
    """
    full = option("svd", job, "S", "A") == "A"
    more, k = max(matrix("svd", a).shape), min(a.shape)
    if k > 1 and not int(1.6 * k) <= more < int(k * 11 / 6):
        u, s, vt = np.linalg.svd(a, full_matrices=full)
        return u, s, vt.T.copy()
    # LAPACK's gesvd, which Torch called, begins with a QR factorisation here; NumPy's routine does so later only
    wide = a.shape[0] < a.shape[1]
    q, r = np.linalg.qr(a.T if wide else a, "complete" if full else "reduced")
    u, s, vt = np.linalg.svd(r[:k].T if wide else r[:k])
    if k == 1:  # gesvd gives the sign to v
        u, vt = abs(u), u * vt
    q[:, :k] = q[:, :k] @ (vt.T if wide else u)
    return (u, s, q) if wide else (q, s, vt.T.copy())


@destination(results=2)
@on_host
def qr(a: Any) -> tuple[Any, Any]:
    """``q, r = qr([resq, resr,] a)``: ``a = q r``, q m x k with orthonormal columns, r k x n; k is the smaller size."""
    return tuple(np.linalg.qr(matrix("qr", a)))


@destination(results=2)
@on_host
def geqrf(a: Any) -> tuple[Any, Any]:
    """``f, tau = geqrf([resf, restau,] a)``: R of :func:`qr` in the upper triangle of ``f``, Q's reflectors below."""
    return householder(matrix("geqrf", a))


@destination(sources=2)
@on_host
def orgqr(a: Any, tau: Any) -> Any:
    """``orgqr([res,] f, tau)``: as many columns of Q as ``tau`` has elements, from the results of :func:`geqrf`."""
    start = np.eye(_reflectors("orgqr", a, tau), len(tau), dtype=a.dtype)
    return reflect(a, tau, start, backwards=False)


@destination(sources=3)
@on_host
def ormqr(a: Any, tau: Any, c: Any, side: str | None = None, trans: str | None = None) -> Any:
    """``ormqr([res,] f, tau, c, 'L' or 'R', 'N' or 'T')``: Q c, c Q, or with ``'T'`` Q' c, c Q'; f of geqrf."""
    left = option("ormqr", side, "L", "R") == "L"
    transposed = option("ormqr", trans, "N", "T") == "T"
    rows = _reflectors("ormqr", a, tau)
    if matrix("ormqr", c).shape[0 if left else 1] != rows:
        raise ValueError(f"ormqr: sizes do not fit: {describe(a)} and {describe(c)}")
    if left:
        return reflect(a, tau, c, backwards=transposed)
    return reflect(a, tau, c.T, backwards=not transposed).T.copy()


def _reflectors(name: str, a: Any, tau: Any) -> int:
    if tau.ndim != 1 or not 1 <= tau.size <= min(matrix(name, a).shape):
        raise ValueError(f"{name}: sizes do not fit: {describe(a)} and {describe(tau)}")
    return a.shape[0]
