"""Constructors take Lua's numbers, among which a whole 3.0 is a 3, and name themselves where they refuse."""

import numpy as np
import pytest

import nn
import rnn  # noqa: F401 (registers the classes of rnn and dpnn)
import torch7 as torch
from nn.constructors import number

X = np.arange(24.0).reshape(4, 6)
IMAGE = np.arange(25.0).reshape(1, 5, 5)
LABELS = np.array([1.0, 2, 3, 1])

# What is made of whole floats, and an input.
MADE = {
    "Linear": (nn.Linear, (6, 2), X),
    "Cosine": (nn.Cosine, (6, 2), X),
    "PReLU": (nn.PReLU, (6,), X),
    "Bilinear": (nn.Bilinear, (6, 6, 2), [X, X]),
    "LayerNormalization": (nn.LayerNormalization, (6,), X),
    "BatchNormalization": (nn.BatchNormalization, (6,), X),
    "LookupTable": (nn.LookupTable, (10, 3), LABELS),
    "OneHot": (nn.OneHot, (3,), LABELS),
    "Narrow": (nn.Narrow, (1, 1, 2), X),
    "Select": (nn.Select, (-1, 2), X),
    "Replicate": (nn.Replicate, (3, 1), X),
    "Transpose": (nn.Transpose, ([1, 2],), X),
    "Padding": (nn.Padding, (1, 2, 2), X),
    "Max": (nn.Max, (1,), X),
    "Bottle": (lambda n: nn.Bottle(nn.Linear(6, 2), n), (2,), X.reshape(2, 2, 6)),
    "JoinTable": (nn.JoinTable, (1, 1), [X, X]),
    "SplitTable": (nn.SplitTable, (1, 2), X),
    "PixelShuffle": (nn.PixelShuffle, (2,), X.reshape(4, 3, 2)),
    "SpatialZeroPadding": (nn.SpatialZeroPadding, (1, -1, 2, 1), IMAGE),
    "SpatialReplicationPadding": (nn.SpatialReplicationPadding, (1, -1, 2, 1), IMAGE),
    "SpatialAdaptiveMaxPooling": (nn.SpatialAdaptiveMaxPooling, (2, 2), IMAGE),
    "SpatialSubSampling": (nn.SpatialSubSampling, (1, 2, 2), IMAGE),
    "SpatialUniformCrop": (nn.SpatialUniformCrop, (2, 2), IMAGE[None]),
    "SpatialConvolution": (nn.SpatialConvolution, (1, 2, 3, 3), IMAGE),
    "LSTM": (nn.LSTM, (6, 4, 5), X),
    "FastLSTM": (nn.FastLSTM, (6, 4), X),
    "GRU": (nn.GRU, (6, 4), X),
    "SeqLSTM": (nn.SeqLSTM, (3, 2), X.reshape(2, 4, 3)),
    "Recurrent": (lambda *a: nn.Recurrent(a[0], nn.Linear(6, 6), nn.Linear(6, 6), None, *a[1:]), (6, 5), X),
    "Repeater": (lambda n: nn.Repeater(nn.LSTM(6, 6), n), (3,), X),
    "MaskZero": (lambda n: nn.MaskZero(nn.Linear(6, 2), n), (1,), X),
}


def floats(x):
    return [floats(entry) for entry in x] if isinstance(x, list) else np.float64(x)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("kind", [float, np.float64, np.int64])
def test_whole_numbers_of_any_kind_are_the_same_arguments(name, kind):
    make, arguments, x = MADE[name]
    results = []
    for given in (arguments, [[kind(n) for n in a] if isinstance(a, list) else kind(a) for a in arguments]):
        torch.manualSeed(3)
        module = make(*given)
        results.append(module.forward(x))
    np.testing.assert_equal(results[1], results[0])


def test_settings_after_the_constructor():
    net = nn.Sequential().add(nn.View(6).setNumInputDims(1.0)).insert(nn.Tanh(), 1.0)
    assert net.forward(X).shape == X.shape and net.get(2.0) is net.modules[1]
    assert net.remove(1.0).size() == 1
    assert nn.tables.full(2.0, 3.0).shape == (6, 2) and nn.tables.oneToOne(2.0).shape == (2, 2)
    assert nn.tables.random(4.0, 3.0, 2.0).shape == (6, 2)


def test_numbers():
    x, entries = np.zeros(2), [1, 2]
    for kept in (x, entries, None, True, "3.0", 2.5, float("inf"), 1e300, -2.5):
        assert number(kept) is kept
    assert np.signbit(number(-0.0)) and isinstance(number(-0.0), float) and np.isnan(number(float("nan")))
    for given in (3.0, np.float32(3), np.int64(3)):
        assert type(number(given)) is int
    assert number([1.0, (2.0, 2.5)]) == [1, (2, 2.5)] and type(number([1.0])[0]) is int


@pytest.mark.parametrize(
    "make, place",
    [
        (lambda: nn.Linear(10.5, 5), "nn.Linear(10.5, 5)"),
        (lambda: nn.Linear(-1, 5), "nn.Linear(-1, 5)"),
        (lambda: nn.LookupTable("10", 5), "nn.LookupTable('10', 5)"),
        (lambda: nn.FastLSTM(4, outputSize=2.5), "nn.FastLSTM(4, outputSize=2.5)"),
        (lambda: nn.CMul(X, 2), "nn.CMul(4x6 torch.DoubleTensor, 2)"),
    ],
)
def test_a_refusal_tells_what_was_to_be_made(make, place):
    with pytest.raises((TypeError, ValueError)) as refused:
        make()
    assert f"In the constructor {place}" in refused.value.__notes__


@pytest.mark.parametrize("value", [2.5, "1", None, [], float("nan"), 1e30])
def test_pads_that_are_no_whole_numbers(value):
    for module, x in ((nn.SpatialZeroPadding(1), IMAGE), (nn.VolumetricReplicationPadding(1), IMAGE[None])):
        setattr(module, "pad_l" if hasattr(module, "pad_l") else "pleft", value)
        with pytest.raises((TypeError, ValueError), match=r"pad_l|pleft"):
            module.forward(x)
