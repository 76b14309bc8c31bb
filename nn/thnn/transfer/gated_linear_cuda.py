"""Launches of gated_linear.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def GatedLinear_updateOutput(input: Any, output: Any) -> None:
    _launch.each("gate", output.size, input, input, output, output.size, output.size // max(1, len(output)))


def GatedLinear_updateGradInput(input: Any, gradOutput: Any, gradInput: Any) -> None:
    n = gradOutput.size
    _launch.each("gate_gradient", n, input, input, gradOutput, gradInput, n, n // max(1, len(gradOutput)))
