"""Damaged .t7 files by the million: each gives a value or a T7Error, in little memory.

With coverage guidance, for as long as you like (Linux, ``pip install atheris``), from a folder of small files::

    python test/torch7/fuzz_t7.py --corpus corpus/
    python test/torch7/fuzz_t7.py -atheris corpus/ -max_len=4096 -rss_limit_mb=1024

Without atheris, a given number of random mutations of small files, from a seed::

    python test/torch7/fuzz_t7.py --count 1000000 --seed 1

Both stop at the first exception that is not a T7Error and leave the bytes in a file named crash-*.
"""

import argparse
import random
import resource
import struct
import sys
import time
import warnings
from pathlib import Path

import numpy as np

import nn
import torch7
from torch7 import registry
from torch7.serialization.contents import Memory
from torch7.serialization.files import parse
from torch7.serialization.inspect import describe

MODES = ("binary", "binary", "binary", "ascii", "b32")
GOLDEN = Path(__file__).parents[1] / "golden"
EDGES = [0, 1, 2, 3, 4, 5, 6, 7, 8, -1, 127, 255, 2**31 - 1, -(2**31)]
LONGS = [0, 1, -1, 2**31, 2**62, 2**63 - 1, -(2**63), 2**61 + 1]


def try_bytes(data, mode="binary", thorough=False):
    """Read ``data``; with ``thorough`` also write the value again and print its tree."""
    try:
        value = torch7.deserialize(data, mode)
        if thorough:
            torch7.serialize(value)
            len(str(describe(*parse(Memory(data), mode))))
    except torch7.T7Error as e:
        str(e)


def seeds():
    """Small files: the recorded ones, values of every kind, and modules with their old fields."""
    files = [(p.read_bytes(), "ascii" if "ascii" in p.name else "binary") for p in GOLDEN.glob("*.t7")]
    found = [(data, mode) for data, mode in files if len(data) < 6000]
    x = np.arange(6.0)
    kept = torch7.TorchObject("my.Class", {"f": torch7.LuaFunction(8, b"LJ", [1]), "x": x.reshape(2, 3).T}, 2)
    value = {"a": [1, 2.5, "text", b"\xff", None, True], "o": kept, 3: (4, 5), "s": torch7.Storage(x), "k": x[1:3]}
    value["loop"] = value
    value["keys"] = torch7.LuaTable([(value, 1), (x, 2), (True, 3)])
    found += [(torch7.serialize(value, mode), mode) for mode in ("binary", "ascii")]
    found += [(torch7.serialize(module), "binary") for module in modules()]
    return found + [(cudnn(data), mode) for data, mode in found if b"nn.SpatialConvolution" in data]


def cudnn(data):
    old, new = b"\x15\0\0\0nn.SpatialConvolution", b"\x18\0\0\0cudnn.SpatialConvolution"
    return data.replace(old, new).replace(b"running_var", b"running_std")


def modules():
    """One small module of every class that is easily made."""
    for name, cls in sorted(registry.registered().items()):
        for arguments in ((), (2,), (2, 2), (2, 2, 2), (1, 1, 2, 2), (1, 1, 2, 2, 2), (nn.Linear(1, 1),)):
            try:
                module = cls(*arguments)
                torch7.serialize(module)
            except Exception:
                continue
            if name.startswith("nn."):
                yield module
                break


def mutate(data, rng):
    """``data`` with a few bytes, numbers or pieces changed."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        if not data:
            break
        at = rng.randrange(len(data))
        how = rng.random()
        if how < 0.3:
            data[at] = rng.randrange(256)
        elif how < 0.45:
            data[at] ^= 1 << rng.randrange(8)
        elif how < 0.65:
            data[at : at + 4] = struct.pack("<i", rng.choice(EDGES))
        elif how < 0.75:
            data[at : at + 8] = struct.pack("<q", rng.choice(LONGS))
        elif how < 0.85:
            start, length = rng.randrange(len(data)), rng.randrange(1, 64)
            data[at:at] = data[start : start + length]
        elif how < 0.95:
            del data[at : at + rng.randrange(1, 32)]
        else:
            del data[at:]
    return bytes(data)


def run(count, seed):
    """Try ``count`` mutations; prints how many were tried, the time and the growth of memory."""
    rng, files = random.Random(seed), seeds()
    start, memory = time.time(), _memory()
    for n in range(count):
        data, mode = rng.choice(files)
        data = mutate(data, rng)
        mode = mode if rng.random() < 0.95 else rng.choice(MODES)
        try:
            try_bytes(data, mode, n % 16 == 0)
        except BaseException:
            Path(f"crash-{seed}-{n}-{mode}").write_bytes(data)
            raise
        if (n + 1) % 50_000 == 0 or n + 1 == count:
            print(f"{n + 1} files, {time.time() - start:.0f} s, {_memory() - memory:.0f} MB more", flush=True)


def write_corpus(folder):
    """The seeds as files for atheris: a byte that chooses the mode, then the .t7 file."""
    folder.mkdir(parents=True, exist_ok=True)
    for k, (data, mode) in enumerate(seeds()):
        (folder / f"seed-{k}").write_bytes(bytes([MODES.index(mode)]) + data)


def _memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    if "-atheris" in sys.argv:
        import atheris

        atheris.instrument_all()
        arguments = [a for a in sys.argv if a != "-atheris"]
        atheris.Setup(arguments, lambda data: try_bytes(data[1:], MODES[data[0] % len(MODES)], True) if data else None)
        atheris.Fuzz()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    if options.corpus:
        write_corpus(options.corpus)
        return
    run(options.count, options.seed)


if __name__ == "__main__":
    main()
