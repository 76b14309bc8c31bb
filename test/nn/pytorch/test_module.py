"""Module, Parameter, containers, hooks, state dicts and the tape."""

import copy
from collections import OrderedDict

import numpy as np
import pytest

import nn.pytorch as tnn


class Affine(tnn.Module):
    """y = w x + b, elementwise, with a backward of its own."""

    def __init__(self, n=3):
        super().__init__()
        self.weight = tnn.Parameter(np.arange(1.0, n + 1))
        self.bias = tnn.Parameter(np.full(n, 0.5))
        self.register_buffer("count", np.zeros((), np.int64))

    def forward(self, input):
        self.saved = input
        return input * self.weight + self.bias

    def backward(self, input, gradOutput, scale=1.0):
        self.accumulate("weight", (gradOutput * self.saved).sum(0), scale)
        self.accumulate("bias", gradOutput.sum(0), scale)
        return gradOutput * self.weight

    def extra_repr(self):
        return f"{len(self.weight)}"


class Twice(tnn.Module):
    def __init__(self):
        super().__init__()
        self.layer = Affine()
        self.gain = tnn.Parameter(np.array([2.0, -1.0, 0.5]))

    def forward(self, x):
        return self.layer(self.layer(x) * self.gain) + np.tanh(x) * 2 - x / 3


def numeric(module, x, g, array, h=1e-6):
    grad = np.zeros_like(array)
    for i in np.ndindex(array.shape):
        before = array[i]
        array[i] = before + h
        up = (module.forward(x) * g).sum()
        array[i] = before - h
        down = (module.forward(x) * g).sum()
        array[i] = before
        grad[i] = (up - down) / (2 * h)
    return grad


def agrees(module, x, seed=0):
    g = np.random.default_rng(seed).normal(size=module.forward(x).shape)
    module.zero_grad()
    module.forward(x)
    gradInput = module.backward(x, g).copy()
    np.testing.assert_allclose(gradInput, numeric(module, x, g, x), atol=1e-7, rtol=1e-6)
    for name, p in module.named_parameters():
        np.testing.assert_allclose(p.grad, numeric(module, x, g, p.data), atol=1e-7, rtol=1e-6, err_msg=name)


def sample(*shape):
    return np.random.default_rng(1).normal(size=shape)


def test_module_called_twice_and_residual():
    agrees(Twice().double(), sample(4, 3))


def test_sequential_with_one_module_twice():
    a = Affine().double()
    agrees(tnn.Sequential(a, a, Affine().double(), a), sample(2, 3))


class Arithmetic(tnn.Module):
    def __init__(self):
        super().__init__()
        self.w = tnn.Parameter(sample(3, 4))

    def forward(self, x):
        y = x @ self.w
        a, b = np.split(y, 2, axis=1)
        z = np.concatenate([a, b.exp(), np.sin(a) * np.cos(b)], 1)
        z = np.stack([z, z[:, ::-1]], 0).mean(0) + np.where(z > 0, z, 0.1 * z)
        z = z.transpose(1, 0).reshape(-1, 2).sum(1, keepdim=True) + self.w.sum() - (1 + x * x).sqrt().view(-1)[:2].sum()
        return np.log(1.5 + abs(z)) ** 2 / (1 + np.max(y, axis=1).size(0)) + np.maximum(z, 0.3) - np.minimum(2, -z)


def test_operations_of_the_tape():
    agrees(Arithmetic(), sample(4, 3))


def test_unknown_operation_is_refused_by_name():
    class Arctan(tnn.Module):
        def forward(self, x):
            return np.arctan(x)

    with pytest.raises(TypeError, match="arctan has no recorded gradient"):
        Arctan().forward(sample(2, 3))
    with tnn.no_tape():
        assert Arctan().forward(sample(2, 3)).shape == (2, 3)


def test_methods_are_the_same_where_nothing_is_recorded():
    class Flat(tnn.Module):
        def forward(self, x):
            return np.sort(np.sin(x.flatten(1)), axis=1).unsqueeze(0)

    x = sample(2, 3, 4)
    with tnn.no_tape():
        y = Flat().forward(x)
    assert type(y) is np.ndarray
    np.testing.assert_array_equal(y, np.sort(np.sin(x.reshape(2, 12)))[None])


def test_several_inputs_and_outputs():
    class Both(tnn.Module):
        def forward(self, x, y, index):
            return x * y, x[index], index

    m, x, y, index = Both(), sample(3, 2), sample(3, 2) + 1, np.array([0, 0, 2])
    out = m.forward([x, y, index])
    assert out[2] is index or np.array_equal(out[2], index)
    g = np.ones((3, 2))
    gx, gy, gi = m.backward([x, y, index], [None, g])
    np.testing.assert_array_equal(gx, [[2, 2], [0, 0], [1, 1]])
    np.testing.assert_array_equal(gy, 0)
    assert gi is None
    assert np.array_equal(m.backward([x, y, index], g)[0], y)
    with pytest.raises(ValueError, match="call forward first"):
        m.backward([x + 1, y, index], g)


def test_inherited_backward_does_not_serve_an_overridden_forward():
    class Doubled(Affine):
        def forward(self, input):
            return super().forward(input) * 2

    agrees(Doubled().double(), sample(2, 3))


def test_registration_and_order():
    m = Twice()
    assert list(m.state_dict()) == ["gain", "layer.weight", "layer.bias", "layer.count"]
    assert [n for n, _ in m.named_parameters()] == ["gain", "layer.weight", "layer.bias"]
    assert [n for n, _ in m.named_modules()] == ["", "layer"]
    with pytest.raises(TypeError, match="cannot assign"):
        m.gain = np.zeros(3)
    with pytest.raises(KeyError, match="already exists"):
        m.register_buffer("forward", np.zeros(1))

    class Early(tnn.Module):
        def __init__(self):
            self.w = tnn.Parameter(np.zeros(1))

    with pytest.raises(AttributeError, match=r"before Module\.__init__"):
        Early()


def test_load_state_dict_changes_nothing_when_it_raises():
    m = Twice()
    before = {k: v.copy() for k, v in m.state_dict().items()}
    bad = OrderedDict(before, gain=np.full(3, 7.0))
    bad["layer.bias"] = np.zeros(4)
    bad["other"] = np.zeros(1)
    del bad["layer.count"]
    with pytest.raises(RuntimeError, match=r"Missing key.*layer.count[\s\S]*Unexpected key.*other[\s\S]*size mismatch"):
        m.load_state_dict(bad)
    for k, v in m.state_dict().items():
        np.testing.assert_array_equal(v, before[k])
    for wrong in ("text", None, np.array(["a"]), np.array(None)):
        bad = OrderedDict(before, gain=np.full(3, 7.0))
        bad["layer.count"] = wrong
        with pytest.raises(RuntimeError, match=r"layer\.count is no array of numbers"):
            m.load_state_dict(bad)
    with pytest.raises(RuntimeError, match="a parameter of int64 cannot be assigned"):
        m.load_state_dict(OrderedDict(before, gain=np.full(3, 7)), assign=True)
    for k, v in m.state_dict().items():
        np.testing.assert_array_equal(v, before[k])
    assert repr(m.load_state_dict(before)) == "<All keys matched successfully>"
    good = dict(before)
    good["layer.count"] = np.array([5])
    m.load_state_dict(good)
    assert m.layer.count.shape == () and m.layer.count == 5


def test_hooks_in_order():
    m, seen = Affine(), []
    m.register_forward_pre_hook(lambda m, x: seen.append("pre") or x[0] * 2)
    m.register_forward_hook(lambda m, x, y: seen.append("post") or y + 1)
    handle = m.register_backward_hook(lambda m, gx, gy: seen.append("back") or (gx[0] * 3,))
    x = np.ones((1, 3))
    y = m(x)
    np.testing.assert_allclose(y[0], 2 * m.weight + 1.5)
    gx = m.backward(x * 2, np.ones_like(y))
    np.testing.assert_allclose(gx[0], 3 * m.weight)
    handle.remove()
    m.forward(x)
    np.testing.assert_allclose(m.backward(x, np.ones_like(y))[0], m.weight)
    assert seen == ["pre", "post", "back"]


def test_hooks_of_a_child_on_the_tape():
    m, seen = Twice().double(), []
    m.layer.register_full_backward_hook(lambda m, gx, gy: seen.append(gy[0].shape))
    x = sample(2, 3)
    m.backward(x, np.ones_like(m.forward(x)))
    assert seen == [(2, 3), (2, 3)]


def test_frozen_parameters_and_casts():
    m = Twice().double()
    m.layer.weight.requires_grad = False
    x = sample(2, 3)
    m.backward(x, np.ones_like(m.forward(x)))
    assert not m.layer.weight.grad.any() and m.layer.bias.grad.any()
    assert m.layer.count.dtype == np.int64 and m.float().layer.weight.dtype == np.float32
    assert not m.layer.weight.requires_grad
    with pytest.raises(TypeError, match="floating point"):
        m.to(np.int32)


def test_containers():
    s = tnn.Sequential(OrderedDict(a=Affine(), b=Affine(2)))
    assert repr(s) == "Sequential(\n  (a): Affine(3)\n  (b): Affine(2)\n)"
    assert repr(tnn.ModuleList([Affine(), Affine(), Affine(2)])) == (
        "ModuleList(\n  (0-1): 2 x Affine(3)\n  (2): Affine(2)\n)"
    )
    assert list(s[1:].state_dict()) == ["b.weight", "b.bias", "b.count"]
    assert list(tnn.ModuleDict({"b": Affine(), "a": Affine()}).keys()) == ["b", "a"]
    assert list(tnn.ParameterDict({"b": np.zeros(1), "a": np.zeros(1)}).keys()) == ["a", "b"]
    with pytest.raises(TypeError, match="not a Module subclass"):
        tnn.Sequential([Affine()])
    with pytest.raises(NotImplementedError):
        tnn.ModuleList([Affine()])(np.zeros(3))
    assert tnn.Sequential()(5) == 5


def test_parameter():
    p = tnn.Parameter([1.0, 2.0])
    assert p.dtype == np.float32 and type(p * 2) is np.ndarray and type(p[:1]) is np.ndarray
    assert p.grad.shape == (2,) and not p.grad.any() and tnn.Parameter().shape == (0,)
    with pytest.raises(RuntimeError, match="floating point"):
        tnn.Parameter(np.arange(3))


def test_get_parameters_are_views():
    m = tnn.Sequential(Affine(), Affine()).double()
    flat, grads = m.getParameters()
    flat[...] = 2
    x = sample(2, 3)
    np.testing.assert_allclose(m.forward(x), (x * 2 + 2) * 2 + 2)
    m.backward(x, np.ones((2, 3)))
    np.testing.assert_allclose(grads[-3:], 2)


class ReLUAgain(tnn.Module):
    def __init__(self):
        super().__init__()
        self.relu, self.linear = tnn.ReLU(), tnn.Linear(3, 3)

    def forward(self, x):
        return self.relu(self.linear(self.relu(x)))


@pytest.mark.parametrize(
    "made",
    [
        tnn.ReLU, tnn.Tanh, lambda: tnn.Linear(3, 2), lambda: tnn.LayerNorm(3), lambda: tnn.Softmax(-1), tnn.Dropout,
        lambda: tnn.Sequential(tnn.Linear(3, 4), tnn.ReLU()), ReLUAgain,
        lambda: tnn.Sequential(tnn.Identity(), tnn.LayerNorm(3)),
    ],
)  # fmt: skip
def test_results_that_are_kept_stay(made):
    """``np.concatenate([m(x), m(-x)])``, or predictions in a list."""
    m, xs = made(), [tnn.randn(2, 5, 3) for _ in range(4)]
    kept, seen = [], []
    for x in xs:
        kept.append(m(x))
        seen.append(kept[-1].copy())
    parts = [m(x)[:, 0] for x in xs]
    for own, before in zip(kept, seen):
        np.testing.assert_array_equal(own, before)
    if not isinstance(m, tnn.Dropout):
        np.testing.assert_array_equal(parts, [y[:, 0] for y in seen])
        np.testing.assert_array_equal(m(xs[1]), seen[1])
    m.backward(xs[1], np.ones_like(seen[0])) if not isinstance(m, tnn.Dropout) else None


def test_memory_is_used_again_where_nothing_is_kept():
    for m in (tnn.ReLU(), tnn.Sequential(tnn.Linear(3, 3), tnn.ReLU()), ReLUAgain(), tnn.LayerNorm(3)):
        x = tnn.randn(4, 3)
        addresses = {m(x).ctypes.data for _ in range(3)}
        assert len(addresses) == 1
    pool, x = tnn.MaxPool2d(2, return_indices=True), tnn.randn(2, 1, 1, 4, 4)
    (y, places), _ = pool(x[0]), pool(x[1])
    np.testing.assert_array_equal(np.take_along_axis(x[0].reshape(1, 16), places.reshape(1, 4), 1), y.reshape(1, 4))


def test_get_parameters_of_a_part():
    """What is frozen is not given to an optimiser, which would decay it."""
    m = tnn.Sequential(Affine(), Affine()).double()
    m[0].requires_grad_(False)
    frozen = m[0].weight
    flat, grads = m.getParameters(p for p in m.parameters() if p.requires_grad)
    assert flat.shape == grads.shape == (sum(p.size for p in m[1].parameters()),) and m[0].weight is frozen
    flat[...] = 7
    assert (m[1].weight.data == 7).all() and not (m[0].weight.data == 7).any()
    assert m.getParameters([m[1].weight, m[1].weight])[0].shape == (m[1].weight.size,)
    with pytest.raises(ValueError, match=r"parameter 1, \(3,\), is not of this module"):
        m.getParameters([m[0].weight, tnn.Parameter(np.zeros(3))])


@pytest.mark.parametrize("name", ["output", "saved", "buffer", "check", "clone", "needs"])
def test_children_may_have_names_of_this_library(name):
    """A network may call a layer ``output``, as many of PyTorch's do."""

    class Net(tnn.Module):
        def __init__(self):
            super().__init__()
            setattr(self, name, tnn.Linear(3, 3))
            self.after = tnn.Tanh()

        def forward(self, x):
            layer = getattr(self, name)
            return self.after(layer(self.after(layer(x))))

    net = Net().double()
    agrees(net, np.random.default_rng(0).normal(size=(2, 3)))
    assert isinstance(getattr(net, name), tnn.Linear) and list(net.state_dict()) == [f"{name}.weight", f"{name}.bias"]
    other = copy.deepcopy(net)
    assert getattr(other, name) is other._modules[name] is not getattr(net, name)
    setattr(net, name, tnn.Identity())
    assert isinstance(getattr(net, name), tnn.Identity)
    delattr(net, name)
    assert not isinstance(getattr(net, name), tnn.Module)
    added = tnn.Sequential(OrderedDict([(name, tnn.Linear(3, 2))])).double()
    y = added(np.ones((1, 3)))
    assert added.backward(np.ones((1, 3)), np.ones_like(y)).shape == (1, 3)
    with pytest.raises(KeyError, match="already exists"):
        tnn.Linear(3, 2).add_module("forward", tnn.Tanh())


def test_output_is_the_last_result():
    layer = tnn.Linear(3, 2)
    assert layer.output is None
    assert layer(np.ones((1, 3), np.float32)) is layer.output


def test_any_number_of_inputs_and_a_keyword():
    class Sum(tnn.Module):
        def forward(self, *xs, factor=2.0):
            return sum(xs[1:], start=xs[0]) * factor

    net, x = Sum(), np.ones(2)
    assert net(x).tolist() == [2, 2] and net(x, x, factor=3.0).tolist() == [6, 6]
    assert net.backward([x, x], np.ones(2))[1].tolist() == [3, 3]


def test_hooks_that_are_always_called():
    seen, m = [], tnn.Linear(2, 1)
    m.register_forward_hook(lambda module, x, y: seen.append(y is None), always_call=True)
    m.register_forward_hook(lambda module, x, y: seen.append("other"))
    with pytest.raises(ValueError):
        m(np.ones((1, 3), np.float32))
    assert seen == [True]
    m(np.ones((1, 2), np.float32))
    assert seen == [True, False, "other"]


def test_load_state_dict_into_memory_that_cannot_be_written():
    m, weight = tnn.Linear(2, 2), np.ones((2, 2), np.float32)
    weight.flags.writeable = False
    m.weight = tnn.Parameter(weight)
    bias = m.bias.data.copy()
    with pytest.raises(RuntimeError, match="weight of Linear lies in memory that cannot be written"):
        m.load_state_dict({"bias": np.full(2, 7), "weight": np.zeros((2, 2))})
    np.testing.assert_array_equal(m.bias.data, bias)
    m.load_state_dict({"bias": np.full(2, 7.0), "weight": np.zeros((2, 2))}, assign=True)
    assert not m.weight.data.any()
