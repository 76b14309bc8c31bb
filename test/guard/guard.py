"""Guard pages around every array: one element out of bounds ends the process.

``install()`` compiles ``guard.c`` with gcc and makes it NumPy's memory handler (NEP 49); the scratch memory of the
kernels then is exact, guarded and fresh at every request, too.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import pkgutil
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

import nn.thnn
from nn.thnn.cpu.runtime import workspace

SOURCE = Path(__file__).with_name("guard.c")
SIDES = {"end": 0, "start": 1, "either": 2}
#: Place of PyDataMem_SetHandler in the table of NumPy's C API.
SET_HANDLER = 304


def compiler() -> str | None:
    """Where gcc is, or None: then there are no guard pages."""
    return shutil.which("gcc")


def library() -> ctypes.CDLL:
    """The compiled handler; it is compiled once for each version of its source."""
    stamp = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    target = Path(tempfile.gettempdir()) / f"guard-{stamp}.so"
    if not target.exists():
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / target.name
            subprocess.run([compiler(), "-O2", "-shared", "-fPIC", "-o", made, SOURCE], check=True)
            shutil.move(made, target)
    return ctypes.CDLL(str(target))


def install(side: str = "either") -> None:
    """Guard every array made from now on; ``side``: which end of it lies against a page without access."""
    guard, api = library(), ctypes.pythonapi
    guard.guard_side(SIDES[side])
    guard.guard_handler.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    api.PyCapsule_New.restype = ctypes.py_object
    api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    table = ctypes.cast(
        api.PyCapsule_GetPointer(np._core._multiarray_umath._ARRAY_API, None), ctypes.POINTER(ctypes.c_void_p)
    )
    set_handler = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(table[SET_HANDLER])
    set_handler(api.PyCapsule_New(guard.guard_handler(), b"mem_handler", None))
    guard_scratch()


def guard_scratch() -> None:
    """Let every request for scratch memory make a new array of exactly the wanted size."""
    names = [m.name for m in pkgutil.walk_packages(nn.thnn.__path__, "nn.thnn.")]
    modules = [m for m in map(importlib.import_module, names) if vars(m).get("take") is workspace.take]
    kept = {}

    def take(label, dtype, count):
        kept[label] = memory = np.empty(max(count, 0), dtype)
        return memory

    for module in modules:
        module.take = take
    if workspace.take is not take:
        raise RuntimeError("the scratch memory of the kernels is not guarded")
