"""deepmask's and sharpmask's networks, trained on patches and made for whole images."""

import cases_densecap
import numpy as np

import nn
import torch7 as torch
from nnx.deepmask.convolutional import linear2convHead


def copied(value):
    return torch.deserialize(torch.serialize(value))


def test_refinements_by_their_parts():
    torch.manualSeed(1)
    net, x = cases_densecap.sharp_mask(), torch.randn(2, 2, 8, 8)
    common = net.trunk.forward(x)
    maps = [net.trunk.modules[i - 1].output for i in net.skpos]
    small = net.refs[0].forward(common)
    middle = net.refs[1].forward([maps[0], small])
    assert small.shape == (2, 16, 2, 2) and middle.shape == (2, 8, 4, 4)
    expected = net.refs[2].forward([maps[1], middle]).copy()
    assert np.array_equal(net.forward(x), expected) and expected.shape == (2, 64)


def test_it_learns_and_comes_back():
    torch.manualSeed(2)
    net, x, t = cases_densecap.sharp_mask(), torch.randn(2, 2, 8, 8), np.sign(torch.randn(2, 64))
    trunk, criterion = net.trunk.get(1).weight.copy(), nn.SoftMarginCriterion()
    losses = []
    for _ in range(5):
        net.zeroGradParameters()
        losses.append(criterion.forward(net.forward(x), t))
        net.backward(x, criterion.backward(net.output, t))
        net.updateParameters(0.1)
    assert losses[-1] < losses[0] and np.array_equal(net.trunk.get(1).weight, trunk)
    assert len(net.parameters()[0]) == 2 * (1 + 5 + 5 + 1)
    held = torch.deserialize(torch.serialize({"model": net, "config": {"km": 16.0}}))["model"]
    assert np.array_equal(held.evaluate().forward(x), net.evaluate().forward(x))
    assert held.refs[1].get(1).get(1) is held.neths[0] and repr(held) == "nn.SharpMask"
    single = held.float()
    assert single.forward(x.astype(np.float32)).dtype == np.float32


def test_a_mask_network_for_whole_images():
    torch.manualSeed(4)
    trunk = nn.Sequential().add(nn.SpatialConvolution(3, 4, 3, 3, 1, 1, 1, 1)).add(nn.SpatialConstDiagonal(4, True))
    trunk.add(nn.ReLU(True)).add(nn.View(1, 4 * 4 * 4)).add(nn.Linear(64, 5))
    score = nn.Sequential().add(nn.Dropout(0.5)).add(nn.Linear(5, 6)).add(nn.Threshold(0, 1e-6)).add(nn.Linear(6, 1))
    upper = nn.Sequential().add(nn.Copy("torch.DoubleTensor", "torch.DoubleTensor")).add(nn.View(1, 3, 3))
    upper.add(nn.SpatialReSamplingEx(owidth=5, oheight=5, mode="bilinear")).add(nn.View(1, 25))
    mask = nn.Sequential().add(nn.Sequential().add(nn.Linear(5, 9))).add(upper)
    net = copied(nn.DeepMask(trunk, mask, score)).evaluate()
    net.fSz = 4
    image = torch.randn(1, 3, 6, 7)
    at, scores = [], []
    for i, j in np.ndindex(3, 4):  # the trunk sees zeros around a patch and other pixels around a part
        net.trunk.get(1).padW = net.trunk.get(1).padH = 0
        net.trunk.modules[3].resetSize(1, 4 * 4 * 4)
        if i < 1 and j < 2:
            patch = image[:, :, i : i + 6, j : j + 6]
            out = net.forward(patch)
            at.append(out[0].copy())
            scores.append(out[1].copy())
    assert at[0].shape == (1, 25)
    small = net.maskBranch.get(1).forward(net.trunk.output).copy()
    whole = net.inference()
    planes = whole.trunk.forward(image)
    assert planes.shape == (1, 5, 1, 2)
    assert np.allclose(whole.scoreBranch.forward(planes)[0, 0, 0], np.ravel(scores))
    assert np.allclose(whole.maskBranch.forward(planes)[0, :, 0, 1], small[0])


def test_sharpmask_for_proposals():
    torch.manualSeed(5)
    net, x = cases_densecap.sharp_mask().evaluate(), torch.randn(2, 2, 8, 8)
    expected = net.forward(x).reshape(2, 1, 8, 8).copy()
    small, maps = net.trunk.output.copy(), [net.trunk.modules[i - 1].output.copy() for i in net.skpos]
    net.inference(2)
    out = net.refs[0].forward(small)
    for k, (across, features) in enumerate(zip(net.neths, maps), 1):
        out = net.refs[k].forward([across.forward(features), out])
    assert np.allclose(out, expected)
    assert isinstance(net.trunk.get(5), nn.SpatialConvolution)


def test_heads_become_convolutions():
    head = nn.Sequential().add(nn.Linear(3, 2)).add(nn.View(2))
    new = linear2convHead(head)
    x = torch.randn(1, 3, 2, 2)
    expected = np.einsum("oc,nchw->nohw", new.get(1).weight[:, :, 0, 0], x) + new.get(1).bias[:, None, None]
    assert np.allclose(new.forward(x), expected)
