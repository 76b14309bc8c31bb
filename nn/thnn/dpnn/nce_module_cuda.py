"""Launches of nce_module.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import blocks, kernels

_launch = kernels(__name__)


def NCEModule_updateOutput(
    x: Any, weight: Any, bias: Any, indices: Any, plan: tuple, factor: float, pt: Any, ps: Any
) -> None:
    k = ps.shape[1]
    grid, sizes = blocks(len(x) * (k + 1), 8), (*x.shape, k, *plan, factor)
    _launch("nce_scores<T>", x.dtype, grid, 256, x, weight, bias, indices, pt, ps, *sizes)


def NCEModule_updateGradInput(a: Any, b: Any, weight: Any, indices: Any, plan: tuple, gradInput: Any) -> None:
    sizes = gradInput.size, gradInput.shape[1], b.shape[1], *plan
    _launch.each("nce_input", gradInput.size, gradInput, a, b, weight, indices, gradInput, *sizes)


def NCEModule_accGradParameters(
    x: Any, a: Any, b: Any, indices: Any, plan: tuple, scale: float, gradWeight: Any, gradBias: Any
) -> None:
    arrays, sizes = (x, a, b, indices, gradWeight, gradBias), (*x.shape, b.shape[1], *plan, scale)
    _launch.each("nce_weight", x.shape[1] + 1, x, *arrays, *sizes)
