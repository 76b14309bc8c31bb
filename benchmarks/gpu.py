"""``python -m benchmarks.gpu [NAME ...]``: layers and steps on a GPU; without one, figures computed on paper.

On a card every workload is timed by its events beside PyTorch, where PyTorch with CUDA is installed, and against what
the card can do at most: the bandwidth of a copy, multiply-adds of a loop that does nothing else. ``--paper`` computes
instead, on any machine: products by the model that chooses their tiles, whose rates are instruction counts of the
binaries; all else by the sectors of memory that the emulator counts (``test/cuda``, g++), scaled to the size.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import nn
import torch7
from nn.thnn.cuda.conv import model
from nn.thnn.cuda.runtime import Kernels

from .gpu_paper import paper
from .gpu_workloads import CONVOLUTIONS, LAYERS, STEPS, Convolution

CEILINGS = """\
#include "common.cuh"
template <class T> __global__ void __launch_bounds__(256) multiply_adds(T* y, int n) {
    T a[8], x = T(threadIdx.x) * T(1e-3);
    for (int k = 0; k < 8; k++) a[k] = T(k);
    for (int i = 0; i < n; i++)
#pragma unroll
        for (int k = 0; k < 8; k++) a[k] = a[k] * x + T(1);
    T sum = 0;
    for (int k = 0; k < 8; k++) sum += a[k];
    if (sum == T(-1)) y[0] = sum;
}
template <class T> __global__ void __launch_bounds__(256) tensor_cores(T* y, int n) {
    float a[4] = {1, 2, 3, 4}, b[2] = {1, 2}, d[8][4] = {};
    for (int i = 0; i < n; i++)
#pragma unroll
        for (int k = 0; k < 8; k++) mma_tf32(d[k], a, b);
    float sum = 0;
    for (int k = 0; k < 8; k++) sum += d[k][0] + d[k][1] + d[k][2] + d[k][3];
    if (sum == -1) y[0] = T(sum);
}
"""


#: Calls that warm up, and calls that are timed; elements that are copied, and turns of the loops of ceilings.
WARM, TIMES = 5, 20
COPIED, TURNS = 1 << 28, 4096


def seconds(run: Callable[[], Any]) -> float:
    """The median time of a call between two events of the card, after it has run warm."""
    cuda = torch7.arrays.cupy().cuda
    for _ in range(WARM):
        run()
    found = []
    for _ in range(TIMES):
        start, end = cuda.Event(), cuda.Event()
        start.record()
        run()
        end.record()
        end.synchronize()
        found.append(cuda.get_elapsed_time(start, end) * 1e-3)
    return float(np.median(found))


def ceilings() -> dict[str, float]:
    """Bytes a second of a copy, multiply-adds a second in float32 and by tensor cores in TF32."""
    cupy, launch, n = torch7.arrays.cupy(), Kernels("ceilings", CEILINGS), TURNS
    x = cupy.zeros(COPIED, np.float32)
    y, blocks = cupy.empty_like(x), 8 * model.card(0).multiprocessors
    run = {name: lambda name=name: launch(f"{name}<T>", np.float32, (blocks,), 256, y, n)
           for name in ("multiply_adds", "tensor_cores")}  # fmt: skip
    return {
        "copy": 2 * x.nbytes / seconds(lambda: cupy.copyto(y, x)),
        "FFMA": blocks * 256 * 8 * n / seconds(run["multiply_adds"]),
        "HMMA": blocks * 8 * 8 * n * 16 * 8 * 8 / seconds(run["tensor_cores"]),
    }


def theirs() -> Any:
    """PyTorch with CUDA, or None."""
    try:
        import torch
    except ImportError:
        return None
    return torch if torch.cuda.is_available() else None


def peer_seconds(torch: Any, module: Any, shape: tuple) -> dict[str, float]:
    module, x = module.cuda(), torch.randn(shape, device="cuda", requires_grad=True)
    y = module(x)
    g = torch.randn_like(y)
    inputs = [x, *module.parameters()]
    passes = {"forward": lambda: module(x), "backward": lambda: torch.autograd.grad(y, inputs, g, retain_graph=True)}
    return {name: _torch_seconds(torch, run) for name, run in passes.items()}


def _torch_seconds(torch: Any, run: Callable) -> float:
    for _ in range(WARM):
        run()
    found = []
    for _ in range(TIMES):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        run()
        end.record()
        end.synchronize()
        found.append(start.elapsed_time(end) * 1e-3)
    return float(np.median(found))


def measured(names: list[str], tf32: bool) -> None:
    """Tables of what the card does."""
    cupy, torch, top = torch7.arrays.cupy(), theirs(), ceilings()
    name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    other = f"PyTorch {torch.__version__}" if torch else "no PyTorch with CUDA here"
    print(f"{name}, {other}; {', '.join(f'{k} {v / 1e12:.2f} T/s' for k, v in top.items())}\n")
    print("| workload | pass | ms | share of the ceiling | PyTorch, ms | ratio |\n|---|---|---|---|---|---|")
    torch7.allow_tf32(tf32)
    if torch:
        torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark = tf32, True
    for name in names:
        if name in STEPS:
            _step(name)
            continue
        work = CONVOLUTIONS.get(name) or LAYERS[name]
        shape = work.input() if isinstance(work, Convolution) else work.input
        module, x = work.module().cuda(), torch7.normal(cupy.empty(shape, np.float32))
        y = module.forward(x)
        g = torch7.normal(cupy.empty(y.shape, np.float32))
        passes = {"forward": partial(module.forward, x), "backward": partial(module.backward, x, g)}
        peer = peer_seconds(torch, work.peer(torch), shape) if torch else {}
        for part, run in passes.items():
            s = seconds(run)
            least = _least(work, part, x.size, y.size, top, tf32)
            ratio = f"{peer[part] * 1e3:.3f} | {peer[part] / s:.2f}" if peer else "| "
            print(f"| {name} | {part} | {s * 1e3:.3f} | {least / s:.2f} | {ratio} |")


def _least(work: Any, part: str, x: int, y: int, top: dict[str, float], tf32: bool) -> float:
    """Seconds of the arithmetic or of the memory that a pass needs at least."""
    memory = 4 * (x + y if part == "forward" else 2 * x + y) / top["copy"]
    if not isinstance(work, Convolution):
        return memory
    products = y * work.C * work.k**2 * (1 if part == "forward" else 2)
    return max(memory, products / top["HMMA" if tf32 else "FFMA"])


def _step(name: str) -> None:
    """A training step, and the same in a graph."""
    cupy = torch7.arrays.cupy()
    make, shape = STEPS[name]
    net, criterion = make().cuda(), nn.ClassNLLCriterion().cuda()
    x, t = torch7.normal(cupy.empty(shape, np.float32)), cupy.ones(shape[0], np.int64)

    def step(x: Any, t: Any) -> Any:
        net.zeroGradParameters()
        loss = criterion.forward(net.forward(x), t)
        net.backward(x, criterion.backward(net.output, t))
        net.updateParameters(0.01)
        return loss

    for title, run in (("modules", step), ("torch7.graph", torch7.graph(step))):
        print(f"| {name} | {title} | {seconds(partial(run, x, t)) * 1e3:.3f} | | | |")


def main() -> None:
    everything = [*CONVOLUTIONS, *LAYERS, *STEPS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(everything)}; all by default")
    parser.add_argument("--tf32", action="store_true", help="let convolutions round to TF32, theirs too")
    parser.add_argument("--paper", action="store_true", help="compute, also where there is a card")
    options = parser.parse_args()
    if unknown := set(options.names) - set(everything):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(everything)}")
    names = options.names or everything
    try:
        torch7.arrays.cupy()
    except (ImportError, RuntimeError) as reason:
        if not options.paper:
            print(f"{reason}\n")
        options.paper = True
    paper(names) if options.paper else measured(names, options.tf32)


if __name__ == "__main__":
    main()
