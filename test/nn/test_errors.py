"""Wrong use of a network: each error says what and where, and the network goes on as before."""

import re
import sys
import types

import numpy as np
import pytest

import nn
import torch7 as torch
from torch7 import arrays


def lenet():
    net = nn.Sequential()
    features = nn.Sequential()
    features.add(nn.SpatialConvolution(1, 2, 3, 3)).add(nn.SpatialBatchNormalization(2)).add(nn.ReLU(True))
    features.add(nn.SpatialMaxPooling(2, 2))
    net.add(features).add(nn.Reshape(2 * 3 * 3)).add(nn.Linear(18, 4)).add(nn.LogSoftMax())
    return net


@pytest.fixture
def net():
    torch.manualSeed(1)
    return lenet()


@pytest.fixture
def images():
    return np.random.default_rng(0).standard_normal((5, 1, 8, 8))


def refused(net, images, call, error, match, *path):
    """``call`` raises ``error`` with ``path`` as notes, and training goes on with the results it had."""
    criterion = nn.ClassNLLCriterion()
    target = np.array([1, 2, 3, 4, 1])

    def run():
        net.zeroGradParameters()
        loss = criterion.forward(net.evaluate().forward(images.copy()), target)
        return loss, net.backward(images, criterion.backward(net.output, target)).copy()

    before = run()
    with pytest.raises(error, match=match) as info:
        call(net)
    assert getattr(info.value, "__notes__", []) == list(path)
    after = run()
    assert after[0] == before[0]
    assert np.array_equal(after[1], before[1])


def place(*indices):
    return [f"In {i} module of nn.Sequential:" for i in indices]


def test_wrong_rank(net, images):
    call = lambda n: n.forward(np.ones((8, 8)))
    refused(net, images, call, ValueError, "3D or 4D input with 1 planes expected, got 8x8", *place(1, 1))


def test_wrong_number_of_planes(net, images):
    call = lambda n: n.forward(np.ones((2, 3, 8, 8)))
    refused(net, images, call, ValueError, "got 2x3x8x8 torch.DoubleTensor", *place(1, 1))


def test_image_too_small(net, images):
    call = lambda n: n.forward(np.ones((1, 1, 2, 2)))
    refused(net, images, call, ValueError, "1x1x2x2 torch.DoubleTensor is too small", *place(1, 1))


def test_wrong_size_further_on(net, images):
    call = lambda n: n.forward(np.ones((5, 1, 12, 8)))
    refused(net, images, call, ValueError, "5x2x5x3.*2x3x3|2x3x3|18", *place(2))


@pytest.mark.parametrize("bad", [np.ones((5, 1, 8, 8), np.float32), np.ones((5, 1, 8, 8), int)])
def test_wrong_type_names_both_and_the_fix(net, images, bad):
    match = r"type torch.DoubleTensor \(float64\).*astype"
    refused(net, images, lambda n: n.forward(bad), TypeError, match, *place(1, 1))


@pytest.mark.parametrize("bad", [None, 3.5, "text", [1, 2]])
def test_no_tensor(net, images, bad):
    refused(net, images, lambda n: n.forward(bad), TypeError, "must be a tensor", *place(1, 1))


def test_wrong_gradOutput(net, images):
    def call(n):
        n.forward(images)
        n.backward(images, np.ones((5, 3)))

    refused(net, images, call, ValueError, "5x3", *place(4))


def test_gradOutput_of_the_wrong_type(net, images):
    def call(n):
        n.forward(images)
        n.backward(images, np.ones((5, 4), np.float32))

    refused(net, images, call, TypeError, "gradOutput|float32|FloatTensor", *place(4))


@pytest.mark.parametrize("label", [0, 5, -1])
def test_label_out_of_range(label):
    criterion = nn.ClassNLLCriterion()
    input = np.log(np.full((2, 4), 0.25))
    with pytest.raises(IndexError, match=r"1\.\.4.*got " + str(label)):
        criterion.forward(input, np.array([1, label]))
    assert criterion.forward(input, np.array([1, 4])) == pytest.approx(np.log(4))


def test_unequal_element_counts_are_never_broadcast():
    criterion = nn.MSECriterion()
    with pytest.raises(ValueError, match=r"4x4.*4x1"):
        criterion.forward(np.ones((4, 4)), np.ones((4, 1)))
    assert criterion.forward(np.ones(4), np.zeros((4, 1))) == 1


@pytest.mark.parametrize(
    "module",
    [
        lambda: nn.Linear(4, 4),
        lambda: nn.Tanh(),
        lambda: nn.Sigmoid(),
        lambda: nn.LogSoftMax(),
        lambda: nn.SoftMax(),
        lambda: nn.BatchNormalization(4),
        lambda: nn.Sequential().add(nn.Linear(4, 4)).add(nn.Tanh()),
    ],
    ids=["Linear", "Tanh", "Sigmoid", "LogSoftMax", "SoftMax", "BatchNormalization", "Sequential"],
)
def test_backward_before_forward(module):
    m, x = module(), np.random.default_rng(1).standard_normal((3, 4))
    with pytest.raises((ValueError, TypeError, RuntimeError), match=r"forward|updateOutput"):
        m.backward(x, x)
    m.forward(x)
    m.zeroGradParameters()
    assert m.backward(x, x).shape == x.shape


def test_pooling_backward_before_forward():
    m, x = nn.SpatialMaxPooling(2, 2), np.ones((1, 4, 4))
    with pytest.raises(ValueError, match="call forward before backward"):
        m.backward(x, np.ones((1, 2, 2)))
    m.forward(x)
    assert m.backward(x, np.ones((1, 2, 2))).sum() == 4


class DeviceArray:
    """Stands in for ``cupy.ndarray``: an array on another device."""

    def __init__(self, x):
        self.x, self.shape, self.dtype, self.ndim, self.size = x, x.shape, x.dtype, x.ndim, x.size


def test_mixed_devices_name_the_fix(net, images, monkeypatch):
    cupy = types.SimpleNamespace(ndarray=DeviceArray, __name__="cupy")
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(arrays, "_cupy", cupy)
    refused(net, images, lambda n: n.forward(DeviceArray(images)), TypeError, r"call module.cuda\(\)", *place(1, 1))


def test_cuda_without_cupy_says_what_to_install(net, images, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    refused(net, images, lambda n: n.cuda(), ImportError, r"pip install 'torch7\[cuda")
    assert net.type() == "torch.DoubleTensor"


@pytest.mark.parametrize(
    ("layer", "fields", "words"),
    [
        (lambda: nn.Linear(3, 2), {"weight": np.ones(6)}, "nn.Linear has weight 6 torch.DoubleTensor, bias 2 torch.D"),
        (lambda: nn.Max(2), {"dimension": "x"}, "nn.Max has dimension 'x', nInputDim"),
        (lambda: nn.CMul(3), {"weight": None}, "nn.CMul has .*weight None"),
    ],
)
def test_a_field_that_does_not_fit_is_shown(layer, fields, words):
    """Errors of Python's own say nothing of the module."""
    module = layer()
    vars(module).update(fields)
    with pytest.raises((TypeError, ValueError, AttributeError)) as caught:
        nn.Sequential(nn.Identity(), module).forward(np.ones((5, 3)))
    place, note = caught.value.__notes__
    assert place == "In 2 module of nn.Sequential:" and re.match(words, note), note


def test_errors_that_name_the_module_and_those_of_a_script_have_places_alone():
    class Raises(nn.Module):
        def updateOutput(self, input):
            raise ValueError("mine")

    for module, width in ((nn.Linear(3, 2), 4), (Raises(), 3)):
        with pytest.raises(ValueError) as caught:
            nn.Sequential(module).forward(np.ones((5, width)))
        assert caught.value.__notes__ == ["In 1 module of nn.Sequential:"]


def test_a_place_that_a_container_does_not_have():
    with pytest.raises(
        IndexError, match=r"nn.Sequential holds 1 modules, \[5\] is none of them; get\(5\) counts from 1"
    ):
        nn.Sequential(nn.Tanh())[5]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Conv2d", "PyTorch's Conv2d is nn.SpatialConvolution here, or nn.pytorch.Conv2d"),
        ("Spatialconvolution", "is nn.SpatialConvolution meant"),
        ("SoftmaxTree", "is nn.SoftMaxTree meant?"),
        ("Xyz", "no attribute 'Xyz'$"),
    ],
)
def test_names_that_nn_does_not_have(name, hint):
    with pytest.raises(AttributeError, match=hint):
        getattr(nn, name)
