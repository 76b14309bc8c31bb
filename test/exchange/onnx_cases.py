"""The cases of the batteries, and their inputs as files have them."""

import sys
from importlib import import_module
from pathlib import Path

import numpy as np

from nn.testing import Case

ROOT = Path(__file__).parent.parent


def import_cases(folder, name):
    """The table ``CASES`` of a module in a folder of tests."""
    sys.path.insert(0, str(ROOT / folder))
    try:
        return import_module(name).CASES
    finally:
        sys.path.pop(0)


def cases():
    for folder in ("nn", "rnn", "dpnn"):
        for path in sorted((ROOT / folder).glob("cases_*.py")):
            yield from (case for case in import_cases(folder, path.stem) if isinstance(case, Case))


def flat(x):
    return [v for part in x for v in flat(part)] if isinstance(x, list | tuple) else [np.asarray(x)]


def narrow(x):
    """Float32 and int64, as the files have it."""
    if isinstance(x, list | tuple):
        return [narrow(v) for v in x]
    if isinstance(x, dict):
        return x
    x = np.asarray(x)
    return x.astype(np.int64 if x.dtype.kind in "iu" else np.float32)


def larger(x):
    """The batch with its first sample once more."""
    return [larger(v) for v in x] if isinstance(x, list | tuple) else np.concatenate([x, x[:1]])
