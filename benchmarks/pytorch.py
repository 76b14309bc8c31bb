"""nn.pytorch beside PyTorch: forward and backward passes of layers and losses, the tape, a module call.

``python -m benchmarks.pytorch [--dtype float64] [--threads 2] [--rounds 7] [--best] [--cpu] [NAME ...]``: both take
turns in one process; the ratio is PyTorch's time by ours (above 1: faster than PyTorch), of medians, or with ``--best``
of the smallest times, which say more on a busy machine. Without PyTorch only our own times are printed.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import nn.pytorch as tnn
import torch7

from .pytorch_layers import LAYERS, LOSSES
from .timing import side_by_side

try:
    import torch
except ImportError:
    torch = None


def drawn(kind: str, dtype: np.dtype) -> list:
    """The inputs of a loss."""
    r = np.random.default_rng(0)
    if kind in ("classes", "few"):
        rows, classes = (2048, 1000) if kind == "classes" else (128, 10)
        return [r.standard_normal((rows, classes)).astype(dtype), r.integers(0, classes, rows)]
    if kind == "sequences":
        x = r.standard_normal((100, 32, 40))
        x -= np.log(np.exp(x).sum(-1, keepdims=True))
        return [x.astype(dtype), r.integers(1, 40, (32, 20)), np.full(32, 100), np.full(32, 20)]
    x, y = r.standard_normal((1024, 1024)), r.uniform(0, 1, (1024, 1024))
    if kind == "pair":
        y = r.standard_normal(x.shape)
    if kind == "shares":
        x = r.uniform(0.01, 0.99, x.shape)
    if kind == "logarithms":
        x = np.log(r.uniform(0.01, 1, x.shape))
    if kind == "signs":
        y = np.sign(y - 0.5)
    return [x.astype(dtype), y.astype(dtype)]


def twins(name: str, arguments: tuple, dtype: np.dtype, **settings: Any) -> tuple:
    """Our module and PyTorch's with the same parameters; None for one that there is not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = getattr(tnn, name)(*arguments, **settings).to(dtype) if hasattr(tnn, name) else None
        theirs = None
        if torch is not None:
            theirs = getattr(torch.nn, name)(*arguments, **settings).to(torch.from_numpy(np.empty(0, dtype)).dtype)
    if ours is not None and theirs is not None:
        state = {key: torch.from_numpy(np.array(value)) for key, value in ours.state_dict().items()}
        theirs.load_state_dict(state, strict=False)
    return ours, theirs


def passes(ours: Any, theirs: Any, arrays: list, loss: bool = False) -> Iterator[tuple]:
    """Forward and backward of both."""
    y = ours.forward(*arrays)
    y = y[0] if isinstance(y, tuple) else y
    g = None if isinstance(y, float) else np.random.default_rng(1).standard_normal(y.shape).astype(y.dtype)
    argument = arrays[0] if len(arrays) == 1 else list(arrays)
    back = (lambda: ours.backward(*arrays, g)) if loss else (lambda: ours.backward(argument, g))
    back()
    forward, backward = {"ours": lambda: ours.forward(*arrays)}, {"ours": back}
    if theirs is not None:
        tensors = [torch.from_numpy(x).requires_grad_(x.dtype.kind == "f") for x in arrays]
        tensors[1:] = [t.requires_grad_(False) if loss else t for t in tensors[1:]]
        out = theirs(*tensors)
        out = out[0] if isinstance(out, tuple) else out
        wanted = [t for t in (*tensors, *theirs.parameters()) if t.requires_grad]
        tg = None if g is None else torch.from_numpy(g)
        forward["theirs"] = lambda: theirs(*tensors)
        backward["theirs"] = lambda: torch.autograd.grad(out, wanted, tg, retain_graph=True)
    yield "forward", forward
    yield "backward", backward


def layers(dtype: np.dtype) -> Iterator[tuple]:
    r = np.random.default_rng(0)
    for name, (kind, arguments, shapes) in LAYERS.items():
        arrays = [r.standard_normal(s).astype(dtype) for s in (shapes if isinstance(shapes, list) else [shapes])]
        yield name, lambda kind=kind, arguments=arguments, arrays=arrays: passes(*twins(kind, arguments, dtype), arrays)


def losses(dtype: np.dtype) -> Iterator[tuple]:
    for name, (kind, settings, inputs) in LOSSES.items():
        yield (
            name,
            lambda kind=kind, settings=settings, inputs=inputs: passes(
                *twins(kind, (), dtype, **settings), drawn(inputs, dtype), True
            ),
        )


def attention(dtype: np.dtype) -> Iterator[tuple]:
    """Scaled dot product attention of 64 x 8 heads x 128 x 64, and the whole layer."""
    F = tnn.functional
    r = np.random.default_rng(0)
    q, k, v, g = (r.standard_normal((64, 8, 128, 64)).astype(dtype) for _ in range(4))
    if hasattr(F, "scaled_dot_product_attention"):
        ours = {"ours": lambda: F.scaled_dot_product_attention(q, k, v)}
        kept = F.scaled_dot_product_attention_forward(q, k, v)[1]
        back = {"ours": lambda: F.scaled_dot_product_attention_backward(g, q, k, v, **kept)}
        if torch is not None:
            t = [torch.from_numpy(x).requires_grad_() for x in (q, k, v)]
            attend = torch.nn.functional.scaled_dot_product_attention
            out, tg = attend(*t), torch.from_numpy(g)
            ours["theirs"] = lambda: attend(*t)
            back["theirs"] = lambda: torch.autograd.grad(out, t, tg, retain_graph=True)
        yield "forward", ours
        yield "backward", back


def multihead(dtype: np.dtype) -> Iterator[tuple]:
    """MultiheadAttention of 512 in 8 heads, 128 queries of 64 samples, without its weights."""
    r = np.random.default_rng(0)
    x = r.standard_normal((128, 64, 512)).astype(dtype)
    g = r.standard_normal(x.shape).astype(dtype)
    ours, theirs = twins("MultiheadAttention", (512, 8), dtype)
    ours.forward(x, x, x, need_weights=False)
    forward = {"ours": lambda: ours.forward(x, x, x, need_weights=False)}
    backward = {"ours": lambda: ours.backward([x, x, x], [g])}
    if theirs is not None:
        t, tg = torch.from_numpy(x).requires_grad_(), torch.from_numpy(g)
        out = theirs(t, t, t, need_weights=False)[0]
        wanted = [t, *theirs.parameters()]
        forward["theirs"] = lambda: theirs(t, t, t, need_weights=False)
        backward["theirs"] = lambda: torch.autograd.grad(out, wanted, tg, retain_graph=True)
    yield "forward", forward
    yield "backward", backward


def embeddings(dtype: np.dtype, name: str, mode: str | None) -> Iterator[tuple]:
    r = np.random.default_rng(0)
    indices = r.integers(0, 10_000, (256, 20))
    ours, theirs = twins(name, (10_000, 128), dtype, **({} if mode is None else {"mode": mode}))
    g = r.standard_normal(ours.forward(indices).shape).astype(dtype)
    forward, backward = {"ours": lambda: ours.forward(indices)}, {"ours": lambda: ours.backward(indices, g)}
    if theirs is not None:
        t, tg = torch.from_numpy(indices), torch.from_numpy(g)
        out = theirs(t)
        forward["theirs"] = lambda: theirs(t)
        backward["theirs"] = lambda: torch.autograd.grad(out, theirs.weight, tg, retain_graph=True)
    yield "forward", forward
    yield "backward", backward


def overhead(dtype: np.dtype) -> Iterator[tuple]:
    """A chain of a hundred recorded additions of two numbers, and a hundred calls of a module on them."""

    class Additions(tnn.Module):
        def forward(self, x):
            y = x
            for _ in range(100):
                y = y + x
            return y

    class Calls(tnn.Module):
        def __init__(self):
            super().__init__()
            self.inside = tnn.ModuleList([tnn.ReLU() for _ in range(100)])

        def forward(self, x):
            for module in self.inside:
                x = module(x)
            return x

    class Plain(tnn.Module):
        def forward(self, x):
            return F.relu(x)

        def backward(self, x, g):
            return g

    F = tnn.functional
    x = np.ones(2, dtype)
    for name, module in (("100 additions", Additions()), ("100 modules", Calls())):
        module.forward(x)
        yield f"{name}: forward", {"ours": lambda module=module: module.forward(x)}
        yield f"{name}: backward", {"ours": lambda module=module: module.backward(x, x)}
    relu = tnn.ReLU()
    yield "one module: call", {"ours": lambda: relu(x)}


def cases(dtype: np.dtype) -> Iterator[tuple[str, Callable]]:
    yield from layers(dtype)
    yield from losses(dtype)
    yield "attention", lambda: attention(dtype)
    yield "multihead", lambda: multihead(dtype)
    yield "embedding", lambda: embeddings(dtype, "Embedding", None)
    for mode in ("sum", "mean", "max"):
        yield f"embedding_bag {mode}", lambda mode=mode: embeddings(dtype, "EmbeddingBag", mode)
    yield "overhead", lambda: overhead(dtype)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="workloads whose name contains it; all by default")
    parser.add_argument("--dtype", default="float32", choices=("float32", "float64"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--best", action="store_true", help="compare the smallest times, not medians")
    parser.add_argument("--cpu", action="store_true", help="compare the processor's time; for --threads 1")
    options = parser.parse_args()
    torch7.setnumthreads(options.threads)
    if torch is not None:
        torch.set_num_threads(options.threads)
    statistic = min if options.best else statistics.median
    clock = time.process_time if options.cpu else time.perf_counter
    print(f"{'workload':24} {'pass':24} {'ours':>9} {'PyTorch':>9}   ratio   (milliseconds)")
    for name, make in cases(np.dtype(options.dtype)):
        if options.names and not any(part in name for part in options.names):
            continue
        try:
            found = list(make())
        except AttributeError as missing:
            print(f"{name:24} not there: {missing}")
            continue
        for part, contestants in found:
            times = {k: 1e3 * t for k, t in side_by_side(contestants, options.rounds, statistic, clock).items()}
            theirs = f"{times['theirs']:9.3f} {times['theirs'] / times['ours']:7.2f}" if "theirs" in times else ""
            print(f"{name:24} {part:24} {times['ours']:9.4f} {theirs}", flush=True)


if __name__ == "__main__":
    main()
