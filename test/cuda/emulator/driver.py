"""Runs kernels of a ``.cu`` text on NumPy arrays, on the CPU: the text is compiled by g++ with ``emu.hpp``.

``Module(text, names)`` has CuPy's ``RawModule.get_function``; a function is called ``f(grid, block, arguments,
shared_mem=0)``. Modes: ``fast``, ``asan`` (address and undefined behaviour sanitizers; preload libasan), ``check``
(races, bounds, unwritten shared memory; ``profile`` counts memory transactions, warp by warp).

Libraries are kept in the user's cache by a hash of text, headers and flags.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
FLAGS = {
    "fast": ["-O1", "-march=native", "-ffp-contract=fast"],
    "asan": ["-O1", "-g", "-march=native", "-fsanitize=address,undefined", "-fno-omit-frame-pointer"],
    "check": ["-O1", "-g", "-march=native", "-ffp-contract=fast", "-DEMU_CHECK", "-fsanitize=thread"],
}
COMMON = [
    "-std=c++20",
    "-fPIC",
    "-fno-strict-aliasing",
    "-fno-gnu-unique",
    "-fvisibility=hidden",
    "-w",
    "-Wfatal-errors",
    "-fno-var-tracking",
    "-fno-threadsafe-statics",
]
#: A static ``__shared__`` variable of a kernel, as ``nm`` shows it.
_SHARED = re.compile(r"_ZZ(?!N3emu|NK?St|4emu_)")
_lock = threading.Lock()


class EmulationError(RuntimeError):
    """What a GPU would do wrong, or silently: races, wrong barriers, accesses out of bounds."""


@cache
def folder() -> Path:
    """Where compiled kernels are kept: ``$EMULATOR_CACHE``, or the user's cache, or a temporary folder."""
    base = os.environ.get("EMULATOR_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    place = Path(base) / "torch7-emulator"
    try:
        place.mkdir(parents=True, exist_ok=True)
        return place if os.access(place, os.W_OK) else Path(tempfile.mkdtemp())
    except OSError:
        return Path(tempfile.mkdtemp())


@cache
def headers(mode: str) -> Path:
    """A folder with the headers, compiled beforehand for a mode, and of the checks the part that is no header."""
    sources = sorted(HERE.glob("*.hpp"))
    place = folder() / f"headers-{mode}-{_key(mode, *(p.read_text() for p in sources))}"
    if not place.exists():
        own = Path(tempfile.mkdtemp(dir=folder()))
        for source in sources:
            shutil.copy(source, own)
        header = own / "emu.hpp"
        subprocess.run(["g++", *COMMON, *FLAGS[mode], "-x", "c++-header", header, "-o", f"{header}.gch"], check=True)
        if mode == "check":
            hooks = ["-O2", "-DEMU_HOOKS", "-c", "-x", "c++", header, "-o", own / "hooks.o"]
            subprocess.run(["g++", *COMMON, *FLAGS[mode], *hooks], check=True)
        _move(own, place)
    return place


def _key(*texts: str) -> str:
    return hashlib.sha1(repr((texts, FLAGS, COMMON)).encode()).hexdigest()[:16]


def _move(own: Path, place: Path) -> None:
    """Put what this process made in its place, unless another one was faster."""
    try:
        os.replace(own, place)
    except OSError:
        shutil.rmtree(own, ignore_errors=True)


def build(text: str, names: tuple[str, ...], mode: str) -> Path:
    """The library of a text's instances."""
    with _only_one("headers"):
        include = headers(mode)
    out = folder() / f"{_key(text, *names, mode, include.name)}.so"
    with _only_one(out.stem):
        if not out.exists():
            _compile(text, names, mode, out)
    return out


def _compile(text: str, names: tuple[str, ...], mode: str, out: Path) -> None:
    """Compile a text with g++."""
    entries = " ".join(f'EMU_KERNEL("{name}", {name})' for name in names)
    with tempfile.TemporaryDirectory(dir=folder()) as place:
        source = Path(place) / "unit.cpp"
        source.write_text(f'#include "emu.hpp"\n{text}\n#line 1 "entries"\nEMU_MAIN({entries})\n')
        link = [f for f in FLAGS[mode] if f.startswith("-fsanitize") and "thread" not in f]
        _run(["g++", *COMMON, *FLAGS[mode], "-c", "-I", headers(mode), source, "-o", f"{place}/unit.o"])
        parts = [f"{place}/unit.o", *headers(mode).glob("*.o")]
        _run(["g++", "-shared", *link, *parts, "-o", f"{place}/unit.so"])
        os.replace(f"{place}/unit.so", out)


@contextlib.contextmanager
def _only_one(name: str) -> Iterator[None]:
    """Let other processes that want the same wait."""
    with open(folder() / f"{name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: list) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise EmulationError(done.stderr[-2000:])


def shared_variables(library: Path) -> tuple[list[tuple[int, int]], int]:
    """Offset and bytes of static ``__shared__`` variables, and the offset of the anchor."""
    found, anchor = [], 0
    listing = subprocess.run(["nm", "-S", library], capture_output=True, text=True, check=True).stdout
    for parts in map(str.split, listing.splitlines()):
        if parts[-1] == "emu_anchor":
            anchor = int(parts[0], 16)
        elif len(parts) == 4 and parts[2] in "bBvVuD" and _SHARED.match(parts[3]):
            found.append((int(parts[0], 16), int(parts[1], 16)))
    return found, anchor


class Module:
    """The kernels of one text; ``seed`` orders threads and blocks."""

    def __init__(self, text: str, names: tuple[str, ...], mode: str = "fast") -> None:
        self.mode, self.seed = mode, 0
        self.library = build(text, tuple(names), mode)
        self.code = code = ctypes.CDLL(str(self.library))
        code.emu_types.restype = code.emu_launch.restype = ctypes.c_char_p
        code.emu_shared.argtypes = [ctypes.c_ssize_t, ctypes.c_size_t]
        variables, anchor = shared_variables(self.library)
        for offset, size in variables:
            code.emu_shared(offset - anchor, size)
        if mode == "check":
            code.emu_report.restype = ctypes.c_char_p
            code.emu_array.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
            code.emu_array(None, 0)

    def get_function(self, name: str) -> Function:
        return Function(self, name)

    def where(self, text: str) -> str:
        """An error's text with source lines in the place of addresses."""
        message, *addresses = text.split("|")
        maps = Path("/proc/self/maps").read_text().splitlines()
        base = next(int(line.split("-")[0], 16) for line in maps if str(self.library) in line)
        for address in addresses:
            if address not in ("(nil)", "0x0"):
                place = int(address, 16)
                message += f"\n  at {self.line(place - base) if place > 1 << 20 else f'line {place}'}"
        return message

    def line(self, offset: int) -> str:
        """File and line of an address."""
        command = ["addr2line", "-i", "-e", self.library, hex(offset - 1)]
        found = subprocess.run(command, capture_output=True, text=True).stdout.split("\n")
        own = [line for line in found if ".cu" in line] or found[:1]
        return own[0].split("/")[-1].split(" (")[0] if own else "?"

    def profile(self, on: bool) -> None:
        """Count the transactions of every access from now on."""
        self.code.emu_profile(int(on))

    def report(self) -> list[tuple]:
        """(line, space, r/w, bytes a lane, requests, bytes, parts, least parts), summed by source line.

        Space ``memory``: the sectors that the launch read or wrote, each once, and the least that hold these bytes.
        """
        total: dict[tuple, list[int]] = {}
        for text in self.code.emu_report().decode().splitlines():
            address, space, way, size, *numbers = text.split()
            key = self.line(int(address, 16)) if address != "0" else "", space, way, int(size)
            total[key] = [a + int(b) for a, b in zip(total.get(key, [0] * 4), numbers)]
        return [(*key, *values) for key, values in sorted(total.items())]


class Function:
    """One kernel, launched on NumPy arrays, or on what holds one as ``_host``."""

    def __init__(self, module: Module, name: str) -> None:
        self.module, self.name = module, name
        types = module.code.emu_types(name.encode())
        if types is None:
            raise EmulationError(f"no kernel {name}")
        self.types = types.decode().split()

    def __call__(self, grid: tuple, block: tuple, arguments: tuple, *, shared_mem: int = 0, stream: Any = None) -> None:
        if len(arguments) != len(self.types):
            raise TypeError(f"{self.name}: {len(arguments)} arguments for {len(self.types)} parameters")
        given = [getattr(x, "_host", x) for x in arguments]
        values = [self._value(i, x, kind) for i, (x, kind) in enumerate(zip(given, self.types))]
        pointers = (ctypes.c_void_p * max(len(values), 1))(*[v.ctypes.data for v in values])
        sizes = [np.array((*v, 1, 1)[:3], np.uint32) for v in (grid, block)]
        with _lock:
            self._declare(given)
            error = self.module.code.emu_launch(
                self.name.encode(),
                *(v.ctypes.data_as(ctypes.c_void_p) for v in sizes),
                ctypes.c_size_t(int(shared_mem)),
                pointers,
                ctypes.c_uint64(self.module.seed),
            )
        if error:
            raise EmulationError(f"{self.name}: {self.module.where(error.decode())}")

    def _value(self, i: int, x: Any, kind: str) -> np.ndarray:
        """An argument as CuPy passes it: numbers of Python as int64 and float64, NumPy's as they are."""
        if x is None:
            return np.zeros(1, np.uint64)
        if isinstance(x, np.ndarray) and kind[0] == "p":
            return np.array([x.ctypes.data if x.size else 0], np.uint64)
        value = np.array([x])
        if value.dtype.itemsize != int(kind[1:]) or (value.dtype.kind in "iub") != (kind[0] in "iu"):
            raise EmulationError(
                f"{self.name}: argument {i} is {value.dtype}, the kernel takes {kind}; on a GPU this is silent garbage"
            )
        return value

    def _declare(self, given: list) -> None:
        """Tell the checker which memory belongs to arrays."""
        if self.module.mode == "check":
            self.module.code.emu_array(None, 0)
            found = {np.lib.array_utils.byte_bounds(x) for x in given if isinstance(x, np.ndarray) and x.size}
            for low, high in found:
                self.module.code.emu_array(low, high - low)
