"""How each class is written, by the manual's chapters."""

from . import containers, convolution, images, linear, losses, normalization, others, pooling, recurrent, reinforce
from . import shapes, table, transfer, transformers, unpooling, whole_sequences

__all__ = [
    "containers", "convolution", "images", "linear", "losses", "normalization", "others", "pooling", "recurrent",
    "reinforce", "shapes", "table", "transfer", "transformers", "unpooling", "whole_sequences",
]  # fmt: skip
