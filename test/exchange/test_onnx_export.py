"""Every case of the batteries of nn, rnn and dpnn through ONNX Runtime; names, sizes, refusals."""

import numpy as np
import onnx
import pytest
from alike import read_alike
from onnx_cases import cases, larger
from runtimes import check, follows_the_batch

import nn
import nngraph  # noqa: F401
import rnn  # noqa: F401
import torch7 as torch
import torch7.onnx

#: What ONNX cannot say, or what this exporter does not; all else must be right.
REFUSED = {
    "IndexLinear", "MaskedSelect", "NCEModule", "RecurrentAttention", "SpatialFractionalMaxPooling", "SpatialGlimpse",
    "SparseLinear", "VolumetricFractionalMaxPooling",
}  # fmt: skip
WORDS = (
    "a table with names", "which also draws", "nn.SplitTable of the batch", "nn.Parallel over the batch",
    "from the end of the batch", "of a single sample", "without its pooling in front",
)  # fmt: skip


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_every_case(case, recwarn):
    module, x = case.module(), case.data()
    try:
        model = torch.onnx.export(module, x)
    except torch.onnx.NotExportable as error:
        text = str(error)
        assert any(f"nn.{name} " in text for name in REFUSED) or any(words in text for words in WORDS)
        return
    read_alike(model)
    check(module, x, model)
    assert follows_the_batch(model) or not case.batch
    if follows_the_batch(model) and "of an image" not in str(case):  # its planes are no batch
        check(module, larger(x), model)


def convolutional():
    net = nn.Sequential().add(nn.SpatialConvolution(3, 8, 3, 3, 2, 2, 1, 1)).add(nn.SpatialBatchNormalization(8))
    net.add(nn.PReLU(8)).add(nn.SpatialAveragePooling(3, 3, 2, 2, 1, 1).ceil()).add(nn.View(-1).setNumInputDims(3))
    return net.add(nn.Dropout(0.5)).add(nn.Linear(8 * 3 * 3, 5)).add(nn.LogSoftMax())


@pytest.mark.parametrize("opset", range(17, 22))
def test_operator_sets(opset):
    net, x = convolutional().add(nn.Max(2)), torch.randn(4, 3, 9, 9)
    net.forward(x)
    model = torch.onnx.export(net, x, opset=opset)
    assert model.opset_import[0].version == opset
    check(net, x, model)


def test_the_batch_is_free_and_parameters_have_their_places(tmp_path):
    net, x = convolutional(), torch.randn(2, 3, 9, 9)
    torch.onnx.export(net, x, tmp_path / "net.onnx", names=["image"])
    model = onnx.load(tmp_path / "net.onnx")
    assert model.graph.input[0].name == "image" and follows_the_batch(model)
    names = {constant.name for constant in model.graph.initializer}
    assert {"net.1.weight", "net.2.running_mean", "net.3.weight", "net.7.bias"} <= names
    check(net, torch.randn(7, 3, 9, 9), model)
    fixed = torch.onnx.export(net, x, dynamic=False)
    assert fixed.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 2


def test_the_network_is_left_alone():
    net = convolutional()
    x = torch.randn(2, 3, 9, 9)
    before = [p.copy() for p in net.parameters()[0]]
    torch.onnx.export(net, x)
    assert net.type() == "torch.DoubleTensor" and net.modules[5].train is True
    assert all((a == b).all() for a, b in zip(before, net.parameters()[0]))


def test_a_shared_parameter_is_written_once():
    linear = nn.Linear(4, 4)
    net = nn.Sequential().add(linear).add(nn.Tanh()).add(linear)
    model = torch.onnx.export(net, torch.randn(2, 4))
    weights = [c.name for c in model.graph.initializer if c.name.endswith("weight")]
    assert weights == ["net.1.weight"]
    check(net, torch.randn(2, 4), model)


def test_graphs():
    a, b = nn.Identity()(), nn.Identity()()
    left, right = nn.Linear(4, 6)(a), nn.Linear(3, 6)(b)
    hidden = nn.Tanh()(nn.CAddTable()([left, right]))
    first, second = hidden, left
    net = nn.gModule([a, b], [nn.LogSoftMax()(first), second])
    x = [torch.randn(2, 4), torch.randn(2, 3)]
    check(net, x, torch.onnx.export(net, x))


def test_a_deep_recurrent_network_under_sequencer():
    step = nn.Sequential().add(nn.LookupTable(9, 5)).add(nn.LSTM(5, 6)).add(nn.GRU(6, 4)).add(nn.Linear(4, 9))
    net = nn.Sequencer(step.add(nn.LogSoftMax()))
    x = [np.array([1, 4, 9]), np.array([2, 2, 3]), np.array([5, 6, 7])]
    model = torch.onnx.export(net, x)
    check(net, x, model)
    check(net, larger(x), model)


def test_scales_of_distances():
    net = nn.WeightedEuclidean(4, 3)
    net.diagCov[...] = np.linspace(0.5, 2, 12).reshape(4, 3)
    check(net, torch.randn(5, 4), torch.onnx.export(net, torch.randn(2, 4)))


def test_a_failed_export_leaves_no_file_and_keeps_the_old_one(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(b"old")
    with pytest.raises(torch.onnx.NotExportable, match=r"nn.SpatialFractionalMaxPooling \(at net.2\)"):
        torch.onnx.export(
            nn.Sequential().add(nn.Tanh()).add(nn.SpatialFractionalMaxPooling(2, 2, 3, 3)),
            torch.randn(1, 2, 8, 8),
            path,
        )
    assert [p.name for p in tmp_path.iterdir()] == ["net.onnx"] and path.read_bytes() == b"old"


def test_an_own_formula_is_refused_also_in_a_subclass():
    class Doubled(nn.Tanh):
        def updateOutput(self, input):
            return 2 * super().updateOutput(input)

    with pytest.raises(torch.onnx.NotExportable, match="Doubled"):
        torch.onnx.export(nn.Sequential().add(Doubled()), torch.randn(2, 3))


def test_wrong_arguments():
    with pytest.raises(ValueError, match="17 to 21"):
        torch.onnx.export(nn.Tanh(), torch.randn(2), opset=9)
    with pytest.raises(TypeError, match="takes a module"):
        torch.onnx.export(np.tanh, torch.randn(2))
