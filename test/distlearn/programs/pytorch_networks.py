"""Networks of nn.pytorch on any number of nodes against one process with the whole batch."""

import copy
import pickle

import numpy as np

import distlearn
import nn.pytorch as tnn
import nn.pytorch.functional as F
from distlearn.pytorch.overlap import sort
from nn.pytorch.parallel import DistributedDataParallel, init_process_group

tree = init_process_group("gloo")
n, rank = tree.numNodes, tree.rank
BATCH = 12
CUTS = np.linspace(0, BATCH, n + 2).astype(int)[1:]  # the first node has more samples than the others
CUTS[0] = 0
PART = slice(CUTS[rank], CUTS[rank + 1])
SHARE = (PART.stop - PART.start) * n / BATCH


class Tied(tnn.Module):
    """A layer that is called twice, weights that stand on the tape, too, and a layer that is not used."""

    def __init__(self):
        super().__init__()
        self.unused, self.first, self.twice = tnn.Linear(3, 3), tnn.Linear(6, 8), tnn.Linear(8, 8)
        self.block = tnn.Sequential(tnn.Linear(8, 8), tnn.BatchNorm1d(8), tnn.Tanh())
        self.last, self.scale = tnn.Linear(8, 5), tnn.Parameter(np.ones(5))

    def forward(self, x):
        h = self.twice(F.tanh(self.twice(F.tanh(self.first(x)))))
        h = F.linear(self.block(h), self.twice.weight, None)
        return F.log_softmax((self.last(h) + F.linear(h, self.last.weight, None)) * self.scale, 1)


class Hooked(tnn.Module):
    """A block with a tape of its own, as it has a hook, with a layer that has a second name, and is called twice."""

    def __init__(self):
        super().__init__()
        self.first, self.shared, self.last = tnn.Linear(6, 8), tnn.Linear(8, 8), tnn.Linear(8, 5)
        self.block = tnn.Sequential(self.shared, tnn.Tanh(), tnn.Linear(8, 8))
        self.block.register_full_backward_hook(lambda module, gradInput, gradOutput: None)
        self.again = tnn.Sequential(self.last, tnn.Identity())

    def forward(self, x):
        return F.log_softmax(self.again(self.block(self.block(self.first(x)))), 1)


def convolutional():
    return tnn.Sequential(
        tnn.Conv2d(2, 4, 3), tnn.BatchNorm2d(4), tnn.ReLU(), tnn.Conv2d(4, 4, 3, bias=False), tnn.Flatten(),
        tnn.Linear(64, 20), tnn.BatchNorm1d(20, momentum=None), tnn.Linear(20, 5), tnn.LogSoftmax(1),
    )  # fmt: skip


SHAPES = {convolutional: (2, 8, 8), Tied: (6,), Hooked: (6,)}


def made(make):
    tnn.manual_seed(1)
    return make().double()


def data(make):
    return np.random.RandomState(0).randn(BATCH, *SHAPES[make]), np.arange(BATCH) % 5


def step(model, x, y, scale=1.0):
    loss = tnn.NLLLoss(reduction="sum")
    model.zero_grad()
    loss.forward(model(x), y)
    return model.backward(x, loss.backward([model.output, y]) * scale / BATCH)


def grads(model):
    return np.concatenate([p.grad.ravel() for p in model.parameters()])


def parameters(model):
    return np.concatenate([p.data.ravel() for p in model.parameters()])


def near(a, b, tolerance=1e-12):
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def check_networks_learn_what_one_process_learns():
    for make in SHAPES:
        for megabytes in (None, 64 / 2**20, 4):
            one, inner = made(make), made(make)
            if rank:
                for p in inner.parameters():
                    p.data[...] = 7
            inner = tnn.SyncBatchNorm.convert_sync_batchnorm(inner)
            many = DistributedDataParallel(inner, bucket_cap_mb=megabytes)
            near(parameters(many), parameters(one), 0)
            x, y = data(make)
            for _ in range(3):
                dx = step(one, x, y)
                near(step(many, x[PART], y[PART], n) / n, dx[PART])
                near(grads(many), grads(one))
                near(many.output, one.output[PART])
                for p, q in zip(one.parameters(), many.parameters()):
                    p -= 0.1 * p.grad
                    q -= 0.1 * q.grad
            for mine, whole in zip(many.buffers(), one.buffers()):
                near(mine, whole)
            near(many.eval()(x), one.eval()(x))


def check_buckets_leave_while_backward_runs():
    model, stops = DistributedDataParallel(made(convolutional), bucket_cap_mb=64 / 2**20), []
    x, y = data(convolutional)
    step(model, x[PART], y[PART])
    exchange = model._sgd._exchange
    exchange.post = lambda stop, post=exchange.post: (stops.append(stop), post(stop))
    step(model, x[PART], y[PART])
    assert stops == sorted(stops) and 0 < stops[0] < len(exchange.buckets) and len(set(stops)) > 3, stops
    assert stops[-1] == len(exchange.buckets)
    found, others = [], []
    sort(model.module, found, others)
    assert [type(m).__name__ for m in found] == [
        *["Conv2d", "BatchNorm2d"],
        "Conv2d",
        *["Linear", "BatchNorm1d"],
        "Linear",
    ]
    assert not others and not any(m._backward_hooks for m in found)


def check_no_sync_adds_up():
    model, one = DistributedDataParallel(made(Tied)), made(Tied)
    model.module.block[1].eval(), one.block[1].eval()
    x, y = data(Tied)
    with model.no_sync():
        step(model, x[PART], y[PART], n)
    loss = tnn.NLLLoss(reduction="sum")
    loss.forward(model(x[PART]), y[PART])
    model.backward(x[PART], loss.backward([model.output, y[PART]]) * n / BATCH)
    step(one, x, y)
    near(grads(model), 2 * grads(one))


def check_buffers_are_those_of_the_first_node():
    model = DistributedDataParallel(tnn.Sequential(tnn.BatchNorm1d(3)).double())
    x = np.random.RandomState(rank).randn(5, 3)
    own = made(lambda: tnn.BatchNorm1d(3))
    for _ in range(3):
        model(x)
        own(np.random.RandomState(0).randn(5, 3))
    if n > 1 and rank:
        assert np.abs(model.module[0].running_mean - own.running_mean).max() > 1e-3
    model._hand_out("buffers", list(model.module.buffers()))
    near(model.module[0].running_mean, own.running_mean)
    assert model.module[0].num_batches_tracked[0] == 3


def check_different_numbers_of_batches():
    for by_all in (True, False):
        model = DistributedDataParallel(tnn.Linear(2, 1).double())
        x = np.full((1, 2), rank + 1.0)
        with model.join(by_all):
            for batch in range(2 + rank):
                model.zero_grad()
                model(x)
                model.backward(x, np.ones((1, 1)))
                training = [k for k in range(n) if 2 + k > batch]
                expected = sum(k + 1 for k in training) / (n if by_all else len(training))
                near(model.module.weight.grad, np.full((1, 2), expected))
                model.module.bias += 1
        near(*tree.allReduce([parameters(model), parameters(model)], np.maximum)[0])
        near(parameters(model), tree.allReduce(parameters(model), np.minimum)[0], 0)


def check_statistics_of_all_samples():
    for shape in ((BATCH, 3), (BATCH, 3, 4), (BATCH, 3, 2, 3), (BATCH, 3, 2, 1, 2)):
        for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-4)):
            for affine in (True, False):
                for momentum in (0.3, None):
                    same_as_one(shape, dtype, (affine, momentum, momentum == 0.3), tolerance)


def same_as_one(shape, dtype, settings, tolerance):
    affine, momentum, tracking = settings
    random = np.random.RandomState(0)
    x, dy = (random.randn(*shape) * 3 + 100).astype(dtype), random.randn(*shape).astype(dtype)
    x = np.asfortranarray(x)
    classes = {2: tnn.BatchNorm1d, 3: tnn.BatchNorm1d, 4: tnn.BatchNorm2d, 5: tnn.BatchNorm3d}
    one = classes[len(shape)](3, 1e-5, momentum, affine, tracking).to(dtype)
    many = tnn.SyncBatchNorm(3, 1e-5, momentum, affine, tracking, tree).to(dtype)
    for _ in range(2):
        near(many(x[PART]), one(x)[PART], tolerance)
        near(many.backward(x[PART], dy[PART], 0.5), one.backward(x, dy, 0.5)[PART], tolerance)
        for mine, whole in zip(many.buffers(), one.buffers()):
            np.testing.assert_allclose(mine, whole, rtol=tolerance)
    if affine:
        sums = tree.allReduce([many.weight.grad.copy(), many.bias.grad.copy()])[0]
        near(sums[0], one.weight.grad, 50 * tolerance)
        near(sums[1], one.bias.grad, 50 * tolerance)
    near(many.eval()(x), one.eval()(x), tolerance)


def check_batches_of_one_and_of_none():
    layer = tnn.SyncBatchNorm(2, affine=False, process_group=tree).double()
    x = np.arange(2.0 * n).reshape(n, 2)[rank : rank + 1]
    if n > 1:
        near(tree.allReduce(layer(x).copy())[0], 0)
        own = np.ones((0 if rank == n - 1 else 2, 2, 2, 2)) * (rank + 1)
        assert np.isfinite(layer(own)).all() and layer.backward(own, own.copy()).shape == own.shape
        none = np.ones((0, 2))
        assert layer.backward(none, layer(none).copy()).shape == (0, 2)
    try:
        layer(np.ones((0 if rank else 1, 2)))
    except ValueError as e:
        assert "more than 1 value per channel" in str(e)
    else:
        raise AssertionError("no error")


def check_state_and_copies():
    inner = tnn.Sequential(tnn.Linear(3, 2), tnn.SyncBatchNorm(2, process_group=tree))
    model = DistributedDataParallel(inner)
    assert list(model.state_dict()) == ["module." + name for name in inner.state_dict()]
    other = DistributedDataParallel(tnn.Sequential(tnn.Linear(3, 2), tnn.SyncBatchNorm(2)))
    other.load_state_dict(model.state_dict())
    near(parameters(other), parameters(model), 0)
    assert repr(model).startswith("DistributedDataParallel(\n  (module): Sequential(\n")
    same = copy.deepcopy(model)
    assert same.process_group is tree and same.module[1].process_group is tree
    for again in (pickle.loads(pickle.dumps(model)), pickle.loads(pickle.dumps(inner))):
        assert again.__dict__.get("process_group") is None
        x = np.ones((4, 3), np.float32) * np.arange(4, dtype=np.float32)[:, None]
        assert again.eval().backward(x, again(x).copy()).shape == x.shape


def check_arguments():
    for make, error, words in (
        (lambda: DistributedDataParallel(tnn.ReLU()), RuntimeError, "no parameters"),
        (lambda: DistributedDataParallel(tnn.Linear(2, 2).requires_grad_(False)), RuntimeError, "no parameters"),
        (lambda: DistributedDataParallel(tnn.Linear(2, 2), device_ids=[0]), ValueError, "device_ids"),
        (lambda: tnn.SyncBatchNorm(3, process_group=tree)(np.ones((2, 4), np.float32)), ValueError, "3 channels"),
    ):
        try:
            make()
        except error as e:
            assert words in str(e), e
            continue
        raise AssertionError(words)
    partly = tnn.Sequential(tnn.Linear(2, 2), tnn.Linear(2, 1))
    partly[0].requires_grad_(False)
    model = DistributedDataParallel(partly)
    x = np.full((1, 2), rank + 1, np.float32)
    model(x)
    model.backward(x, np.ones((1, 1), np.float32))
    assert not partly[0].weight.grad.any() and partly[1].weight.grad.any()


for name, check in list(globals().items()):
    if name.startswith("check_"):
        check()
        if rank == 0:
            print(name, "holds", flush=True)
assert distlearn.pytorch.init_process_group() is tree
