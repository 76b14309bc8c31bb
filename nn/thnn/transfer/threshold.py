"""Threshold: what does not exceed a threshold is replaced by a value; so is a NaN, unless working in place."""

from __future__ import annotations

from typing import Any

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.15)
def _exceeding(x, threshold, value):
    return simd.select(x > threshold, x, value)


@elementwise(0.15)
def _replaced(x, threshold, value):
    return simd.select(x <= threshold, value, x)


def Threshold_updateOutput(input: Any, output: Any, threshold: float, value: float, inplace: bool) -> None:
    """``output = input > threshold ? input : value``"""
    kernel = _replaced if inplace else _exceeding
    kernel(input, output, threshold, value)


@elementwise(0.2, inputs=2)
def _gradient(x, dy, threshold):
    return simd.select(x > threshold, dy, 0)


@elementwise(0.2, inputs=2)
def _gradient_inplace(x, dy, threshold):
    return simd.select(x <= threshold, 0, dy)


def Threshold_updateGradInput(input: Any, gradOutput: Any, gradInput: Any, threshold: float, inplace: bool) -> None:
    """``gradInput = input > threshold ? gradOutput : 0``"""
    kernel = _gradient_inplace if inplace else _gradient
    kernel(input, gradOutput, gradInput, threshold)
