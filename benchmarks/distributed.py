"""Training on several processes of one thread each: speed, overlap and the model of time.

    python -m benchmarks.distributed

Prints samples a second of one and of two processes, the share of the sum of gradients that hides behind the backward
pass on a network with an added delay, and what the model of time, fitted here, says of up to 1024 nodes. Needs
mpirun, and a processor for every process.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SETTINGS = {"NUMBA_NUM_THREADS": "1", "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
ROUNDS = 9
BATCHES = {"lenet": 256, "vgg": 32}
SIZES = [10**k for k in range(3, 8)]


# -- what the processes run


def network(name: str) -> tuple[Any, np.ndarray]:
    """A network and its input."""
    import nn
    from benchmarks import networks

    if name == "lenet":
        return networks.lenet().float(), images(BATCHES[name], 1)
    net, planes = nn.Sequential(), 3
    for width in (64, 128, 256, 512):
        for _ in range(2):
            net.add(nn.SpatialConvolution(planes, width, 3, 3, 1, 1, 1, 1)).add(nn.ReLU())
            planes = width
        net.add(nn.SpatialMaxPooling(2, 2, 2, 2))
    net.add(nn.View(2048)).add(nn.Linear(2048, 512)).add(nn.ReLU()).add(nn.Linear(512, 10)).add(nn.LogSoftMax())
    return net.float(), images(BATCHES[name], 3)


def images(n: int, planes: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n, planes, 32, 32)).astype(np.float32)


class Training:
    """Steps of a network: without a sum of gradients, with one after backward, and with one that overlaps it."""

    def __init__(self, tree: Any, name: str) -> None:
        import distlearn
        import nn

        self.net, self.x = network(name)
        self.labels = np.arange(len(self.x)) % 10 + 1
        self.loss = nn.ClassNLLCriterion().float()
        self.params, self.grads = self.net.getParameters()
        self.sgd = distlearn.AllReduceSGD(tree)
        self.sgd.synchronizeParameters(self.params)
        self._forward()

    def _forward(self) -> np.ndarray:
        self.loss.forward(self.net.forward(self.x), self.labels)
        self.grads.fill(0)
        return self.loss.backward(self.net.output, self.labels)

    def alone(self) -> None:
        self.net.backward(self.x, self._forward())
        self.params -= 0.01 * self.grads

    def after(self) -> None:
        self.net.backward(self.x, self._forward())
        self.sgd.sumAndNormalizeGradients(self.grads)
        self.params -= 0.01 * self.grads

    def overlapped(self) -> None:
        gradOutput = self._forward()
        with self.sgd.overlap(self.net, self.grads):
            self.net.backward(self.x, gradOutput)
        self.sgd.sumAndNormalizeGradients(self.grads)
        self.params -= 0.01 * self.grads

    def backward(self) -> None:
        self.net.backward(self.x, self.loss.gradInput)


class Slow:
    """A communicator on a network with a delay: messages follow one another over one wire."""

    def __init__(self, comm: Any, latency: float, bandwidth: float) -> None:
        self.comm, self.latency, self.bandwidth, self.free = comm, latency, bandwidth, 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.comm, name)

    def Iallreduce(self, kind: Any, numbers: np.ndarray, *rest: Any) -> SlowRequest:
        self.free = max(time.perf_counter(), self.free) + numbers.nbytes / self.bandwidth
        return SlowRequest(self.comm.Iallreduce(kind, numbers, *rest), self.free + self.latency)


class SlowRequest:
    """A request that ends when its message has come over the wire."""

    def __init__(self, request: Any, end: float) -> None:
        self.request, self.end = request, end

    def Test(self) -> bool:
        return self.request.Test() and time.perf_counter() >= self.end


def seconds(tree: Any, steps: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Median seconds of each step; the steps take turns, and all processes begin together."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(ROUNDS + 1):
        for name, step in steps.items():
            tree.allReduce(0)
            start = time.perf_counter()
            step()
            times[name] += [time.perf_counter() - start] if turn else []
    return {name: statistics.median(t) for name, t in times.items()}


def speed(tree: Any, name: str) -> dict[str, float]:
    training = Training(tree, name)
    steps = {"after": training.after, "overlapped": training.overlapped, "backward": training.backward}
    if tree.numNodes == 1:
        steps = {"step": training.alone, "backward": training.backward}
    return seconds(tree, steps) | {"bytes": training.grads.nbytes}


def overlap(tree: Any, name: str) -> dict[str, float]:
    """Steps on a wire that takes half as long for the gradients as the backward pass does."""
    training = Training(tree, name)
    backward = seconds(tree, {"backward": training.backward})["backward"]
    backward = tree.allReduce(backward, np.maximum)[0]
    tree.comm = Slow(tree.comm, 1e-3, training.grads.nbytes / (0.5 * backward))
    return seconds(tree, {"alone": training.alone, "after": training.after, "overlapped": training.overlapped})


def sums(tree: Any, name: str) -> list[float]:
    """Median seconds of sums of so many bytes."""
    from distlearn import reduction

    arrays = {str(size): np.ones(size // 4, np.float32) for size in SIZES}
    timed = seconds(tree, {size: lambda x=x: reduction.add(tree, x) for size, x in arrays.items()})
    return [timed[str(size)] for size in SIZES]


def worker(task: str, name: str) -> None:
    import distlearn
    import torch7

    torch7.setnumthreads(1)
    tree = distlearn.Tree()
    result = {"speed": speed, "overlap": overlap, "sums": sums}[task](tree, name)
    if tree.rank == 0:
        print("result " + json.dumps(result))


# -- what starts them


def on(nodes: int, task: str, name: str = "") -> Any:
    """What the first of ``nodes`` processes measured."""
    own = Path(sys.executable).parent / "mpirun"
    launcher = str(own) if own.exists() else shutil.which("mpirun")
    if launcher is None:
        raise SystemExit("there is no mpirun: pip install 'torch7[mpi]'")
    command = [
        launcher,
        "--oversubscribe",
        "-n",
        str(nodes),
        sys.executable,
        "-m",
        "benchmarks.distributed",
        task,
        name,
    ]
    done = subprocess.run(command, env=os.environ | SETTINGS, capture_output=True, text=True, timeout=1200, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("result ")]
    if not lines:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return json.loads(lines[-1].removeprefix("result "))


def main() -> None:
    from distlearn.time_model import StepTime, fit, table

    ones = {}
    print("samples a second, one thread each; two processes with the sum after backward, and overlapped")
    print(f"{'':<8}{'batch':>6}{'1 process':>12}{'2, after':>11}{'ratio':>7}{'2, overlapped':>15}{'ratio':>7}")
    for name, batch in BATCHES.items():
        ones[name], two = on(1, "speed", name), on(2, "speed", name)
        rate = batch / ones[name]["step"]
        rates = [2 * batch / two[way] for way in ("after", "overlapped")]
        print(f"{name:<8}{batch:>6}{rate:>12.0f}{rates[0]:>11.0f}{rates[0] / rate:>7.2f}", end="")
        print(f"{rates[1]:>15.0f}{rates[1] / rate:>7.2f}")
    hidden = {}
    print("\nmilliseconds of a step on a wire that takes half the time of the backward pass")
    print(f"{'':<8}{'no sum':>9}{'sum after':>11}{'overlapped':>12}{'hidden':>9}")
    for name in BATCHES:
        t = on(2, "overlap", name)
        hidden[name] = (t["after"] - t["overlapped"]) / (t["after"] - t["alone"])
        print(f"{name:<8}" + f"{1e3 * t['alone']:>9.1f}{1e3 * t['after']:>11.1f}{1e3 * t['overlapped']:>12.1f}", end="")
        print(f"{100 * hidden[name]:>8.0f}%")
    measured = [(n, size, s) for n in (2, 4) for size, s in zip(SIZES, on(n, "sums"))]
    latency, bandwidth = fit(*zip(*measured))
    print(f"\nhere: latency {1e6 * latency:.1f} microseconds, bandwidth {bandwidth / 1e9:.2f} GB/s")
    for name, one in ones.items():
        model = StepTime(one["step"], one["backward"], one["bytes"], latency, bandwidth)
        print(f"\n{name}: efficiency in per cent, by the model, for so many nodes")
        print(table(model, max(0.0, min(1.0, hidden[name]))))


if __name__ == "__main__":
    worker(*sys.argv[1:]) if len(sys.argv) > 2 else main()
