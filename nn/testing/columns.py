"""Jacobians by a module's own passes, of many arrays at once: one pass for each output element, a column of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .tensors import copied, flat, one_hot


def by_backward(module: Any, input: Any, dparams: list) -> list[np.ndarray]:
    """The Jacobians by ``backward``: of the input, then of each parameter whose gradient is in ``dparams``."""

    def arrays(gradOutput: Any) -> list:
        module.forward(input)
        module.zeroGradParameters()
        gradInput = module.updateGradInput(input, gradOutput)
        module.accGradParameters(input, gradOutput)
        return [gradInput, *dparams]

    return of_columns(module.forward(input), arrays)


def by_update(module: Any, input: Any, params: list) -> list[np.ndarray]:
    """What each of ``params`` is after ``accUpdateGradParameters`` with rate 1; they are left as they were."""
    weights = module.parameters()[0]
    originals = copied(weights)

    def arrays(gradOutput: Any) -> list:
        _restore(weights, originals)
        module.forward(input)
        module.updateGradInput(input, gradOutput)
        module.accUpdateGradParameters(input, gradOutput, 1)
        return params

    found = of_columns(copied(module.forward(input)), arrays)
    _restore(weights, originals)
    return found


def _restore(tensors: list, originals: list) -> None:
    for tensor, original in zip(tensors, originals):
        tensor[...] = original


def of_columns(output: Any, arrays: Callable[[Any], Iterable]) -> list[np.ndarray]:
    """A matrix for each of ``arrays(gradOutput)``; column k is what it holds for a 1 at element k of the output."""
    size = flat(output).size
    columns = [[flat(x) for x in arrays(one_hot(output, k))] for k in range(size)]
    return [np.array(column).T for column in zip(*columns)] if size else [np.empty(0) for _ in arrays(output)]
