"""Layers of cudnn by their formulas, and in files."""

import numpy as np
import pytest

import nn
import torch7 as torch
from nnx import cudnn


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_a_convolution_in_groups_is_one_of_each_part():
    x, layer = torch.randn(2, 4, 5, 6), cudnn.SpatialConvolution(4, 6, 3, 3, 2, 1, 1, 0, 2)
    assert layer.weight.shape == (6, 2, 3, 3)
    parts = []
    for g in range(2):
        part = nn.SpatialConvolution(2, 3, 3, 3, 2, 1, 1, 0)
        part.weight[...], part.bias[...] = layer.weight[3 * g : 3 * g + 3], layer.bias[3 * g : 3 * g + 3]
        parts.append(part.forward(x[:, 2 * g : 2 * g + 2]))
    assert np.allclose(layer.forward(x), np.concatenate(parts, 1))
    with pytest.raises(ValueError, match="3 groups do not divide 4 and 6"):
        cudnn.SpatialConvolution(4, 6, 3, 3, groups=3)


def test_files_of_convolutions_in_groups():
    x, layer = torch.randn(1, 4, 5, 5), cudnn.SpatialConvolution(4, 4, 3, 3, groups=2)
    loaded = torch.deserialize(torch.serialize(nn.Sequential().add(layer))).get(1)
    assert type(loaded) is cudnn.SpatialConvolution and np.array_equal(loaded.forward(x), layer.forward(x))
    one = nn.SpatialConvolution(4, 4, 3, 3)
    held = torch.TorchObject("cudnn.SpatialConvolution", {**vars(one), "groups": 1.0})
    held.fields.pop("_dtype")
    loaded = torch.deserialize(torch.serialize(held))
    assert type(loaded) is nn.SpatialConvolution and np.array_equal(loaded.forward(x), one.forward(x))


@pytest.mark.parametrize("padH", [None, 0, 2])
def test_files_of_convolutions_over_time(padH):
    """A frame is a row of an image: kH and dH are the window and its stride, kW the features of a frame."""
    x, plain = torch.randn(2, 7, 3), nn.TemporalConvolution(3, 4, 2, 2)
    fields = {"inputFrameSize": 3.0, "outputFrameSize": 4.0, "kW": 3.0, "kH": 2.0, "dW": 1.0, "dH": 2.0, "padH": padH}
    fields |= {"weight": plain.weight, "bias": plain.bias, "gradWeight": plain.gradWeight, "nInputPlane": 1.0}
    fields |= {"gradBias": plain.gradBias, "output": np.empty(0), "gradInput": np.empty(0), "padW": 0.0}
    loaded = torch.deserialize(torch.serialize(torch.TorchObject("cudnn.TemporalConvolution", fields)))
    padded = np.pad(x, ((0, 0), (padH or 0, padH or 0), (0, 0)))
    assert np.allclose(loaded.forward(x), plain.forward(padded))
    written = torch.deserialize(torch.serialize(loaded))
    assert type(written) is cudnn.TemporalConvolution and np.array_equal(written.forward(x), loaded.output)
    assert (written.kW, written.kH, written.dW, written.dH) == (3, 2, 1, 2)


def test_lstm_by_its_vector_of_weights():
    D, H, T, N = 3, 2, 4, 2
    layer, x = cudnn.LSTM(D, H), torch.randn(T, N, D)
    W, U, b = layer.weight[: 4 * H * D].reshape(-1, D), layer.weight[24:40].reshape(-1, H), layer.weight[40:]
    bias = b[: 4 * H] + b[4 * H :]
    h, c = np.zeros((N, H)), np.zeros((N, H))
    y = layer.forward(x)
    for t in range(T):
        i, f, g, o = np.split(x[t] @ W.T + h @ U.T + bias, 4, 1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        assert np.allclose(y[t], h)
    assert np.allclose(layer.hiddenOutput[0], h) and np.allclose(layer.cellOutput[0], c)


def test_gru_in_both_directions():
    D, H, T = 3, 2, 3
    layer, x = cudnn.BGRU(D, H), torch.randn(T, 1, D)
    sizes = [3 * H * D, 3 * H * H] * 2 + [3 * H] * 4
    parts = np.split(layer.weight, np.cumsum(sizes)[:-1])
    y = layer.forward(x)
    for k, steps in enumerate((range(T), reversed(range(T)))):
        W, U = parts[2 * k].reshape(-1, D), parts[2 * k + 1].reshape(-1, H)
        bW, bU = parts[4 + 2 * k : 6 + 2 * k]
        h = np.zeros((1, H))
        for t in steps:
            (ar, az, an), (ur, uz, un) = np.split(x[t] @ W.T + bW, 3, 1), np.split(h @ U.T + bU, 3, 1)
            r, z = sigmoid(ar + ur), sigmoid(az + uz)
            h = (1 - z) * np.tanh(an + r * un) + z * h
            assert np.allclose(y[t, :, k * H : (k + 1) * H], h)


def test_two_layers_in_both_directions_by_the_published_order():
    """As ONNX's old OptimizedRNN says it of cuDNN: weights before biases, of each layer, of each direction, by the
    input and by the state, one matrix for each of input, forget, cell, output.
    """
    D, H, T, N = 3, 2, 4, 2
    layer, x = cudnn.BLSTM(D, H, 2), torch.randn(T, N, D)
    rest, parts = iter(layer.weight), {}
    for bias in (False, True):
        for place in np.ndindex(2, 2, 2, 4):  # layer, direction, input or state, gate
            width = 1 if bias else H if place[2] else 2 * H if place[0] else D
            parts[bias, place] = np.array([next(rest) for _ in range(H * width)]).reshape(H, width)
    assert next(rest, None) is None
    steps = list(x)
    for k in range(2):
        outputs = []
        for d in range(2):
            h = c = np.zeros((N, H))
            made = []
            for v in steps[:: 1 - 2 * d]:
                a = [sum(u @ parts[False, (k, d, r, g)].T + parts[True, (k, d, r, g)].T for r, u in enumerate((v, h)))
                     for g in range(4)]  # fmt: skip
                c = sigmoid(a[1]) * c + sigmoid(a[0]) * np.tanh(a[2])
                h = sigmoid(a[3]) * np.tanh(c)
                made.append(h)
            outputs.append(made[:: 1 - 2 * d])
        steps = [np.concatenate(both, 1) for both in zip(*outputs)]
    assert np.allclose(layer.forward(x), np.stack(steps))


def test_states_are_remembered_where_asked():
    x = torch.randn(6, 2, 3)
    layer = cudnn.LSTM(3, 2, 2, False, 0, True)
    parts = [layer.forward(x[:2]).copy(), layer.forward(x[2:5]).copy()]
    copied = torch.deserialize(torch.serialize(layer))
    parts.append(copied.forward(x[5:]).copy())
    layer.resetStates()
    assert np.allclose(np.concatenate(parts), layer.forward(x))
    forgetting = cudnn.GRU(3, 2)
    assert np.allclose(forgetting.forward(x).copy(), forgetting.forward(x))


def test_a_recurrent_layer_of_a_file():
    layer = cudnn.BLSTM(3, 2, 2, True)
    fields = {name: value for name, value in vars(layer).items() if not name.startswith("_") or name == "_type"}
    fields |= {"inputMode": "CUDNN_LINEAR_INPUT", "sync": True, "datatype": "CUDNN_DATA_FLOAT", "seed": 7}
    fields["weight"], fields["gradWeight"] = fields["weight"].reshape(-1, 1, 1), None
    loaded = torch.deserialize(torch.serialize(torch.TorchObject("cudnn.BLSTM", fields)))
    x = torch.randn(2, 4, 3)
    y = layer.forward(x)
    assert np.array_equal(loaded.forward(x), y)
    loaded.zeroGradParameters()
    loaded.backward(x, y)
    layer.zeroGradParameters()
    layer.backward(x, y)
    assert np.allclose(loaded.gradWeight.ravel(), layer.gradWeight)
    with pytest.raises(ValueError, match="weight is"):
        layer.mode = "CUDNN_GRU"
        layer.forward(x)
    with pytest.raises(ValueError, match=r"mode must be one of CUDNN_RNN_RELU, .*, got 'LSTM'"):
        layer.mode = "LSTM"
        layer.forward(x)


def test_dropout_falls_between_layers():
    layer, x = cudnn.RNNTanh(3, 20, 2, False, 0.5), torch.randn(3, 4, 3)
    layer.training()
    assert not np.allclose(layer.forward(x).copy(), layer.forward(x))
    layer.evaluate()
    assert np.allclose(layer.forward(x).copy(), layer.forward(x))


@pytest.mark.parametrize("make", [cudnn.BLSTM, cudnn.GRU, cudnn.RNNTanh])
def test_backward_has_the_masks_of_the_forward(make):
    layer, x, g = make(3, 4, 3, False, 0.5), torch.randn(5, 2, 3), torch.randn(5, 2, 8 if make is cudnn.BLSTM else 4)

    def loss():
        torch.manualSeed(7)
        return (layer.forward(x) * g).sum()

    loss()
    layer.zeroGradParameters()
    layer.backward(x, g)
    layer.backward(x, 2 * g)
    gradient, slope = layer.gradWeight / 3, layer.gradInput / 2
    for array, found in ((layer.weight, gradient), (x, slope)):
        place = np.unravel_index(abs(found).argmax(), found.shape)
        losses = []
        for move in (1e-5, -2e-5, 1e-5):
            array[place] += move
            losses.append(loss())
        assert found[place] == pytest.approx((losses[0] - losses[1]) / 2e-5, rel=1e-6)


def test_both_halves_of_backward():
    layer, x, g = cudnn.LSTM(3, 4, 2), torch.randn(5, 2, 3), torch.randn(5, 2, 4)
    layer.forward(x)
    layer.zeroGradParameters()
    whole, weight = layer.backward(x, g).copy(), layer.gradWeight.copy()
    layer.forward(x)
    layer.zeroGradParameters()
    assert np.array_equal(layer.updateGradInput(x, g), whole)
    layer.accGradParameters(x, g, 2)
    assert np.allclose(layer.gradWeight, 2 * weight)
    layer.accGradParameters(x, -g)
    assert np.allclose(layer.gradWeight, weight)
