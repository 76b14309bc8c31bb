"""Networks on any number of nodes against one process with the whole batch: every node checks its own results."""

import copy
import pickle

import numpy as np

import distlearn
import distlearn.nn as dnn
import nn
import rnn  # noqa: F401
import torch7 as torch
from distlearn.overlap import units

tree = distlearn.Tree()
n, rank = tree.numNodes, tree.rank
BATCH = 12
CUTS = np.linspace(0, BATCH, n + 2).astype(int)[1:]  # the first node has more samples than the others
CUTS[0] = 0
PART = slice(CUTS[rank], CUTS[rank + 1])
SAMPLES = int(PART.stop - PART.start)
TOLERANCE = {"torch.DoubleTensor": 1e-12, "torch.FloatTensor": 2e-5}


def convolutional(batchNorm=True):
    torch.manualSeed(1)
    net = nn.Sequential().add(nn.SpatialConvolution(2, 4, 3, 3))
    if batchNorm:
        net.add(nn.SpatialBatchNormalization(4))
    block = nn.Sequential().add(nn.SpatialConvolution(4, 3, 3, 3)).add(nn.Tanh())
    net.add(nn.ConcatTable().add(nn.SpatialConvolution(4, 3, 3, 3)).add(block)).add(nn.CAddTable())
    net.add(nn.View(3 * 4 * 4)).add(nn.Linear(48, 20))
    if batchNorm:
        net.add(nn.BatchNormalization(20))
    return net.add(nn.Linear(20, 5)).add(nn.LogSoftMax())


def tied():
    """The last layer has the weights of the second; the first one is used twice."""
    torch.manualSeed(2)
    first, second, last = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)
    last.share(second, "weight", "bias", "gradWeight", "gradBias")
    net = nn.Sequential().add(first).add(nn.Tanh()).add(first).add(second).add(nn.Tanh()).add(last)
    return net.add(nn.LogSoftMax())


def recurrent():
    torch.manualSeed(3)
    inner = nn.Sequential().add(nn.LSTM(4, 6)).add(nn.Linear(6, 8)).add(nn.LogSoftMax())
    return nn.Sequential().add(nn.SplitTable(2)).add(nn.Sequencer(inner)).add(nn.SelectTable(-1))


SHAPES = {convolutional: (2, 8, 8), tied: (8,), recurrent: (5, 4)}


def data(make, dtype):
    x = np.random.RandomState(0).randn(BATCH, *SHAPES[make]).astype(dtype)
    return x, np.arange(BATCH) % 5 + 1


def step(net, criterion, x, y, backward=None):
    net.zeroGradParameters()
    criterion.forward(net.forward(x), y)
    (backward or net.backward)(x, criterion.backward(net.output, y))


def flat(arrays):
    return np.concatenate([a.ravel() for a in arrays])


def compare(make, type, flatten, size):
    """Three steps of the whole batch, and of its parts with gradients that travel while backward runs."""
    one, many = make().type(type), dnn.convertSyncBatchNorm(make().type(type), tree)
    criterion = nn.ClassNLLCriterion().type(type)
    x, y = data(make, one.parameters()[0][0].dtype)
    grads = many.getParameters()[1] if flatten else many.parameters()[1]
    sgd = distlearn.AllReduceSGD(tree, bucketSize=size)
    for _ in range(3):
        step(one, criterion, x, y)

        def backward(input, gradOutput):
            gradOutput *= SAMPLES * n / BATCH  # what SyncBatchNorm sums must be parts of one loss
            with sgd.overlap(many, grads):
                many.backward(input, gradOutput)
            sgd.sumAndNormalizeGradients(grads)

        step(many, criterion, x[PART], y[PART], backward)
        expected, got = flat(one.parameters()[1]), flat(many.parameters()[1])
        np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE[type])
        for net in (one, many):
            net.updateParameters(0.1)
    np.testing.assert_allclose(many.output, one.output[PART], rtol=0, atol=TOLERANCE[type] * 100)
    sgd.synchronizeParameters(many.parameters()[0])


def check_gradients_that_travel():
    for make in SHAPES:
        for type in TOLERANCE:
            for flatten in (False, True):
                for size in (64, None):
                    compare(make, type, flatten, size)


def check_modules_report_in_backward_order():
    net = convolutional()
    sizes = [sum(g.size for g in unit.parameters()[1]) for unit in units(net)]
    assert sizes == [76, 8, 111, 111, 980, 40, 105]
    grads, sgd, stops = net.getParameters()[1], distlearn.AllReduceSGD(tree, bucketSize=8 * 105), []
    x, y = data(convolutional, np.float64)
    with sgd.overlap(net, grads):
        exchange = sgd._exchange
        exchange.post = lambda stop, post=exchange.post: (stops.append(stop), post(stop))
        step(net, nn.ClassNLLCriterion(), x[PART], y[PART])
    assert stops == sorted(stops) and len(stops) == 7 and stops[0] == 1 and stops[-1] == len(exchange.buckets) == 14
    assert not any({"backward", "accGradParameters"} & set(vars(unit)) for unit in units(net))
    sgd.sumGradients(grads)
    sgd.synchronizeParameters(grads)


def check_a_second_backward_pass_is_refused():
    net, other = nn.Sequential().add(nn.Linear(3, 2)), distlearn.Tree()
    sgd, x = distlearn.AllReduceSGD(other), np.ones((2, 3))
    net.forward(x)
    try:
        with sgd.overlap(net):
            net.backward(x, np.ones((2, 2)))
            net.backward(x, np.ones((2, 2)))
    except RuntimeError as e:
        assert "one backward pass a step" in str(e)
    else:
        raise AssertionError("no error")
    other.broken = None  # the nodes are of one mind all the same: all of them ended the pass here


def check_data_parallel():
    for flatten in (False, True):
        for method in ("backward", "accGradParameters"):
            one, inner = convolutional(False), convolutional(False)
            if rank:
                inner.reset()
            model = dnn.DistributedDataParallel(inner, tree, bucketSize=128)
            np.testing.assert_array_equal(flat(model.parameters()[0]), flat(one.parameters()[0]))
            if flatten:
                model.getParameters()
            criterion = nn.ClassNLLCriterion()
            x, y = data(convolutional, np.float64)
            even = slice(rank * (BATCH // n), (rank + 1) * (BATCH // n))
            x, mine, y, labels = x[: BATCH // n * n], x[even], y[: BATCH // n * n], y[even]
            for _ in range(2):
                step(one, criterion, x, y)

                def backward(input, gradOutput, method=method, model=model):
                    if method == "accGradParameters":
                        model.updateGradInput(input, gradOutput)
                    getattr(model, method)(input, gradOutput)

                step(model, criterion, mine, labels, backward)
                np.testing.assert_allclose(flat(model.parameters()[1]), flat(one.parameters()[1]), rtol=0, atol=1e-13)
                model.updateParameters(0.1)
                one.updateParameters(0.1)
            with model.no_sync():
                step(model, criterion, mine, labels)
            model.backward(mine, criterion.gradInput)
            step(one, criterion, x, y)
            np.testing.assert_allclose(flat(model.parameters()[1]), 2 * flat(one.parameters()[1]), rtol=0, atol=1e-13)
            np.testing.assert_array_equal(*everywhere(flat(model.parameters()[1])))


def everywhere(x):
    """The largest and the smallest number over the nodes, place by place."""
    return tree.allReduce(x.copy(), np.maximum)[0], tree.allReduce(x.copy(), np.minimum)[0]


def check_training_by_direct_updates():
    model = dnn.DistributedDataParallel(nn.Linear(3, 2), tree)
    before = flat(model.parameters()[0])
    x = np.full((2, 3), float(rank + 1))
    model.forward(x)
    model.updateGradInput(x, np.ones((2, 2)))
    model.accUpdateGradParameters(x, np.ones((2, 2)), 0.1)
    after = flat(model.parameters()[0])
    np.testing.assert_array_equal(*everywhere(after))
    np.testing.assert_allclose(before[:6] - after[:6], 0.1 * 2 * (n + 1) / 2)


def check_batch_statistics():
    for shape in ((BATCH, 3), (BATCH, 3, 4), (BATCH, 3, 2, 3), (BATCH, 3, 2, 1, 2)):
        for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-4)):
            for affine in (True, False):
                for scale in (1, 0.5):
                    same_as_one(shape, dtype, affine, scale, tolerance)


def same_as_one(shape, dtype, affine, scale, tolerance):
    random = np.random.RandomState(0)
    x, dy = (random.randn(*shape) * 3 + 100).astype(dtype), random.randn(*shape).astype(dtype)
    classes = {2: nn.BatchNormalization, 4: nn.SpatialBatchNormalization, 5: nn.VolumetricBatchNormalization}
    one, view = classes.get(len(shape), nn.SpatialBatchNormalization)(3, None, 0.3, affine), shape
    if len(shape) == 3:
        view = (*shape, 1)
    many = dnn.SyncBatchNorm(3, None, 0.3, affine, tree)
    for net in (one, many):
        net.type(torch.typename(x))
    if affine:
        many.weight[...] = one.weight
    for _ in range(2):
        y = one.forward(x.reshape(view)).reshape(shape)
        dx = one.backward(x.reshape(view), dy.reshape(view), scale).reshape(shape)
        np.testing.assert_allclose(many.forward(x[PART]), y[PART], atol=tolerance)
        np.testing.assert_allclose(many.backward(x[PART], dy[PART], scale), dx[PART], atol=tolerance)
        np.testing.assert_allclose(many.running_mean, one.running_mean, rtol=tolerance)
        np.testing.assert_allclose(many.running_var, one.running_var, rtol=tolerance)
    if affine:
        sums = tree.allReduce([many.gradWeight.copy(), many.gradBias.copy()])[0]
        np.testing.assert_allclose(sums[0], one.gradWeight, atol=50 * tolerance)
        np.testing.assert_allclose(sums[1], one.gradBias, atol=50 * tolerance)
    for net in (one, many):
        net.evaluate()
    np.testing.assert_allclose(many.forward(x), one.forward(x.reshape(view)).reshape(shape), atol=tolerance)


def check_batches_of_one_and_of_none():
    layer = dnn.SyncBatchNorm(2, affine=False, tree=tree)
    x = np.arange(2 * n, dtype=float).reshape(n, 2)[rank : rank + 1]
    y = layer.forward(x)
    if n > 1:
        np.testing.assert_allclose(tree.allReduce(y.copy())[0], 0, atol=1e-12)
        own = np.ones((0 if rank == n - 1 else 2, 2, 2, 2)) * (rank + 1)
        assert np.isfinite(layer.forward(own)).all() and layer.backward(own, own.copy()).shape == own.shape
        expected = np.mean(np.arange(1, n))
        np.testing.assert_allclose(layer.save_mean, expected)
    single = np.ones((0 if rank else 1, 2))
    layer.forward(single)
    layer.backward(single, single.copy())


def check_constant_features():
    layer = dnn.SyncBatchNorm(2, 0, tree=tree)
    assert (layer.forward(np.full((3, 2), 7.0)) == 0).all()


def check_copies_and_files():
    layer = dnn.SyncBatchNorm(3, tree=tree)
    assert layer.clone().tree is tree and copy.deepcopy(layer).tree is tree
    assert repr(layer) == "distlearn.SyncBatchNorm (2D) (3)"
    assert pickle.loads(pickle.dumps(layer)).tree is None
    model = dnn.DistributedDataParallel(nn.Sequential().add(nn.Linear(3, 3)).add(layer), tree)
    again = torch.deserialize(torch.serialize(model))
    assert type(again.modules[0].modules[1]) is dnn.SyncBatchNorm and again.tree is None
    x = np.random.RandomState(1).randn(4, 3)
    assert again.backward(x, again.forward(x)).shape == (4, 3)
    net = convolutional()
    weights = net.getParameters()[0]
    converted = dnn.convertSyncBatchNorm(net, tree)
    assert converted is net and type(net.modules[1]) is dnn.SyncBatchNorm
    assert np.shares_memory(net.modules[1].weight, weights)
    try:
        pickle.dumps(tree)
    except TypeError as e:
        assert "running processes" in str(e)
    else:
        raise AssertionError("a tree was pickled")


for name, check in list(globals().items()):
    if name.startswith("check_"):
        check()
        if rank == 0:
            print(name, "holds", flush=True)
