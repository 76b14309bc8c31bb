"""The type of new parameters, and what ``device=`` and ``dtype=`` may be."""

from __future__ import annotations

from typing import Any

import numpy as np

_default = np.dtype(np.float32)


def get_default_dtype() -> np.dtype:
    """The type that new parameters have: float32 unless :func:`set_default_dtype` changed it."""
    return _default


def set_default_dtype(dtype: Any) -> None:
    """Let new parameters be of ``dtype``, such as ``"float64"``; ``TypeError`` unless it is a float type."""
    global _default
    _default = float_dtype(dtype)


def as_dtype(dtype: Any) -> np.dtype:
    """A NumPy type from a type, its name, ``float``, or Torch's names such as ``'torch.FloatTensor'``."""
    if isinstance(dtype, str):
        dtype = _TORCH.get(dtype, dtype.removeprefix("torch."))
        dtype = {"float": "float32", "double": "float64", "half": "float16", "long": "int64"}.get(dtype, dtype)
    return np.dtype(dtype)


def float_dtype(dtype: Any) -> np.dtype:
    """``dtype``, or the default type for None; ``TypeError`` unless it is a float type."""
    found = _default if dtype is None else as_dtype(dtype)
    if found.kind != "f":
        raise TypeError(f"nn.pytorch modules only take floating point types, got {found}")
    return found


def check_device(device: Any) -> None:
    """``ValueError`` unless ``device`` is the CPU: layers are made there."""
    if device is not None and gpu_of(device) is not None:
        raise ValueError(f"device {device!r}: layers are made on the CPU; move them by module.to({device!r})")


def gpu_of(device: Any) -> int | None:
    """The number of a GPU for 1, ``"cuda:1"`` and what prints so, None for the CPU; ``ValueError`` for others."""
    if isinstance(device, int) and not isinstance(device, bool) and device >= 0:
        return device
    kind, _, number = str(device).partition(":")
    if kind not in ("cpu", "cuda") or not (number or "0").isdecimal():
        raise ValueError(f"device {device!r}: devices are 'cpu', 'cuda' and 'cuda:0', 'cuda:1' and so on")
    return int(number or 0) if kind == "cuda" else None


_TORCH = {"torch.FloatTensor": "float32", "torch.DoubleTensor": "float64", "torch.HalfTensor": "float16"}
_TORCH |= {"torch.LongTensor": "int64", "torch.IntTensor": "int32", "torch.ByteTensor": "uint8"}
