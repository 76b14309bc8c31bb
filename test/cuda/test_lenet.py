"""A step of training on the stand-in: the CPU's losses and parameters, without waiting and without new arrays."""

import numpy as np
import pytest
import stand_in

import nn
import optim
import torch7 as torch

IMAGES = np.random.default_rng(0).standard_normal((4, 3, 1, 32, 32)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(1, 11, (4, 3))


def lenet():
    torch.manualSeed(1)
    net = nn.Sequential()
    for module in (
        nn.SpatialConvolution(1, 6, 5, 5),
        nn.Tanh(),
        nn.SpatialMaxPooling(2, 2, 2, 2),
        nn.SpatialConvolution(6, 16, 5, 5),
        nn.Tanh(),
        nn.SpatialMaxPooling(2, 2, 2, 2),
        nn.View(16 * 5 * 5),
        nn.Linear(400, 120),
        nn.Tanh(),
        nn.Linear(120, 84),
        nn.Tanh(),
        nn.Linear(84, 10),
        nn.LogSoftMax(),
    ):
        net.add(module)
    return net.float()


class Training:
    """LeNet and a criterion, and steps of an optimiser on them."""

    def __init__(self, to, method=optim.sgd, settings=None):
        net, self.criterion = lenet(), nn.ClassNLLCriterion().float()
        if to is not np.asarray:
            net, self.criterion = net.cuda(), self.criterion.cuda()
        self.net, self.method = net, method
        self.parameters, self.gradients = net.getParameters()
        self.images, self.labels = to(IMAGES), to(LABELS)
        self.state = dict(settings or {"learningRate": 0.05, "momentum": 0.9, "dampening": 0.0})

    def step(self, n):
        def evaluate(_):
            self.gradients.fill(0)
            output = self.net.forward(self.images[n])
            loss = self.criterion.forward(output, self.labels[n])
            self.net.backward(self.images[n], self.criterion.backward(output, self.labels[n]))
            return loss, self.gradients

        return self.method(evaluate, self.parameters, self.state)[1][0]


def test_lenet_learns_as_on_the_cpu(cupy):
    here, there = Training(np.asarray), Training(cupy.asarray)
    assert type(there.net.get(1).weight) is cupy.ndarray
    losses = [there.step(n) for n in range(4)]
    np.testing.assert_allclose([float(v) for v in losses], [here.step(n) for n in range(4)], rtol=1e-5)
    np.testing.assert_allclose(there.parameters.get(), here.parameters, rtol=0, atol=1e-6)


def test_a_step_waits_for_nothing_and_makes_no_arrays(cupy):
    training = Training(cupy.asarray)
    for n in range(2):
        training.step(n)
    kept = []
    waits, launches, allocations = stand_in.counted(lambda: kept.append(training.step(2)))
    assert not waits and not allocations
    assert sum(launches.values()) <= 60
    assert np.isfinite(float(kept[0]))


def test_a_bad_label_is_refused_when_the_loss_is_asked_for(cupy):
    criterion = nn.ClassNLLCriterion().cuda()
    x, labels = cupy.zeros((3, 4), np.float32), cupy.asarray(np.array([1, 9, 2]))
    loss = criterion.forward(x, labels)
    with pytest.raises(IndexError, match=r"labels are 1\.\.4 as in Lua, got 9"):
        float(loss)
    assert float(criterion.forward(x, cupy.asarray(np.array([1, 4, 2])))) == 0


def test_labels_of_a_float_type_are_not_waited_for(cupy):
    criterion, x = nn.ClassNLLCriterion().cuda(), cupy.zeros((3, 4), np.float32)
    stand_in.waits.clear()
    loss = criterion.forward(x, cupy.asarray(np.array([1, 2, 4], np.float32)))
    bad = nn.ClassNLLCriterion().cuda().forward(x, cupy.asarray(np.array([1, 2.5, 4], np.float32)))
    assert not stand_in.waits and float(loss) == 0
    with pytest.raises(IndexError, match=r"labels are 1\.\.4"):
        float(bad)


def test_losses_are_numbers(cupy):
    loss = nn.MSECriterion().cuda().forward(cupy.ones(4, np.float32) * 3, cupy.ones(4, np.float32))
    total = 0
    total += loss
    assert total == 4 and loss / 2 + 1 == 3 and -loss < 0 and 2 * loss - 1 == 7 and 1 - loss == -3
    assert f"{loss:.2f}" == "4.00" and round(loss) == 4 and loss**2 == 16 and np.asarray(loss) == 4
    stand_in.waits.clear()
    loss * 2 + loss
    assert not stand_in.waits


@pytest.mark.parametrize("method", ["sgd", "nag", "asgd", "adam", "adamax", "adagrad", "adadelta", "rmsprop", "rprop"])
def test_optimisers(cupy, method):
    settings = {} if method == "sgd" else {"learningRate": 0.01}
    x = np.random.default_rng(0).standard_normal(35).astype(np.float32)
    y, states = cupy.asarray(x), (dict(settings), dict(settings))
    for _ in range(3):
        getattr(optim, method)(lambda p: (0.0, 2 * p), x, states[0])
        getattr(optim, method)(lambda p: (0.0, 2 * p), y, states[1])
    np.testing.assert_allclose(y.get(), x, rtol=0, atol=1e-5)
