"""Launches of gru_gates.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def GRUGates_updateOutput(a: Any, u: Any, h: Any, kept: Any, output: Any) -> None:
    _launch.each("gru_forward", h.size, h, a, u, h, kept, output, h.size, h.shape[1])


def GRUGates_updateGradInput(kept: Any, h: Any, gradOutput: Any, gradA: Any, gradU: Any, gradH: Any) -> None:
    _launch.each("gru_backward", h.size, h, kept, h, gradOutput, gradA, gradU, gradH, h.size, h.shape[1])
