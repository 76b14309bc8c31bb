"""Threshold: fields that change between calls."""

import numpy as np
import pytest

import nn


def test_threshold_checks_again_at_every_call():
    module = nn.Threshold(0, 0, True)
    module.val = 1
    with pytest.raises(ValueError, match=r"value \(1\) not exceed threshold \(0\)"):
        module.forward(np.ones(2))
