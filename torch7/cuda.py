"""Settings of the GPU."""

from __future__ import annotations

_allow_tf32 = False


def allow_tf32(on: bool | None = None) -> bool:
    """Ask (without argument) or set whether float32 convolutions may round their factors to TF32, 10 bits.

    At the start it is False: every product is exact, as on the CPU. With it, from compute capability 8.0 on, tensor
    cores compute convolutions: the relative error is some 3e-4. Products of matrices stay exact.
    """
    global _allow_tf32
    if on is not None:
        _allow_tf32 = bool(on)
    return _allow_tf32
