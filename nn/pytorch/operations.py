"""The operations on values that a tape records, each with its backward; a closed table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .fitting import fitted, reduced
from .parameter import Parameter
from .tape import Value, active, data_of


def _matmul_backward(g: Any, a: Any, b: Any, y: Any) -> tuple:
    if a.ndim == 1 and b.ndim == 1:
        return g * b, g * a
    if a.ndim == 1:
        return reduced((b @ g[..., None])[..., 0], a.shape), reduced(a[:, None] * g[..., None, :], b.shape)
    if b.ndim == 1:
        return g[..., None] * b, reduced((np.swapaxes(a, -1, -2) @ g[..., None])[..., 0], b.shape)
    return reduced(g @ np.swapaxes(b, -1, -2), a.shape), reduced(np.swapaxes(a, -1, -2) @ g, b.shape)


def _power_backward(g: Any, a: Any, b: Any, y: Any) -> tuple:
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = None if isinstance(b, (int, float)) else np.where(a == 0, 0, y * np.log(a)) * g
        return g * b * a ** (b - 1), exponent


def _larger_backward(g: Any, a: Any, b: Any, y: Any) -> tuple:
    share = np.where(a == b, 0.5, 1.0).astype(g.dtype)
    return g * share * (a == y), g * share * (b == y)


#: ufunc -> (gradOutput, its arguments, its result) -> a gradient an argument, before the reduction of broadcast axes
UFUNCS: dict[Any, Callable] = {
    np.add: lambda g, a, b, y: (g, g),
    np.subtract: lambda g, a, b, y: (g, -g),
    np.multiply: lambda g, a, b, y: (g * b, g * a),
    np.true_divide: lambda g, a, b, y: (g / b, -g * y / b),
    np.matmul: _matmul_backward,
    np.power: _power_backward,
    np.maximum: _larger_backward,
    np.minimum: _larger_backward,
    np.negative: lambda g, a, y: (-g,),
    np.positive: lambda g, a, y: (g,),
    np.exp: lambda g, a, y: (g * y,),
    np.log: lambda g, a, y: (g / a,),
    np.tanh: lambda g, a, y: (g * (1 - y * y),),
    np.sin: lambda g, a, y: (g * np.cos(a),),
    np.cos: lambda g, a, y: (-g * np.sin(a),),
    np.sqrt: lambda g, a, y: (g / (2 * y),),
    np.square: lambda g, a, y: (2 * g * a,),
    np.absolute: lambda g, a, y: (g * np.sign(a),),
}
#: ufuncs without a gradient; their results are plain arrays
PLAIN = {np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.sign, np.isnan, np.isfinite}
PLAIN |= {np.logical_not, np.logical_and, np.logical_or, np.floor, np.ceil, np.rint, np.isinf}


def value_of(x: Any) -> Any:
    """``x`` as a value if it is one or a parameter, else None."""
    if isinstance(x, Value):
        return x
    return active.tape.leaf(x) if isinstance(x, Parameter) and active.tape is not None else None


def array_of(x: Any) -> Any:
    return x.data if isinstance(x, (Value, Parameter)) else x


def unrecorded(function: Any, *args: Any, **settings: Any) -> Any:
    """The result of any function on the arrays of values, where nothing is recorded, as values again."""
    result = function(*map(data_of, args), **{name: data_of(x) for name, x in settings.items()})
    return result if active.tape is None else active.tape.wrapped(result)


def apply(ufunc: Any, *inputs: Any) -> Any:
    """The result of ``ufunc`` on values, parameters, arrays and numbers, recorded; ``TypeError`` if it has no rule."""
    rule = UFUNCS.get(ufunc)
    if rule is None:
        if ufunc in PLAIN:
            return ufunc(*map(array_of, inputs))
        if not active.recording:
            return unrecorded(ufunc, *inputs)
        raise TypeError(f"{ufunc.__name__} has no recorded gradient: use a module, an F function, or write backward")
    if len(inputs) == 1:
        value = value_of(inputs[0])
        data = value.data
        result = ufunc(data)
        return value.tape.record_operation(result, (value,), rule, (data, result))
    a, b = inputs
    first = a if type(a) is Value else value_of(a)
    second = b if type(b) is Value else value_of(b)
    x, y = a if first is None else first.data, b if second is None else second.data
    result = ufunc(x, y)
    tape = second.tape if first is None else first.tape
    return tape.record_operation(result, (first, second), rule, (x, y, result))


def _unary(value: Value, result: Any, backward: Callable) -> Value:
    return value.tape.record_one(result, (value,), lambda g: (backward(g),))


def sum_of(x: Value, axis: Any = None, keepdims: bool = False) -> Value:
    axis = tuple(axis) if isinstance(axis, list) else axis
    return _unary(x, x.data.sum(axis=axis, keepdims=keepdims), lambda g: _spread(g, x, axis, keepdims).copy())


def mean_of(x: Value, axis: Any = None, keepdims: bool = False) -> Value:
    axis = tuple(axis) if isinstance(axis, list) else axis
    result = x.data.mean(axis=axis, keepdims=keepdims)
    share = np.asarray(result).size / max(x.data.size, 1)
    return _unary(x, result, lambda g: _spread(g, x, axis, keepdims) * x.dtype.type(share))


def extreme_of(name: str) -> Callable:
    def extreme(x: Value, axis: Any = None, keepdims: bool = False) -> Value:
        """Ties share the gradient over the whole array; along an axis the first one gets it, as in PyTorch."""
        result = getattr(x.data, name)(axis=axis, keepdims=keepdims)

        def backward(g: Any) -> Any:
            if isinstance(axis, int):
                best = np.expand_dims(getattr(x.data, "arg" + name)(axis=axis), axis)
                grad = np.zeros_like(x.data)
                np.put_along_axis(grad, best, g if keepdims else np.expand_dims(g, axis), axis)
                return grad
            same = x.data == _spread(np.asarray(result), x, axis, keepdims)
            return _spread(g, x, axis, keepdims) * same / same.sum(axis=axis, keepdims=True).astype(x.dtype)

        return _unary(x, result, backward)

    return extreme


def _spread(g: Any, x: Value, axis: Any, keepdims: bool) -> Any:
    """``g``, the gradient of a reduction, broadcast to the shape of ``x``."""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, x.shape)


def reshaped(x: Value, *shape: Any) -> Value:
    shape = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    return _unary(x, x.data.reshape(shape), lambda g: g.reshape(x.shape))


def permuted(x: Value, *axes: Any) -> Value:
    axes = tuple(axes[0]) if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes
    if not axes or axes == (None,):
        axes = tuple(reversed(range(x.ndim)))
    back = np.argsort([a % x.ndim for a in axes])
    return _unary(x, x.data.transpose(axes), lambda g: g.transpose(back))


def swapped(x: Value, a: int, b: int) -> Value:
    return _unary(x, np.swapaxes(x.data, a, b), lambda g: np.swapaxes(g, a, b))


def indexed(x: Value, index: Any) -> Value:
    index = tuple(map(array_of, index)) if isinstance(index, tuple) else array_of(index)

    def backward(g: Any) -> Any:
        grad = np.zeros_like(x.data)
        parts = index if isinstance(index, tuple) else (index,)
        if all(isinstance(i, (int, np.integer, slice, type(None), type(...))) for i in parts):
            grad[index] = g
        else:
            np.add.at(grad, index, g)
        return grad

    return _unary(x, x.data[index], backward)


def _concatenate(parts: Any, axis: int = 0) -> Value:
    values, arrays = [value_of(p) for p in parts], [array_of(p) for p in parts]
    ends = np.cumsum([a.shape[axis] for a in arrays])[:-1]
    result = np.concatenate(arrays, axis)
    tape = next(v for v in values if v is not None).tape
    return tape.record(result, tuple(values), lambda g: tuple(np.split(g, ends, axis)))


def _stack(parts: Any, axis: int = 0) -> Value:
    values, arrays = [value_of(p) for p in parts], [array_of(p) for p in parts]
    tape = next(v for v in values if v is not None).tape
    return tape.record(np.stack(arrays, axis), tuple(values), lambda g: tuple(np.moveaxis(g, axis, 0)))


def split(x: Value, sections: Any, axis: int = 0) -> list[Value]:
    parts = np.split(x.data, sections, axis)
    return x.tape.record(list(parts), (x,), lambda g: (np.concatenate(g if isinstance(g, list) else [g], axis),))


def _where(condition: Any, a: Any, b: Any) -> Value:
    condition, values = array_of(condition), (value_of(a), value_of(b))

    def backward(g: Any) -> tuple:
        grads = np.where(condition, g, 0), np.where(condition, 0, g)
        return tuple(None if v is None else fitted(gi, v.data) for v, gi in zip(values, grads))

    tape = next(v for v in values if v is not None).tape
    return tape.record(np.where(condition, array_of(a), array_of(b)), values, backward)


FUNCTIONS: dict[Any, Callable] = {
    np.sum: sum_of,
    np.mean: mean_of,
    np.max: extreme_of("max"),
    np.min: extreme_of("min"),
    np.reshape: reshaped,
    np.transpose: permuted,
    np.swapaxes: swapped,
    np.concatenate: _concatenate,
    np.stack: _stack,
    np.split: split,
    np.where: _where,
    np.squeeze: lambda x, axis=None: reshaped(x, np.squeeze(x.data, axis).shape),
    np.expand_dims: lambda x, axis: reshaped(x, np.expand_dims(x.data, axis).shape),
    np.ravel: lambda x: reshaped(x, -1),
    np.clip: lambda x, low, high: apply(np.minimum, apply(np.maximum, x, low), high),
    np.zeros_like: lambda x, **settings: np.zeros_like(x.data, **settings),
    np.ones_like: lambda x, **settings: np.ones_like(x.data, **settings),
    np.shape: lambda x: x.shape,
    np.argmax: lambda x, *args, **settings: np.argmax(x.data, *args, **settings),
    np.argmin: lambda x, *args, **settings: np.argmin(x.data, *args, **settings),
}
