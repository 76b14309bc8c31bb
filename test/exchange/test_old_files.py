"""Networks of files that Lua wrote, and layers that old files hold, through ONNX and back."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import records
from onnx_cases import flat, import_cases, narrow
from runtimes import agree, check, evaluated, run

import cudnn
import nn
import nngraph  # noqa: F401
import nnx
import rnn  # noqa: F401
import torch7 as torch
import torch7.onnx
from exchange.command import networks
from exchange.pytorch.examples import example_input
from nn.testing import Case

GOLDEN = sorted(Path(records.__file__).parent.glob("*.t7"))
#: Inputs that no first layer tells.
INPUTS = {
    "graph-3": [(3, 4), (3, 4)], "graph-6": [(3, 4), (3, 4)], "tables": [(2, 3), (2, 4)],
}  # fmt: skip


def there(name, net):
    given = INPUTS.get(name.partition(".")[0])
    if given is None:
        return example_input(net)
    return [torch.randn(*s) for s in given] if isinstance(given, list) else torch.randn(*given)


@pytest.mark.parametrize("file", GOLDEN, ids=lambda path: path.name)
def test_golden_files(file, recwarn):
    """Out, in a runtime, and in again."""
    for _, net in networks(torch.load(str(file))):
        x = there(file.name, net)
        model = torch.onnx.export(net, x)
        check(net, x, model)
        inputs = flat(narrow(x))
        back = torch.onnx.load(model).evaluate()
        agree(flat(back.forward(inputs if len(inputs) > 1 else inputs[0])), evaluated(net, x))


def nnx_cases():
    for name in ("cases_nnx", "cases_nnx_tables", "cases_fbnn", "cases_densecap"):
        yield from (case for case in import_cases("nnx", name) if isinstance(case, Case))


@pytest.mark.parametrize("case", list(nnx_cases()), ids=str)
def test_layers_of_nnx(case, recwarn):
    """Refused by name, or right: also those that change a part of what they inherit."""
    module, x = case.module(), case.data()
    try:
        model = torch.onnx.export(module, x)
    except torch.onnx.NotExportable as error:
        assert "(at net" in str(error)
        return
    check(module, x, model)


def test_layers_of_cudnn(recwarn):
    """They are those of nn with more methods; groups of planes too."""
    net = nn.Sequential(cudnn.SpatialConvolution(3, 4, 3, 3, 1, 1, 1, 1), cudnn.SpatialBatchNormalization(4))
    net.add(cudnn.ReLU(True)).add(cudnn.SpatialMaxPooling(2, 2, 2, 2)).add(cudnn.SpatialCrossMapLRN(3))
    net.add(cudnn.SpatialConvolution(4, 6, 3, 3, 1, 1, 1, 1, 2)).add(cudnn.SpatialAveragePooling(2, 2))
    net.add(nn.View(6 * 3 * 3)).add(nn.Linear(54, 3)).add(cudnn.LogSoftMax())
    x = torch.randn(2, 3, 8, 8)
    net.forward(x)
    check(net, x, torch.onnx.export(net, x))


@pytest.mark.parametrize("batchFirst", [False, True])
@pytest.mark.parametrize("kind", ["RNNReLU", "RNNTanh", "LSTM", "BLSTM", "GRU", "BGRU"])
def test_recurrent_layers_of_cudnn(kind, batchFirst):
    net = nn.Sequential(getattr(nnx.cudnn, kind)(3, 4, 2, batchFirst, 0.3))
    x = torch.randn(5, 2, 3)
    net.forward(x)
    check(net, x, torch.onnx.export(net, x))


@pytest.mark.parametrize("kind", ["torch-rnn", "SeqLSTM", "cudnn"])
def test_states_that_are_remembered_are_left_behind(kind):
    """What went through the network before is not in the file, and the batch is free."""
    if kind == "torch-rnn":
        layer = nnx.torch_rnn.LSTM(3, 4)
        layer.remember_states = True
    else:
        layer = nn.SeqLSTM(3, 4).remember("both") if kind == "SeqLSTM" else nnx.cudnn.LSTM(3, 4, 1, False, 0, True)
    net = nn.Sequential(layer).evaluate()
    x = torch.randn(2, 5, 3)
    net.forward(x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = torch.onnx.export(net, x)
    for run_of in (x, torch.randn(4, 5, 3)):
        fresh = net.clone()
        fresh.forget()
        getattr(fresh[0], "resetStates", lambda: None)()
        agree(run(model, run_of), [narrow(fresh.forward(run_of))])


def test_convolution_over_time_between_zeros():
    net, x = nn.Sequential(nnx.cudnn.TemporalConvolution(3, 4, 3, 2, 2)), torch.randn(2, 7, 3)
    check(net, x, torch.onnx.export(net, x))


SMALL = [
    (lambda: nn.SpatialUpSampling(2, 3), (2, 3, 4, 5)),
    (lambda: nn.SpatialReSampling(owidth=7, oheight=3), (2, 3, 4, 5)),
    (lambda: nn.SpatialReSamplingEx(rwidth=0.5, rheight=0.5, mode="average"), (3, 4, 6)),
    (lambda: nn.SpatialReSamplingEx(owidth=9, oheight=8, yDim=3, xDim=4), (2, 3, 4, 5)),
    (lambda: nn.SpatialDownSampling(2, 3), (2, 3, 7, 5)), (lambda: nn.SpatialColorTransform("rgb2yuv"), (2, 3, 4, 5)),
    (lambda: nn.SpatialLinear(3, 4), (2, 3, 4, 5)), (lambda: nn.PixelSort(2), (2, 3, 4, 6)),
    (nn.MultiSoftMax, (2, 3, 4)), (lambda: nnx.inn.ConstAffine(3), (2, 3, 4, 5)), (nnx.fbnn.L2Normalize, (3, 4)),
    (lambda: nn.TemporalConvolutionTBC(3, 4, 3, 1), (6, 2, 3)), (lambda: nn.Balance(3), (4, 3)),
    (lambda: nnx.inn.SpatialPyramidPooling([1, 1], [2, 3]), (2, 3, 7, 8)),
    (lambda: nnx.inn.SpatialStochasticPooling(3, 2, 2, 2), (2, 3, 8, 7)),
]  # fmt: skip


@pytest.mark.parametrize(("make", "shape"), SMALL)
def test_small_layers_of_nnx_and_its_relatives(make, shape):
    net, x = nn.Sequential(make()), abs(torch.randn(*shape))
    check(net, x, torch.onnx.export(net, x))


def test_entries_of_tables_that_skip_layers():
    push = nn.PushTable(2)
    net = nn.Sequential(push, nn.ParallelTable(nn.Tanh(), nn.Sigmoid()), push.pull(1), push.pull(4))
    x = [torch.randn(2, 3) for _ in range(3)]
    check(net, x, torch.onnx.export(net, x))


def test_states_that_were_set_are_refused():
    layer = nnx.cudnn.LSTM(3, 4)
    layer.hiddenInput = np.ones((1, 2, 4))
    with pytest.raises(torch.onnx.NotExportable, match=r"cudnn.LSTM\(3 -> 4, 1 layers\) with a first state .*at net"):
        torch.onnx.export(layer, torch.randn(5, 2, 3))


def test_a_gru_over_time_and_depth():
    x = torch.randn(2, 5, 3)
    for given in (x, [torch.randn(2, 4), x]):
        net = nn.Sequential(nn.GRIDGRU(3, 4))
        check(net, given, torch.onnx.export(net, given))


@pytest.mark.parametrize("used", [(), (True,), (False, True), (False, False, True), (True, True, True)])
def test_a_spatial_transformer(used):
    """Places outside of the image among them."""
    matrices = nn.AffineTransformMatrixGenerator(*used)
    count = (bool(used[:1] == (True,)) + (used[1:2] == (True,)) + 2 * (used[2:3] == (True,))) if used else 6
    where = nn.Sequential(nn.View(-1).setNumInputDims(3), nn.Linear(60, count), matrices)
    net = nn.Sequential(nn.ConcatTable(nn.Identity(), where.add(nn.AffineGridGeneratorBHWD(6, 3))))
    net.add(nn.BilinearSamplerBHWD())
    x = torch.randn(2, 4, 5, 3)
    for opset in (17, 20):
        check(net, x, torch.onnx.export(net, x, opset=opset))
    one = [torch.randn(4, 5, 3), torch.uniform(torch.Tensor(6, 3, 2), -1.5, 1.5)]
    check(nn.Sequential(nn.BilinearSamplerBHWD()), one, torch.onnx.export(nn.BilinearSamplerBHWD(), one, dynamic=False))


def test_regions_of_the_first_version():
    regions = np.array([[1, 1, 1, 9, 9], [2, 2, 2, 15, 13], [1, 3, 3, 4, 4], [2, 9, 9, 30, 30.0]])
    net, x = nnx.inn.ROIPooling(2, 3, 0.5), [torch.randn(2, 3, 8, 8), regions]
    with pytest.raises(torch.onnx.NotExportable, match="of the second version"):
        torch.onnx.export(net, x)
    net.v2 = False
    check(net, x, torch.onnx.export(net, x))


class TestSubclasses:
    def test_another_name(self):
        class Pool(nn.VolumetricMaxPooling):
            pass

        class Switch(nn.ReLU):
            def updateGradInput(self, input, gradOutput):
                return super().updateGradInput(input, gradOutput)

        for net, shape in ((Pool(2, 2, 2), (2, 3, 4, 4, 4)), (Switch(), (2, 3))):
            x = torch.randn(*shape)
            check(net, x, torch.onnx.export(nn.Sequential(net), x))

    def test_a_part_that_is_changed_is_refused(self):
        class Wider(nn.SpatialConvolution):
            def pad(self):
                return 1, 1

        net = nn.Sequential(Wider(1, 2, 3, 3))
        with pytest.raises(torch.onnx.NotExportable, match="Wider"):
            torch.onnx.export(net, torch.randn(1, 1, 5, 5))


def test_tables_in_circles_end():
    table = {"net": nn.Tanh()}
    table["self"] = [table]
    assert [place for place, _ in networks(table)] == ["net"]


def test_the_inputs_of_a_step_of_a_recurrent_network():
    """The table {words, c, h} of a graph, whose sizes the layers behind it tell."""
    words, c, h = (nn.Identity()() for _ in range(3))
    gates = nn.CAddTable()([nn.Linear(7, 5)(nn.LookupTable(9, 7)(words)), nn.Linear(5, 5)(h)])
    state = nn.CAddTable()([nn.CMulTable()([nn.Sigmoid()(gates), c]), nn.Tanh()(gates)])
    net = nn.gModule([words, c, h], [state])
    x = example_input(net)
    assert [v.shape for v in x] == [(2,), (2, 5), (2, 5)] and x[0].dtype == np.int64
    check(net, x, torch.onnx.export(net, x))


@pytest.mark.parametrize("shape", [(2, 3, 9, 8), (3, 9, 8)])
@pytest.mark.parametrize("settings", [(), (0.4,)])
@pytest.mark.parametrize("kernel", [(5, 3), [(1, 5), (3, 1)]])
def test_normalisation_by_neighbours(kernel, settings, shape):
    several = isinstance(kernel, list)
    ones = [np.ones(k) + np.arange(k[0])[:, None] for k in kernel] if several else np.ones(kernel)
    net = nn.Sequential(nnx.SpatialNormalization(3, ones, *settings))
    x = torch.randn(*shape)
    check(net, x, torch.onnx.export(net, x))


@pytest.mark.parametrize("shape", [(2, 4, 3, 5), (4, 3, 5)])
def test_a_classifier_of_pixels(shape):
    net = nn.Sequential()
    net.add(nnx.SpatialClassifier(nn.Sequential(nn.Linear(4, 6), nn.LogSoftMax())))
    x = torch.randn(*shape)
    check(net, x, torch.onnx.export(net, x))


@pytest.mark.parametrize(
    "settings", [{}, {"model_type": "rnn"}, {"model_type": "gru"}, {"batchnorm": 1, "dropout": 0.3}]
)
def test_a_model_of_text(settings, recwarn):
    config = {"idx_to_token": list("abcdefg"), "wordvec_size": 4, "rnn_size": 5, "num_layers": 2, **settings}
    net = nn.LanguageModel(config).evaluate()
    x = np.array([[1, 2, 7, 3], [4, 4, 1, 5]])
    model = torch.onnx.export(net, x)
    net.resetStates()
    agree(run(model, x), [narrow(net.forward(x))])
