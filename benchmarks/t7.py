"""Reading and writing of a large .t7 model beside reading its bytes and copying them: ``python -m benchmarks.t7``.

The file is in the page cache, so the disk plays no part.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

import torch7

from .timing import side_by_side


def model(megabytes: int) -> dict:
    """A table of layers, as a big model has them: a few large tensors and many small ones."""
    layers = []
    count = megabytes * 250_000
    for size in [count // 8] * 6 + [count // 800] * 100 + [64] * 1000:
        layers.append({"weight": np.ones((size // 8, 8), np.float32), "gradInput": np.empty(0, np.float32)})
    return {"model": layers, "epoch": 3}


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def read_and_copy(path: Path) -> np.ndarray:
    return np.frombuffer(path.read_bytes(), np.uint8).copy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.t7"
        value = model(options.megabytes)
        print(
            f"write          {seconds(lambda: torch7.save(path, value)):8.3f} s   {os.path.getsize(path) / 1e6:.0f} MB"
        )
        del value
        times = side_by_side({"bytes": lambda: read_and_copy(path), "model": lambda: torch7.load(path)}, options.repeat)
        print(f"bytes and copy {times['bytes']:8.3f} s")
        print(f"torch7.load    {times['model']:8.3f} s   {times['model'] / times['bytes']:.2f} times")
        tracemalloc.start()
        value = torch7.load(path)
        peak = tracemalloc.get_traced_memory()[1] / os.path.getsize(path)
        print(f"memory of load {peak:8.2f} times the file")


if __name__ == "__main__":
    main()
