"""A kernel that counts its parts, for programs of tests: in a file, so that it is compiled once for all of them."""

import sys

import numpy as np
from numba import prange

import torch7
from torch7.threading_layer import compiled_parallel

__all__ = ["compiled_parallel", "count", "counted", "np", "prange", "sys", "torch7"]


@compiled_parallel
def count(parts, times):
    for part in prange(parts):
        times[part] += 1


def counted(parts):
    times = np.zeros(parts, np.int64)
    count(parts, times)
    return (times == 1).all()
