"""CosineSimilarity and PairwiseDistance (manual, "Distance functions")."""

from __future__ import annotations

from typing import Any

from . import functional as F
from .module import Module


class CosineSimilarity(Module):
    """``x1 . x2 / (max(|x1|, eps) max(|x2|, eps))`` along ``dim``, which goes; the other sizes are broadcast."""

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1: Any, x2: Any) -> Any:
        return F.cosine_similarity(x1, x2, self.dim, self.eps, out=self.room("output"))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return list(F.cosine_similarity_backward(gradOutput, *input, self.dim, self.eps, buffer=self.buffer))


class PairwiseDistance(Module):
    """The p-norm of ``x1 - x2 + eps`` along the last dimension: inputs (N, D) or (D), output (N), (N, 1) or ()."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1: Any, x2: Any) -> Any:
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return list(F.pairwise_distance_backward(gradOutput, *input, self.norm, self.eps, self.keepdim))
