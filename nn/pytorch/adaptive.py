"""AdaptiveLogSoftmaxWithLoss (manual, "Non-linear activations"; Grave et al. 2016)."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import functional as F
from .containers import ModuleList, Sequential
from .linear import Linear
from .module import Module

ASMoutput = namedtuple("_ASMoutput", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log-probabilities of ``n_classes`` classes, the rare ones, from ``cutoffs`` on, in clusters of smaller width.

    Input (N, in_features) and targets (N) from 0, or one of each; returns (output, loss): the log-probability of each
    target, and minus their mean, of shape (1). The i-th cluster has ``in_features // div_value^(i + 1)`` features,
    which may be 0. ``ValueError`` for cutoffs that do not rise from 1 to ``n_classes - 1`` and for wrong shapes,
    ``IndexError`` for targets outside.
    """

    def __init__(
        self, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0, head_bias: bool = False,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        cutoffs = list(cutoffs)
        whole = all(int(c) == c for c in cutoffs)
        if not cutoffs or not whole or cutoffs != sorted(set(cutoffs)) or not 0 < cutoffs[0] <= cutoffs[-1] < n_classes:
            raise ValueError(f"cutoffs must be rising integers between 1 and n_classes - 1, got {cutoffs}")
        self.in_features, self.n_classes, self.div_value, self.head_bias = in_features, n_classes, div_value, head_bias
        self.cutoffs = [*cutoffs, n_classes]
        self.shortlist_size, self.n_clusters = cutoffs[0], len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, device=device, dtype=dtype)
        self.tail = ModuleList()
        for i, (low, high) in enumerate(zip(self.cutoffs, self.cutoffs[1:])):
            width = int(in_features // div_value ** (i + 1))
            parts = (in_features, width), (width, high - low)
            self.tail.append(Sequential(*(Linear(*p, bias=False, device=device, dtype=dtype) for p in parts)))

    def reset_parameters(self) -> None:
        """Draw all weights again."""
        self.head.reset_parameters()
        for cluster in self.tail:
            for layer in cluster:
                layer.reset_parameters()

    def _targets(self, x: Any, target: Any) -> Any:
        target = np.asarray(target, like=x)
        if target.dtype.kind not in "iu":
            raise TypeError(f"AdaptiveLogSoftmaxWithLoss: targets must be integers, got {target.dtype}")
        if x.ndim not in (1, 2) or target.shape != x.shape[:-1]:
            raise ValueError(f"AdaptiveLogSoftmaxWithLoss: input {x.shape} and target {target.shape} do not fit")
        if target.size and (target.min() < 0 or target.max() >= self.n_classes):
            raise IndexError(f"targets count from 0 in nn.pytorch and must be below {self.n_classes}")
        return target.reshape(-1)

    def _scores(self, i: int, x: Any) -> tuple:
        """Features and log-probabilities of cluster ``i``."""
        first, second = self.tail[i]
        h = F.linear(x, first.weight.data)
        return h, F.log_softmax(F.linear(h, second.weight.data), 1)

    def _head(self, x: Any) -> Any:
        bias = None if self.head.bias is None else self.head.bias.data
        return F.log_softmax(F.linear(x, self.head.weight.data, bias), 1)

    def forward(self, input_: Any, target_: Any) -> Any:
        target = self._targets(self.check(input_), target_)
        x = input_.reshape(-1, self.in_features)
        head, column, clusters = self._head(x), target.copy(), []
        output = np.zeros(len(x), x.dtype, like=x)
        for i, (low, high) in enumerate(zip(self.cutoffs, self.cutoffs[1:])):
            rows = np.flatnonzero((target >= low) & (target < high))
            if rows.size:
                h, logp = self._scores(i, x[rows])
                output[rows] = logp[np.arange(rows.size, like=x), target[rows] - low]
                column[rows] = self.shortlist_size + i
                clusters.append((i, rows, target[rows] - low, h, logp))
        output += head[np.arange(len(x), like=x), column]
        self.saved = x, head, column, clusters
        loss = np.full(1, -output.mean() if len(x) else np.nan, x.dtype, like=x)
        return ASMoutput(output.reshape(input_.shape[:-1]), loss)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        x, head, column, clusters = self.saved
        g = gradOutput[0].reshape(-1) - gradOutput[1].reshape(-1)[0] / max(1, len(x))
        gx = self._linear_backward(self.head, _picked(g, head, column), x, scale)
        for i, rows, places, h, logp in clusters:
            first, second = self.tail[i]
            gh = self._linear_backward(second, _picked(g[rows], logp, places), h, scale)
            gx[rows] += self._linear_backward(first, gh, x[rows], scale)
        return [gx.reshape(input[0].shape), None]

    def _linear_backward(self, layer: Linear, g: Any, x: Any, scale: float) -> Any:
        bias = None if layer.bias is None else layer.bias.data
        gx, gw, gb = F.linear_backward(g, x, layer.weight.data, bias)
        layer.accumulate("weight", gw, scale)
        layer.accumulate("bias", gb, scale)
        return gx

    def log_prob(self, input: Any) -> Any:
        """Log-probabilities (N, n_classes) of all classes."""
        head = self._head(self.check(input))
        parts = [head[:, : self.shortlist_size]]
        for i in range(self.n_clusters):
            column = self.shortlist_size + i
            parts.append(self._scores(i, input)[1] + head[:, column : column + 1])
        return np.concatenate(parts, 1)

    def predict(self, input: Any) -> Any:
        """The most probable class, from 0, of each row of (N, in_features)."""
        return self.log_prob(input).argmax(1)


def _picked(g: Any, logp: Any, places: Any) -> Any:
    """The gradient by the scores, from that by one log-probability of each row."""
    d = -np.exp(logp) * g[:, None]
    d[np.arange(len(g), like=g), places] += g
    return d
