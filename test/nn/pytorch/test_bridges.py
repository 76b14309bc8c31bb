"""tnn modules as nn modules and nn modules inside tnn networks; optim and Jacobian on them."""

import numpy as np

import nn
import nn.pytorch as tnn
import optim
from nn.testing import jacobian


class Residual(tnn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = tnn.Linear(3, 3), tnn.Linear(3, 3)

    def forward(self, x):
        return self.b(np.tanh(self.a(x))) + self.a(x) * 0.5


def test_jacobian_proves_a_custom_module():
    tnn.manual_seed(0)
    m = Residual().double().as_nn()
    x = np.random.default_rng(0).normal(size=(2, 3))
    assert jacobian.testJacobian(m, x) < 1e-7
    for p, g in zip(*m.parameters()):
        assert jacobian.testJacobianParameters(m, x, p, g) < 1e-7


def test_in_a_sequential_of_nn_with_flat_parameters():
    tnn.manual_seed(0)
    inner = Residual().double()
    net = nn.Sequential().add(nn.Linear(3, 3)).add(inner.as_nn()).add(nn.Tanh())
    x, g = np.random.default_rng(0).normal(size=(2, 3)), np.ones((2, 3))
    before = net.forward(x).copy()
    flat, grads = net.getParameters()
    np.testing.assert_allclose(net.forward(x), before)
    net.zeroGradParameters()
    net.backward(x, g)
    assert np.shares_memory(inner.a.weight, flat) and np.shares_memory(inner.a.weight.grad, grads)
    np.testing.assert_allclose(grads[12:21].reshape(3, 3), inner.a.weight.grad)
    flat += 0.1
    assert np.abs(net.forward(x) - before).max() > 1e-3
    net.float()
    assert inner.a.weight.dtype == np.float32 and net.forward(x.astype(np.float32)).dtype == np.float32
    assert repr(net.get(2)) == repr(inner)


def test_trained_by_optim():
    tnn.manual_seed(0)
    model = tnn.Sequential(tnn.Linear(2, 8), tnn.Torch7(nn.Tanh()), tnn.Linear(8, 1)).double()

    x, t = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
    crit = tnn.MSELoss()
    first = crit.forward(model(x), t)
    flat, grads = model.getParameters()

    def feval(_):
        model.zero_grad()
        loss = crit.forward(model(x), t)
        model.backward(x, crit.backward(model.output, t))
        return loss, grads

    config = {"learningRate": 0.05}
    for _ in range(200):
        optim.adam(feval, flat, config)
    assert crit.forward(model(x), t) < first / 10


def test_nn_module_inside_tnn():
    inner = nn.Sequential().add(nn.Linear(3, 2)).add(nn.Tanh())
    net = tnn.Sequential(tnn.Linear(3, 3), tnn.Torch7(inner)).double()
    assert list(net.state_dict()) == ["0.weight", "0.bias", "1.0", "1.1"]
    x = np.random.default_rng(0).normal(size=(4, 3))
    y = net(x).copy()
    net.backward(x, np.ones_like(y))
    np.testing.assert_array_equal(net[1]._parameters["0"].grad, inner.get(1).gradWeight)
    flat, _ = net.getParameters()
    np.testing.assert_allclose(net(x), y)
    flat.fill(0)
    assert not net(x).any() and not inner.get(1).weight.any()
    net.float()
    assert net(x.astype(np.float32)).dtype == np.float32
    table = tnn.Torch7(nn.CAddTable())
    assert len(table.backward([x, x], table(x, x))) == 2
    drop = tnn.Torch7(nn.Dropout(0.5)).eval()
    np.testing.assert_array_equal(drop(x), x)


class Data(dict):
    def size(self):
        return len(self)


def test_trained_by_stochastic_gradient():
    tnn.manual_seed(0)
    model = tnn.Sequential(tnn.Linear(2, 8), tnn.Torch7(nn.Tanh()), tnn.Linear(8, 1)).double()
    rows = [[np.array([a, b]), np.array([a * b])] for a in (-1.0, 1.0) for b in (-1.0, 1.0)]
    trainer = nn.StochasticGradient(model.as_nn(), nn.MSECriterion())
    trainer.learningRate, trainer.maxIteration, trainer.verbose = 0.1, 100, False
    trainer.train(Data(enumerate(rows, 1)))
    assert max(abs(model(x)[0] - t[0]) for x, t in rows) < 0.2
