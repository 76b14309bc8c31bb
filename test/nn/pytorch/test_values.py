"""Methods of tensors and functions of NumPy in a forward without a backward."""

import numpy as np
import pytest
from gradients import agrees

import nn.pytorch as tnn

INDEX = np.array([[0, 2, 2], [1, 1, 0]])
FORMS = {
    "expand": lambda x: x[:, :1].expand(2, -1, 4) * x.unsqueeze(0).expand_as(x[None])[:, :, :1],
    "repeat": lambda x: x.repeat(2, 1, 3),
    "tile": lambda x: np.tile(x, (2, 3)) + np.broadcast_to(x[0, 0], (4, 9)),
    "select": lambda x: x.select(1, 2) + x.index_select(1, np.array([2, 0, 2])).sum(1) + x.narrow(1, 1, 2).sum(1),
    "unbind": lambda x: x.unbind(1)[0] * x.unbind(1)[2] + sum(part.sum(1) for part in x.split(2, 1)),
    "sizes": lambda x: x.split([1, 2], dim=1)[1],
    "gather": lambda x: x.gather(1, INDEX) * x.gather(0, INDEX[:, :2] % 2).sum(),
    "masked_fill": lambda x: x.masked_fill(x.data > 0.3, -5.0).softmax(-1),
    "triangles": lambda x: x.tril() * 2 + x.triu(1) + np.tril(x, -1),
    "flip": lambda x: x.flip(0, 1) * x.roll(1, 1) + np.roll(np.flip(x, 1), (1, 1), (0, 1)),
    "cumsum": lambda x: x.cumsum(1) * np.cumsum(x, 0),
    "moveaxis": lambda x: np.moveaxis(x[None], 0, 2) * 2,
    "clamp": lambda x: x.clamp(-0.5, 0.5) + x.clamp(max=0.1),
    "var": lambda x: x.var(1) + x.std(0, keepdim=True).sum() + x.var(),
    "named": lambda x: x.mm(x.t()).relu() + x.sigmoid().bmm(x.T).log_softmax(1).add(x[0, 0]).mul(2).div(3).sub(x[1, 1]),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, x) + np.einsum("ij,k->k", x, x[:, 0]),
    "einsum of three": lambda x: np.einsum("ij,kj,kl->il", x, x * x, x),
    "norm": lambda x: x.norm() + x.norm(dim=1) + x.norm(1, 0, True).sum() + x.norm(3, [0, 1]) + x.norm("fro"),
    "sines": lambda x: x.sin() * x.cos(),
}


class Formula(tnn.Module):
    def __init__(self, formula):
        super().__init__()
        self.formula = formula

    def forward(self, x):
        return self.formula(x)


@pytest.mark.parametrize("name", FORMS)
def test_gradients(name):
    agrees(Formula(FORMS[name]), np.random.default_rng(0).normal(size=(2, 3)))


def test_values():
    x = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    run = lambda formula: Formula(formula)(x)
    np.testing.assert_array_equal(run(lambda v: v.gather(1, INDEX)), np.take_along_axis(x, INDEX, 1))
    np.testing.assert_allclose(run(lambda v: v.var(1)), x.var(1, ddof=1), rtol=1e-6)
    np.testing.assert_allclose(run(lambda v: v.std()), x.std(ddof=1), rtol=1e-6)
    np.testing.assert_array_equal(run(lambda v: v.masked_fill(v > 0, 7.0)), np.where(x > 0, 7, x))
    assert run(lambda v: v.masked_fill(v > 0, 7.0)).dtype == np.float32
    assert run(lambda v: v * v.argmax(1)[:, None]).tolist() == (x * x.argmax(1)[:, None]).tolist()


def test_what_is_not_recorded_is_named():
    x = np.ones((2, 2))
    with pytest.raises(TypeError, match="einsum 'ii->i' has no recorded gradient"):
        Formula(lambda v: np.einsum("ii->i", v))(x)
    with pytest.raises(ValueError, match="do not add up to 2"):
        Formula(lambda v: v.split([1, 2]))(x)


def test_the_gradient_of_a_norm_at_zero():
    net = Formula(lambda v: v.norm(dim=1))
    x = np.array([[0.0, 0], [3, 4]])
    assert net(x).tolist() == [0, 5] and net.backward(x, np.ones(2)).tolist() == [[0, 0], [0.6, 0.8]]


def test_the_gradient_passes_at_a_limit():
    net = Formula(lambda v: v.clamp(0, 1))
    x = np.array([-1.0, 0, 0.5, 1, 2])
    net(x)
    assert net.backward(x, np.ones(5)).tolist() == [0, 1, 1, 1, 0]
