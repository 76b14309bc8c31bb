"""Modules of nn.pytorch: their forward is recorded, and each step written by the rule of its layer or function."""

from . import activation, attention, layers, linear, normalization, planes, recurrent, resampling
from .lowering import lowered

__all__ = [
    "activation", "attention", "layers", "linear", "lowered", "normalization", "planes", "recurrent", "resampling",
]  # fmt: skip
