"""Linear: ``y = W x + b`` for a vector or for the rows of a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np


def Linear_updateOutput(input: Any, output: Any, weight: Any, bias: Any) -> None:
    np.dot(input, weight.T, out=output)
    if bias is not None:
        output += bias


def Linear_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any) -> None:
    np.dot(gradOutput, weight, out=gradInput)


def Linear_accGradParameters(input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, scale: float) -> None:
    go, x = np.atleast_2d(gradOutput), np.atleast_2d(input)
    gradWeight += scale * go.T @ x
    if gradBias is not None:
        gradBias += scale * go.sum(0)
