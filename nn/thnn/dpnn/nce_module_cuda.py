"""Launches of nce_module.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays, gpu_random
from torch7.generator import current

from ..cuda.random import generator as gpu
from ..cuda.results import Fault
from ..cuda.runtime import blocks, kernels
from ..cuda.tables import twin
from . import nce_module

_launch = kernels(__name__)


def NCEModule_draw(drawn: Any, J: np.ndarray, q: np.ndarray) -> None:
    if not gpu_random.own(current()):
        host = np.empty(drawn.shape, np.int64)
        nce_module.NCEModule_draw(host, J, q)
        drawn[...] = arrays.cupy().asarray(host)
        return
    words = drawn if _rows(drawn) else arrays.cupy().empty(drawn.shape, np.int64)
    width, step = (drawn.shape[1], words.strides[0] // 8) if drawn.ndim == 2 else (drawn.size, drawn.size)
    if drawn.size:
        given = words, twin(J), twin(q), drawn.size, width, step, len(J), gpu.generator()
        _launch("alias_draw<T>", q.dtype, blocks(drawn.size), 256, *given)
    if words is not drawn:
        drawn[...] = words


def _rows(x: Any) -> bool:
    """Whether the kernel can write to ``x``: int64, one block, or rows that are each in one piece."""
    piece = x.ndim == 2 and x.strides[1] == 8 and x.strides[0] >= 8 * x.shape[1]
    return x.dtype == np.int64 and (x.flags.c_contiguous or piece)


def NCEModule_frequencies(indices: Any, unigrams: Any, out: Any) -> None:
    _launch.each("nce_frequencies", out.size, out, indices, twin(unigrams, out.dtype), out, out.size, len(unigrams))


def NCEModule_updateOutput(
    x: Any, weight: Any, bias: Any, indices: Any, plan: tuple, factor: Any, pt: Any, ps: Any
) -> Any:
    k, known = ps.shape[1], isinstance(factor, float | int)
    grid, sizes = blocks(len(x) * (k + 1), 8), (*x.shape, k, *plan, len(weight))
    arrays = x, weight, bias, indices, pt, ps, None if known else factor

    def launch(slot: Any) -> None:
        if not known:
            slot.fill(-1)
        _launch("nce_scores<T>", x.dtype, grid, 256, *arrays, slot, *sizes, factor if known else 1)

    if not known:
        return Fault(launch)
    launch(None)
    return -1


def NCEModule_updateGradInput(a: Any, b: Any, weight: Any, indices: Any, plan: tuple, gradInput: Any) -> None:
    sizes = gradInput.size, gradInput.shape[1], b.shape[1], *plan, len(weight)
    _launch.each("nce_input", gradInput.size, gradInput, a, b, weight, indices, gradInput, *sizes)


def NCEModule_accGradParameters(
    x: Any, a: Any, b: Any, indices: Any, plan: tuple, scale: float, gradWeight: Any, gradBias: Any
) -> None:
    arrays, sizes = (x, a, b, indices, gradWeight, gradBias), (*x.shape, b.shape[1], *plan, len(gradWeight), scale)
    _launch.each("nce_weight", x.shape[1] + 1, x, *arrays, *sizes)
