"""Transfer functions, softmax with NLL, LookupTable and criterions beside PyTorch, float32, forward and backward.

``python -m benchmarks.elementwise [name]``: PyTorch as it is, both on two threads in one process, turn by turn; the
ratio of medians (above 1: faster than PyTorch), and the bar that is set for some.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F

import nn
import torch7

from .timing import side_by_side

THREADS = 2
BIG, SMALL = (64, 64, 32, 32), (128, 256)
Call = Callable[[], object]

BARS = {
    "Tanh forward": 3,
    "Sigmoid forward": 3,
    "LogSoftMax + ClassNLL 10 forward": 3,
    "LogSoftMax + ClassNLL 10 backward": 3,
    "LogSoftMax + ClassNLL 10000 forward": 1.2,
    "LogSoftMax + ClassNLL 10000 backward": 1.2,
    "LookupTable backward": 4,
    "ReLU forward": 0.95,
    "ReLU backward": 0.95,
    "Tanh backward": 0.95,
    "Sigmoid backward": 0.95,
}


def tensors(*shape: int, seed: int = 0) -> tuple[np.ndarray, torch.Tensor]:
    """The same normal numbers for both."""
    x = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    return x, torch.from_numpy(x.copy())


def module(name: str, layer: nn.Module, function: Callable, shape: tuple) -> Iterator[tuple]:
    """Forward and backward of a layer without parameters."""
    (x, tx), (g, tg) = tensors(*shape), tensors(*shape, seed=1)
    tx.requires_grad_()
    layer.float()
    ty = function(tx)
    layer.forward(x)
    yield f"{name} forward", lambda: layer.forward(x), lambda: function(tx)
    backward = lambda: torch.autograd.grad(ty, tx, tg, retain_graph=True)  # noqa: E731
    yield f"{name} backward", lambda: layer.updateGradInput(x, g), backward


def criterion(name: str, loss: nn.Criterion, function: Callable, x: np.ndarray, t: np.ndarray) -> Iterator[tuple]:
    """Forward and backward of a criterion; PyTorch's labels are 0-based."""
    loss.float()
    tx, tt = torch.from_numpy(x.copy()).requires_grad_(), torch.from_numpy(t - 1 if t.dtype == np.int64 else t.copy())
    ty = function(tx, tt)
    loss.forward(x, t)
    yield f"{name} forward", lambda: loss.forward(x, t), lambda: function(tx, tt)
    yield f"{name} backward", lambda: loss.backward(x, t), lambda: torch.autograd.grad(ty, tx, retain_graph=True)


def classifier(classes: int) -> Iterator[tuple]:
    """LogSoftMax and ClassNLLCriterion of a batch of 128."""
    layer, loss = nn.LogSoftMax().float(), nn.ClassNLLCriterion().float()
    x, tx = tensors(128, classes)
    tx.requires_grad_()
    labels = np.random.default_rng(2).integers(1, classes + 1, 128)
    target = torch.from_numpy(labels - 1)

    def forward() -> object:
        return loss.forward(layer.forward(x), labels)

    forward()
    ty = F.nll_loss(F.log_softmax(tx, 1), target)
    name = f"LogSoftMax + ClassNLL {classes}"
    yield f"{name} forward", forward, lambda: F.nll_loss(F.log_softmax(tx, 1), target)
    yield (
        f"{name} backward",
        lambda: layer.updateGradInput(x, loss.backward(layer.output, labels)),
        lambda: torch.autograd.grad(ty, tx, retain_graph=True),
    )


def lookup() -> Iterator[tuple]:
    """32 x 50 indices into 10000 rows of 256."""
    layer = nn.LookupTable(10000, 256).float()
    index = np.random.default_rng(3).integers(1, 10001, (32, 50))
    peer = torch.nn.Embedding(10000, 256)
    tindex = torch.from_numpy(index - 1)
    g, tg = tensors(32, 50, 256)
    ty = peer(tindex)
    layer.forward(index)
    yield "LookupTable forward", lambda: layer.forward(index), lambda: peer(tindex)
    backward = lambda: torch.autograd.grad(ty, peer.weight, tg, retain_graph=True)  # noqa: E731
    yield "LookupTable backward", lambda: layer.accGradParameters(index, g, 1), backward


def workloads() -> Iterator[tuple]:
    yield from module("Tanh", nn.Tanh(), torch.tanh, BIG)
    yield from module("Sigmoid", nn.Sigmoid(), torch.sigmoid, BIG)
    yield from module("Sigmoid small", nn.Sigmoid(), torch.sigmoid, SMALL)
    yield from module("ReLU", nn.ReLU(), torch.relu, BIG)
    yield from module("ELU", nn.ELU(), F.elu, BIG)
    yield from module("SoftPlus", nn.SoftPlus(), F.softplus, BIG)
    yield from module("LeakyReLU", nn.LeakyReLU(), F.leaky_relu, BIG)
    yield from module("HardTanh", nn.HardTanh(), F.hardtanh, BIG)
    yield from module("LogSigmoid", nn.LogSigmoid(), F.logsigmoid, BIG)
    yield from module("SoftSign", nn.SoftSign(), F.softsign, BIG)
    yield from classifier(10)
    yield from classifier(10000)
    if hasattr(nn, "LookupTable"):
        yield from lookup()
    yield from criterions()


def criterions() -> Iterator[tuple]:
    for size in ((128, 10), (128, 1000), (1024, 1024)):
        x, t = tensors(*size)[0], tensors(*size, seed=1)[0]
        sign, binary = np.sign(t), (t > 0).astype(np.float32)
        labels = np.random.default_rng(4).integers(1, size[1] + 1, size[0])
        p = 1 / (1 + np.exp(-x))
        s = f"{size[0]}x{size[1]}"
        yield from criterion(f"MSE {s}", nn.MSECriterion(), F.mse_loss, x, t)
        yield from criterion(f"Abs {s}", nn.AbsCriterion(), F.l1_loss, x, t)
        yield from criterion(f"SmoothL1 {s}", nn.SmoothL1Criterion(), F.smooth_l1_loss, x, t)
        yield from criterion(f"BCE {s}", nn.BCECriterion(), F.binary_cross_entropy, p, binary)
        yield from criterion(f"SoftMargin {s}", nn.SoftMarginCriterion(), F.soft_margin_loss, x, sign)
        yield from criterion(f"HingeEmbedding {s}", nn.HingeEmbeddingCriterion(), F.hinge_embedding_loss, x, sign)
        yield from criterion(f"DistKLDiv {s}", nn.DistKLDivCriterion(), F.kl_div, x, p)
        yield from criterion(f"CrossEntropy {s}", nn.CrossEntropyCriterion(), F.cross_entropy, x, labels)
        yield from criterion(f"MultiMargin {s}", nn.MultiMarginCriterion(), F.multi_margin_loss, x, labels)
        soft = F.multilabel_soft_margin_loss
        yield from criterion(f"MultiLabelSoftMargin {s}", nn.MultiLabelSoftMarginCriterion(), soft, x, binary)


def main() -> None:
    torch.set_num_threads(THREADS)
    torch7.setnumthreads(THREADS)
    chosen = sys.argv[1] if len(sys.argv) > 1 else ""
    print(f"{'workload':40} {'torch7':>10} {'PyTorch':>10}   ratio   bar    (microseconds)")
    for name, own, peer in workloads():
        if chosen in name:
            times = side_by_side({"own": own, "peer": peer})
            bar = BARS.get(name, 1.0 if " 1" in name else None)
            ratio = times["peer"] / times["own"]
            mark = "" if bar is None else f"{bar:5.2f}{'' if ratio >= bar else '  below'}"
            print(f"{name:40} {times['own'] * 1e6:10.1f} {times['peer'] * 1e6:10.1f} {ratio:7.2f} {mark}", flush=True)


if __name__ == "__main__":
    main()
