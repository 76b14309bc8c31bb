import subprocess
import sys

import pytest

import torch7 as torch
from torch7 import threads


@pytest.fixture(autouse=True)
def restore(monkeypatch):
    monkeypatch.setattr(threads, "_threads", None)


def test_default_is_what_numba_would_use():
    import numba

    assert torch.getnumthreads() == numba.config.NUMBA_NUM_THREADS


def test_number_is_remembered_and_applied():
    import numba

    before = numba.get_num_threads()
    try:
        torch.setnumthreads(1)
        assert torch.getnumthreads() == 1 and numba.get_num_threads() == 1
        torch.setnumthreads(1000)
        assert torch.getnumthreads() == 1000
        assert numba.get_num_threads() == numba.config.NUMBA_NUM_THREADS
    finally:
        numba.set_num_threads(before)


def test_setting_does_not_load_numba():
    code = "import sys, torch7; torch7.setnumthreads(2); assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("n", [0, -1])
def test_at_least_one(n):
    with pytest.raises(ValueError, match="1 or more"):
        torch.setnumthreads(n)
