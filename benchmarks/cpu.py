"""Layers on the CPU beside PyTorch: forward, gradient of the input, gradient of the weights.

``python -m benchmarks.cpu [--dtype float64] [--threads 2] [--rounds 7] [--write] [NAME ...]``; both libraries take
turns in one process with the same number of threads, and medians are compared. ``--write`` puts the table into
``RESULTS.md``.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nn
import torch7

from .timing import side_by_side

Parts = dict[str, Callable[[], Any]]

# batch, planes in, size, planes out, kernel, stride, pad
CONVOLUTIONS = {
    "lenet_c1": (128, 1, 32, 6, 5, 1, 0),
    "lenet_c2": (128, 6, 14, 16, 5, 1, 0),
    "cifar_c0": (128, 3, 32, 64, 3, 1, 1),
    "res16_32": (128, 16, 32, 16, 3, 1, 1),
    "vgg64_32": (64, 64, 32, 64, 3, 1, 1),
    "vgg128_16": (64, 128, 16, 128, 3, 1, 1),
    "vgg256_8": (64, 256, 8, 256, 3, 1, 1),
    "vgg512_4": (64, 512, 4, 512, 3, 1, 1),
    "res64_s2": (64, 64, 32, 128, 3, 2, 1),
    "alex_c1": (32, 3, 224, 64, 11, 4, 2),
    "alex_c2": (32, 64, 27, 192, 5, 1, 2),
    "resnet_c1": (16, 3, 224, 64, 7, 2, 3),
    "conv1x1_56": (16, 256, 56, 64, 1, 1, 0),
    "conv1x1_14": (16, 256, 14, 1024, 1, 1, 0),
}
FULL_CONVOLUTIONS = {
    "dcgan_up": (64, 256, 8, 128, 4, 2, 1),
    "dcgan_last": (64, 64, 32, 3, 4, 2, 1),
}
LINEAR = {"linear_256": 256, "linear_1024": 1024, "linear_4096": 4096}
POOLINGS = {
    "maxpool2": ("Max", 128, 64, 32, 2, 2),
    "maxpool3s2": ("Max", 32, 64, 55, 3, 2),
    "avgpool2": ("Average", 128, 64, 32, 2, 2),
}
POINTWISE = {
    "relu_big": ("ReLU", (64, 64, 32, 32)),
    "tanh_big": ("Tanh", (64, 64, 32, 32)),
    "sigmoid_small": ("Sigmoid", (128, 256)),
    "logsoftmax_10": ("LogSoftMax", (128, 10)),
    "logsoftmax_10k": ("LogSoftMax", (128, 10000)),
}
NORMALISATIONS = {"bn_spatial": (64, 64, 32, 32), "bn_1d": (128, 1024)}


def ours(module: nn.Module, x: np.ndarray, dy: np.ndarray) -> Parts:
    """The passes of a module; those of the weights where it has some."""
    module.type(torch7.typename(x))
    module.forward(x)
    module.backward(x, dy)
    parts = {"forward": lambda: module.updateOutput(x), "input": lambda: module.updateGradInput(x, dy)}
    if module.parameters()[0]:
        parts["weights"] = lambda: module.accGradParameters(x, dy, 1)
    return parts


def theirs(function: Callable, x: np.ndarray, dy: np.ndarray, parameters: list) -> Parts:
    import torch

    x, dy = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dy)
    y, grad = function(x), torch.autograd.grad
    parts = {"forward": lambda: function(x), "input": lambda: grad(y, x, dy, retain_graph=True)}
    if parameters:
        parts["weights"] = lambda: grad(y, parameters, dy, retain_graph=True)
    return parts


def together(module: nn.Module, peer: Any, shape: tuple, dtype: np.dtype) -> tuple[Parts, Parts]:
    """Both sides of a workload for a random input."""
    import torch

    random = np.random.default_rng(0)
    x = random.standard_normal(shape).astype(dtype)
    if isinstance(peer, torch.nn.Module):
        peer = peer.to(getattr(torch, np.dtype(dtype).name))
        parameters = list(peer.parameters())
    else:
        parameters = []
    dy = random.standard_normal(peer(torch.from_numpy(x)).shape).astype(dtype)
    return ours(module, x, dy), theirs(peer, x, dy, parameters)


def make(name: str, dtype: np.dtype) -> tuple[Parts, Parts]:
    """The parts of a workload, ours and PyTorch's."""
    from torch import nn as peer
    from torch.nn import functional

    if name in CONVOLUTIONS:
        n, i, size, o, k, s, p = CONVOLUTIONS[name]
        module, other = nn.SpatialConvolution(i, o, k, k, s, s, p, p), peer.Conv2d(i, o, k, s, p)
        return together(module, other, (n, i, size, size), dtype)
    if name in FULL_CONVOLUTIONS:
        n, i, size, o, k, s, p = FULL_CONVOLUTIONS[name]
        module, other = nn.SpatialFullConvolution(i, o, k, k, s, s, p, p), peer.ConvTranspose2d(i, o, k, s, p)
        return together(module, other, (n, i, size, size), dtype)
    if name in LINEAR:
        n = LINEAR[name]
        return together(nn.Linear(n, n), peer.Linear(n, n), (128, n), dtype)
    if name in POOLINGS:
        kind, n, c, size, k, s = POOLINGS[name]
        other = {"Max": peer.MaxPool2d, "Average": peer.AvgPool2d}[kind](k, s)
        module = getattr(nn, f"Spatial{kind}Pooling")(k, k, s, s)
        return together(module, other, (n, c, size, size), dtype)
    if name in POINTWISE:
        kind, shape = POINTWISE[name]
        other = {"ReLU": functional.relu, "LogSoftMax": lambda x: functional.log_softmax(x, 1)}.get(kind)
        return together(getattr(nn, kind)(), other or getattr(functional, kind.lower()), shape, dtype)
    shape = NORMALISATIONS[name]
    if len(shape) == 2:
        return together(nn.BatchNormalization(shape[1]), peer.BatchNorm1d(shape[1]), shape, dtype)
    return together(nn.SpatialBatchNormalization(shape[1]), peer.BatchNorm2d(shape[1]), shape, dtype)


NAMES = [*CONVOLUTIONS, *FULL_CONVOLUTIONS, *LINEAR, *POOLINGS, *POINTWISE, *NORMALISATIONS]


def table(names: list[str], dtype: np.dtype, rounds: int) -> list[tuple[str, str, float, float]]:
    """Rows of workload, pass, our and PyTorch's milliseconds; printed as they come."""
    rows = []
    for name in names:
        mine, other = make(name, dtype)
        for part in mine:
            if part in other:
                times = side_by_side({"ours": mine[part], "theirs": other[part]}, rounds)
                rows.append((name, part, times["ours"] * 1e3, times["theirs"] * 1e3))
                print(line(*rows[-1]), flush=True)
    return rows


def line(name: str, part: str, mine: float, other: float) -> str:
    return f"| {name} | {part} | {mine:.3g} | {other:.3g} | {other / mine:.2f} |"


def report(rows: list, dtype: np.dtype, threads: int) -> str:
    """The table as Markdown, with the geometric mean of the ratios."""
    mean = math.exp(statistics.fmean(math.log(other / mine) for *_, mine, other in rows))
    head = [f"## CPU, {np.dtype(dtype).name}, {threads} threads", ""]
    head += ["Milliseconds, medians, side by side in one process; ratio above 1: faster than PyTorch.", ""]
    head += ["| workload | pass | torch7 | PyTorch | ratio |", "|---|---|---|---|---|"]
    foot = ["", f"Geometric mean of {len(rows)} ratios: {mean:.2f}; lowest {min(o / m for *_, m, o in rows):.2f}."]
    return "\n".join([*head, *(line(*row) for row in rows), *foot, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="workloads; all of them by default")
    parser.add_argument("--dtype", default="float32", choices=("float32", "float64"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each library for each pass")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    torch7.setnumthreads(options.threads)
    dtype = np.dtype(options.dtype)
    rows = table(options.names or NAMES, dtype, options.rounds)
    text = report(rows, dtype, options.threads)
    print(text.splitlines()[-1])
    if options.write:
        Path(__file__).with_name("RESULTS.md").write_text(text)


if __name__ == "__main__":
    main()
