"""BCECriterion: probabilities 0 and 1."""

import numpy as np
import pytest

import nn


def test_bce_at_the_ends():
    criterion = nn.BCECriterion(None, False)
    for module, dtype in ((criterion, np.float64), (criterion.clone().float(), np.float32)):
        assert module.forward(np.zeros(1, dtype), np.ones(1, dtype)) == pytest.approx(27.6310211, rel=1e-6)
    for x in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="between 0~1"):
            criterion.forward(np.array([x]), np.ones(1))
