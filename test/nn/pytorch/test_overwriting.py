"""In-place modules, functions and operators on the tape: the numbers of the same network that overwrites nothing."""

import numpy as np
import pytest

import nn.pytorch as tnn
import nn.pytorch.functional as F

X = np.array([[0.5, -1.0, 2.0]])


class Custom(tnn.Module):
    def __init__(self, forward, **children):
        super().__init__()
        for name, child in children.items():
            setattr(self, name, child)
        self.__dict__["_given"] = forward

    def forward(self, x):
        return self._given(self, x)


def run(forward, **children):
    x, module = X.copy(), Custom(forward, **children)
    y = module(x).copy()
    np.testing.assert_array_equal(x, X)
    return y.tolist(), module.backward(x, np.ones_like(y)).tolist()


def test_what_was_recorded_keeps_the_old_numbers():
    def product(self, x):
        h = x * 2
        y = h * h
        return y + self.relu(h)

    assert run(product, relu=tnn.ReLU(inplace=True)) == ([[2, 4, 20]], [[6, -8, 18]])


def test_the_value_is_the_new_one_from_then_on():
    def twice(self, x):
        h = x * 2
        return h + self.relu(h)

    def thrown_away(self, x):
        h = x * 2
        F.relu_(h)
        return h

    def on_the_input(self, x):
        self.relu(x)
        return x * 3

    assert run(twice, relu=tnn.ReLU(inplace=True)) == ([[2, 0, 8]], [[4, 0, 4]])
    assert run(thrown_away) == ([[1, 0, 4]], [[2, 0, 2]])
    assert run(on_the_input, relu=tnn.ReLU(inplace=True)) == ([[1.5, 0, 6]], [[3, 0, 3]])


def test_reshaped_values_follow():
    def viewed(self, x):
        h = x * 2
        v = h.view(3)
        w = h.reshape(3, 1)
        r = self.relu(v)
        return h.sum() + r.sum() + w.sum()

    assert run(viewed, relu=tnn.ReLU(inplace=True)) == (15.0, [[6, 0, 6]])

    def through_an_identity(self, x):
        h = self.identity(x * 2)
        return self.relu(self.drop(h)) + h

    settings = {"relu": tnn.ReLU(inplace=True), "identity": tnn.Identity(), "drop": tnn.Dropout(0.0, inplace=True)}
    assert run(through_an_identity, **settings) == ([[2, 0, 8]], [[4, 0, 4]])


def test_operators():
    def shared(self, x):
        h = x * 2
        k = h
        h += x
        return h * k

    assert run(shared) == ([[2.25, 9, 36]], [[9, -18, 36]])

    def sigmoid(self, x):
        h = F.sigmoid(x)
        h *= h
        h -= 0.5
        h /= 2
        return h

    s = 1 / (1 + np.exp(-X))
    y, g = run(sigmoid)
    np.testing.assert_allclose(y, (s * s - 0.5) / 2)
    np.testing.assert_allclose(g, s * s * (1 - s))


SECOND = [tnn.ReLU(True), tnn.ELU(0.7, True), tnn.Hardtanh(-0.3, 0.6, True), tnn.RReLU(inplace=True)]


@pytest.mark.parametrize("name", ["Sigmoid", "Tanh", "Softplus", "ELU", "Softmax"])
@pytest.mark.parametrize(
    "second", [tnn.ReLU(True), tnn.ELU(0.7, True), tnn.Hardtanh(-0.3, 0.6, True), tnn.RReLU(inplace=True)]
)
def test_sequential(name, second):
    """PyTorch refuses most of these, where the first layer needs its own output."""
    settings = {"dim": 1} if name == "Softmax" else {}
    first = getattr(tnn, name)(**settings)
    plain = type(second)(**{n: getattr(second, n) for n in ("alpha", "min_val", "max_val") if n in vars(second)})
    results = []
    for last in (second, plain):
        net, x = tnn.Sequential(first, last, tnn.Tanh()), X.copy()
        tnn.manual_seed(1)
        results.append((net(x).copy(), net.backward(x, np.ones_like(X)).copy()))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-14)


def test_refusals():
    def part(self, x):
        h = x * 2
        p = h[:, :2]
        p += 1
        return h

    def grown(self, x):
        h = x * 2
        h += np.ones((2, 3))
        return h

    def parameter(self, x):
        w = self.linear.weight
        w += 1
        return self.linear(x)

    with pytest.raises(TypeError, match="looks at a part"):
        run(part)
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        run(grown)
    with pytest.raises(RuntimeError, match="parameter"):
        run(parameter, linear=tnn.Linear(3, 2).double())
