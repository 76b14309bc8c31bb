"""torch-rnn's layers beside the layers of rnn, and its checkpoints."""

import numpy as np
import pytest

import nn
import nnx
import torch7 as torch


def checkpoint(**settings):
    torch.manualSeed(3)
    given = {"idx_to_token": list("abcde"), "wordvec_size": 3, "rnn_size": 4, "num_layers": 2, **settings}
    model = nn.LanguageModel(given).float()
    model.getParameters()
    return model


def test_lstm_is_seq_lstm_of_batches_first():
    x = torch.randn(2, 3, 4)
    ours, other = nnx.torch_rnn.LSTM(4, 5), nn.SeqLSTM(4, 5)
    other.weight[...], other.bias[...] = ours.weight, ours.bias
    assert np.array_equal(ours.forward(x).transpose(1, 0, 2), other.forward(x.transpose(1, 0, 2)))
    assert ours.bias.tolist() == [0] * 5 + [1] * 5 + [0] * 10


def test_vanilla_rnn_by_its_formula():
    x, layer = torch.randn(2, 3, 4), nnx.VanillaRNN(4, 5)
    layer.remember_states = True
    h = np.zeros((2, 5))
    for _ in range(2):
        y = layer.forward(x)
        for t in range(3):
            h = np.tanh(x[:, t] @ layer.weight[:4] + h @ layer.weight[4:] + layer.bias)
            assert np.allclose(y[:, t], h, rtol=1e-12, atol=1e-12)
    layer.resetStates()
    assert np.allclose(layer.forward(x)[:, 0], np.tanh(x[:, 0] @ layer.weight[:4] + layer.bias))


@pytest.mark.parametrize("make", [nnx.torch_rnn.LSTM, nnx.torch_rnn.GRU, nnx.VanillaRNN])
def test_states_last_through_modes_and_files(make):
    layer, x = make(4, 5), torch.randn(2, 6, 4)
    whole = layer.forward(x).copy()
    layer.remember_states = True
    layer.resetStates()
    layer.training()
    first = layer.forward(x[:, :2]).copy()
    layer.evaluate()
    second = layer.forward(x[:, 2:4]).copy()
    for other in (torch.deserialize(torch.serialize(layer)), layer.clone()):
        assert np.allclose(np.concatenate([first, second, other.forward(x[:, 4:])], 1), whole)
    with pytest.raises(ValueError, match="batch sizes"):
        layer.forward(x[:1])


@pytest.mark.parametrize("settings", [{}, {"model_type": "rnn"}, {"batchnorm": 1, "dropout": 0.25}])
def test_a_checkpoint_loads_runs_and_trains(settings):
    model = checkpoint(**settings)
    data = torch.serialize({"model": model.clearState(), "i": 4000.0, "memory_usage": []})
    loaded = torch.deserialize(data)["model"]
    tokens, targets = np.array([[1, 2, 3], [5, 4, 1]]), np.array([[2, 3, 0], [4, 1, 1]])
    model.evaluate(), loaded.evaluate()
    assert np.array_equal(loaded.forward(tokens), model.forward(tokens))
    loaded.resetStates()
    criterion = nn.TemporalCrossEntropyCriterion().float()
    before = criterion.forward(loaded.forward(tokens), targets)
    loaded.zeroGradParameters()
    loaded.backward(tokens, criterion.backward(loaded.output, targets))
    loaded.updateParameters(0.1)
    loaded.resetStates()
    assert criterion.forward(loaded.forward(tokens), targets) < before
    assert loaded.rnns[0] is loaded.net.get(2)
    for layer, place in zip(loaded.rnns, loaded.net.findModules(torch.typename(loaded.rnns[0]))[0]):
        assert layer is place


def test_old_checkpoints_have_no_batch_normalisation():
    model = checkpoint()
    del model.bn_view_in, model.bn_view_out
    assert torch.deserialize(torch.serialize(model)).forward(np.array([[1, 2]])).shape == (1, 2, 5)


def test_text_is_drawn():
    model = checkpoint().evaluate()
    assert model.decode_string(model.encode_string("abcab")) == "abcab"
    with pytest.raises(ValueError, match="invalid token 'x'"):
        model.encode_string("abx")
    best = model.sample(length=6, start_text="ab", sample=0)
    model.resetStates()
    scores = model.forward(model.encode_string("ab")[None])[0, -1]
    assert best[:2] == "ab" and len(best) == 6 and best[2] == model.idx_to_token[scores.argmax()]
    torch.manualSeed(1)
    text = model.sample(length=5, temperature=0.5)
    torch.manualSeed(1)
    assert model.sample({"length": 5, "temperature": 0.5}) == text and set(text) <= set("abcde")


def test_temporal_cross_entropy_by_its_formula():
    x, y = torch.randn(2, 3, 4), np.array([[1, 0, 3], [4, 2, 0]])
    logp = x - np.log(np.exp(x).sum(2, keepdims=True))
    total = -sum(logp[n, t, y[n, t] - 1] for n in range(2) for t in range(3) if y[n, t])
    criterion = nn.TemporalCrossEntropyCriterion()
    assert criterion.forward(x, y) == pytest.approx(total / 2)
    criterion.time_average = True
    assert criterion.forward(x, y) == pytest.approx(total / 6)
    assert (criterion.backward(x, y)[y == 0] == 0).all()


def test_a_model_of_bytes_reads_and_writes_whole_characters():
    model = checkpoint(idx_to_token=["a", b"\xc3", b"\xa9", "é\u4e00"])
    assert model.encode_string("aé").tolist() == [1, 2, 3] and model.decode_string([1, 2, 3]) == "aé"
    loaded = torch.deserialize(torch.serialize(model))
    assert loaded.decode_string(loaded.encode_string("éa")) == "éa"
    assert loaded.decode_string([2, 1]) == "\ufffda"


def test_gru_by_its_formula():
    x, layer, H = torch.randn(2, 3, 4), nnx.torch_rnn.GRU(4, 5), 5
    torch.normal(layer.bias)
    sigmoid = lambda v: 1 / (1 + np.exp(-v))
    W, U, b, h = layer.weight[:4], layer.weight[4:], layer.bias, np.zeros((2, 5))
    y = layer.forward(x)
    for t in range(3):
        a = x[:, t] @ W + b
        u, r = sigmoid(a[:, :H] + h @ U[:, :H]), sigmoid(a[:, H : 2 * H] + h @ U[:, H : 2 * H])
        n = np.tanh(a[:, 2 * H :] + (r * h) @ U[:, 2 * H :])
        h = (1 - u) * h + u * n
        assert np.allclose(y[:, t], h)


def test_grid_gru_by_its_formula():
    D, H, x = 4, 3, torch.randn(2, 3, 4)
    layer, time = nn.GRIDGRU(D, H), nnx.torch_rnn.GRU(D, H)
    sigmoid = lambda v: 1 / (1 + np.exp(-v))
    time.weight[...], time.bias[...] = layer.weight[:, : 3 * H], layer.bias[: 3 * H]
    h, W, V, b = time.forward(x), layer.weight[:D, 3 * H :], layer.weight[D:, 3 * H :], layer.bias[3 * H :]
    a = h @ V + b
    v, q = sigmoid(a[..., :D] + x @ W[:, :D]), sigmoid(a[..., D : 2 * D] + x @ W[:, D : 2 * D])
    m = np.tanh(a[..., 2 * D :] + (q * x) @ W[:, 2 * D :])
    assert np.allclose(layer.forward(x), (1 - v) * x + v * m)
    layer.remember_states = True
    layer.resetStates()
    parts = [layer.forward(x[:, :2]).copy(), layer.forward(x[:, 2:]).copy()]
    layer.resetStates()
    assert np.allclose(np.concatenate(parts, 1), layer.forward(x))


@pytest.mark.parametrize("make", [nnx.torch_rnn.LSTM, nnx.torch_rnn.GRU, nn.VanillaRNN, nn.GRIDGRU])
def test_the_state_lasts_through_types_and_files_of_cleared_layers(make):
    layer, x = make(3, 4).float(), torch.randn(2, 5, 3).astype(np.float32)
    layer.remember_states = True
    first = layer.forward(x).copy()
    second = layer.forward(x).copy()
    layer.resetStates()
    layer.forward(x)
    layer.double()
    assert not np.allclose(first, second) and np.allclose(layer.forward(x.astype(float)), second, atol=1e-6)
    fields = {name: value for name, value in vars(layer).items() if not name.startswith("_")}
    empty = np.empty(0)
    cleared = fields | {"output": empty, "gates": empty, "cell": empty, "_type": "torch.DoubleTensor"}
    loaded = torch.deserialize(torch.serialize(torch.TorchObject(torch.typename(layer), cleared)))
    assert loaded.remember_states and np.allclose(loaded.forward(x.astype(float)), first, atol=1e-6)
