"""Images a second from 2000 JPEG files: one thread, AsyncIterator and PyTorch's DataLoader, interleaved.

``python -m benchmarks.dataload [workers]``; PyTorch is timed where it is installed.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

import dataload as dl

COUNT, BATCH, ROUNDS = 2000, 32, 5
LOAD, SAMPLE = [3, 256, 256], [3, 224, 224]


def make_images(folder: Path) -> None:
    """Photograph-like files of 300 to 400 pixels in ten classes."""
    random = np.random.default_rng(0)
    for i in range(COUNT):
        path = folder / f"class{i % 10}" / f"{i}.jpg"
        path.parent.mkdir(exist_ok=True)
        pixels = random.integers(0, 256, (24, 30, 3), dtype=np.uint8)
        size = (300 + 20 * (i % 6), 300 + 25 * (i % 4))
        Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC).save(path, quality=90)


def peer(folder: Path, workers: int) -> Iterable | None:
    """PyTorch's DataLoader over the same files with the same work: draft, resize, random crop and flip."""
    try:
        import torch
    except ImportError:
        return None
    paths = sorted(folder.glob("*/*.jpg"))

    class Images(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return len(paths)

        def __getitem__(self, i: int) -> tuple:
            with Image.open(paths[i]) as image:
                ratio = LOAD[1] / min(image.size)
                size = tuple(round(side * ratio) for side in image.size)
                image.draft("RGB", size)
                image = image.convert("RGB").resize(size, Image.Resampling.BILINEAR)
            left, top = (int(torch.randint(0, side - SAMPLE[1] + 1, ())) for side in image.size)
            pixels = torch.from_numpy(np.array(image.crop((left, top, left + SAMPLE[2], top + SAMPLE[1]))))
            planes = pixels.permute(2, 0, 1).contiguous().float().div(255)
            return planes.flip(2) if torch.rand(()) > 0.5 else planes, int(paths[i].parent.name[5:])

    return torch.utils.data.DataLoader(Images(), BATCH, num_workers=workers, persistent_workers=workers > 0)


def seconds(batches: Iterable) -> float:
    start = time.perf_counter()
    count = sum(len(targets) for *_, targets in batches)
    assert count == COUNT
    return time.perf_counter() - start


def main(workers: int = 2) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_images(folder)
        images = dl.ImageClass(folder, LOAD, SAMPLE, "sampleTrain", verbose=False)
        iterator, torch_loader = dl.AsyncIterator(images, workers), peer(folder, workers)
        epochs = {
            "one thread": lambda: images.subiter(BATCH),
            f"AsyncIterator, {workers} threads": lambda: iterator.subiter(BATCH),
        }
        if torch_loader is not None:
            epochs[f"PyTorch DataLoader, {workers} processes"] = lambda: torch_loader
        report(epochs)
        memory(iterator)


def report(epochs: dict) -> None:
    times = {label: [] for label in epochs}
    for i in range(ROUNDS + 1):
        for label, epoch in epochs.items():
            taken = seconds(epoch())
            if i:
                times[label].append(taken)
    for statistic in (statistics.median, min):
        base = statistic(times["one thread"])
        for label, taken in times.items():
            value = statistic(taken)
            name = f"{statistic.__name__:6} {label}"
            print(f"{name:40} {COUNT / value:7.0f} images/s  {base / value:5.2f} x one thread")


def memory(iterator: dl.AsyncIterator, epochs: int = 10) -> None:
    peaks = []
    for _ in range(epochs):
        seconds(iterator.subiter(BATCH))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"peak memory after epoch 1: {peaks[0]:.0f} MiB, after epoch {epochs}: {peaks[-1]:.0f} MiB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
