"""MultiLabelMarginCriterion: where lists of labels end."""

import numpy as np

import nn


def test_multi_label_list_ends_at_the_first_zero():
    x = np.array([0.1, 0.2, 0.4, 0.8])
    criterion = nn.MultiLabelMarginCriterion()
    assert criterion.forward(x, np.array([4, 1, 0, 3])) == criterion.forward(x, np.array([4, 1, 0, 0]))
    assert criterion.isTarget.tolist() == [1, 0, 0, 1]
    assert criterion.forward(x, np.zeros(4)) == 0
