"""Networks of Caffe: files built here byte by byte, in both forms of layers, and computed by hand."""

import struct

import numpy as np
import pytest

import nn
import torch7
from rocks import cudnn, loadcaffe
from rocks.protobuf import Message

rng = np.random.default_rng(8)


def number(value):
    out = b""
    while True:
        out += bytes([value & 127 | (128 if value > 127 else 0)])
        value >>= 7
        if not value:
            return out


def field(n, value):
    if isinstance(value, float):
        return number(n << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return number(n << 3) + number(value)
    value = value.encode() if isinstance(value, str) else value
    return number(n << 3 | 2) + number(len(value)) + value


def message(**fields):
    """``n3=5`` is field 3; a list is several."""
    out = b""
    for key, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            out += field(int(key[1:]), one)
    return out


def blob(x, old):
    data = field(5, np.asarray(x, "<f4").tobytes())
    if old:
        sizes = (1,) * (4 - x.ndim) + x.shape
        return message(**{f"n{i + 1}": n for i, n in enumerate(sizes)}) + data
    return data + field(7, field(1, b"".join(map(number, x.shape))))


V1 = {
    "Convolution": 4,
    "Data": 5,
    "Dropout": 6,
    "InnerProduct": 14,
    "LRN": 15,
    "Pooling": 17,
    "ReLU": 18,
    "Softmax": 20,
    "SoftmaxWithLoss": 21,
    "Concat": 3,
    "TanH": 23,
    "Sigmoid": 19,
    "Deconvolution": 39,
    "Power": 26,
}
SETTINGS = {
    "Convolution": (10, 106),
    "Deconvolution": (10, 106),
    "Dropout": (12, 108),
    "InnerProduct": (17, 117),
    "LRN": (18, 118),
    "Pooling": (19, 121),
    "ReLU": (30, 123),
    "Power": (21, 122),
}


def layer(old, name, kind, settings=b"", blobs=(), bottoms=("data",)):
    fields = {"n4" if old else "n1": name, "n5" if old else "n2": V1[kind] if old else kind}
    fields["n2" if old else "n3"] = list(bottoms)
    fields["n6" if old else "n7"] = [blob(b, old) for b in blobs]
    if settings:
        fields[f"n{SETTINGS[kind][not old]}"] = settings
    return field(2 if old else 100, message(**fields))


@pytest.fixture
def load(tmp_path):
    (tmp_path / "net.prototxt").write_text('name: "net"\n')

    def run(old, *layers, package=None):
        inputs = message(n4=[1, 2, 8, 8]) if old else field(8, message(n1=[1, 2, 8, 8]))
        (tmp_path / "net.caffemodel").write_bytes(field(1, "net") + inputs + b"".join(layers))
        return loadcaffe.load(f"{tmp_path}/net.prototxt", f"{tmp_path}/net.caffemodel", package)

    return run


@pytest.mark.parametrize("old", [True, False])
def test_a_network(load, old):
    weight, bias = rng.random((4, 2, 3, 3), np.float32), rng.random(4, np.float32)
    matrix, offset = rng.random((5, 4 * 4 * 4), np.float32), rng.random(5, np.float32)
    last, zero = rng.random((3, 5), np.float32), np.zeros(3, np.float32)
    net = load(
        old,
        layer(old, "conv1", "Convolution", message(n1=4, n3=1, n4=3, n6=1), (weight, bias)),
        layer(old, "relu1", "ReLU"),
        layer(old, "norm1", "LRN", message(n1=3, n2=0.5, n3=0.5)),
        layer(old, "pool1", "Pooling", message(n1=0, n2=2, n3=2)),
        layer(old, "fc1", "InnerProduct", message(n1=5), (matrix, offset)),
        layer(old, "drop", "Dropout", message(n1=0.25)),
        layer(old, "fc2", "InnerProduct", message(n1=3), (last, zero)),
        layer(old, "prob", "Softmax"),
    )
    assert [m.name for m in net.modules] == [
        "conv1",
        "relu1",
        "norm1",
        "pool1",
        "torch_view",
        "fc1",
        "drop",
        "fc2",
        "prob",
    ]
    assert net.get(7).p == 0.25 and isinstance(net.get(4), nn.SpatialMaxPooling) and net.get(4).ceil_mode
    net.evaluate()
    x = torch7.randn(2, 2, 8, 8)
    by_hand = nn.SpatialConvolution(2, 4, 3, 3, 1, 1, 1, 1)
    by_hand.weight[...], by_hand.bias[...] = weight, bias
    y = np.maximum(by_hand.forward(x), 0)
    scale = np.ones_like(y)
    for c in range(4):
        scale[:, c] += 0.5 / 3 * (y[:, max(0, c - 1) : c + 2] ** 2).sum(1)
    y = (y / scale**0.5).reshape(2, 4, 4, 2, 4, 2).max((3, 5)).reshape(2, -1)
    z = (y @ matrix.T.astype(float) + offset) @ last.T
    z = np.exp(z - z.max(1, keepdims=True))
    assert np.allclose(net.forward(x), z / z.sum(1, keepdims=True), atol=1e-6)


@pytest.mark.parametrize("old", [True, False])
def test_sizes_groups_and_more_layers(load, old):
    weight = rng.random((4, 1, 3, 5), np.float32)
    net = load(
        old,
        layer(
            old, "conv", "Convolution", message(n1=4, n2=0, n5=2, n9=1, n10=2, n11=3, n12=5, n13=2, n14=1), (weight,)
        ),
        layer(old, "leaky", "ReLU", message(n1=0.5)),
        layer(old, "mean", "Pooling", message(n1=1, n5=2, n6=3, n7=1, n8=2)),
        layer(old, "up", "Deconvolution", message(n1=3, n2=0, n4=2, n6=2), (rng.random((4, 3, 2, 2), np.float32),)),
        layer(old, "power", "Power", message(n1=2.0, n2=3.0, n3=1.0)),
        layer(old, "t", "TanH"),
        layer(old, "s", "Sigmoid"),
    )
    conv, leaky, mean, up = net.modules[:4]
    assert (conv.kW, conv.kH, conv.dW, conv.dH, conv.padW, conv.padH) == (5, 3, 1, 2, 2, 1) and conv.bias is None
    assert conv.groups == 2 and np.array_equal(conv.weight, weight.astype(float))
    assert leaky.negval == 0.5 and (mean.kW, mean.kH, mean.dW, mean.dH) == (3, 2, 2, 1) and up.bias is None
    x = torch7.randn(1, 2, 8, 8)
    parts = [nn.SpatialConvolution(1, 2, 5, 3, 1, 2, 2, 1).noBias() for _ in range(2)]
    for i, part in enumerate(parts):
        part.weight[...] = weight[2 * i : 2 * i + 2]
    assert np.allclose(conv.forward(x), np.concatenate([p.forward(x[:, i : i + 1]) for i, p in enumerate(parts)], 1))
    assert np.allclose(net.forward(x), 1 / (1 + np.exp(-np.tanh((3 * up.output + 1) ** 2))))


def test_cudnn_and_training_files(load):
    weight, bias = rng.random((3, 2, 1, 1), np.float32), np.zeros(3, np.float32)
    data = layer(False, "data", "Data", bottoms=())
    loss = layer(False, "loss", "SoftmaxWithLoss", bottoms=("fc", "label"))
    with pytest.warns(UserWarning, match="layer data of type Data is left out"):
        net = load(
            False, data, layer(False, "c", "Convolution", message(n1=3, n4=1), (weight, bias)), loss, package="cudnn"
        )
    assert type(net.get(1)) is cudnn.SpatialConvolution and type(net.get(2)) is cudnn.SoftMax and net.get(1).name == "c"


@pytest.mark.parametrize("old", [True, False])
def test_what_is_refused(load, old, tmp_path):
    with pytest.raises(NotImplementedError, match="layer both is of type Concat"):
        load(old, layer(old, "both", "Concat", bottoms=("a", "b")))
    with pytest.raises(ValueError, match="layer c has no weights"):
        load(old, layer(old, "c", "Convolution", message(n1=3, n4=1)))
    with pytest.raises(ValueError, match="holds no layers"):
        load(old)
    with pytest.raises(ValueError, match=r"not a \.caffemodel file"):
        (tmp_path / "bad").write_bytes(b"\xff" * 40)
        loadcaffe.load(f"{tmp_path}/net.prototxt", f"{tmp_path}/bad")
    with pytest.raises(FileNotFoundError, match="no file"):
        loadcaffe.load(f"{tmp_path}/none.prototxt", f"{tmp_path}/bad")
    with pytest.raises(ValueError, match="nn or cudnn"):
        loadcaffe.load("a", "b", "ccn2")
    cut = layer(old, "c", "Convolution", message(n1=3), (rng.random((3, 2, 1, 1), np.float32),))[:-3]
    with pytest.raises(ValueError, match="ends within a field"):
        load(old, cut)


def test_wire_format():
    m = Message(message(n1=300, n2="text", n3=1.5, n4=[1, 2]) + field(5, number(7) + number(500)))
    assert (
        m.one(1) == 300
        and m.text(2) == "text"
        and m.real(3, 0) == 1.5
        and m.many(4) == [1, 2]
        and m.many(5) == [7, 500]
    )
    assert m.one(9, 4) == 4 and m.text(9) == "" and 9 not in m and 1 in m and not m.messages(9)
