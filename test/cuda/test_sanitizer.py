"""Kernels under the address and undefined behaviour sanitizers of the compiler, in a process of their own.

They see what a CPU would: accesses outside of the memory of arrays, signed overflow, shifts, misaligned vectors.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = [
    "test_rows.py",
    "test_convolution_kernels.py::test_as_on_the_cpu",
    "test_convolution_kernels.py::test_splits_of_k",
]


def library(name):
    return subprocess.run(["g++", f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()


def environment():
    preload = " ".join(map(library, ("libasan.so", "libubsan.so")))
    settings = {"ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}
    return {**os.environ, "LD_PRELOAD": preload, "EMULATOR_MODE": "asan", **settings}


def run(*command):
    return subprocess.run([sys.executable, *command], env=environment(), capture_output=True, text=True, cwd=HERE)


BROKEN = """
import numpy as np
from emulator.driver import Module
text = "__global__ void f(float* x, int n) { x[n + threadIdx.x] = 1; }"
x = np.zeros(64, np.float32)
Module(text, ("f",), "asan").get_function("f")((1,), (32,), (x, np.int32(%d)))
print("done")
"""


@pytest.mark.slow
def test_what_is_wrong_is_seen():
    assert "done" in run("-c", BROKEN % 32).stdout
    found = run("-c", BROKEN % 48)
    assert found.returncode and "AddressSanitizer: heap-buffer-overflow" in found.stderr


@pytest.mark.slow
@pytest.mark.parametrize("tests", TESTS)
def test_kernels(tests):
    found = run("-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", tests)
    assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-2000:]
    assert " passed" in found.stdout
