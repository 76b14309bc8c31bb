"""What every optimiser does: resolve its settings, call the function to minimise, keep its state.

Optimisers take ``(opfunc, x, config, state)``. ``config`` is a dict of settings, over which keywords are laid for one
call. ``state`` is the dict that carries momentum and counters from call to call; without one it is ``config`` itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from torch7.arrays import array_module, describe, is_array
from torch7.names import nearest

OpFunc = Callable[[Any], tuple[Any, Any]]
#: The named settings, or what is kept between steps.
Fields = MutableMapping[str, Any]

# What other libraries call settings.
ELSEWHERE = {"lr": "learningRate", "lr_decay": "learningRateDecay", "betas": "beta1", "eps": "epsilon"}

# Scripts keep one table for all methods, so a setting of another method is never taken for a mistake.
SETTINGS = frozenset(
    [
        "learningRate",
        "learningRateDecay",
        "learningRates",
        "weightDecay",
        "weightDecays",
        "momentum",
        "dampening",
        "nesterov",
        "beta1",
        "beta2",
        "epsilon",
        "rho",
        "eps",
        "alpha",
        "initialMean",
        "stepsize",
        "etaplus",
        "etaminus",
        "stepsizemax",
        "stepsizemin",
        "niter",
        "eta0",
        "lambda",
        "t0",
        "maxIter",
        "maxEval",
        "tolFun",
        "tolX",
        "nCorrection",
        "lineSearch",
        "lineSearchOptions",
        "verbose",
        "sig",
        "int",
        "ext",
        "ratio",
        "c1",
        "c2",
        "L",
        "Lstep",
        "maxiter",
        "maxline",
        "errthres",
        "doFistaUpdate",
        "sigma",
        "ftarget",
        "popsize",
        "min_iterations",
        "verb_disp",
        "scaleFactor",
        "crossoverRate",
        "maxFEs",
        "maxRegion",
        "minRegion",
    ]
)
_judged: set[tuple[str, Any]] = set()


def resolve(
    method: str, config: Fields | None, state: Fields | None, keywords: Mapping[str, Any], **defaults: Any
) -> tuple[SimpleNamespace, Fields]:
    """The settings of one call (defaults under ``config`` under ``keywords``) and the dict that holds the state.

    None means default, as nil in Lua; the setting ``lambda`` is spelt ``lambda_`` as a keyword.
    """
    if isinstance(config, list | tuple) and not config and state is not None:
        config = None  # an empty table of a .t7 file
    config = _table(method, "config", config)
    state = config if state is None else _table(method, "state", state)
    if unknown := keywords.keys() - defaults.keys():
        raise TypeError(f"optim.{method} has no setting {min(unknown)!r}; it has: {', '.join(defaults)}")
    _doubt(method, config, defaults)
    settings = SimpleNamespace(**defaults)
    for name in defaults:
        for value in (config.get(name.rstrip("_")), config.get(name), keywords.get(name)):
            if value is not None:
                setattr(settings, name, value)
    return settings, state


def _doubt(method: str, config: Fields, settings: Mapping[str, Any]) -> None:
    """Warn, once, of each key that is no setting of any method but looks like one of this method's.

    What another method has by the same letters is no misspelling there, but is here: ``maxiter`` and ``maxIter``.
    """
    for key in config.keys() - settings.keys():
        if (method, key) in _judged:
            continue
        _judged.add((method, key))
        near = nearest(key, settings) or ELSEWHERE.get(key)
        elsewhere = key in SETTINGS and key.lower() != str(near).lower()
        if near in settings and near not in config and not elsewhere:
            message = f"optim.{method} has no setting {key!r} and does not look at it; is {near!r} meant?"
            warnings.warn(message, UserWarning, stacklevel=4)


def _table(method: str, argument: str, value: Any) -> Fields:
    if value is None:
        return {}
    if not isinstance(value, MutableMapping):
        raise TypeError(f"optim.{method}: {argument} must be a dict, not {type(value).__name__}")
    return value


def check_point(method: str, x: Any) -> None:
    """Refuse an ``x`` that can not be updated in place."""
    if not (isinstance(x, np.ndarray) or is_array(x)) or x.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"optim.{method}: x must be a FloatTensor or DoubleTensor (float32 or float64), not {describe(x)}"
        )
    if isinstance(x, np.ndarray) and not x.flags.writeable:
        raise ValueError(f"optim.{method}: x is updated in place, but this array is read-only")


def evaluate(method: str, opfunc: OpFunc, x: Any) -> tuple[Any, Any]:
    """``opfunc(x)``: the value and the gradient, which must match ``x`` in type and number of elements."""
    result = opfunc(x)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise TypeError(f"optim.{method}: the function must return f and df/dx, not {describe(result)}")
    f, gradient = result
    check_like(method, "the gradient", gradient, x)
    return f, gradient


def check_like(method: str, what: str, value: Any, x: Any) -> None:
    """Refuse an array of another type, device or number of elements than ``x``."""
    if type(value) is type(x) and value.dtype == x.dtype and value.size == x.size:
        return
    message = f"optim.{method}: {what} is {describe(value)}, x is {describe(x)}"
    if not is_array(value) or array_module(value) is not array_module(x) or value.dtype != x.dtype:
        raise TypeError(f"{message}: they must be of one type (x.astype, model.float(), model.cuda())")
    if value.size != x.size:
        raise ValueError(f"{message}: they must have the same number of elements")


def memory(method: str, state: Fields, key: str, x: Any, fill: float = 0) -> Any:
    """The array ``state[key]``, made like ``x`` and filled the first time it is asked for."""
    buffer = state.get(key)
    kind = type(buffer)
    if kind is type(x) is np.ndarray and buffer.dtype == x.dtype and buffer.size == x.size and buffer.flags.carray:
        return buffer
    xp = array_module(x)
    if not is_array(buffer):
        buffer = xp.full(x.shape, fill, x.dtype) if fill else xp.zeros(x.shape, x.dtype)
    check_like(method, f"state[{key!r}]", buffer, x)
    if not buffer.flags.c_contiguous or (xp is np and not buffer.flags.writeable):
        buffer = xp.array(buffer, order="C")
    state[key] = buffer
    return buffer


def scratch(state: Fields, keys: Iterable[str], shape: tuple[int, ...], x: Any, dtype: Any = None) -> None:
    """Torch's scratch arrays under their names, made once; the fused updates leave them at zero."""
    for key in keys:
        if key not in state:
            state[key] = array_module(x).zeros(shape, dtype or x.dtype)


def rates(method: str, name: str, values: Any, x: Any, default: float) -> Any:
    """A rate for each parameter, as an array like ``x``, or the number ``default`` where there are none."""
    if values is None:
        return default
    values = array_module(x).asarray(values, x.dtype)
    check_like(method, name, values, x)
    return values
