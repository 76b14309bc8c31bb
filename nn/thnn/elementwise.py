"""Functions applied to every element: Tanh and Sigmoid."""

from __future__ import annotations

from . import vecmath
from .maps import mapped


@mapped(0.5)
def Tanh_updateOutput(x):
    """``output = tanh(input)``"""
    return vecmath.tanh(x)


@mapped(0.2, inputs=2)
def Tanh_updateGradInput(y, dy):
    """``gradInput = gradOutput * (1 - output^2)``"""
    return dy * (1 - y * y)


@mapped(0.35)
def Sigmoid_updateOutput(x):
    """``output = 1 / (1 + exp(-input))``"""
    return vecmath.sigmoid(x)


@mapped(0.2, inputs=2)
def Sigmoid_updateGradInput(y, dy):
    """``gradInput = gradOutput * (1 - output) * output``"""
    return dy * (1 - y) * y
