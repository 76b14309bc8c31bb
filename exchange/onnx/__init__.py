"""ONNX files out and in; the door is :mod:`torch7.onnx`."""

from .exporting import export
from .loading import load

__all__ = ["export", "load"]
