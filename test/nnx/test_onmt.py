"""Networks of OpenNMT's checkpoints."""

import numpy as np
import pytest

import nn
import nngraph  # noqa: F401
import torch7 as torch
import torch7.onnx
from nnx import onmt


def step(words, inputs, hidden):
    """A table {c, h, words} of one layer, as OpenNMT's encoder has it: an embedding and an LSTM inside a graph."""
    c, h, x = (nn.Identity()() for _ in range(3))
    gates = nn.CAddTable()([nn.Linear(inputs, 4 * hidden)(x), nn.Linear(hidden, 4 * hidden)(h)])
    parts = nn.SplitTable(2)(nn.Reshape(4, hidden)(gates)).split(4)
    i, f, o = (nn.Sigmoid()(part) for part in parts[:3])
    kept = nn.CAddTable()([nn.CMulTable()([f, c]), nn.CMulTable()([i, nn.Tanh()(parts[3])])])
    cell = onmt.LSTM(nn.gModule([c, h, x], [kept, nn.CMulTable()([o, nn.Tanh()(kept)])]))
    states, word = [nn.Identity()(), nn.Identity()()], nn.Identity()()
    embedded = onmt.WordEmbedding(nn.LookupTable(words, inputs))(word)
    return nn.gModule([*states, word], [cell([*states, embedded])])


def test_a_checkpoint(tmp_path):
    torch.manualSeed(1)
    net = step(7, 3, 4)
    path = tmp_path / "model.t7"
    torch.save(path, {"models": {"encoder": {"name": "Encoder", "modules": [net], "args": {"rnnSize": 4}}}})
    loaded = torch.load(path)["models"]["encoder"]["modules"][0]
    x = [torch.randn(2, 4), torch.randn(2, 4), np.array([1, 5])]
    outputs = [y.copy() for y in net.forward(x)]
    assert all(np.array_equal(a, b) for a, b in zip(loaded.forward(x), outputs))
    cell = loaded.findModules("onmt.LSTM")[0][0]
    assert type(cell) is onmt.LSTM and cell.net is cell.modules[0]
    loaded.zeroGradParameters()
    loaded.backward(x, outputs)
    embedding = loaded.findModules("onmt.WordEmbedding")[0][0]
    assert not embedding.net.gradWeight[0].any() and embedding.net.gradWeight[4].any()


@pytest.mark.parametrize("missing", ["net", "modules"])
def test_a_network_that_a_file_has_once(missing):
    fields = {"net": nn.Linear(3, 2), "modules": [], "outputSize": 2}
    fields["modules"] = [fields["net"]]
    del fields[missing]
    loaded = torch.deserialize(torch.serialize(torch.TorchObject("onmt.Generator", fields)))
    assert type(loaded) is onmt.Generator and loaded.net is loaded.modules[0]
    assert loaded.forward(np.ones((1, 3))).shape == (1, 2)
    loaded.replace(lambda m: nn.Tanh() if type(m) is nn.Linear else m)
    assert type(loaded.net) is nn.Tanh and loaded.net is loaded.modules[0]


def test_tensors_joined_and_repeated():
    layer = onmt.JoinReplicateTable(1, 3)
    x = [torch.randn(4, 2, 3), torch.randn(1, 2, 5)]
    y = layer.forward(x)
    assert np.array_equal(y, np.concatenate([x[0], np.repeat(x[1], 4, 0)], 2))
    first, second = layer.backward(x, y)
    assert np.array_equal(first, x[0]) and np.allclose(second, 4 * x[1])
    with pytest.raises(ValueError, match=r"sizes do not fit: \{4x2x3"):
        layer.forward([x[0], torch.randn(2, 2, 5)])


def test_networks_in_a_runtime():
    pytest.importorskip("onnxruntime")
    import onnxruntime

    net, x = step(7, 3, 4), [torch.randn(2, 4), torch.randn(2, 4), np.array([1, 5])]
    model = torch.onnx.export(net, x)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = [x[0].astype(np.float32), x[1].astype(np.float32), x[2]]
    outputs = session.run(None, dict(zip((i.name for i in session.get_inputs()), given)))
    for a, b in zip(outputs, net.forward(x), strict=True):
        assert np.allclose(a, b, atol=1e-5)
