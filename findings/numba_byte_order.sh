#!/usr/bin/env bash
# numba 0.68.1 with numpy 2.4.6: a compiled function that has met a misaligned array takes an array of the other byte
# order for a native one. Before, the same call is a TypingError. Nothing is raised; the numbers are wrong. One misaligned
# array anywhere in the process is enough for all functions, for arrays of the same type, number of axes and layout. An
# array without axes, and arrays in a tuple, need no misaligned one: a native one before does it.
#
# Seen: "before: TypingError, after: wrong, in a tuple: wrong, without axes: wrong". This script fails once that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet numpy==2.4.6 numba==0.68.1
for order in fresh misaligned; do
"$folder/venv/bin/python" - "$order" <<'PYTHON'
import sys

import numpy as np
from numba import njit
from numba.core.errors import TypingError


@njit
def first(x):
    return x[0, 0]


@njit
def first_of_tuple(x):
    return x[0][0]


@njit
def number(x):
    return x + 0.0


def outcome(function, x):
    try:
        return "right" if function(x) == 3.0 else "wrong"
    except TypingError:
        return "TypingError"


def other_order(x):
    return x.astype(x.dtype.newbyteorder())


native = np.full((2, 3), 3.0)
first(native), first_of_tuple((native[0],)), number(np.array(3.0))
if sys.argv[1] == "fresh":
    assert outcome(first, other_order(native)) == "TypingError"
else:
    memory = np.zeros(native.nbytes + 1, np.uint8)
    misaligned = memory[1:].view(np.float64).reshape(native.shape)
    misaligned[...] = native
    assert first(misaligned) == 3.0
    seen = [outcome(first, other_order(native)), outcome(first_of_tuple, (other_order(native[0]),))]
    seen.append(outcome(number, other_order(np.array(3.0))))
    assert seen == ["wrong"] * 3, seen
PYTHON
done
echo "before: TypingError, after: wrong, in a tuple: wrong, without axes: wrong"
