"""Whether kernels may trade a few last digits for speed."""

from __future__ import annotations

_exact = False
_allow_tf32 = False


def exact(on: bool | None = None) -> bool:
    """Ask (without argument) or set whether convolutions sum every product directly.

    At the start it is False: 3 x 3 and 5 x 5 convolutions of many float32 planes, those of volumes with such planes,
    and those of 2 to 5 frames of sequences, use Winograd's algorithm, whose largest error is some millionths of the
    largest output instead of some ten-millionths. float64 is always exact.
    """
    global _exact
    if on is not None:
        _exact = bool(on)
    return _exact


def allow_tf32(on: bool | None = None) -> bool:
    """Ask (without argument) or set whether float32 convolutions on a GPU may round their factors to TF32, 10 bits.

    At the start it is False: every product is exact, as on the CPU. With it, from compute capability 8.0 on, tensor
    cores compute convolutions: the relative error is some 3e-4. Products of matrices stay exact.
    """
    global _allow_tf32
    if on is not None:
        _allow_tf32 = bool(on)
    return _allow_tf32
