"""Tests of the GPU part run without a GPU: on a stand-in for CuPy whose kernels an emulator runs.

Where there is a GPU and CuPy, the same tests run there; those that look into the stand-in or its emulator do as before.
"""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if shutil.which("g++") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="module")
def cupy():
    """CuPy where there is a GPU, else the stand-in in its place, for the tests of a file."""
    import stand_in

    if (real := on_a_gpu()) is not None:
        yield real
        return
    with stand_in.installed() as cupy:
        yield cupy


@pytest.fixture
def pretended():
    """The stand-in, also where there is a GPU: for tests that look into it."""
    import stand_in

    with stand_in.installed() as cupy:
        yield cupy


def on_a_gpu():
    """CuPy, started for the library, if it finds a GPU; else None."""
    from torch7 import arrays

    try:
        return arrays.cupy()
    except (ImportError, RuntimeError):
        return None
