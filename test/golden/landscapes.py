"""Functions to be minimised, with their gradients."""

import numpy as np


def valley(x):
    """The sum of 10 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2 and its gradient."""
    a, b = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    g = np.zeros_like(x)
    g[:-1] = -40 * x[:-1] * a - 2 * b
    g[1:] += 20 * a
    return float((10 * a**2 + b**2).sum()), g
