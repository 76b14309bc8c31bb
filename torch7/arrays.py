"""Arrays as Torch tensors: type names, default type, and buffers that are reused.

A tensor is a plain ``numpy.ndarray`` or ``cupy.ndarray``; this is the one place that imports CuPy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

CPU_TYPES = {
    "torch.DoubleTensor": np.dtype(np.float64),
    "torch.FloatTensor": np.dtype(np.float32),
    "torch.HalfTensor": np.dtype(np.float16),
    "torch.LongTensor": np.dtype(np.int64),
    "torch.IntTensor": np.dtype(np.int32),
    "torch.ShortTensor": np.dtype(np.int16),
    "torch.CharTensor": np.dtype(np.int8),
    "torch.ByteTensor": np.dtype(np.uint8),
}
CUDA_TYPES = {
    "torch.CudaTensor": np.dtype(np.float32),
    "torch.CudaDoubleTensor": np.dtype(np.float64),
    "torch.CudaHalfTensor": np.dtype(np.float16),
    "torch.CudaLongTensor": np.dtype(np.int64),
    "torch.CudaIntTensor": np.dtype(np.int32),
    "torch.CudaShortTensor": np.dtype(np.int16),
    "torch.CudaCharTensor": np.dtype(np.int8),
    "torch.CudaByteTensor": np.dtype(np.uint8),
}
_CPU_NAMES = {dtype: name for name, dtype in CPU_TYPES.items()} | {np.dtype(np.bool_): "torch.ByteTensor"}
_CUDA_NAMES = {dtype: name for name, dtype in CUDA_TYPES.items()} | {np.dtype(np.bool_): "torch.CudaByteTensor"}

_default = "torch.DoubleTensor"
_cupy: ModuleType | None = None
_when_used: list[Callable[[], None]] = []
_cuda_in_memory = False


def setdefaulttensortype(name: str) -> None:
    """Make ``name`` the type of new parameters and of tensors made without a type.

    ``name`` is ``'torch.DoubleTensor'`` (at start), ``'torch.FloatTensor'`` or another Torch type; a name that is
    not one raises ``ValueError``; one of CUDA's raises as :func:`cupy` does, and the type stays as it was.
    """
    global _default
    module_of(name)
    _default = name


def getdefaulttensortype() -> str:
    """The name set by :func:`setdefaulttensortype`."""
    return _default


def default_dtype() -> np.dtype:
    """The dtype of the default tensor type."""
    return dtype_of(_default)


def dtype_of(name: str) -> np.dtype:
    """The dtype of a Torch type name, ``'torch.FloatTensor'`` -> float32."""
    dtype = CPU_TYPES.get(name) or CUDA_TYPES.get(name)
    if dtype is None:
        raise ValueError(f"unknown tensor type {name!r}; known: {', '.join([*CPU_TYPES, *CUDA_TYPES])}")
    return dtype


def type_name(x: Any) -> str:
    """The Torch type name of an array: float32 on the CPU -> ``'torch.FloatTensor'``."""
    names = _CPU_NAMES if isinstance(x, np.ndarray) else _CUDA_NAMES
    if x.dtype not in names:
        raise TypeError(f"no Torch type holds {x.dtype} elements")
    return names[x.dtype]


def is_array(x: Any) -> bool:
    """Whether ``x`` is a NumPy or CuPy array."""
    if isinstance(x, np.ndarray):
        return True
    if _cupy is not None:
        return isinstance(x, _cupy.ndarray)
    return sys.modules.get("cupy") is not None and _is_first(x)


def _is_first(x: Any) -> bool:
    """Whether ``x`` is an array of CuPy's that a program made itself: from now on there are arrays on a GPU."""
    return isinstance(x, sys.modules["cupy"].ndarray) and cupy() is not None


def given(x: Any) -> Any:
    """``x`` if it is an array of either kind, else NumPy's array of it."""
    return x if is_array(x) else np.asarray(x)


def here(x: Any) -> np.ndarray:
    """``x`` as an array of NumPy's; one on a GPU is waited for."""
    return moved(x, np, x.dtype)


def dense(x: Any, dtype: Any = None) -> Any:
    """``x`` as a C-contiguous array, of ``dtype`` if one is given: itself where it already is one, else a copy."""
    return array_module(x).ascontiguousarray(x, dtype)


def array_module(x: Any) -> ModuleType:
    """``numpy`` or ``cupy``, whichever ``x`` belongs to."""
    return np if isinstance(x, np.ndarray) or not is_array(x) else sys.modules["cupy"]


def module_of(name: str) -> ModuleType:
    """``numpy`` or ``cupy``, whichever holds tensors of the Torch type ``name``."""
    dtype_of(name)
    return cupy() if name in CUDA_TYPES and not _cuda_in_memory else np


def keep_cuda_in_memory(keep: bool = True) -> None:
    """Let tensors of CUDA's types be NumPy arrays: for programs that call ``cuda()``, on machines without a GPU."""
    global _cuda_in_memory
    _cuda_in_memory = keep


def cuda_is_in_memory() -> bool:
    """What :func:`keep_cuda_in_memory` said."""
    return _cuda_in_memory


def cupy() -> ModuleType:
    """CuPy, imported at its first use.

    Without it an ``ImportError`` that says what to install, without a GPU or its driver a ``RuntimeError``.
    """
    if _cupy is None:
        _start_cuda()
    return _cupy


def _start_cuda() -> None:
    """Import CuPy, and tell those that asked for it that there are arrays on a GPU from now on."""
    global _cupy
    try:
        import cupy
    except ImportError as e:
        raise ImportError("CUDA tensors need CuPy: pip install 'torch7[cuda13]' (or cuda12)") from e
    if not cupy.cuda.is_available():
        raise RuntimeError(
            "CUDA tensors need an NVIDIA GPU with its driver, and CuPy finds none: "
            "stay on the CPU with float() or double()"
        )
    _cupy = cupy
    for call in _when_used:
        call()


def cuda_is_used() -> bool:
    """Whether there may be arrays on a GPU: from the first call of :func:`cupy` on."""
    return _cupy is not None


def when_cuda_is_used(call: Callable[[], None]) -> None:
    """Have ``call`` called once :func:`cuda_is_used` becomes true."""
    _when_used.append(call)


def is_array_type(kind: type) -> bool:
    """Whether ``kind`` is the class of NumPy's or CuPy's arrays, or one derived from it."""
    return issubclass(kind, np.ndarray) or (_cupy is not None and issubclass(kind, _cupy.ndarray))


def empty(name: str | None = None) -> Any:
    """A tensor without elements of type ``name`` (default: the default type), as ``torch.Tensor()``."""
    name = name or _default
    return module_of(name).empty(0, dtype_of(name))


def cast(x: Any, name: str) -> Any:
    """``x`` as a tensor of type ``name``: itself where it already is one, else a converted copy."""
    return moved(x, module_of(name), dtype_of(name))


@np.errstate(over="ignore", invalid="ignore")  # numbers out of range become infinite without a word, as in C
def moved(x: Any, xp: ModuleType, dtype: np.dtype) -> Any:
    """``x`` as an array of ``xp`` (numpy or cupy) and ``dtype``: itself where it already is one, else a copy."""
    if isinstance(x, np.ndarray) or xp is not np:
        return xp.asarray(x, dtype)
    return x.get().astype(dtype, copy=False)


def bare(x: Any) -> Any:
    """An array on a GPU as one of CuPy's own class, of the same memory."""
    return x if type(x) is cupy().ndarray else cupy().ndarray.view(x, type=cupy().ndarray)


def plain(x: Any) -> bool:
    """Whether kernels may write to ``x``: C-contiguous, aligned and writable."""
    try:
        return x.flags.carray
    except AttributeError:  # CuPy's flags
        return x.flags.c_contiguous


def resized(buffer: Any, shape: tuple[int, ...], like: Any) -> Any:
    """``buffer`` itself if it is a plain array of ``shape`` and of ``like``'s dtype and device, else a new one.

    One that lies in the memory of ``like`` is let go. The contents of a new one are undefined.
    """
    fits = type(buffer) is type(like) and buffer.shape == shape and buffer.dtype == like.dtype
    if fits and plain(buffer) and apart(buffer, like):
        return buffer
    return array_module(like).empty(shape, like.dtype)


def apart(x: Any, *others: Any) -> bool:
    """Whether no memory between the first and the last element of ``x`` belongs to one of ``others``.

    Arrays in the memory of different owners are told apart at once.
    """
    base = x.base
    owner = x if base is None else base if getattr(base, "base", x) is None else None
    for y in others:
        if y is x:
            return False
        if type(y) is np.ndarray or (y is not None and is_array(y)):
            base = y.base
            of_y = y if base is None else base if getattr(base, "base", y) is None else None
            if (of_y is owner or owner is None or of_y is None) and array_module(x).may_share_memory(x, y):
                return False
    return True


def is_expanded(x: Any) -> bool:
    """Whether ``x`` shows elements of its memory several times, so that a copy may be far larger than ``x``."""
    owner = x
    while is_array(owner.base):
        owner = owner.base
    return x.nbytes > owner.nbytes


def offset_of(x: Any, storage: Any) -> int:
    """Bytes from the start of ``storage`` to the first element of its view ``x``."""
    return address(x) - address(storage)


def address(x: Any) -> int:
    """Where the first element of ``x`` lies in memory."""
    if isinstance(x, np.ndarray):
        return x.__array_interface__["data"][0]
    return cupy().ndarray.data.__get__(x).ptr  # parameters have another "data"


def describe(x: Any) -> str:
    """``x`` in error messages: ``'3x4 torch.FloatTensor'``, or the type of what is not a tensor."""
    if is_array(x):
        size = "x".join(map(str, x.shape)) if x.ndim else "0-dimensional"
        return f"{size} {type_name(x) if x.dtype in _CPU_NAMES else x.dtype}"
    if isinstance(x, list | tuple) and _numbers(x):
        return f"a {type(x).__name__} of numbers; numpy.asarray(x) makes a tensor of it"
    if isinstance(x, list | tuple):
        entries = [describe(i) for i in x[:8]] + ["..."] * (len(x) > 8)
        return shortened("{" + ", ".join(entries) + "}")
    return "None" if x is None else type(x).__name__


def shortened(text: str, width: int = 120) -> str:
    """``text``, cut so that it stays on a line."""
    return text if len(text) <= width else text[: width - 3] + "..."


def _numbers(x: Any) -> bool:
    """Whether the first entry of the first list in ``x`` is a number."""
    while isinstance(x, list | tuple) and x:
        x = x[0]
    return isinstance(x, int | float | np.number)


def advice(x: Any, dtype: np.dtype, what: str) -> str:
    """How a tensor ``x`` and a module or criterion of ``dtype`` come together; those are of floating-point types."""
    if x.dtype not in (np.float32, np.float64):
        return f"convert it by x.astype('{dtype}')"
    return f"convert one of them, by x.astype('{dtype}') or {what}.type('{type_name(x)}')"
