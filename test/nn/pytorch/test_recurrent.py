"""Recurrent layers, cells and packed sequences."""

import numpy as np
import pytest
from gradients import agrees

import nn.pytorch as tnn
from nn.pytorch.utils import rnn

CASES = [
    ("RNN", {"nonlinearity": "relu", "num_layers": 2}),
    ("RNN", {"bias": False, "batch_first": True}),
    ("LSTM", {"num_layers": 2, "bidirectional": True}),
    ("LSTM", {"proj_size": 2, "batch_first": True, "num_layers": 2}),
    ("GRU", {"bidirectional": True}),
    ("GRU", {"num_layers": 2, "dropout": 0.4}),
]
#: Sums of the outputs of PyTorch 2.13 for manual_seed(2), input sin(0, 1, ...) of (3, 2, 4), hidden size 3.
SUMS = {
    0: [1.734492317774192, 3.7563333934901215],
    1: [0.0636937418894209, -0.6890632207602532],
    2: [2.128064826189682, 0.02348046850883239, 0.1972306611171386],
    3: [-0.28726646235253683, 0.19206204748673947, -2.828906838275701],
    4: [-1.1076043267698172, -0.2927518920687074],
    5: [-2.5168861509753726, -1.0051712671529986],
}


@pytest.mark.parametrize("i", range(len(CASES)))
def test_numbers_of_pytorch(i):
    name, settings = CASES[i]
    tnn.manual_seed(2)
    layer = getattr(tnn, name)(4, 3, **settings, dtype="float64")
    output, state = layer(np.sin(np.arange(24.0)).reshape(3, 2, 4))
    state = state if isinstance(state, tuple) else (state,)
    np.testing.assert_allclose([output.sum(), *(s.sum() for s in state)], SUMS[i], rtol=1e-12)


@pytest.mark.parametrize("name, settings", CASES)
def test_gradients(name, settings):
    layer = getattr(tnn, name)(2, 3, **settings, dtype="float64")
    x = np.random.default_rng(0).normal(size=(3, 2, 2))
    agrees(layer, x, before=lambda: tnn.manual_seed(1))
    agrees(layer, x[:, 0], before=lambda: tnn.manual_seed(1))


def test_state_and_its_gradient():
    rng = np.random.default_rng(0)
    layer = tnn.GRU(2, 3, dtype="float64")
    agrees(layer, [rng.normal(size=(3, 2, 2)), rng.normal(size=(1, 2, 3))])
    layer = tnn.LSTM(2, 3, dtype="float64")
    x, h, c = rng.normal(size=(3, 2, 2)), rng.normal(size=(1, 2, 3)), rng.normal(size=(1, 2, 3))
    layer(x, (h, c))
    gx, (gh, gc) = layer.backward([x, (h, c)], [np.ones((3, 2, 3))])
    assert gx.shape == x.shape and gh.shape == h.shape and gc.shape == c.shape
    with pytest.raises(ValueError, match=r"expected a hidden state of shape \(1, 2, 3\), got \(2, 3\)"):
        layer(x, (h[0], c[0]))


@pytest.mark.parametrize("name", ["RNNCell", "LSTMCell", "GRUCell"])
def test_cells(name):
    cell = getattr(tnn, name)(4, 3, dtype="float64")
    x = np.random.default_rng(0).normal(size=(2, 4))
    agrees(cell, x)
    agrees(cell, x[0])
    assert repr(cell) == f"{name}(4, 3)"


def test_packing():
    x = np.arange(12.0).reshape(4, 3, 1)
    packed = rnn.pack_padded_sequence(x, [4, 2, 3], enforce_sorted=False)
    np.testing.assert_array_equal(packed.data.ravel(), [0, 2, 1, 3, 5, 4, 6, 8, 9])
    np.testing.assert_array_equal(packed.batch_sizes, [3, 3, 2, 1])
    np.testing.assert_array_equal(packed.sorted_indices, [0, 2, 1])
    padded, lengths = rnn.pad_packed_sequence(packed, padding_value=-1.0, total_length=5)
    np.testing.assert_array_equal(lengths, [4, 2, 3])
    assert padded.shape == (5, 3, 1) and padded[2, 1, 0] == -1 and padded[1, 1, 0] == 4
    with pytest.raises(RuntimeError, match="must be sorted"):
        rnn.pack_padded_sequence(x, [2, 4, 3])
    with pytest.raises(ValueError, match=r"within 1\.\.4"):
        rnn.pack_padded_sequence(x, [5, 4, 3])
    left = rnn.pad_sequence([np.ones(2), np.ones(3)], batch_first=True, padding_side="left")
    np.testing.assert_array_equal(left, [[0, 1, 1], [1, 1, 1]])
    assert [len(s) for s in rnn.unpack_sequence(packed)] == [4, 2, 3]


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_packed_is_each_sequence_alone(name):
    layer = getattr(tnn, name)(2, 3, bidirectional=True, dtype="float64")
    x, lengths = np.random.default_rng(0).normal(size=(4, 3, 2)), [2, 4, 1]
    output, state = layer(rnn.pack_padded_sequence(x, lengths, enforce_sorted=False))
    output, state = output, state[0] if name == "LSTM" else state
    padded, _ = rnn.pad_packed_sequence(output)
    padded, state = padded.copy(), state.copy()
    for n, length in enumerate(lengths):
        alone, last = layer(x[:length, n])
        np.testing.assert_allclose(padded[:length, n], alone, rtol=1e-12)
        np.testing.assert_allclose(state[:, n], last[0] if name == "LSTM" else last, rtol=1e-12)


def test_refusals():
    with pytest.raises(ValueError, match="larger than 0"):
        tnn.LSTM(2, 3)(np.zeros((0, 1, 2), np.float32))
    with pytest.raises(ValueError, match="only supported for LSTM"):
        tnn.GRU(2, 3, proj_size=1)
    with pytest.raises(ValueError, match=r"the input must be \(T, N, 2\)"):
        tnn.RNN(2, 3)(np.zeros((4, 1, 3), np.float32))
    with pytest.warns(UserWarning, match="only one"):
        tnn.GRU(2, 3, dropout=0.5)
    assert repr(tnn.LSTM(3, 4, 2, bidirectional=True)) == "LSTM(3, 4, num_layers=2, bidirectional=True)"


def test_on_the_tape():
    class Tagger(tnn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.out = tnn.LSTM(2, 3), tnn.Linear(3, 2)

        def forward(self, x):
            y, (h, c) = self.rnn(x)
            y2, _ = self.rnn(x * 2, (h, c))
            return self.out(y + y2), h * 2

    agrees(Tagger().double(), np.random.default_rng(0).normal(size=(3, 2, 2)))


class Tagger(tnn.Module):
    """A GRU over sequences of several lengths, which are an input of forward, and back to their padded form."""

    def __init__(self, batch_first, enforce_sorted=False):
        super().__init__()
        self.settings = {"batch_first": batch_first, "enforce_sorted": enforce_sorted}
        self.gru = tnn.GRU(2, 3, bidirectional=True, dtype="float64")

    def forward(self, x, lengths):
        packed = rnn.pack_padded_sequence(x, lengths, **self.settings)
        output, _ = self.gru(packed)
        padded, _ = rnn.pad_packed_sequence(output, self.settings["batch_first"], -1.5, total_length=4)
        return padded * padded


@pytest.mark.parametrize("batch_first", [False, True])
def test_packing_in_a_forward(batch_first):
    tnn.manual_seed(0)
    net, lengths = Tagger(batch_first), np.array([2, 3, 1])
    x = np.random.default_rng(0).normal(size=(3, 3, 2))
    agrees(net, [x, lengths])
    y = net(x, lengths)
    alone = net(x[:1] if batch_first else x[:, :1], [2])
    np.testing.assert_allclose(y[0] if batch_first else y[:, 0], alone[0] if batch_first else alone[:, 0])
    assert (y[2, 1:] if batch_first else y[1:, 2]).tolist() == [[2.25] * 6] * 3


def test_padding_sequences_in_a_forward():
    class Padded(tnn.Module):
        def forward(self, a, b):
            return rnn.pad_sequence([a * a, b], padding_side="left", padding_value=3.0)

    r = np.random.default_rng(0)
    a, b = r.normal(size=(3, 2)), r.normal(size=(1, 2))
    agrees(Padded(), [a, b])
    np.testing.assert_array_equal(Padded()(a, b)[:, 1], [[3, 3], [3, 3], b[0]])
