"""Judges kernels without a GPU: compiles them by NVRTC and reads registers, spills and instructions off the binary.

Needs the wheels nvidia-cuda-nvrtc, nvidia-cuda-cuobjdump and nvidia-cuda-nvdisasm, 13.2 or newer.
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
_USAGE = re.compile(r"Function (\S+):\s+REG:(\d+) STACK:(\d+) SHARED:(\d+)")


class Kernel(NamedTuple):
    """What the binary of an instance takes, and the instructions of its hottest loop by kind."""

    registers: int
    stack: int
    spills: int
    loop: Counter


@cache
def root() -> Path | None:
    """Where the wheels lie; None unless all three are installed."""
    for place in site.getsitepackages():
        found = Path(place) / "nvidia" / "cu13"
        if all((found / p).exists() for p in ("lib/libnvrtc.so.13", "bin/cuobjdump", "bin/nvdisasm")):
            return found
    return None


@cache
def library() -> ctypes.CDLL:
    return ctypes.CDLL(str(root() / "lib" / "libnvrtc.so.13"))


def compiled(text: str, names: tuple[str, ...], target: int) -> tuple[bytes, dict[str, str]]:
    """The binary of some instances for a compute capability, and the mangled name of each -> its name.

    ``RuntimeError`` with the compiler's words where it refuses.
    """
    nvrtc, program = library(), ctypes.c_void_p()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"kernels.cu", 0, None, None)
    for name in names:
        nvrtc.nvrtcAddNameExpression(program, name.encode())
    # as CuPy compiles, which has the last word on subnormals
    options = [f"--gpu-architecture=sm_{target}", "-std=c++17", "--device-as-default-execution-space", "-ftz=true"]
    given = (ctypes.c_char_p * len(options))(*(o.encode() for o in options))
    if nvrtc.nvrtcCompileProgram(program, len(options), given):
        raise RuntimeError(_text(program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog").decode())
    lowered = {}
    for name in names:
        mangled = ctypes.c_char_p()
        nvrtc.nvrtcGetLoweredName(program, name.encode(), ctypes.byref(mangled))
        lowered[mangled.value.decode()] = name
    binary = _text(program, "nvrtcGetCUBINSize", "nvrtcGetCUBIN")
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return binary, lowered


def _text(program: ctypes.c_void_p, size: str, get: str) -> bytes:
    length = ctypes.c_size_t()
    getattr(library(), size)(program, ctypes.byref(length))
    room = ctypes.create_string_buffer(length.value)
    getattr(library(), get)(program, room)
    return room.raw


def judged(text: str, names: tuple[str, ...], target: int, file: Path) -> dict[str, Kernel]:
    """Every instance and what its binary takes; the binary is left in ``file``."""
    binary, lowered = compiled(text, names, target)
    file.write_bytes(binary)
    usage = subprocess.run([root() / "bin/cuobjdump", "-res-usage", file], capture_output=True, text=True).stdout
    listing = subprocess.run([root() / "bin/nvdisasm", "-c", file], capture_output=True, text=True).stdout
    bodies, found = _bodies(listing), {}
    for mangled, registers, stack, _ in _USAGE.findall(usage):
        if mangled in lowered:
            body, labels = bodies.get(mangled, ([], {}))
            spills = sum(kind(i) in ("LDL", "STL") for i in body)
            loop = Counter(map(kind, _hottest(body, labels)))
            found[lowered[mangled]] = Kernel(int(registers), int(stack), spills, loop)
    return found


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
