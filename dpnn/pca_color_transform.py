from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays, registry
from torch7.random import normal

from .simple_color_transform import ColorTransform


@nn.register
class PCAColorTransform(ColorTransform):
    """Adds to the channels of an image a random mixture of their principal components in training.

    ``noise = eigenVectors * (alpha .* eigenValues)`` with ``alpha[c]`` from N(0, std), one such vector for each image.
    Input: ``C x H x W`` or ``N x C x H x W`` with ``C = inputChannels``; ``eigenVectors`` is ``C x C``, a component in
    each column, ``eigenValues`` has C elements; ``std``: 0.1. Evaluation passes the input on and has no backward
    (``RuntimeError``). Other sizes raise ``ValueError``. Source: manual of dpnn; Krizhevsky et al. (2012).
    """

    def __init__(self, inputChannels: int, eigenVectors: Any, eigenValues: Any, std: float | None = None) -> None:
        super().__init__(inputChannels)
        if eigenVectors.shape != (inputChannels, inputChannels) or eigenValues.size != inputChannels:
            sizes = f"{arrays.describe(eigenVectors)} and {arrays.describe(eigenValues)}"
            raise ValueError(
                f"PCAColorTransform: eigenvectors and -values do not fit {inputChannels} channels: {sizes}"
            )
        self.eigenVectors = arrays.cast(eigenVectors, self._type).copy()
        self.eigenValues = arrays.cast(eigenValues, self._type).copy().reshape(-1)
        self.std = 0.1 if std is None else std

    def draw(self, noise: Any) -> None:
        alphas = arrays.array_module(noise).empty(noise.shape[::-1], noise.dtype)
        normal(alphas, 0, self.std)
        alphas *= self.eigenValues[:, None]
        noise[...] = (self.eigenVectors @ alphas).T

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))} channels: {self.inputChannels}, std: {self.std:f}"
