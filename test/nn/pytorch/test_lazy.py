"""Lazy layers: sizes from the first input or from a state, the same draws, what does not fit."""

import copy
import pickle

import numpy as np
import pytest

import nn.pytorch as tnn

PAIRS = [
    (tnn.LazyLinear, tnn.Linear, (3,), (2, 5), 5),
    (tnn.LazyConv1d, tnn.Conv1d, (4, 3), (2, 6, 7), 6),
    (tnn.LazyConv2d, tnn.Conv2d, (4, 3, 1, 1, 1, 2), (6, 7, 7), 6),
    (tnn.LazyConv3d, tnn.Conv3d, (2, 2), (1, 3, 4, 4, 4), 3),
    (tnn.LazyConvTranspose1d, tnn.ConvTranspose1d, (4, 3), (2, 3, 6), 3),
    (tnn.LazyConvTranspose2d, tnn.ConvTranspose2d, (4, 3), (2, 3, 6, 6), 3),
    (tnn.LazyConvTranspose3d, tnn.ConvTranspose3d, (4, 3), (2, 3, 4, 4, 4), 3),
    (tnn.LazyBatchNorm1d, tnn.BatchNorm1d, (), (4, 3), 3),
    (tnn.LazyBatchNorm2d, tnn.BatchNorm2d, (), (2, 3, 4, 4), 3),
    (tnn.LazyBatchNorm3d, tnn.BatchNorm3d, (), (2, 3, 2, 4, 4), 3),
    (tnn.LazyInstanceNorm1d, tnn.InstanceNorm1d, (1e-5, 0.1, True, True), (3, 4), 3),
    (tnn.LazyInstanceNorm2d, tnn.InstanceNorm2d, (1e-5, 0.1, True, True), (2, 3, 4, 4), 3),
    (tnn.LazyInstanceNorm3d, tnn.InstanceNorm3d, (1e-5, 0.1, True, True), (2, 3, 4, 4, 2), 3),
]


@pytest.mark.parametrize(("lazy", "plain", "args", "shape", "size"), PAIRS, ids=lambda v: getattr(v, "__name__", ""))
def test_becomes_the_plain_layer_with_the_same_draws(lazy, plain, args, shape, size):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    tnn.manual_seed(3)
    m = lazy(*args)
    assert type(m) is lazy and list(m.state_dict()) == list(plain(size, *args).state_dict())
    tnn.manual_seed(3)
    y = m.forward(x).copy()
    tnn.manual_seed(3)
    wanted = plain(size, *args)
    assert type(m) is plain and repr(m) == repr(wanted)
    np.testing.assert_array_equal(y, wanted.forward(x))
    g = np.ones_like(y)
    np.testing.assert_array_equal(m.backward(x, g), wanted.backward(x, g))


@pytest.mark.parametrize(("lazy", "plain", "args", "shape", "size"), PAIRS, ids=lambda v: getattr(v, "__name__", ""))
def test_takes_its_size_from_a_state(lazy, plain, args, shape, size):
    m, other = lazy(*args), plain(size, *args)
    m.load_state_dict(other.state_dict())
    for name, x in other.state_dict().items():
        np.testing.assert_array_equal(m.state_dict()[name], x)


def test_a_state_that_does_not_fit_changes_nothing():
    m = tnn.LazyLinear(3)
    with pytest.raises(RuntimeError, match="size mismatch for weight"):
        m.load_state_dict({"weight": np.zeros((4, 2)), "bias": np.zeros(3)})
    assert repr(m) == "LazyLinear(in_features=0, out_features=3, bias=True)"
    assert repr(m.weight) == "<UninitializedParameter>"
    with pytest.raises(ValueError, match="expected 3 or 4 dimensions"):
        tnn.LazyConv2d(2, 3).forward(np.zeros((4, 4), np.float32))


def test_mode_type_and_frozen_parameters_stay():
    m = tnn.LazyLinear(3).double().eval().requires_grad_(False)
    m.forward(np.ones((2, 4)))
    assert m.weight.dtype == np.float64 and not m.training and not m.weight.requires_grad


def test_inside_a_network_on_the_tape_and_in_copies():
    class Net(tnn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = tnn.LazyLinear(4), tnn.LazyLinear(2)

        def forward(self, x):
            return self.second(self.first(x)) * 2

    net, x = Net(), np.ones((3, 5), np.float32)
    twin = pickle.loads(pickle.dumps(net.first))
    assert net(x).shape == (3, 2)
    assert net.backward(x, np.ones((3, 2), np.float32)).shape == (3, 5)
    assert copy.deepcopy(net)(x).shape == (3, 2) and twin(x).shape == (3, 4)


def test_buffer():
    m = tnn.Module()
    m.a, m.b = tnn.Buffer(np.arange(3.0)), tnn.Buffer(np.ones(2), persistent=False)
    assert list(m.state_dict()) == ["a"] and [n for n, _ in m.named_buffers()] == ["a", "b"]
    assert type(m.a) is np.ndarray


def test_statistics_and_materialize():
    layer = tnn.LazyBatchNorm1d().double()
    assert repr(layer.running_mean) == "<UninitializedBuffer>" and layer.running_mean.dtype == np.float64
    layer(np.ones((2, 3)) * [[1], [3]])
    assert type(layer.running_mean) is np.ndarray and layer.running_mean.shape == (3,)
    waiting, buffer = tnn.UninitializedParameter(dtype="float64"), tnn.UninitializedBuffer()
    assert repr(waiting) == "<UninitializedParameter>"
    waiting.materialize((2, 3))
    buffer.materialize((4,), dtype="int64")
    assert isinstance(waiting, tnn.Parameter) and not hasattr(waiting, "materialize")
    assert waiting.shape == (2, 3) and waiting.grad.shape == (2, 3)
    assert type(buffer) is tnn.Buffer and buffer.dtype == np.int64 and buffer.persistent
