"""SeqLSTM, SeqLSTMP and SeqGRU: equal to their stepwise relatives, states, modes."""

import numpy as np
import pytest

import nn
import torch7 as torch

T, N, D, H = 5, 3, 4, 6
LAYERS = {"LSTM": lambda: nn.SeqLSTM(D, H), "LSTMP": lambda: nn.SeqLSTMP(D, 5, H), "GRU": lambda: nn.SeqGRU(D, H)}
layers = pytest.mark.parametrize("name", LAYERS)


def made(name, **fields):
    torch.manualSeed(2)
    layer = LAYERS[name]().training()
    for field, value in fields.items():
        setattr(layer, field, value)
    return layer


def drawn(*shape):
    torch.manualSeed(5)
    return torch.randn(*shape)


def near(a, b, tolerance=1e-10):
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def gradients(module):
    return np.concatenate([g.ravel() for g in module.parameters()[1]])


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_equal_to_the_stepwise_module(name, masked):
    layer = made(name, maskzero=masked)
    x, dy = drawn(T, N, D), drawn(T, N, H)
    if masked:
        x[0, :2], x[3, 1] = 0, 0
    layer.zeroGradParameters()
    steps = layer.toFastLSTM() if name == "LSTM" else layer.toGRU()
    steps = nn.Sequencer(steps.maskZero(1) if masked else steps).training()
    near(layer.forward(x), steps.forward(x))
    near(layer.backward(x, dy), steps.backward(x, dy))
    again = (layer.toFastLSTM() if name == "LSTM" else layer.toGRU()).parameters()[1]
    for mine, theirs in zip(again, steps.parameters()[1]):
        near(mine, theirs)


@layers
@pytest.mark.parametrize("batch, width", [(1, 3), (7, 40), (40, 130), (9, 270)])
def test_sizes_and_float32(name, batch, width):
    sizes = {"LSTM": (D, width), "LSTMP": (D, width, width // 2), "GRU": (D, width)}[name]
    torch.manualSeed(2)
    double = getattr(nn, "Seq" + name)(*sizes)
    single = double.clone().float()
    x = drawn(3, batch, D)
    y = double.forward(x)
    near(single.forward(x.astype(np.float32)), y, 1e-4)
    double.zeroGradParameters()
    single.zeroGradParameters()
    near(single.backward(x.astype(np.float32), y.astype(np.float32)), double.backward(x, y), 1e-4)
    scale = max(1, np.abs(gradients(double)).max())
    near(gradients(single) / scale, gradients(double) / scale, 1e-4)


@layers
def test_batch_first(name):
    x, dy = drawn(T, N, D), drawn(T, N, H)
    layer, other = made(name), made(name, batchfirst=True)
    near(other.forward(x.transpose(1, 0, 2)).transpose(1, 0, 2), layer.forward(x))
    near(other.backward(x.transpose(1, 0, 2), dy.transpose(1, 0, 2)).transpose(1, 0, 2), layer.backward(x, dy))


@layers
def test_remember_joins_sequences(name):
    x = drawn(2 * T, N, D)
    whole = made(name).forward(x).copy()
    layer = made(name)
    assert layer.remember("both") is layer
    near(layer.forward(x[:T]), whole[:T])
    near(layer.forward(x[T:]), whole[T:])
    with pytest.raises(ValueError, match="batch sizes"):
        layer.forward(x[:, :2])
    layer.forget()
    near(layer.forward(x[:T]), whole[:T])
    layer.evaluate()
    near(layer.forward(x[:T]), whole[:T])


@layers
def test_states_and_their_gradients_join_two_halves(name):
    x, dy = drawn(2 * T, N, D), drawn(2 * T, N, H)
    whole = made(name)
    expected = whole.forward(x).copy()
    whole.zeroGradParameters()
    gradInput = whole.backward(x, dy).copy()
    early, late = made(name), made(name)
    near(early.forward(x[:T]), expected[:T])
    late.userPrevOutput = early.output[-1]
    if name != "GRU":
        late.userPrevCell = early.cell[-1]
    near(late.forward(x[T:]), expected[T:])
    for half in (early, late):
        half.zeroGradParameters()
    near(late.backward(x[T:], dy[T:]), gradInput[T:])
    early.gradPrevOutput = late.userGradPrevOutput
    if name != "GRU":
        early.userNextGradCell = late.userGradPrevCell
    near(early.backward(x[:T], dy[:T]), gradInput[:T])
    near(gradients(early) + gradients(late), gradients(whole))


@layers
def test_gradients_of_given_states(name):
    x, h0 = drawn(T, N, D), drawn(N, H)
    layer = made(name)
    y = layer.forward([h0, x]).copy()
    dh, dx = layer.backward([h0, x], np.ones_like(y))
    moved = h0.copy()
    moved[1, 2] += 1e-6
    assert dx.shape == x.shape
    np.testing.assert_allclose((layer.forward([moved, x]).sum() - y.sum()) / 1e-6, dh[1, 2], rtol=1e-4)


@layers
def test_lengths_may_change(name):
    layer = made(name)
    for steps in (2, 7, 1, 7):
        x = drawn(steps, N, D)
        y = layer.forward(x)
        near(y, made(name).forward(x))
        assert layer.backward(x, y).shape == x.shape


@layers
def test_backward_wants_a_forward_of_the_same_size(name):
    layer = made(name)
    with pytest.raises(ValueError, match="forward before backward"):
        layer.backward(drawn(T, N, D), drawn(T, N, H))
    layer.forward(drawn(T, N, D))
    with pytest.raises(ValueError, match="forward before backward"):
        layer.backward(drawn(2, N, D), drawn(2, N, H))
    layer.backward(drawn(T, N, D), drawn(T, N, H))


def test_reset_and_the_bias_of_the_forget_gate():
    lstm, projected, gru = (made(name) for name in ("LSTM", "LSTMP", "GRU"))
    assert lstm.bias.tolist() == [0] * H + [1] * H + [0] * 2 * H
    assert projected.bias.tolist() == [0] * H + [1] * H + [0] * (20 - 2 * H)
    assert gru.bias.tolist() == [0] * H + [1] * H + [0] * H
    with pytest.raises(ValueError, match="twice"):
        nn.SeqLSTMP(2, 2, 5)
