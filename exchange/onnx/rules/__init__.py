"""How each class is written, by the manual's chapters."""

from . import containers, convolution, linear, normalization, pooling, recurrent, shapes, table, transfer

__all__ = [
    "containers", "convolution", "linear", "normalization", "pooling", "recurrent", "shapes", "table", "transfer",
]  # fmt: skip
