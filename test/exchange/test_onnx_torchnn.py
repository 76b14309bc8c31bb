"""Modules of nn.pytorch through ONNX Runtime: the battery, the records of PyTorch, forwards of one's own."""

import copy

import numpy as np
import pytest
import records
from alike import read_alike
from onnx_cases import flat, import_cases, larger, narrow
from runtimes import agree, run

import nn
import nn.pytorch as tnn
import nn.pytorch.functional as F
import torch7 as torch
import torch7.onnx

CASES = import_cases("nn/pytorch", "cases_pytorch")
LOSSES = ("Loss", "AdaptiveLogSoftmaxWithLoss")
REFUSED = ("FractionalMaxPool", "the places of an adaptive max pooling", "an embedding bag with offsets")


class Called(tnn.Module):
    """A module that is called with keywords."""

    def __init__(self, inner, settings):
        super().__init__()
        self.inner, self.settings = inner, settings

    def forward(self, *x):
        return self.inner(*x, **self.settings)


def outputs(module, x):
    x = narrow(x)
    result = module(*x) if isinstance(x, list) else module(x)
    return [v for v in flat(list(result) if isinstance(result, tuple) else result) if v.dtype != object]


def check(module, x, model=None):
    module = copy.deepcopy(module).float().eval()
    model = torch.onnx.export(module, x) if model is None else model
    agree(run(model, x), outputs(module, x))
    if not any(d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim[:1]):
        agree(run(model, larger(x)), outputs(module, larger(narrow(x))))
    return model


def names(model):
    return {c.name for c in model.graph.initializer if not c.name.startswith("constant_")}


RECORDS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for r in records.load("torchnn")]


@pytest.mark.parametrize("record", RECORDS)
def test_record(record, recwarn):
    module = getattr(tnn, record["class"])(*record["args"], **record["kwargs"]).double()
    module.load_state_dict(record["state"])
    x = list(record["inputs"]) if len(record["inputs"]) > 1 else record["inputs"][0]
    module = Called(module, record["call"]) if record["call"] else module
    try:
        model = torch.onnx.export(module, x)
    except torch.onnx.NotExportable as error:
        assert any(word in str(error) for word in (*LOSSES, *REFUSED)), error
        return
    check(module, x, model)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case, recwarn):
    x = case.data()
    module = case.make()
    x = list(x) if isinstance(x, tuple) else x
    module = Called(module, case.call) if case.call else module
    try:
        model = torch.onnx.export(module, x)
    except torch.onnx.NotExportable as error:
        assert any(word in str(error) for word in (*LOSSES, *REFUSED)), error
        return
    read_alike(model)
    check(module, x, model)


class Block(tnn.Module):
    """Most of what a forward may do."""

    def __init__(self):
        super().__init__()
        self.conv = tnn.Conv2d(3, 4, 3, padding=1)
        self.norm = tnn.BatchNorm2d(4)
        self.layers = tnn.ModuleList([tnn.Linear(4, 4), tnn.Linear(4, 4)])
        self.gain = tnn.Parameter(np.ones(4))

    def forward(self, x):
        h = F.relu(self.norm(self.conv(x)))
        h += F.max_pool2d(h, 3, 1, 1)
        h = h.reshape(h.shape[0], 4, -1).mean(2)
        for layer in self.layers:
            h = np.where(h > 0.1, layer(h), 0.5 * h) * self.gain - h.max(1, keepdims=True)
        parts = np.concatenate([h[:, :2], np.exp(-abs(h[:, [3, 0]])), h[:, None, 1]], 1)
        state = np.zeros((x.shape[0], 2))
        first, second = parts.chunk(2, 1)
        return (
            first @ first.T.sum(1)
            if x.shape[1] > 3
            else (np.concatenate([first, state], 1), second / 2 ** parts[:, :2])
        )


class TestOwnForward:
    def test_operations(self):
        tnn.manual_seed(1)
        block = Block()
        block.norm.running_mean[...] = 0.1
        model = check(block, np.random.default_rng(0).normal(size=(2, 3, 5, 6)))
        expected = {name for name in block.state_dict() if "num_batches" not in name}
        assert names(model) == expected
        assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"

    def test_extremes_and_transposed_matrices(self):
        class Words(tnn.Module):
            def forward(self, x):
                values, places = x.max(dim=1)
                low = x.min(-1, keepdim=True)
                return values + x.max(low[0])[:, 0], places, low.indices, x @ x.transpose(0, 1) @ x

        check(Words(), np.random.default_rng(0).normal(size=(3, 4)))

    def test_a_layer_that_is_used_twice_is_written_once(self):
        class Twice(tnn.Module):
            def __init__(self):
                super().__init__()
                self.layer = tnn.Linear(3, 3)

            def forward(self, x):
                return self.layer(F.tanh(self.layer(x)))

        model = check(Twice(), np.ones((2, 3)))
        assert names(model) == {"layer.weight", "layer.bias"}

    def test_what_overwrites_its_input(self):
        class Over(tnn.Module):
            def forward(self, x):
                h = x * 2
                y = h * h
                F.relu_(h)
                h += 1
                return y + tnn.ReLU(inplace=True)(h - 2) + h

        check(Over(), np.array([[1.0, -1.0], [0.2, 3.0]]))

    def test_what_has_no_gradient(self):
        """Runs without a tape only."""
        net = type("Own", (tnn.Module,), {"forward": lambda self, x: np.sin(x) * np.floor(x) + np.cos(2 * x)})()
        x = np.linspace(-2, 2, 6, dtype=np.float32).reshape(2, 3)
        with tnn.no_tape():
            check(net, x)

    @pytest.mark.parametrize(
        ("forward", "words"),
        [
            (lambda self, x: np.cumsum(x, 1), "cumsum"),
            (lambda self, x: x * float(x.sum()), "takes the numbers"),
            (lambda self, x: x if x.sum() > 0 else -x, "takes the numbers"),
            (lambda self, x: x[x > 0], "index of booleans"),
            (lambda self, x: {"a": x}, "a dict of outputs"),
            (lambda self, x: tnn.MSELoss()(x, x), "MSELoss"),
        ],
    )
    def test_what_cannot_be_followed_is_named(self, forward, words):
        net = type("Own", (tnn.Module,), {"forward": forward})()
        with pytest.raises(torch.onnx.NotExportable, match=words):
            torch.onnx.export(net, np.ones((2, 3)))

    def test_a_number_of_the_batch_fixes_it(self):
        net = type("Own", (tnn.Module,), {"forward": lambda self, x: x / x.shape[0]})()
        with pytest.warns(UserWarning, match="follows the batch"):
            model = torch.onnx.export(net, np.ones((2, 3)))
        assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 2
        agree(run(model, np.ones((2, 3))), [np.full((2, 3), 0.5, np.float32)])


def test_both_packages_in_one_network():
    tnn.manual_seed(1)
    inner = tnn.Sequential(tnn.Linear(4, 5), tnn.Torch7(nn.Sequential(nn.Tanh(), nn.Linear(5, 3)).float()))
    net = nn.Sequential(nn.Linear(6, 4), inner.as_nn()).float()
    x = np.ones((2, 6), np.float32)
    model = torch.onnx.export(net, x)
    agree(run(model, x), [net.forward(x)])
    assert {"net.1.weight", "net.2.0.weight", "net.2.1.2.weight"} <= names(model)


@pytest.mark.parametrize("opset", range(17, 22))
def test_operator_sets(opset):
    tnn.manual_seed(1)
    encoder = tnn.TransformerEncoder(tnn.TransformerEncoderLayer(4, 2, 8, batch_first=True, activation="gelu"), 2)
    net = tnn.Sequential(encoder, tnn.GRU(4, 3, batch_first=True, bidirectional=True))
    x = np.random.default_rng(0).normal(size=(2, 5, 4))
    model = torch.onnx.export(net, x, opset=opset)
    assert model.opset_import[0].version == opset
    check(net, x, model)


def test_no_operator_goes_backwards():
    """Runtimes read direction, layout and activations differently."""
    model = torch.onnx.export(tnn.LSTM(3, 2, 2, bidirectional=True, batch_first=True), np.ones((2, 4, 3)))
    written = {a.name for node in model.graph.node if node.op_type == "LSTM" for a in node.attribute}
    assert written == {"hidden_size"}
    unrolled = torch.onnx.export(tnn.RNN(3, 2, nonlinearity="relu", batch_first=True), np.ones((2, 4, 3)))
    assert "RNN" not in {node.op_type for node in unrolled.graph.node}


@pytest.mark.parametrize(
    "formula",
    [
        lambda x: x[:, :1].expand(-1, 4),
        lambda x: x.repeat(2, 1),
        lambda x: x.cumsum(1),
        lambda x: x.flip(0),
    ],
)
def test_methods_without_a_form_are_refused_by_name(formula):
    class Net(tnn.Module):
        def forward(self, x):
            return formula(x)

    with pytest.raises(torch.onnx.NotExportable, match=r"expand|repeat|cumsum|flip"):
        torch.onnx.export(Net(), np.ones((3, 4), np.float32))


def test_methods_made_of_others_are_written():
    class Net(tnn.Module):
        def forward(self, x):
            a, b = x.split(2, dim=1)
            return a.mul(2).add(b).relu().softmax(1).mm(x.narrow(1, 0, 2).t()).sub(x.var(1)) * x.argmax(1)

    check(Net(), np.random.default_rng(0).normal(size=(3, 4)))
