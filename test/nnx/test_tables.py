"""nnx's later layers by their formulas."""

import numpy as np
import pytest

import nn
import nnx
import torch7 as torch
from nnx import fbnn, inn, waifu2x


def copied(value):
    return torch.deserialize(torch.serialize(value))


def test_an_entry_skips_layers():
    push = nn.PushTable(2)
    first, second = push.pull(1), push.pull(2)
    net = nn.Sequential().add(push).add(nn.SelectTable(1)).add(first).add(nn.CAddTable()).add(second)
    x, t = torch.randn(2, 3), torch.randn(2, 3)
    y = net.forward([x, t])
    assert np.allclose(y[0], x + t) and y[1] is t
    gx, gt = net.backward([x, t], [np.ones((2, 3)), np.full((2, 3), 5.0)])
    assert (gx == 1).all() and (gt == 6).all()
    other = copied(net)
    assert other.get(3)._push is other.get(1) and np.allclose(other.forward([x, t])[0], x + t)
    single = other.float()
    assert single.forward([x.astype(np.float32), t.astype(np.float32)])[0].dtype == np.float32
    with pytest.raises(IndexError, match="no entry 2"):
        net.forward([x])
    with pytest.raises(ValueError, match="has not run"):
        nn.PushTable(1).pull(1).forward(x)


def test_functions_as_a_module():
    net = nn.FunctionWrapper(lambda m: setattr(m, "k", 3), lambda m, x: m.k * x, lambda m, x, g: m.k * g)
    x = torch.randn(2, 3)
    assert np.array_equal(net.forward(x), 3 * x) and np.array_equal(net.backward(x, x), 3 * x)
    net.fn_updateOutput = torch.LuaFunction(8, b"\x1bLJ", {})
    with pytest.raises(TypeError, match="Lua files do not run"):
        net.forward(x)


def test_balance_by_its_formula():
    layer, x = nn.Balance(2), np.random.default_rng(0).uniform(0.1, 1, (3, 3, 4))
    for step in range(3):
        seen = x[max(0, step - 1) : step + 1].reshape(-1, 4)
        z = x[step] / (seen.sum(0) / seen.sum())
        assert np.allclose(layer.forward(x[step]), z / z.sum(1, keepdims=True))
    assert np.allclose(layer.forward(x[0]).sum(1), 1) and np.array_equal(layer.evaluate().forward(x[0]), x[0])


def test_sizes_of_images():
    x = np.arange(24.0).reshape(1, 4, 6)
    assert nn.SpatialDownSampling(3, 2).forward(x).tolist() == [[[4, 7], [16, 19]]]
    assert nn.SpatialMaxSampling(owidth=4, oheight=2).forward(x).tolist() == [[[7, 8, 10, 11], [19, 20, 22, 23]]]
    resized = lambda **s: nn.SpatialReSamplingEx(**s).forward(x).tolist()
    assert resized(owidth=2, oheight=2) == [[[0, 3], [12, 15]]]
    assert resized(owidth=2, oheight=2, mode="average") == [[[4, 7], [16, 19]]]
    assert resized(owidth=7, oheight=5)[0][2] == [6, 6, 7, 7, 8, 8, 9]
    bilinear = nn.SpatialReSampling(owidth=7, oheight=5).forward(x).tolist()
    assert resized(owidth=7, oheight=5, mode="bilinear") == bilinear
    with pytest.raises(ValueError, match="cannot upsample one dimension"):
        resized(owidth=7, oheight=2)
    held = torch.TorchObject("nn.SpatialReSamplingEx", {"owidth": 7, "oheight": 5, "mode_c": 2, "yDim": 2, "xDim": 3})
    assert copied(held).forward(x).tolist() == bilinear
    assert nn.PixelSort(2).forward(x)[:, 0].tolist() == [[0, 2, 4], [1, 3, 5], [6, 8, 10], [7, 9, 11]]
    assert np.array_equal(nn.PixelShuffle(2).forward(nn.PixelSort(2).forward(x)), x)


def test_distances_of_pixels():
    a, b = torch.randn(2, 3, 4), torch.randn(2, 5, 6)
    y = nn.SpatialMatching(3, 2).forward([a, b])
    assert y.shape == (3, 4, 2, 3) and np.isclose(y[2, 1, 1, 2], ((a[:, 2, 1] - b[:, 3, 3]) ** 2).sum())
    y = nn.SpatialMatching(3, 3, True).forward([a, a])
    assert y.shape == (3, 4, 3, 3) and (y[:, :, 1, 1] == 0).all() and y[0, 0, 0, 0] == 1e30
    assert np.isclose(y[1, 1, 0, 2], ((a[:, 1, 1] - a[:, 0, 2]) ** 2).sum())
    y = nn.SpatialRadialMatching(3).forward([a[:, :2], b[:, :, :4]])
    assert np.isclose(y[1, 2, 2], ((a[:, 1, 2] - b[:, 3, 2]) ** 2).sum())
    graph = nn.SpatialGraph().forward(a)
    assert np.isclose(graph[0, 1, 1], np.sqrt(((a[:, 1, 1] - a[:, 1, 2]) ** 2).sum() / 2)) and not graph[0, :, -1].any()


def test_a_pyramid_by_its_parts():
    first, second = nn.SpatialConvolution(2, 3, 3, 3), nn.SpatialConvolution(2, 2, 3, 3)
    net, x = nn.SpatialPyramid([1, 2], [first, second], 3, 3, 1, 1), torch.randn(2, 6, 8)
    whole = net.forward(x).copy()
    small = nn.SpatialDownSampling(2, 2).forward(x)
    expected = second.forward(np.pad(small, ((0, 0), (1, 1), (1, 1)))).repeat(2, 1).repeat(2, 2)
    assert np.allclose(whole[3:], expected) and whole.shape == (5, 6, 8)
    net.focus(4, 4)
    assert np.allclose(net.forward(x)[:3, 0, 0], whole[:3, 3, 3])
    assert repr(net).startswith("SpatialPyramid (focused)") and len(net.parameters()[0]) == 4


def test_a_metric_of_outputs():
    layer, x, g = nnx.QDRiemaNNLinear(3, 2), torch.randn(5, 3), torch.randn(5, 2)
    layer.zeroGradParameters()
    layer.forward(x)
    layer.backward(x, g)
    gw, gb, s = g.T @ x, g.sum(0), g.T**2
    Mii, M0i, M00 = s @ x**2, s @ x, s.sum(1)
    w = (gw * M00[:, None] - M0i * gb[:, None]) / (Mii * M00[:, None] - M0i**2)
    assert np.allclose(layer.gradWeight, w)
    assert np.allclose(layer.gradBias, gb / M00 - (M0i / M00[:, None] * w).sum(1))


def test_shakes():
    layer, a, b = waifu2x.ShakeShakeTable(), torch.randn(3, 2), torch.randn(3, 2)
    y, alpha, beta = layer.forward([a, b]), layer.alpha[:, None], layer.beta[:, None]
    assert np.allclose(y, 2 * ((1 - alpha) * a + alpha * b)) and len(set(layer.alpha)) == 3
    first, second = layer.backward([a, b], np.ones((3, 2)))
    assert np.allclose(first, beta * np.ones(2)) and np.allclose(first + second, 1)
    assert np.allclose(layer.evaluate().forward([a, b]), a + b)


def test_planes_become_pixels():
    x = np.arange(8.0).reshape(1, 8, 1, 1)
    assert waifu2x.DepthExpand2x().forward(x).tolist() == [[[[0, 2], [4, 6]], [[1, 3], [5, 7]]]]
    edges = waifu2x.EdgeFilter(1)
    y = edges.forward(np.arange(9.0).reshape(1, 3, 3))
    assert y.ravel().tolist() == [4, 3, 2, 1, -1, -2, -3, -4] and edges.parameters()[0][0] is edges.weight
    assert set(waifu2x.RandomBinaryConvolution(3, 4, 3, 3).weight.ravel()) == {-1, 0, 1}


def test_regions_of_both_versions():
    data = np.arange(48.0).reshape(2, 1, 4, 6)
    rois = np.array([[1.0, 1, 1, 6, 4], [2, 2, 2, 3, 3]])
    pooling = inn.ROIPooling(2, 2)
    # corners at pixels 0..5 and 0..3 without the last: rows [0, 2), [2, 3), columns [0, 3), [3, 5)
    assert pooling.forward([data, rois])[0].ravel().tolist() == [8, 10, 14, 16]
    old = copied(torch.TorchObject("inn.ROIPooling", {"W": 2, "H": 2, "spatial_scale": 1.0}))
    assert old.v2 is False and old.forward([data, rois])[0].ravel().tolist() == [8, 11, 20, 23]
    assert old.forward([data, rois])[1].ravel().tolist() == [31, 32, 37, 38]
    assert copied(pooling).v2 is True


def test_words_and_rows_of_fbnn():
    layer = nn.LookupTableGPU(4, 3)
    layer.unk_index = 9
    y = layer.forward(np.array([[1, 9], [2, 3]]))
    assert np.array_equal(y[0, 0], layer.weight[0]) and not y[0, 1].any()
    x = torch.randn(2, 5, 3)
    unfolded, plain = nn.UnfoldedTemporalConvolution(3, 2, 3), nn.TemporalConvolution(3, 2, 3)
    plain.weight[...], plain.bias[...] = unfolded.weight, unfolded.bias
    assert np.allclose(unfolded.forward(x), plain.forward(x))
    layer = nn.TemporalConvolutionFB(3, 2, 3)
    data = torch.serialize(layer)
    assert torch.deserialize(data).weight.shape == (2, 9)
    assert fbnn.Constant(np.ones(2)).forward(x).tolist() == [[1, 1], [1, 1]]
    torch.manualSeed(1)
    nested = fbnn.NestedDropout(0.5)
    noise = nested.forward(np.ones((50, 4)))
    assert (
        {0.0, 2.0} >= set(noise[:, 0])
        and set(noise[:, 1]) <= {0.0, 4.0}
        and (np.diff((noise > 0).astype(int)) <= 0).all()
    )
    drop = fbnn.IndividualDropout(np.array([0.5, 0]))
    assert set(drop.forward(np.ones((40, 2)))[:, 0]) == {0.0, 2.0} and (drop.output[:, 1] == 1).all()
    with pytest.raises(ValueError, match="while training"):
        drop.evaluate().backward(np.ones((40, 2)), np.ones((40, 2)))


def test_convolutions_of_fbcunn():
    conv = nn.SpatialConvolution(2, 3, 3, 3)
    fields = {k: v for k, v in vars(conv).items() if k in ("nInputPlane", "nOutputPlane", "kW", "kH", "dW", "dH")}
    fields |= {"weight": conv.weight, "bias": conv.bias}
    for name in ("SpatialConvolutionCuFFT", "SpatialConvolutionFBFFT"):
        loaded = copied(torch.TorchObject(f"nn.{name}", fields))
        x = torch.randn(1, 2, 5, 5)
        assert np.array_equal(loaded.forward(x), conv.forward(x))


def test_margins_of_several_classes():
    x = np.array([[0.5, 0.1, -0.2, 0.4]])
    criterion = nn.DistMarginCriterion()
    # right: 2 and 4, the least 0.1; wrong: 1 - 0.1 + 0.5 and 1 - 0.1 - 0.2
    assert criterion.forward(x, np.array([[2, 4, 0, 0]])) == pytest.approx((1.4 + 0.7) / 4)
    assert criterion.backward(x, np.array([[2, 4, 0, 0]])).tolist() == [[0.25, -0.5, 0.25, 0]]


def test_what_a_probe_prints(capsys):
    net = nn.Sequential().add(nn.Tic("a")).add(nn.Probe(name="here", size=True, backw=True)).add(nn.Toc("a"))
    x = np.ones((2, 3))
    net.backward(net.forward(x), x)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["<probe::here> forward()", "2x3 torch.DoubleTensor"] and lines[-1] == "2x3 torch.DoubleTensor"
    assert lines[3].startswith("a: ")
