"""Ten million random numbers beside NumPy's own Mersenne Twister: ``python -m benchmarks.random_streams``."""

from __future__ import annotations

import statistics
import timeit

import numpy as np

import torch7 as torch

COUNT, REPEATS = 10**7, 7
x, single = np.empty(COUNT), np.empty(COUNT, np.float32)
numpy = np.random.Generator(np.random.MT19937(1))

FILLS = {
    "numpy random": lambda: numpy.random(COUNT),
    "uniform(x)": lambda: torch.uniform(x),
    "uniform(x, -0.1, 0.1)": lambda: torch.uniform(x, -0.1, 0.1),
    "uniform(x float32)": lambda: torch.uniform(single),
    "random(x, 1, 10)": lambda: torch.random(x, 1, 10),
    "bernoulli(x, 0.5)": lambda: torch.bernoulli(x, 0.5),
    "numpy standard_normal": lambda: numpy.standard_normal(COUNT),
    "normal(x)": lambda: torch.normal(x),
    "normal(x, 2, 3)": lambda: torch.normal(x, 2, 3),
}
SCALARS = {
    "uniform()": lambda: torch.uniform(),
    "uniform(-1, 1)": lambda: torch.uniform(-1, 1),
    "normal()": lambda: torch.normal(),
    "random(10)": lambda: torch.random(10),
}


def main() -> None:
    times = {name: [] for name in FILLS}
    for _ in range(REPEATS):
        for name, fill in FILLS.items():
            times[name].append(timeit.timeit(fill, number=1))
    base = statistics.median(times["numpy random"])
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{name:24} {median * 1e3:8.1f} ms  {median / base:5.2f} x numpy random")
    for name, draw in SCALARS.items():
        print(f"{name:24} {min(timeit.repeat(draw, number=20000, repeat=5)) / 20000 * 1e6:8.2f} us each")


if __name__ == "__main__":
    main()
