"""What the docstring of every class of nn, rnn and dpnn tells."""

import re

import pytest

import dpnn  # noqa: F401
import rnn  # noqa: F401
from torch7 import registry

CLASSES = {
    cls: name
    for name, cls in sorted(registry.registered().items())
    if cls.__module__.partition(".")[0] in ("nn", "dpnn", "rnn")
}


@pytest.mark.parametrize("cls", CLASSES, ids=CLASSES.get)
def test_errors_and_source(cls):
    text = vars(cls).get("__doc__") or ""
    assert re.search("(?i)error|raise|refuse", text), "which errors are there?"
    assert "Source" in text, "which chapter, package or paper does it come from?"
