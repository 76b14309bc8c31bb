"""Whether kernels may trade a few last digits for speed."""

from __future__ import annotations

_exact = False


def exact(on: bool | None = None) -> bool:
    """Ask (without argument) or set whether convolutions sum every product directly.

    At the start it is False: 3 x 3 and 5 x 5 convolutions of many float32 planes use Winograd's algorithm, whose
    largest error is some millionths of the largest output instead of some ten-millionths. float64 is always exact.
    """
    global _exact
    if on is not None:
        _exact = bool(on)
    return _exact
