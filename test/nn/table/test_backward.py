"""Backward passes of tables with gradients of another input."""

import numpy as np
import pytest

import nn


def test_gradients_of_other_inputs_are_refused():
    x = np.ones((4, 6))
    module = nn.MapTable(nn.Linear(6, 2))
    module.forward([x, x])
    with pytest.raises(ValueError, match="2 inputs, 1 gradients"):
        module.backward([x, x], [np.ones((4, 2))])
    module = nn.CosineDistance()
    module.forward([x[:1], x[:1]])
    with pytest.raises(ValueError, match="forward before backward"):
        module.backward([x, x], np.ones(1))
    module = nn.JoinTable(1)
    module.forward([x, x])
    with pytest.raises(TypeError, match="gradOutput"):
        module.backward([x, x], [x])
