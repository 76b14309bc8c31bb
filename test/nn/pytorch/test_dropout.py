"""Dropout layers: masks of PyTorch's stream, gradients through the same mask, evaluation, errors."""

import numpy as np
import pytest
from gradients import agrees

import nn.pytorch as tnn
import nn.pytorch.functional as F

#: What PyTorch 2.13 gives for ones of this shape after manual_seed(3).
FIRST = {
    ("Dropout", (2, 5)): [
        1.6666666666666667,
        1.6666666666666667,
        0.0,
        1.6666666666666667,
        0.0,
        0.0,
        1.6666666666666667,
        1.6666666666666667,
        1.6666666666666667,
        0.0,
    ],
    ("AlphaDropout", (2, 4)): [
        1.4703772724774749,
        1.4703772724774749,
        -0.9106419695548393,
        1.4703772724774749,
        -0.9106419695548393,
        -0.9106419695548393,
        1.4703772724774749,
        1.4703772724774749,
    ],
    ("Dropout1d", (3, 2)): [1.6666666666666667, 1.6666666666666667, 1.6666666666666667, 1.6666666666666667, 0.0, 0.0],
    ("Dropout2d", (2, 3, 2)): [
        1.6666666666666667,
        1.6666666666666667,
        1.6666666666666667,
        1.6666666666666667,
        0.0,
        0.0,
        1.6666666666666667,
        1.6666666666666667,
        0.0,
        0.0,
        0.0,
        0.0,
    ],
    ("Dropout3d", (1, 4, 1, 1, 2)): [
        1.6666666666666667,
        1.6666666666666667,
        1.6666666666666667,
        1.6666666666666667,
        0.0,
        0.0,
        1.6666666666666667,
        1.6666666666666667,
    ],
    ("FeatureAlphaDropout", (2, 3, 2)): [
        1.4703772724774749,
        1.4703772724774749,
        1.4703772724774749,
        1.4703772724774749,
        -0.9106419695548393,
        -0.9106419695548393,
        1.4703772724774749,
        1.4703772724774749,
        -0.9106419695548393,
        -0.9106419695548393,
        -0.9106419695548393,
        -0.9106419695548393,
    ],
}


@pytest.mark.parametrize("name, shape", FIRST)
def test_numbers_and_gradients(name, shape):
    layer = getattr(tnn, name)(0.4)
    tnn.manual_seed(3)
    np.testing.assert_allclose(layer(np.ones(shape)).ravel(), FIRST[name, shape], rtol=1e-15)
    agrees(layer, np.random.default_rng(0).normal(size=shape), before=lambda: tnn.manual_seed(3))
    x = np.ones(shape)
    layer.eval()
    assert layer(x) is x and layer.backward(x, x) is x


def test_bounds():
    x = np.ones((2, 3), np.float32)
    assert not tnn.Dropout(1.0)(x).any() and tnn.Dropout(0.0)(x) is x
    with pytest.raises(ValueError, match="between 0 and 1"):
        tnn.Dropout(1.5)
    assert repr(tnn.Dropout2d()) == "Dropout2d(p=0.5, inplace=False)"
    y = tnn.Dropout(0.5, inplace=True)(x)
    assert np.shares_memory(x, y) and y.dtype == np.float32


def test_on_the_tape():
    class Net(tnn.Module):
        def __init__(self):
            super().__init__()
            self.drop = tnn.Dropout(0.3)

        def forward(self, x):
            return self.drop(x) * self.drop(x + 1) + tnn.functional.dropout(x, 0.5)

    agrees(Net(), np.random.default_rng(0).normal(size=(4, 3)), before=lambda: tnn.manual_seed(3))


def test_masks_follow_the_order_in_memory():
    x = np.ones((2, 3, 4))
    tnn.manual_seed(3)
    straight = F.dropout(x, 0.5)
    tnn.manual_seed(3)
    turned = F.dropout(np.ones((3, 4, 2)).transpose(2, 0, 1), 0.5)
    np.testing.assert_array_equal(turned, straight.reshape(3, 4, 2).transpose(2, 0, 1))


def test_dimensions_of_channel_dropout():
    """What is dropped together, by layer and number of dimensions; the layer and the function agree."""
    cases = [
        ("dropout1d", (3, 4), 1),
        ("dropout1d", (2, 3, 4), 2),
        ("dropout2d", (2, 3), 2),
        ("dropout2d", (2, 3, 4), 2),
    ]
    cases += [("dropout3d", (2, 3, 4), 1), ("dropout3d", (2, 3), 1), ("dropout3d", (2, 3, 1, 2, 2), 2)]
    for name, shape, kept in cases:
        layer = getattr(tnn, name.capitalize())(0.5)
        tnn.manual_seed(4)
        y = layer(np.ones(shape)).reshape(*shape[:kept], -1)
        assert (y == y[..., :1]).all()
        tnn.manual_seed(4)
        np.testing.assert_array_equal(getattr(F, name)(np.ones(shape), 0.5).reshape(y.shape), y)
        agrees(layer, np.ones(shape), before=lambda: tnn.manual_seed(1))
    for layer, shape in ((tnn.Dropout1d(), (1, 2, 3, 4)), (tnn.Dropout2d(), (3,)), (tnn.FeatureAlphaDropout(), (3,))):
        with pytest.raises(ValueError, match="dimensions"):
            layer(np.ones(shape))
