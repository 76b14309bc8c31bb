"""Results on one thread and on two, and beside exact ones."""

import numba
import numpy as np


def on_threads(passes):
    """What ``passes`` returns, the same for one thread and two."""
    kept, found = numba.get_num_threads(), []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(threads)
        found.append(passes())
    numba.set_num_threads(kept)
    assert all(np.array_equal(*pair) for pair in zip(*found))
    return found[0]


def check(found, expected, dtype):
    tolerance = 2e-6 if dtype == np.float32 else 1e-14
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == dtype
        assert np.abs(a - b).max() < tolerance * max(1, np.abs(b).max())
