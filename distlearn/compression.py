"""Gradients in 16 bits while they travel; what rounding takes away travels with the next step's.

Source: Seide et al., 1-bit stochastic gradient descent (2014); Tang et al., DoubleSqueeze (2019).
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Float16:
    """IEEE half precision: 11 bits, up to 65504; what is larger travels in parts."""

    name, largest = "float16", 65504.0

    @staticmethod
    def encode(x: np.ndarray, out: np.ndarray) -> None:
        out.view(np.float16)[...] = x

    @staticmethod
    def decode(code: np.ndarray, out: np.ndarray) -> None:
        out[...] = code.view(np.float16)


class BFloat16:
    """The upper half of a float32: 8 bits over the whole range of float32."""

    name, largest = "bfloat16", float(np.uint32(0x7F7F0000).view(np.float32))

    @staticmethod
    def encode(x: np.ndarray, out: np.ndarray) -> None:
        """To the nearest, ties to even; NaN stays NaN, whatever its lower bits are."""
        bits = x.astype(np.float32).view(np.uint32)
        isnan = x != x
        bits += (bits >> 16 & 1) + 0x7FFF
        out[...] = bits >> 16
        out[isnan] = 0x7FC0

    @staticmethod
    def decode(code: np.ndarray, out: np.ndarray) -> None:
        out[...] = (code.astype(np.uint32) << 16).view(np.float32)


CODECS: dict[str, Any] = {"float16": Float16, "bfloat16": BFloat16}


def codec(name: str | None) -> Any:
    """The way to send numbers that is called ``name``; None for as they are."""
    if name is not None and name not in CODECS:
        raise ValueError(f"compression is None, {' or '.join(map(repr, CODECS))}, not {name!r}")
    return None if name is None else CODECS[name]


class Compressor:
    """Sends flat arrays of ``size`` elements in 16 bits and keeps what rounding took away, in ``error``."""

    def __init__(self, codec: Any, size: int, dtype: Any) -> None:
        self.codec = codec
        self.error = np.zeros(size, dtype)
        self._decoded = np.empty(size, dtype)

    @np.errstate(over="ignore", invalid="ignore")
    def encode(self, x: np.ndarray, out: np.ndarray) -> None:
        """``out`` becomes the code of ``x`` and of what is left from before; infinities and NaN leave nothing."""
        x += self.error
        largest = self.codec.largest
        sent = np.clip(x, -largest, largest, out=self._decoded)
        np.copyto(sent, x, where=np.isinf(x))
        self.codec.encode(sent, out)
        self.codec.decode(out, self._decoded)
        np.subtract(x, self._decoded, out=self.error)
        self.error[~np.isfinite(self.error)] = 0
