"""Hierarchical softmax of two levels, with its parameters, as a criterion."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn import thnn
from nn.whole import whole
from torch7 import arrays, registry
from torch7.random import normal

PARAMETERS = "cluster_weight", "cluster_bias", "class_weight", "class_bias"
GRADIENTS = "cluster_grad_weight", "cluster_grad_bias", "class_grad_weight", "class_grad_bias"


@nn.register
class HSM(nn.Criterion):
    """The loss of classes in clusters: ``-sum_n log softmax(A x + a)[c] + log softmax(W_c x + w_c)[k]``.

    ``mapping``, ``n_classes x 2``: the cluster c of each class, from 1, and its place k there, from 1. Input: ``N x
    input_size`` or ``input_size``; target: N classes. ``A`` and ``a`` are ``cluster_weight`` and ``cluster_bias``, the
    rows of ``class_weight`` and ``class_bias`` are the classes, cluster by cluster; all are drawn from N(0, 0.1).
    ``parameters``, ``zeroGradParameters`` and ``updateParameters`` as for modules; ``accGradParameters(input, target,
    scale, True)`` adds to the parameters themselves. ``unk_index`` other than 0 is refused at use, as fbcunn does.
    ``ValueError`` for a mapping with gaps and other shapes, ``IndexError`` for other classes. Source: fbcunn.
    """

    _transient = ("_logp", "_scores", "_flow")

    def __init__(self, mapping: Any, input_size: int, unk_index: int | None = None) -> None:
        super().__init__()
        self.mapping = np.asarray(mapping).astype(np.int64)
        counts = clusters(self.mapping)
        self.n_classes, self.n_clusters, self.n_class_in_cluster = len(self.mapping), len(counts), counts
        self.n_max_class_in_cluster = int(counts.max())
        self.class_start_indices = np.cumsum(counts) - counts
        self.unk_index, self.batch_size = 0 if unk_index is None else unk_index, 0
        sizes = (len(counts), input_size), (len(counts),), (self.n_classes, input_size), (self.n_classes,)
        for name, gradient, size in zip(PARAMETERS, GRADIENTS, sizes):
            setattr(self, name, np.empty(size, self._dtype))
            setattr(self, gradient, np.zeros(size, self._dtype))
        self.reset()

    def reset(self, weight_stdv: float | None = None, bias_stdv: float | None = None) -> HSM:
        """Draw all parameters from N(0, stdv), 0.1 by default."""
        for name in PARAMETERS:
            stdv = weight_stdv if name.endswith("weight") else bias_stdv
            normal(getattr(self, name), 0, 0.1 if stdv is None else stdv)
        return self

    def parameters(self) -> tuple[list, list]:
        return [getattr(self, name) for name in PARAMETERS], [getattr(self, name) for name in GRADIENTS]

    def zeroGradParameters(self) -> None:
        for gradient in self.parameters()[1]:
            gradient.fill(0)

    def zeroGradParametersClass(self, input: Any, target: Any) -> None:
        """Set to zero the gradients of all clusters, and those of the classes in the clusters of ``target``."""
        self.cluster_grad_weight.fill(0)
        self.cluster_grad_bias.fill(0)
        for first, count, _ in self._levels(input, target)[1][1][:, 0]:
            self.class_grad_weight[first : first + count] = 0
            self.class_grad_bias[first : first + count] = 0

    def updateParameters(self, learningRate: float) -> None:
        for parameter, gradient in zip(*self.parameters()):
            parameter -= learningRate * gradient

    def updateOutput(self, input: Any, target: Any) -> float:
        x, levels = self._levels(input, target)
        self.batch_size, total = len(x), 0.0
        self._scores = arrays.resized(vars(self).get("_scores"), (len(x),), x)
        for (weight, bias, *_), path, logp in levels:
            thnn.SoftMaxTree_updateOutput(x, weight, bias, path, logp, self._scores)
            total -= float(self._scores.sum(dtype=np.float64))
        self.output = total
        return total

    def updateGradInput(self, input: Any, target: Any) -> Any:
        x, levels = self._levels(input, target, True)
        gradInput = self.resizeGradInput(input, target)
        gradInput.fill(0)
        for (weight, *_), path, logp in levels:
            thnn.SoftMaxTree_updateGradInput(weight, path, logp, self._slope(x), gradInput.reshape(x.shape))
        return gradInput

    def accGradParameters(self, input: Any, target: Any, scale: float | None = None, direct_update: Any = None) -> None:
        x, levels = self._levels(input, target, True)
        for (weight, bias, *gradients), path, logp in levels:
            arrays_ = (weight, bias) if direct_update else gradients
            scale = 1 if scale is None else scale
            thnn.SoftMaxTree_accGradParameters(x, path, logp, self._slope(x), *arrays_, scale)

    def backward(self, input: Any, target: Any, scale: float | None = None) -> Any:
        self.updateGradInput(input, target)
        self.accGradParameters(input, target, scale)
        return self.gradInput

    def _slope(self, x: Any) -> Any:
        """The gradient of the loss by each sample's log-probability."""
        self._flow = arrays.resized(vars(self).get("_flow"), (len(x),), x)
        self._flow.fill(-1)
        return self._flow

    def _levels(self, input: Any, target: Any, kept: bool = False) -> tuple[Any, list]:
        """The input as rows; for clusters and classes their parameters and gradients, paths, and log-probabilities.

        With ``kept`` those of the last forward; ``ValueError`` where it had another size.
        """
        self.checkType(input)
        D = self.cluster_weight.shape[-1]
        if self.unk_index != 0:
            raise NotImplementedError(f"{self}: unk_index must be 0, got {self.unk_index}")
        if input.ndim not in (1, 2) or input.shape[-1] != D or not input.size:
            raise ValueError(f"{self}: input must be {D} or N x {D}, got {arrays.describe(input)}")
        x, sizes = thnn.contiguous(input).reshape(-1, D), (self.n_clusters, self.n_max_class_in_cluster)
        held = vars(self).get("_logp") or [None, None]
        logp = [arrays.resized(buffer, (len(x), size), x) for buffer, size in zip(held, sizes)]
        if kept and any(a is not b for a, b in zip(logp, held)):
            raise ValueError(f"{self}: call forward before backward, with the same input")
        self._logp = logp
        names = list(zip(PARAMETERS, GRADIENTS))
        groups = [[getattr(self, pair[k]) for k in (0, 1) for pair in names[i : i + 2]] for i in (0, 2)]
        for group, rows in zip(groups, (self.n_clusters, self.n_classes)):
            for array, shape in zip(group, [(rows, D), (rows,)] * 2):
                self._check(array, shape)
        return x, list(zip(groups, self._paths(target, len(x)), logp))

    def _check(self, array: Any, shape: tuple) -> None:
        if not arrays.is_array(array) or array.shape != shape or array.dtype != self._dtype or not arrays.plain(array):
            raise ValueError(f"{self}: parameters and gradients must be {shape} here, got {arrays.describe(array)}")

    def _paths(self, target: Any, n: int) -> list:
        """For both levels the first row, the number of rows, and the place of the target, ``N x 1 x 3``."""
        labels = whole(self, np.atleast_1d(target), "targets").reshape(-1)
        if len(labels) != n:
            raise ValueError(f"{self}: {len(labels)} targets for {n} samples")
        if ((labels < 1) | (labels > len(self.mapping))).any():
            raise IndexError(f"{self}: targets are 1..{len(self.mapping)}, got {labels.min()}..{labels.max()}")
        counts = clusters(self.mapping)
        if len(counts) != self.n_clusters or len(self.mapping) != self.n_classes:
            raise ValueError(f"{self}: mapping is not of {self.n_classes} classes in {self.n_clusters} clusters")
        cluster, place = (self.mapping[labels - 1] - 1).T
        first = (np.cumsum(counts) - counts)[cluster]
        whole_ = [np.zeros_like(cluster), np.full_like(cluster, len(counts)), cluster]
        return [np.stack(parts, 1)[:, None].copy() for parts in (whole_, [first, counts[cluster], place])]


def clusters(mapping: Any) -> Any:
    """How many classes each cluster has; ``ValueError`` unless clusters and places in them count from 1."""
    if mapping.ndim != 2 or mapping.shape[1] != 2 or not mapping.size or mapping.min() < 1:
        raise ValueError(f"nn.HSM: mapping must be pairs of cluster and place, from 1, got {arrays.describe(mapping)}")
    counts = np.bincount(mapping[:, 0])[1:] if mapping.max() <= len(mapping) else np.zeros(1, np.int64)
    order = np.lexsort(mapping.T[::-1])
    expected = [(c, k) for c, count in enumerate(counts.tolist(), 1) for k in range(1, count + 1)]
    if (counts == 0).any() or mapping[order].tolist() != [list(pair) for pair in expected]:
        raise ValueError("nn.HSM: bad mapping: clusters, and the places in each, must be 1, 2, 3 and so on, once each")
    return counts


@registry.upgrade(HSM)
def _upgrade(criterion: HSM, fields: dict) -> None:
    """What a run computes goes; numbers of classes are whole, whatever ``type`` made of them."""
    for name in ("logSMCluster", "logLossCluster", "cluster_score", "cluster_logsum", "class_score", "class_logsum"):
        fields.pop(name, None)
    fields.pop("tmp_ones", None)
    for name in ("mapping", "n_class_in_cluster", "class_start_indices"):
        if arrays.is_array(fields.get(name)):
            fields[name] = fields[name].astype(np.int64)
