"""``python -m benchmarks.busy``: LeNet's training steps on a quiet machine, and beside two processes that never wait.

The two turns alternate in one process, so that slow spells of the machine meet both. Time is the wall's; the processor
time of the steps tells what waiting costs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import numpy as np

import nn
import optim
import torch7 as torch


def lenet() -> nn.Sequential:
    """LeNet of the digits example, with maps of 6 and 16."""
    return (
        nn.Sequential()
        .add(nn.SpatialConvolution(1, 6, 5, 5))
        .add(nn.ReLU())
        .add(nn.SpatialMaxPooling(2, 2, 2, 2))
        .add(nn.SpatialConvolution(6, 16, 5, 5))
        .add(nn.ReLU())
        .add(nn.SpatialMaxPooling(2, 2, 2, 2))
        .add(nn.View(256))
        .add(nn.Linear(256, 120))
        .add(nn.ReLU())
        .add(nn.Linear(120, 84))
        .add(nn.ReLU())
        .add(nn.Linear(84, 10))
        .add(nn.LogSoftMax())
    )


def training(batch: int) -> Callable[[], None]:
    """One step of training on a batch of random images."""
    net, criterion = lenet(), nn.ClassNLLCriterion()
    inputs, targets = torch.randn(batch, 1, 28, 28), np.arange(batch) % 10 + 1
    parameters, gradients = net.getParameters()
    config = {"learningRate": 0.01, "momentum": 0.9}

    def evaluate(_):
        net.zeroGradParameters()
        output = net.forward(inputs)
        loss = criterion.forward(output, targets)
        net.backward(inputs, criterion.backward(output, targets))
        return loss, gradients

    return lambda: optim.sgd(evaluate, parameters, config)


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Meanwhile so many processes compute."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    time.sleep(0.5)
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def timed(step: Callable[[], None], steps: int) -> tuple[float, float]:
    """Milliseconds of a step: of the wall's clock and of processors."""
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(steps):
        step()
    return (time.perf_counter() - wall) / steps * 1e3, (time.process_time() - processor) / steps * 1e3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--steps", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=4, help="turns of each kind among which the steps are divided")
    options.add_argument("--batch", type=int, default=32)
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--threads", type=int, default=torch.getnumthreads())
    given = options.parse_args()
    torch.setdefaulttensortype("torch.FloatTensor")
    torch.setnumthreads(given.threads)
    step, turn = training(given.batch), given.steps // given.rounds
    timed(step, 50)
    ratios = []
    print(f"{given.threads} threads, {given.rounds} rounds of {turn} steps: ms of the wall (of processors) a step")
    for _ in range(given.rounds):
        quiet = timed(step, turn)
        with busy(given.processes):
            beside = timed(step, turn)
        ratios.append(beside[0] / quiet[0])
        print("quiet {:.2f} ({:.2f})   busy {:.2f} ({:.2f})".format(*quiet, *beside), f"  ratio {ratios[-1]:.2f}")
    print(f"median ratio {median(ratios):.2f}")


if __name__ == "__main__":
    main()
