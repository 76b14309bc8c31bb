"""Initialisers with PyTorch's names and draws (manual, "torch.nn.init"): each fills an array and returns it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from . import random
from .parameter import plain

_GAINS = {"sigmoid": 1.0, "tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}
_GAINS |= dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d"), 1.0)
_GAINS |= {f"conv_transpose{n}d": 1.0 for n in (1, 2, 3)}


def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """The factor that keeps the variance through a nonlinearity; ``param`` is the slope of ``'leaky_relu'``."""
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {slope} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return _GAINS[nonlinearity]


def _fans(tensor: Any) -> tuple[int, int]:
    """Inputs and outputs of a weight: the second and the first size, times the size of the window."""
    if tensor.ndim < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Any:
    """U(a, b)."""
    random.uniform_(plain(tensor), a, b, generator)
    return tensor


def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Any:
    """N(mean, std^2)."""
    random.normal_(plain(tensor), mean, std, generator)
    return tensor


def trunc_normal_(
    tensor: Any, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> Any:
    """N(mean, std^2) with values outside [a, b] drawn anew, the whole array for every redraw."""
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn("mean is more than 2 std from [a, b]: the distribution may be incorrect", stacklevel=2)
    x = plain(tensor)
    inside = math.erf((b - mean) / std / math.sqrt(2)) / 2 - math.erf((a - mean) / std / math.sqrt(2)) / 2
    (_redraw_normal if inside > 0.3 else _accept_uniform)(x, mean, std, a, b, generator)
    return tensor


def _redraw_normal(x: Any, mean: float, std: float, a: float, b: float, generator: Any) -> None:
    low, high = x.dtype.type(a), x.dtype.type(b)
    random.normal_(x, mean, std, generator)
    while (outside := (x < low) | (x > high)).any():
        x[outside] = random.normal_(np.empty_like(x), mean, std, generator)[outside]


def _accept_uniform(x: Any, mean: float, std: float, a: float, b: float, generator: Any) -> None:
    """Where few normal numbers fall into [a, b]: uniform ones, kept with their density over its peak as the chance."""
    number = x.dtype.type
    peak = number(-0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2)
    pending = np.ones(x.shape, bool, like=x)
    while pending.any():
        drawn = random.uniform_(np.empty_like(x), a, b, generator)
        x[pending] = drawn[pending]
        density = np.square((drawn - number(mean)) / number(std)) * number(-0.5) - peak
        with np.errstate(divide="ignore"):
            pending &= np.log(random.uniform_(np.empty_like(x), generator=generator)) > density


def constant_(tensor: Any, val: float) -> Any:
    """All ``val``."""
    plain(tensor).fill(val)
    return tensor


def ones_(tensor: Any) -> Any:
    """All 1."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Any) -> Any:
    """All 0."""
    return constant_(tensor, 0.0)


def eye_(tensor: Any) -> Any:
    """Ones on the diagonal of a matrix, zeros elsewhere."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    x = plain(tensor)
    x[...] = np.eye(*x.shape, like=x)
    return tensor


def dirac_(tensor: Any, groups: int = 1) -> Any:
    """A convolution's weight that copies its input channels, as many as there are."""
    if tensor.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    if tensor.shape[0] % groups:
        raise ValueError("dim 0 must be divisible by groups")
    x, outputs = plain(tensor), tensor.shape[0] // groups
    middle = tuple(n // 2 for n in x.shape[2:])
    x.fill(0)
    for channel in range(min(outputs, x.shape[1])):
        x[(slice(channel, None, outputs), channel, *middle)] = 1
    return tensor


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """U(-b, b) with b = gain sqrt(6 / (fan_in + fan_out)). Source: Glorot and Bengio 2010."""
    bound = math.sqrt(3.0) * (gain * math.sqrt(2.0 / float(sum(_fans(tensor)))))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """N(0, s^2) with s = gain sqrt(2 / (fan_in + fan_out))."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / float(sum(_fans(tensor)))), generator)


def _kaiming_std(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan = _fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def kaiming_uniform_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """U(-b, b) with b = gain sqrt(3 / fan). Source: He et al. 2015."""
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """N(0, s^2) with s = gain / sqrt(fan)."""
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Any, gain: float = 1, generator: Any = None) -> Any:
    """A matrix (first size by the rest) with orthonormal rows, or columns if there are fewer, times ``gain``."""
    if tensor.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.size == 0:
        return tensor
    x = plain(tensor)
    flat = random.normal_(np.empty((x.shape[0], x.size // x.shape[0]), x.dtype), generator=generator)
    wide = flat.shape[0] < flat.shape[1]
    q, r = np.linalg.qr(flat.T if wide else flat)
    q = q * np.sign(np.diag(r))
    x[...] = np.asarray((q.T if wide else q).reshape(x.shape), x.dtype, like=x)
    x *= x.dtype.type(gain)
    return tensor


def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Any = None) -> Any:
    """N(0, std^2), then the share ``sparsity`` of every column set to zero, at places drawn."""
    if tensor.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    x = plain(tensor)
    random.normal_(x, 0.0, std, generator)
    zeros = math.ceil(sparsity * x.shape[0])
    for column in range(x.shape[1]):
        x[random.randperm(x.shape[0])[:zeros], column] = 0
    return tensor


def _deprecated(initialiser: Callable) -> Callable:
    def old(*args: Any, **settings: Any) -> Any:
        name = initialiser.__name__
        warnings.warn(f"`nn.init.{name[:-1]}` is now deprecated in favor of `nn.init.{name}`.", FutureWarning, 2)
        return initialiser(*args, **settings)

    old.__doc__ = f"The old name of :func:`{initialiser.__name__}`."
    return old


uniform, normal, constant, eye, dirac = map(_deprecated, (uniform_, normal_, constant_, eye_, dirac_))
xavier_uniform, xavier_normal = _deprecated(xavier_uniform_), _deprecated(xavier_normal_)
kaiming_uniform, kaiming_normal = _deprecated(kaiming_uniform_), _deprecated(kaiming_normal_)
orthogonal, sparse = _deprecated(orthogonal_), _deprecated(sparse_)
