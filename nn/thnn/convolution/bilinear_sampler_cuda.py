"""Launches of bilinear_sampler.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import blocks, kernels

_launch = kernels(__name__)


def BilinearSampler_updateOutput(images: Any, grids: Any, output: Any) -> None:
    sizes = output.size, grids.shape[1], *images.shape[1:], len(images) == 1
    _launch.each("sample", output.size, output, images, grids, output, *sizes)


def BilinearSampler_updateGradInput(images: Any, grids: Any, gradOutput: Any, gradImages: Any, gradGrids: Any) -> None:
    jobs = grids.shape[0] * grids.shape[1]
    if jobs:
        sizes = jobs, grids.shape[1], *images.shape[1:], len(images) == 1
        given = images, grids, gradOutput, gradImages, gradGrids
        _launch("sample_gradients<T>", images.dtype, blocks(jobs, 8), 256, *given, *sizes)
