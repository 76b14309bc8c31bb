"""Tests of the GPU part run without a GPU: on a stand-in for CuPy whose kernels an emulator runs."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if shutil.which("g++") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="module")
def cupy():
    """The stand-in, as CuPy, for the tests of a file."""
    import stand_in

    with stand_in.installed() as cupy:
        yield cupy
