"""How many Python functions lie between a module and its kernel."""

import sys

import numpy as np
import pytest

import nn


def calls(run):
    """The Python functions that one call enters, after some calls of the same kind."""
    found = []

    def profile(frame, event, arg):
        if event == "call":
            found.append(frame.f_code.co_qualname)

    for _ in range(3):
        run()
    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
    # without ``run`` itself, and what asks for a graph once there was one in the process
    return [name for name in found[1:] if not name.startswith("_asking")]


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.SpatialConvolution(1, 6, 5, 5), (2, 1, 19, 19)),
        (lambda: nn.SpatialConvolution(16, 33, 3, 3, 2, 2, 1, 1), (2, 16, 9, 9)),
        (lambda: nn.SpatialConvolution(64, 64, 3, 3, 1, 1, 1, 1), (1, 64, 9, 9)),
        (lambda: nn.SpatialConvolution(3, 20, 1, 1), (3, 9, 9)),
    ],
)
def test_a_convolution_is_few_steps_away(make, shape):
    module, x = make().float(), np.ones(shape, np.float32)
    found = calls(lambda: module.forward(x))
    assert len(found) <= 30, found


@pytest.mark.parametrize("shape", [(50,), (1, 50), (40, 50)])
def test_a_linear_map_is_few_steps_away(shape):
    module, x = nn.Linear(50, 60), np.ones(shape)
    found = calls(lambda: module.forward(x))
    assert len(found) <= 12, found
