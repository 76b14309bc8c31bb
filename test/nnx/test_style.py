"""fast-neural-style's criterion and its strings of layers."""

import numpy as np
import pytest

import nn
import torch7 as torch
from nnx.style.layer_strings import get_layer, insert_after, trim_network


def convnet():
    torch.manualSeed(1)
    inner = nn.Sequential().add(nn.SpatialConvolution(4, 4, 3, 3)).add(nn.Tanh())
    net = nn.Sequential().add(nn.SpatialConvolution(3, 4, 3, 3)).add(nn.Tanh()).add(inner)
    return net.add(nn.SpatialMaxPooling(2, 2, 2, 2)).add(nn.ReLU(True))


def options(**more):
    layers = {"content_layers": ["3-2"], "content_weights": [2], "style_layers": ["2", "3-1"], "style_weights": [5, 3]}
    return {"cnn": convnet(), **layers, **more}


def test_layers_by_strings():
    net = convnet()
    assert get_layer(net, "3-2") is net.get(3).get(2) and get_layer(net, "4") is net.get(4)
    insert_after(net, "2", nn.ContentLoss())
    assert isinstance(net.get(3), nn.ContentLoss) and get_layer(net, "3-1") is net.get(4).get(1)
    assert trim_network(net).size() == 3
    with pytest.raises(ValueError, match="no layer 9"):
        get_layer(net, "9")


@pytest.mark.parametrize("more", [{}, {"agg_type": "mean"}, {"loss_type": "SmoothL1"}])
def test_a_perceptual_loss_by_its_parts(more):
    criterion, net = nn.PerceptualCriterion(options(**more)), convnet().evaluate()
    x, content, style = torch.randn(2, 3, 8, 8), torch.randn(2, 3, 8, 8), torch.randn(1, 3, 8, 8)
    assert criterion.net.size() == 4  # what lies behind the last loss is gone

    def measures(picture):
        net.forward(picture)
        planes = net.get(2).output, net.get(3).get(1).output
        grams = [np.einsum("nchw,ndhw->ncd", p, p) / p[0].size for p in planes]
        return net.get(3).get(2).output.copy(), grams if not more.get("agg_type") else [p.mean((2, 3)) for p in planes]

    def distance(a, b):
        size = abs(a - b)
        return np.where(size < 1, size**2 / 2, size - 0.5).mean() if more.get("loss_type") else (size**2).mean()

    (a, grams), (b, _), (_, wanted) = measures(x), measures(content), measures(style)
    expected = 2 * distance(a, b) + 5 * distance(grams[0], wanted[0]) + 3 * distance(grams[1], wanted[1])
    target = {"content_target": content, "style_target": style}
    assert criterion.forward(x, target) == pytest.approx(expected)
    assert sum(criterion.style_losses) + sum(criterion.content_losses) == pytest.approx(expected)
    gradient = criterion.backward(x, target).copy()
    for place in [(0, 1, 3, 4), (1, 2, 6, 1)]:
        losses = []
        for move in (1e-5, -2e-5, 1e-5):
            x[place] += move
            losses.append(criterion.forward(x, {}))
        assert gradient[place] == pytest.approx((losses[0] - losses[1]) / 2e-5, rel=1e-5, abs=1e-9)


def test_targets_and_weights_that_stay():
    criterion = nn.PerceptualCriterion(options(deepdream_layers=["1"], deepdream_weights=[0.1]))
    x, style = torch.randn(1, 3, 8, 8), torch.randn(1, 3, 8, 8)
    criterion.setStyleTarget(style)
    criterion.setContentTarget(x)
    first = criterion.forward(x)
    assert criterion.content_losses == [0] and first > 0
    criterion.setStyleWeight(0)
    criterion.setContentWeight(1)
    assert criterion.forward(x) == 0
    held = torch.deserialize(torch.serialize(criterion))
    assert held.forward(x) == 0 and np.array_equal(held.backward(x), criterion.backward(x))
    with pytest.raises(TypeError, match="weights for 2 layers"):
        nn.PerceptualCriterion(options(style_weights=[1]))
    with pytest.raises(TypeError, match="cnn"):
        nn.PerceptualCriterion(content_layers=["1"])
