"""How each class is written, by the manual's chapters."""

from . import containers, convolution, linear, normalization, others, pooling, recurrent, reinforce, shapes, table
from . import transfer, unpooling

__all__ = [
    "containers", "convolution", "linear", "normalization", "others", "pooling", "recurrent", "reinforce", "shapes",
    "table", "transfer", "unpooling",
]  # fmt: skip
