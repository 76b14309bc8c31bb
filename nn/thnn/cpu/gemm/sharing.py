"""What the threads of a product share out."""

from __future__ import annotations

from numba.extending import register_jitable

from torch7.kernel_cache import INNER_FLAGS


@register_jitable(**INNER_FLAGS)
def by_columns_of(m, n, transA):
    """Whether the columns of C, m x n, and not its rows.

    The gradient of a weight, of A transposed, is cleared and added to the weight in consecutive parts: rows stay in
    the caches of one thread.
    """
    return 4 * m < n if transA else m <= n
