"""CriterionTable."""

import numpy as np
import pytest

import nn


class TestCriterionTable:
    def test_is_the_criterion(self):
        c = nn.MSECriterion()
        m = nn.CriterionTable(c)
        x, t = np.array([1.0, 2.0]), np.array([0.0, 0.0])
        assert m.forward([x, t]) == c.forward(x, t) == 2.5 and isinstance(m.output, float)
        gradInput = m.backward([x, t], np.ones(1))
        assert len(gradInput) == 1 and gradInput[0] is c.gradInput and gradInput[0].tolist() == [1, 2]
        assert m.updateGradInput([x, t]) is gradInput

    def test_conversion_reaches_the_criterion(self):
        m = nn.CriterionTable(nn.MSECriterion()).float()
        assert m.forward([np.ones(2, np.float32), np.zeros(2, np.float32)]) == 1
        with pytest.raises(TypeError):
            m.forward([np.ones(2), np.zeros(2)])
        assert m.clone().forward([np.ones(2, np.float32), np.zeros(2, np.float32)]) == 1
        assert m.clearState().forward([np.ones(2, np.float32), np.zeros(2, np.float32)]) == 1
