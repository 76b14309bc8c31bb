"""The kernels of nn: one operation a file, loaded at its first use.

``thnn.SpatialMaxPooling_updateOutput`` is found in ``spatial_max_pooling.py``: the operation's name in snake case names
the file, unless ``FILES`` says otherwise. Nothing is compiled, and Numba is not imported, before the first call.

Kernels are told the truth: their arrays are C-contiguous, of one dtype and of fitting shapes. Modules see to that, by
``resizeOutput`` and by :func:`contiguous`.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

FILES = {
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "RReLU": "rrelu",
    "Tanh": "elementwise",
    "Sigmoid": "elementwise",
    "SeqLSTMP": "seq_lstm",
    "SoftMax": "softmax",
    "LogSoftMax": "softmax",
    "cadd": "add_scaled",
    "Convolution": "convolution",
    "SpatialAdaptiveMaxPooling": "spatial_adaptive_pooling",
    "SpatialAdaptiveAveragePooling": "spatial_adaptive_pooling",
    "VolumetricMaxPooling": "volumetric_pooling",
    "VolumetricMaxUnpooling": "volumetric_pooling",
    "VolumetricAveragePooling": "volumetric_pooling",
    "dot": "sums",
    "rowSums": "sums",
    "MM": "mm",
    "Exp": "pointwise",
    "Log": "pointwise",
    "Abs": "pointwise",
    "Square": "pointwise",
    "Sqrt": "pointwise",
}


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    operation = name.partition("_")[0]
    entry = getattr(import_module(f".{FILES.get(operation) or snake_case(operation)}", __name__), name)
    globals()[name] = entry
    return entry


def snake_case(name: str) -> str:
    """``MSECriterion`` -> ``mse_criterion``, ``SpatialConvolutionMap`` -> ``spatial_convolution_map``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def contiguous(x: Any) -> Any:
    """``x`` as kernels take it: C-contiguous and writable; itself where it already is, else a copy."""
    try:
        plain = x is None or x.flags.carray
    except AttributeError:  # CuPy's arrays are always writeable
        plain = x.flags.c_contiguous
    return x if plain else x.copy(order="C")


def written(copy: Any, x: Any) -> None:
    """Bring what a kernel added to ``copy``, which is ``contiguous(x)`` in any shape, home to ``x``."""
    if copy is not x:
        x[...] = copy.reshape(x.shape)
