from __future__ import annotations

from typing import Any

import nn
from torch7 import registry


@nn.register
class ModelParallel(nn.Concat):
    """fbcunn's network in parts on several GPUs: each part sees the whole input, the results are joined at
    ``dimension``.

    ``add(module, gpuid)``; here it is an :class:`nn.Concat`. Source: fbcunn.
    """

    def __init__(self, dimension: int) -> None:
        super().__init__(dimension)
        self.gpu_assignments: list = []

    def add(self, module: nn.Module, gpuid: Any = None) -> ModelParallel:
        """Append a part; the number of its GPU is kept."""
        self.gpu_assignments.append(len(self.modules) + 1 if gpuid is None else gpuid)
        return super().add(module)


@registry.upgrade(ModelParallel)
def _upgrade(module: ModelParallel, fields: dict) -> None:
    for name in [name for name in fields if isinstance(name, str) and name.endswith("_gpu")]:
        del fields[name]


#: fbcunn's convolutions by Fourier transforms compute what nn's does.
for _name in ("CuFFT", "FBFFT", "FBFFTGemm", "FFT", "FFTTiled", "FFTTiledAsync", "FFTTiledSync", "FFTTiledIterated"):
    registry.alias(f"nn.SpatialConvolution{_name}", "nn.SpatialConvolution")
