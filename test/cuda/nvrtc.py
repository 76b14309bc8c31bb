"""Judges kernels without a GPU: compiles them by NVRTC, which tells registers and spills, and reads instructions.

Needs the wheels nvidia-cuda-nvrtc and nvidia-cuda-nvdisasm, 13.2 or newer.
"""

from __future__ import annotations

import ctypes
import re
import site
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

#: Compute capabilities that every instance must compile for.
TARGETS = (75, 80, 90, 120)
_ENTRY = re.compile(r"Compiling entry function '(\S+)'((?:(?!Compiling entry).)*?)Used (\d+) registers", re.DOTALL)
_BYTES = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")


class Kernel(NamedTuple):
    """What the binary of an instance takes, stack and spills in bytes, and its hottest loop: instructions by kind."""

    registers: int
    stack: int
    spills: int
    loop: Counter


@cache
def root() -> Path | None:
    """Where the wheels lie; None unless both are installed."""
    for place in site.getsitepackages():
        found = Path(place) / "nvidia" / "cu13"
        if all((found / p).exists() for p in ("lib/libnvrtc.so.13", "bin/nvdisasm")):
            return found
    return None


@cache
def library() -> ctypes.CDLL:
    return ctypes.CDLL(str(root() / "lib" / "libnvrtc.so.13"))


def compiled(text: str, names: tuple[str, ...], target: int) -> tuple[bytes, dict[str, str], str]:
    """The binary of some instances for a compute capability, the mangled name of each -> its name, and what was told.

    ``RuntimeError`` with the compiler's words where it refuses.
    """
    nvrtc, program = library(), ctypes.c_void_p()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"kernels.cu", 0, None, None)
    for name in names:
        nvrtc.nvrtcAddNameExpression(program, name.encode())
    # as CuPy compiles, which has the last word on subnormals
    options = [f"--gpu-architecture=sm_{target}", "-std=c++17", "--device-as-default-execution-space", "-ftz=true"]
    options.append("--ptxas-options=-v")
    given = (ctypes.c_char_p * len(options))(*(o.encode() for o in options))
    failed = nvrtc.nvrtcCompileProgram(program, len(options), given)
    told = _text(program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog").decode()
    if failed:
        raise RuntimeError(told)
    lowered = {}
    for name in names:
        mangled = ctypes.c_char_p()
        nvrtc.nvrtcGetLoweredName(program, name.encode(), ctypes.byref(mangled))
        lowered[mangled.value.decode()] = name
    binary = _text(program, "nvrtcGetCUBINSize", "nvrtcGetCUBIN")
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return binary, lowered, told


def _text(program: ctypes.c_void_p, size: str, get: str) -> bytes:
    length = ctypes.c_size_t()
    getattr(library(), size)(program, ctypes.byref(length))
    room = ctypes.create_string_buffer(length.value)
    getattr(library(), get)(program, room)
    return room.raw


def judged(text: str, names: tuple[str, ...], target: int, file: Path | None = None) -> dict[str, Kernel]:
    """Every instance and what its binary takes; its loop where the binary may be left in ``file``, to be read."""
    binary, lowered, told = compiled(text, names, target)
    bodies, found = {} if file is None else _bodies(_listing(binary, file)), {}
    for mangled, words, registers in _ENTRY.findall(told):
        if mangled in lowered:
            loop = Counter(map(kind, _hottest(*bodies.get(mangled, ([], {})))))
            stack, stores, loads = (sum(map(int, column)) for column in zip(*_BYTES.findall(words), strict=True))
            found[lowered[mangled]] = Kernel(int(registers), stack, stores + loads, loop)
    return found


def _listing(binary: bytes, file: Path) -> str:
    file.write_bytes(binary)
    command = [root() / "bin/nvdisasm", "-c", file]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _bodies(listing: str) -> dict[str, tuple[list[str], dict[str, int]]]:
    """Of every function its instructions, and where its labels stand."""
    found: dict[str, tuple] = {}
    body, labels = [], {}
    for line in listing.splitlines():
        if m := re.match(r"\s*\.text\.(\S+):", line):
            body, labels = found[m[1]] = [], {}
        elif m := re.match(r"\s*(\.L_\S+):", line):
            labels[m[1]] = len(body)
        elif m := re.match(r"\s*/\*[0-9a-f]{4,}\*/\s+(.*?);", line):
            body.append(m[1])
    return found


def _hottest(body: list[str], labels: dict[str, int]) -> list[str]:
    """The loop with most multiply-adds, the shortest of them; or the longest loop."""
    loops = []
    for i, instruction in enumerate(body):
        m = re.search(r"BRA.*?`\((\.L_\S+?)\)", instruction)
        if m and labels.get(m[1], i + 1) <= i:
            loops.append(body[labels[m[1]] : i + 1])
    products = [(sum(kind(i) in ("FMA", "HMMA") for i in loop), -len(loop)) for loop in loops]
    if not loops:
        return []
    best = max(products)
    return loops[products.index(best)] if best[0] else max(loops, key=len)


def kind(instruction: str) -> str:
    """What an instruction does: ``FMA``, ``HMMA``, loads and stores by their names, or ``other``."""
    name = re.sub(r"^@!?U?P\w+\s+", "", instruction).split()[0]
    if name.startswith(("FFMA", "DFMA")):
        return "FMA"
    known = ("HMMA", "LDGSTS", "LDG", "STG", "LDS", "STS", "LDL", "STL", "BAR", "SHFL", "MUFU")
    return next((k for k in known if name.startswith(k)), "other")
