"""Launches of lstm_gates.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def LSTMGates_updateOutput(a: Any, u: Any, c: Any, kept: Any, output: Any, cell: Any) -> None:
    _launch.each("gates_forward", c.size, c, a, u, c, kept, output, cell, c.size, c.shape[1])


def LSTMGates_updateGradInput(kept: Any, c: Any, gradOutput: Any, gradCell: Any, gradA: Any, gradC: Any) -> None:
    arrays = kept, c, gradOutput, gradCell, gradA, gradC
    _launch.each("gates_backward", c.size, c, *arrays, c.size, c.shape[1])
