"""Layers by their formulas, and as files of their projects hold them."""

import numpy as np
import pytest

import nn
import nnx
import torch7 as torch
from nnx import cudnn, inn, waifu2x
from torch7 import registry


def test_instance_normalization():
    x, layer = torch.randn(2, 3, 4, 5), nn.InstanceNormalization(3)
    layer.bias[...] = [1, 2, 3]
    mean, var = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
    expected = (x - mean) / np.sqrt(var + 1e-5) * layer.weight[:, None, None] + layer.bias[:, None, None]
    assert np.allclose(layer.forward(x), expected)
    assert np.allclose(layer.evaluate().forward(x), expected)


def test_an_instance_normalization_without_its_number_of_planes():
    layer = nn.InstanceNormalization(3)
    data = torch.serialize(layer).replace(b"nOutput", b"nOutpuT")
    x = torch.randn(1, 3, 2, 2)
    assert np.array_equal(torch.deserialize(data).forward(x), layer.forward(x))


def test_total_variation_adds_the_gradient_of_squared_differences():
    x, g, layer = torch.randn(2, 3, 4), torch.randn(2, 3, 4), nn.TotalVariation(0.3)
    assert layer.forward(x) is x

    def variation(x):
        inner = x[:, :-1, :-1]
        return 0.15 * (((inner - x[:, :-1, 1:]) ** 2).sum() + ((inner - x[:, 1:, :-1]) ** 2).sum())

    gradient = layer.backward(x, g).copy()
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-6
        measured = (variation(x + step) - variation(x - step)) / 2e-6
        assert gradient[place] - g[place] == pytest.approx(measured, abs=1e-6)


def test_losses_inside_a_network():
    x, target = torch.randn(1, 2, 3, 3), torch.randn(1, 2, 3, 3)
    content, style = nn.ContentLoss(2), nn.StyleLoss(5)
    for loss in (content, style):
        loss.setMode("capture")
        loss.forward(target)
        loss.setMode("loss")
        assert loss.forward(x) is x
    assert content.loss == pytest.approx(2 * ((x - target) ** 2).mean())
    gram = [np.einsum("chw,dhw->cd", v[0], v[0]) / 18 for v in (x, target)]
    assert style.loss == pytest.approx(5 * ((gram[0] - gram[1]) ** 2).mean())
    g = np.zeros_like(x)
    for loss, measure in (
        (content, lambda x: 2 * ((x - target) ** 2).mean()),
        (style, lambda x: 5 * ((np.einsum("chw,dhw->cd", x[0], x[0]) / 18 - gram[1]) ** 2).mean()),
    ):
        gradient = loss.backward(x, g).copy()
        step = np.zeros_like(x)
        step[0, 1, 2, 0] = 1e-6
        assert gradient[0, 1, 2, 0] == pytest.approx((measure(x + step) - measure(x - step)) / 2e-6, abs=1e-6)
    with pytest.raises(ValueError, match="target is"):
        content.forward(x[:, :, :2])


def test_affine_matrices():
    p = torch.randn(2, 4)
    for alpha, s, ty, tx, a in zip(*p.T, nn.AffineTransformMatrixGenerator(True, True, True).forward(p)):
        rotation = np.array([[np.cos(alpha), -np.sin(alpha), 0], [np.sin(alpha), np.cos(alpha), 0], [0, 0, 1]])
        translation = np.array([[1, 0, ty], [0, 1, tx], [0, 0, 1]])
        assert np.allclose(a, (rotation @ np.diag([s, s, 1]) @ translation)[:2])


def test_a_grid_and_a_sampler_are_the_identity():
    images = torch.randn(2, 4, 5, 3)
    identity = np.broadcast_to(np.eye(2, 3), (2, 2, 3))
    grids = nn.AffineGridGeneratorBHWD(4, 5).forward(identity)
    assert np.allclose(grids[1, :, 0, 0], np.linspace(-1, 1, 4)) and np.allclose(
        grids[0, 2, :, 1], np.linspace(-1, 1, 5)
    )
    assert np.allclose(nn.BilinearSamplerBHWD().forward([images, grids]), images)
    half = np.array([[[[-1.0, -0.75]]]] * 2)
    expected = (images[:, 0, 0] + images[:, 0, 1]) / 2
    assert np.allclose(nn.BilinearSamplerBHWD().forward([images, half])[:, 0, 0], expected)
    beyond = np.full((2, 1, 1, 2), -1.25)
    corner = images[:, 0, 0] * (1 - 0.375) * (1 - 0.5)
    assert np.allclose(nn.BilinearSamplerBHWD().forward([images, beyond])[:, 0, 0], corner)


def test_regions():
    data = np.arange(2 * 1 * 4 * 6, dtype=float).reshape(2, 1, 4, 6)
    pooling = inn.ROIPooling(2, 2)
    pooling.v2 = False  # as in files without the field
    rois = np.array([[1.0, 1, 1, 6, 4], [2, 2, 2, 3, 3], [1, 9, 9, 9, 9]])
    expected = [[8, 11, 20, 23], [24 + 7, 24 + 8, 24 + 13, 24 + 14], [0, 0, 0, 0]]
    assert pooling.forward([data, rois]).reshape(3, 4).tolist() == expected
    gradient = pooling.backward([data, rois], np.ones((3, 1, 2, 2)))
    assert gradient[0].sum() == 8 and gradient[0][1, 0, 1, 1] == 1 and not gradient[1].any()
    with pytest.raises(IndexError, match="image 3"):
        pooling.forward([data, np.array([[3.0, 1, 1, 2, 2]])])


def test_regions_in_single_precision():
    """The last of three bins of two pixels ends behind them: 3 * (2 / 3) is 2 in this precision, too."""
    pooling = inn.ROIPooling(3, 3).float()
    pooling.v2 = False
    data, rois = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4), np.array([[1, 1, 1, 2, 2]], np.float32)
    assert pooling.forward([data, rois])[0, 0].tolist() == [[0, 1, 1], [4, 5, 5], [4, 5, 5]]


@pytest.mark.parametrize(("region", "scale"), [([1, 1, 1, 1e308, 5], 10), ([1, 1, 1, 2, 2], float("nan"))])
@pytest.mark.parametrize("v2", [False, True])
def test_regions_without_end(v2, region, scale):
    pooling = inn.ROIPooling(2, 2, scale)
    pooling.v2 = v2
    with pytest.raises(ValueError, match=r"times spatial_scale, .* are no finite numbers"):
        pooling.forward([torch.randn(1, 2, 5, 5), np.array([region], float)])


def test_stochastic_pooling():
    x = np.array([[[1.0, 3], [0, 0]]])
    pooling = inn.SpatialStochasticPooling(2, 2)
    drawn = {float(pooling.forward(x)[0, 0, 0]) for _ in range(60)}
    assert drawn == {1.0, 3.0}
    assert pooling.evaluate().forward(x)[0, 0, 0] == pytest.approx(10 / 4)
    assert pooling.forward(np.zeros((1, 2, 2)))[0, 0, 0] == 0


def test_convolution_over_time_with_padding():
    x, layer = torch.randn(5, 2, 3), nn.TemporalConvolutionTBC(3, 4, 3, 2)
    padded = np.pad(x, ((2, 2), (0, 0), (0, 0)))
    expected = sum(padded[k : k + 7] @ layer.weight[k] for k in range(3)) + layer.bias
    assert np.allclose(layer.forward(x), expected)


def test_colours():
    x = np.random.default_rng(0).random((3, 2, 2))
    yuv = nn.SpatialColorTransform("rgb2yuv").forward(x).copy()
    assert np.allclose(yuv[0], 0.299 * x[0] + 0.587 * x[1] + 0.114 * x[2])
    assert np.allclose(nn.SpatialColorTransform("yuv2rgb").forward(yuv), x, atol=1e-4)
    data = torch.serialize(nn.SpatialColorTransform("rgb2y"))
    assert b"rgb2y" in data and np.allclose(torch.deserialize(data).forward(x)[0], yuv[0])
    with pytest.raises(ValueError, match="rgb2hsl"):
        nn.SpatialColorTransform("rgb2hsl")


def test_symmetric_padding():
    x = np.arange(3.0).reshape(1, 1, 3)
    assert nn.SpatialSymmetricPadding(2, 3, 0, 0).forward(x).tolist() == [[[1, 0, 0, 1, 2, 2, 1, 0]]]


def test_resampling_and_repetition():
    x = np.arange(4.0).reshape(1, 2, 2)
    assert nn.SpatialReSampling(owidth=3, oheight=2).forward(x).tolist() == [[[0, 0.5, 1], [2, 2.5, 3]]]
    assert nn.SpatialUpSampling(2, 1).forward(x).tolist() == [[[0, 0, 1, 1], [2, 2, 3, 3]]]


def test_resampling_goes_back_from_any_size():
    x, dy = np.zeros((2, 5, 4)), np.random.default_rng(1).normal(size=(2, 3, 6))
    expected = nn.SpatialReSampling(owidth=6, oheight=3)
    expected.forward(x)
    other = nn.SpatialReSampling(owidth=2, oheight=2)
    assert np.array_equal(other.updateGradInput(x, dy), expected.backward(x, dy))
    with pytest.raises(ValueError, match="1x3x6"):
        other.updateGradInput(x, dy[:1])


def test_replicas_become_one():
    net = nn.Sequential().add(nn.Linear(3, 2))
    held = torch.TorchObject(
        "nn.DataParallelTable",
        {"modules": [net, net.clone()], "gpuAssignments": [1, 2], "dimension": 1, "flattenedParams": [1]},
        3,
    )
    table = torch.deserialize(torch.serialize(held))
    x = torch.randn(4, 3)
    assert np.array_equal(table.forward(x), net.forward(x)) and len(table.parameters()[0]) == 2
    assert table.get(1) is table.modules[0] and table.threads() is table
    assert repr(table).startswith("nn.DataParallelTable: 1 x nn.Sequential")


def test_the_gaussian_criterion_and_the_divergence():
    mu, logvar, t = torch.randn(2, 3), torch.randn(2, 3), torch.randn(2, 3)
    density = -((t - mu) ** 2) / (2 * np.exp(logvar)) - 0.5 * (logvar + np.log(2 * np.pi))
    assert nn.GaussianCriterion().forward([mu, logvar], t) == pytest.approx(-density.sum())
    together = nn.KLDCriterion().forward([mu, logvar])
    assert nn.KLDCriterion().forward(mu, logvar) == together > 0
    assert nn.KLDCriterion().forward([np.zeros((1, 2)), np.zeros((1, 2))]) == 0


def test_leaky_relu_of_waifu2x_by_its_field():
    held = torch.TorchObject(
        "w2nn.LeakyReLU", {"negative_scale": 0.2, "negative": np.empty(0), "_type": "torch.FloatTensor"}
    )
    layer = torch.deserialize(torch.serialize(held)).double()
    assert isinstance(layer, waifu2x.LeakyReLU) and layer.forward(np.array([-1.0, 2])).tolist() == [-0.2, 2]
    assert b"negative_scale" in torch.serialize(layer)


def test_names_of_inn():
    assert registry.find("inn.SpatialCrossResponseNormalization") is nn.SpatialCrossMapLRN
    held = torch.TorchObject("inn.SpatialMaxPooling", {"kW": 2, "kH": 2, "dW": 2, "dH": 2})
    assert torch.deserialize(torch.serialize(held)).forward(np.zeros((1, 5, 5))).shape == (1, 3, 3)
    assert nnx.inn is inn and inn.SpatialCrossResponseNormalization(5).size == 5


def test_a_tree_of_soft_maxima():
    tree, x = nn.SoftMaxTree(3, {1: [2, 3], 2: [4, 5, 6]}), torch.randn(2, 3)
    scores = x @ tree.weight.T + tree.bias
    listed = nn.SoftMaxTree(3, [[2, 3], [4, 5, 6]])
    assert np.array_equal(listed.childParent, tree.childParent)
    first = scores[:, :2] - np.log(np.exp(scores[:, :2]).sum(1, keepdims=True))
    second = scores[:, 2:] - np.log(np.exp(scores[:, 2:]).sum(1, keepdims=True))
    expected = [first[0, 0] + second[0, 2], first[1, 1]]
    y = tree.forward([x, np.array([6, 3])])
    assert np.allclose(y, expected)
    assert nn.TreeNLLCriterion().forward(y, None) == pytest.approx(-np.mean(expected))
    loaded = torch.deserialize(torch.serialize(tree.float()))
    assert np.allclose(loaded.forward([x.astype(np.float32), np.array([6.0, 3])]), expected, atol=1e-6)
    with pytest.raises(IndexError, match=r"1\.\.6"):
        tree.double().forward([x, np.array([6, 1])])


def test_labels_without_an_alignment():
    x = torch.randn(3, 1, 3)
    p = np.exp(x[:, 0]) / np.exp(x[:, 0]).sum(1, keepdims=True)
    paths = [
        path for path in np.ndindex(3, 3, 3) if [c for k, c in enumerate(path) if c and path[k - 1 : k] != (c,)] == [2]
    ]
    expected = -np.log(sum(p[0, a] * p[1, b] * p[2, c] for a, b, c in paths))
    criterion = nn.CTCCriterion()
    assert criterion.forward(x, [[2]]) == pytest.approx(expected)
    assert criterion.forward(x, [[2]], [3]) == pytest.approx(expected)
    shorter = criterion.forward(x, [[2]], np.array([1]))
    assert shorter == pytest.approx(-np.log(p[0, 2])) and not criterion.backward(x, [[2]])[1:].any()
    with pytest.raises(IndexError, match=r"labels are 1\.\.2, got 3"):
        criterion.forward(x, [[3]])


def test_labels_that_need_more_steps_than_there_are():
    x = torch.randn(3, 2, 4)
    criterion = nn.CTCCriterion()
    alone = nn.CTCCriterion().forward(x[:, :1], [[3, 1]])
    assert str(criterion.forward(x[:1], [[3, 1], [2, 2]])) == "0.0"
    assert criterion.forward(x, [[3, 1], [2, 2, 1]]) == pytest.approx(alone / 2)  # 2, blank, 2, 1: four steps
    gradient = criterion.backward(x, [[3, 1], [2, 2, 1]])
    assert gradient[:, 0].any() and not gradient[:, 1].any()


@pytest.mark.parametrize("first", [False, True])
def test_alignments_reuse_their_buffers(first):
    criterion, x = nn.CTCCriterion(first), torch.randn(2, 5, 4) if first else torch.randn(5, 2, 4)
    held = []
    for target in ([[1, 2], [3]], np.array([[3, 1], [2, 2]])):
        gradient = criterion.backward(x, target)
        held.append([gradient, criterion._logp, criterion._alpha])
    assert all(a is b for a, b in zip(*held))


@pytest.mark.parametrize("sizes", [[3, 6], [3], [-1, 3], [float("nan"), 2], [2.5, 2]])
def test_steps_of_labels_without_an_alignment(sizes):
    with pytest.raises(ValueError, match="sizes must be 2 numbers from 0 to 5, got"):
        nn.CTCCriterion().forward(torch.randn(5, 2, 4), [[1], [2]], sizes)


def test_leaky_relu_before_nn_had_one():
    held = torch.TorchObject("nn.LeakyReLU", {"negative_scale": 0.1, "negative": np.empty(0), "output": np.empty(0)})
    layer = torch.deserialize(torch.serialize(held))
    assert type(layer) is nn.LeakyReLU and layer.forward(np.array([-1.0, 2])).tolist() == [-0.1, 2]


def test_first_names_of_convolutions_by_connections():
    layer = nn.SpatialConvolutionMap(nn.tables.oneToOne(2), 3, 3)
    fields = {name: value for name, value in vars(layer).items() if name != "_dtype"}
    for name in ("nn.SpatialConvolutionTable", "nn.SpatialConvolutionSparse"):
        loaded = torch.deserialize(torch.serialize(torch.TorchObject(name, fields)))
        x = torch.randn(2, 5, 5)
        assert type(loaded) is nn.SpatialConvolutionMap and np.array_equal(loaded.forward(x), layer.forward(x))


def test_a_tree_criterion_of_nothing():
    criterion = nn.TreeNLLCriterion()
    assert criterion.forward(np.zeros(0), None) == 0
    assert criterion.backward(np.zeros(0), None).shape == (0,)


def test_classes_in_clusters_learn():
    torch.manualSeed(1)
    mapping = np.array([[1, 1], [2, 2], [1, 2], [3, 1], [2, 1], [1, 3]])
    criterion, x, target = nn.HSM(mapping, 4), torch.randn(5, 4), np.array([1, 2, 4, 6, 5])
    rows = [np.flatnonzero(mapping[:, 0] == c) for c in (1, 2, 3)]
    first = criterion.forward(x, target)
    expected = 0
    for sample, label in zip(x, target):
        c, k = mapping[label - 1] - 1
        start = sum(map(len, rows[:c]))
        part = slice(start, start + len(rows[c]))
        clusters = criterion.cluster_weight @ sample + criterion.cluster_bias
        classes = criterion.class_weight[part] @ sample + criterion.class_bias[part]
        expected -= clusters[c] - np.log(np.exp(clusters).sum()) + classes[k] - np.log(np.exp(classes).sum())
    assert first == pytest.approx(expected)
    criterion.zeroGradParameters()
    criterion.backward(x, target)
    for parameter, gradient in zip(*criterion.parameters()):
        place = np.unravel_index(abs(gradient).argmax(), gradient.shape)
        losses = []
        for move in (1e-5, -2e-5, 1e-5):
            parameter[place] += move
            losses.append(criterion.forward(x, target))
        assert gradient[place] == pytest.approx((losses[0] - losses[1]) / 2e-5, rel=1e-6)
    twin = torch.deserialize(torch.serialize(criterion))
    criterion.updateParameters(0.1)
    twin.forward(x, target)
    twin.accGradParameters(x, target, -0.1, True)
    assert np.allclose(twin.class_weight, criterion.class_weight) and criterion.forward(x, target) < first
    with pytest.raises(ValueError, match="bad mapping"):
        nn.HSM([[1, 1], [3, 1]], 4)


def test_losses_of_pixels():
    x, target = torch.randn(2, 3, 2, 2), np.array([[[1, 3], [2, 2]], [[3, 3], [1, 2]]])
    rows, weights = x.transpose(0, 2, 3, 1).reshape(-1, 3), np.array([1.0, 2, 0.5])
    criterion, plain = cudnn.SpatialCrossEntropyCriterion(weights), nn.CrossEntropyCriterion(weights)
    assert criterion.forward(x, target) == pytest.approx(plain.forward(rows, target.reshape(-1)))
    gradient = plain.backward(rows, target.reshape(-1)).reshape(2, 2, 2, 3).transpose(0, 3, 1, 2)
    assert np.allclose(criterion.backward(x, target), gradient)
    fields = {"slsm": nn.SpatialLogSoftMax(), "nll": nn.ClassNLLCriterion(None, False), "sizeAverage": True}
    first = torch.deserialize(torch.serialize(torch.TorchObject("cudnn.SpatialCrossEntropyCriterion", fields)))
    plain = nn.CrossEntropyCriterion(None, False)
    gradient = plain.backward(rows, target.reshape(-1)) if plain.forward(rows, target.reshape(-1)) else None
    for criterion in (first, torch.deserialize(torch.serialize(first))):
        assert criterion.forward(x, target) == pytest.approx(plain.output)
        found = criterion.backward(x, target).transpose(0, 2, 3, 1).reshape(-1, 3)
        assert np.allclose(2 * found, gradient)
    layer = nn.CrossMapNormalization(3, 0.5, 0.75)
    data = torch.serialize(layer)
    assert b"power" in data and b"alpha" not in data
    assert np.array_equal(torch.deserialize(data).forward(x), nn.SpatialCrossMapLRN(3, 0.5, 0.75, 1).forward(x))


def test_layers_of_size_zero_are_made():
    assert nnx.SpatialLinear(2, 0).weight.shape == (0, 2)
    assert nnx.QDRiemaNNLinear(0, 3).weight.shape == (3, 0)
