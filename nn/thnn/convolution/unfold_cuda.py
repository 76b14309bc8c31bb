"""Launches of unfold.cu."""

from __future__ import annotations

from itertools import chain
from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def Unfold_updateOutput(input: Any, output: Any, sizes: tuple, window: tuple, counts: tuple) -> None:
    numbers = output.size, *sizes, *chain(*window), *counts
    _launch.each("unfold", output.size, output, input, output, *numbers)


def Unfold_updateGradInput(gradOutput: Any, gradInput: Any, sizes: tuple, window: tuple, counts: tuple) -> None:
    numbers = gradInput.size, *sizes, *chain(*window), *counts
    _launch.each("fold", gradInput.size, gradInput, gradOutput, gradInput, *numbers)
