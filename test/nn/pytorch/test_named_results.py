"""Networks whose results are dicts, lists and named tuples; PyTorch's words for maxima and transposed matrices."""

from collections import OrderedDict, namedtuple

import numpy as np
import pytest
from gradients import agrees

import nn.pytorch as tnn

Pair = namedtuple("Pair", ["first", "second"])
FORMS = {
    "dict": lambda a, b: {"a": a, "b": b},
    "OrderedDict": lambda a, b: OrderedDict(a=a, b=b),
    "list": lambda a, b: [a, b],
    "named tuple": Pair,
    "nested": lambda a, b: {"a": [a], "b": (b,)},
}


def flat(y):
    y = y.values() if isinstance(y, dict) else y
    return [v for part in y for v in flat(part)] if not isinstance(y, np.ndarray) else [y]


class Two(tnn.Module):
    def __init__(self, form):
        super().__init__()
        self.form, self.a, self.b = FORMS[form], tnn.Linear(3, 4), tnn.Sequential(tnn.Linear(3, 2), tnn.Tanh())

    def forward(self, x):
        return self.form(self.a(x), self.b(x))


def sample(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape)


@pytest.mark.parametrize("form", FORMS)
def test_every_result_gives_its_gradient(form):
    """Of a dict the first one alone did."""
    net, x = Two(form).double(), sample(5, 3)
    ga, gb = sample(5, 4), sample(5, 2)
    y = net(x)
    assert type(y) is type(net.form(ga, gb)) and [v.shape for v in flat(y)] == [(5, 4), (5, 2)]
    given = net.backward(x, [ga, gb]).copy()
    b = net.b.backward(x, gb).copy() if net.b(x) is not None else None
    np.testing.assert_allclose(given, ga @ net.a.weight.data + b, rtol=1e-12)
    np.testing.assert_allclose(net.a.bias.grad, ga.sum(0), rtol=1e-12)


def test_gradients_by_name():
    net, x, gb = Two("dict").double(), sample(5, 3), sample(5, 2)
    net(x)
    net.backward(x, {"b": gb})
    assert not net.a.weight.grad.any() and net.b[0].weight.grad.any()
    by_name = net.b[0].weight.grad.copy()
    net.zero_grad()
    net.backward(x, [None, gb])
    np.testing.assert_array_equal(net.b[0].weight.grad, by_name)
    with pytest.raises(ValueError, match="gradients named c, the output has a, b"):
        net.backward(x, {"c": gb})
    with pytest.raises(ValueError, match="gradOutput has the shape"):
        net.backward(x, {"a": gb})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("whole", [True, False])
def test_results_that_are_kept_stay(form, whole):
    net, x = Two(form), sample(5, 3).astype(np.float32)
    kept = net(x) if whole else flat(net(x))
    before = [v.copy() for v in flat(kept)]
    for _ in range(2):
        net(-x)
    for v, w in zip(flat(kept), before):
        np.testing.assert_array_equal(v, w)


class Words(tnn.Module):
    """What PyTorch's words compute: the largest numbers and their places, swapped dimensions."""

    def forward(self, x):
        values, places = x.max(dim=1)
        low = x.min(1, keepdim=True)
        assert values.shape == places.shape == (4,) and low.indices.shape == low.values.shape == (4, 1)
        assert np.array_equal(places, x.data.argmax(1)) and x.max(dim=-1)[0].shape == (4,)
        assert x.max(1).shape == (4,) and x.max(1, keepdims=True).shape == (4, 1)  # NumPy's
        scores = x @ x.transpose(-2, -1)
        assert scores.shape == (4, 4) and x.transpose(0, 1).shape == x.transpose(1, 0).shape == (5, 4)
        return values * 2 + low.values + scores.max(low[0]) + x.transpose(0, 1).sum(0)


def test_words():
    x = np.random.default_rng(0).permutation(20).reshape(4, 5) * 0.1
    agrees(Words(), x)


def test_printed_parameters():
    made = [tnn.Parameter(np.ones((2, 3), np.float32)), tnn.Parameter(np.ones(1))]
    text = "  (0): Parameter containing: [torch.float32 of size 2x3]\n"
    assert tnn.ParameterList(made).extra_repr() == text + "  (1): Parameter containing: [torch.float64 of size 1]"
    held = tnn.ParameterDict({"a": made[0], "b": made[1]})
    text = "  (a): Parameter containing: [torch.FloatTensor of size 2x3]\n"
    assert held.extra_repr() == text + "  (b): Parameter containing: [torch.DoubleTensor of size 1]"


@pytest.mark.parametrize("use", [lambda x: x.select(3, 0), lambda x: x.flatten(-4), lambda x: x.narrow(2, 0, 1)])
def test_dimensions_that_are_not_there(use):
    class Wrong(tnn.Module):
        def forward(self, x):
            return use(x)

    with pytest.raises(IndexError, match=r"2 dimensions count from -2 to 1"):
        Wrong()(np.ones((4, 6)))
    for dim in (2, 5, -3):
        with pytest.raises(IndexError, match=f"dimension {dim} is not there"):
            tnn.Unflatten(dim, (2, 3))(np.ones((4, 6)))
    with pytest.raises(ValueError, match="has no"):
        tnn.Unflatten(1, (-1, 0))(np.ones((4, 6)))


@pytest.mark.parametrize("vector", ["weight", "bias", "running_mean", "running_var"])
@pytest.mark.parametrize("kind", [tnn.BatchNorm1d, tnn.InstanceNorm1d])
def test_a_vector_of_another_size_before_backward(kind, vector):
    """The kernel read behind it."""
    m, x = kind(3, affine=True, track_running_stats=True), np.random.default_rng(0).normal(size=(4, 3, 5)).astype("f4")
    y = m(x)
    held = m._parameters if vector in m._parameters else m._buffers
    held[vector] = tnn.Parameter(np.ones(2, np.float32)) if vector in m._parameters else np.ones(4, np.float32)
    with pytest.raises(ValueError, match="numbers for the channels"):
        m.backward(x, np.ones_like(y))


@pytest.mark.parametrize("kind", [tnn.RNN, tnn.LSTM, tnn.GRU])
@pytest.mark.parametrize("size", ["hidden_size", "input_size"])
@pytest.mark.parametrize("before", [True, False])
def test_sizes_that_are_not_those_of_the_parameters(kind, size, before):
    m, x = kind(3, 4), np.ones((2, 5, 3), np.float32)
    y = None if before else m(x)[0]
    setattr(m, size, 7)
    with pytest.raises(ValueError, match=r"has a parameter|the input must be"):
        m(x) if before else m.backward(x, [np.ones_like(y)])
