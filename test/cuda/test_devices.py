"""Several devices in one process: nn.DataParallelTable and nn.GPU beside one device, by copies and by NCCL."""

import numpy as np
import pytest
import stand_in
import stand_in_nccl

import nn
import optim
import torch7 as torch
from nn import devices
from nnx.replicas import bounds, pieces
from rocks import cunn, cutorch

X = np.random.default_rng(0).standard_normal((7, 6)).astype(np.float32)
G = np.random.default_rng(1).standard_normal((7, 3)).astype(np.float32)


@pytest.fixture
def several(cupy, request):
    """CuPy with three devices: the machine's, or the stand-in's."""
    if cupy.cuda.nccl is not stand_in_nccl and cupy.cuda.runtime.getDeviceCount() == 3:
        yield cupy
        return
    pretended = request.getfixturevalue("pretended")
    with stand_in.devices(3):
        yield pretended


def perceptron():
    torch.manualSeed(3)
    return nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))


def divided(net, places=(1, 2, 3), nccl=False, dimension=1):
    return cunn.DataParallelTable(dimension, True, nccl).add(net, list(places)).cuda()


def passes(net, x, g, scale=0.5):
    y = net.forward(x)
    net.zeroGradParameters()
    return [y, net.backward(x, g, scale), *net.parameters()[1]]


def agree(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.get(), b.get(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("nccl", [False, True], ids=["copies", "nccl"])
@pytest.mark.parametrize(("places", "samples"), [((1, 2, 3), 7), ((2, 1), 7), ((3, 2, 1), 2), ((1, 3), 1), ((2,), 4)])
def test_a_divided_batch_has_the_numbers_of_one_device(several, places, samples, nccl):
    x, g = several.asarray(X[:samples]), several.asarray(G[:samples])
    expected = passes(perceptron().cuda(), x, g)
    net = divided(perceptron(), places, nccl)
    for _ in range(2):
        found = passes(net, x, g)
        agree(found, expected)
    assert devices.device_of(found) == places[0] and cutorch.getDevice() == 1
    assert str(net).startswith(f"nn.DataParallelTable: {len(places)} x nn.Sequential")


def test_tables_and_other_dimensions(several):
    def make():
        return nn.Sequential(
            nn.ParallelTable(nn.Tanh(), nn.Sigmoid()), nn.ConcatTable(nn.JoinTable(1, 1), nn.CAddTable())
        )

    x = [several.asarray(X), several.asarray(X * 2)]
    single = make().cuda()
    y = single.forward(x)
    net = divided(make())
    found = net.forward(x)
    np.testing.assert_allclose(found[1].get(), y[1].get())
    g = [y[0] * 0, several.asarray(X)]
    divided_gradients = net.backward(x, [found[0] * 0, g[1]])
    for a, b in zip(divided_gradients, single.backward(x, g)):
        np.testing.assert_allclose(a.get(), b.get(), rtol=1e-6)
    wide = divided(nn.Tanh(), dimension=2)
    np.testing.assert_allclose(wide.forward(several.asarray(X)).get(), np.tanh(X), rtol=1e-6)
    np.testing.assert_allclose(wide.backward(several.asarray(X), several.asarray(X)).get(), X / np.cosh(X) ** 2, 1e-5)
    wide.dimension = 1
    wide.forward(several.asarray(X))
    assert [len(x) for x in wide.inputGpu] == [3, 2, 2]


def training(several, make, method):
    net, criterion = make(perceptron()), nn.MSECriterion().cuda()
    parameters, gradients = net.getParameters()
    state, losses = {"learningRate": 0.1, "momentum": 0.9} if method == "sgd" else {}, []
    x, t = several.asarray(X), several.asarray(G)

    def evaluate(_):
        net.zeroGradParameters()
        loss = criterion.forward(net.forward(x), t)
        net.backward(x, criterion.backward(net.output, t))
        return loss, gradients

    for _ in range(4):
        losses.append(float(getattr(optim, method)(evaluate, parameters, state)[1][0]))
    return losses, parameters.get(), net


@pytest.mark.parametrize("nccl", [False, True], ids=["copies", "nccl"])
@pytest.mark.parametrize("method", ["sgd", "adam"])
def test_training(several, method, nccl):
    stand_in_nccl.done.clear()
    losses, parameters, _ = training(several, lambda net: net.cuda(), method)
    found, there, net = training(several, lambda net: divided(net, nccl=nccl), method)
    np.testing.assert_allclose(found, losses, rtol=1e-5)
    np.testing.assert_allclose(there, parameters, rtol=0, atol=1e-5)
    assert len(net.replicas.gradients) == len(net.replicas.parameters) == 1, "flat parameters travel in one piece"
    if several.cuda.nccl is stand_in_nccl:
        assert stand_in_nccl.done.count("reduce") == (4 if nccl else 0)


def test_a_step_waits_for_nothing(several):
    net, x, g = divided(perceptron()), several.asarray(X), several.asarray(G)
    for _ in range(2):
        passes(net, x, g)
    waits, _, allocations = stand_in.counted(lambda: passes(net, x, g))
    assert not waits and not allocations


def test_copies_follow_the_first_one(several):
    net, x, g = divided(perceptron()), several.asarray(X), several.asarray(G)
    passes(net, x, g)
    net.updateParameters(0.5)
    weight = net.get(1).get(1).weight
    same = [m.get(1).weight.get() for m in net.replicas.modules]
    assert all((w == weight.get()).all() for w in same)
    weight.fill(0.25)
    net.syncParameters()
    assert all((m.get(1).weight.get() == 0.25).all() for m in net.replicas.modules)
    before = net.replicas
    net.get(1).add(nn.Tanh().cuda())
    agree([net.forward(x)], [net.get(1).forward(x)])
    assert net.replicas is not before, "another network has other copies"
    net.evaluate()
    assert not any(m.train or m.get(2).train for m in net.replicas.modules)
    net.reset()
    agree([net.forward(x)], [net.get(1).forward(x)])
    net.apply(lambda m: m.evaluate())
    net.forward(x)
    assert not any(m.get(2).train for m in net.replicas.modules)


def test_batch_norm_keeps_the_statistics_of_the_first_device(several):
    plain = nn.BatchNormalization(6, affine=False)
    net = divided(plain.clone(), (1, 2))
    x = several.asarray(X)
    y = net.forward(x).get()
    expected = plain.clone().float()
    np.testing.assert_allclose(y[:4], expected.forward(X[:4]), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(net.get(1).running_mean.get(), expected.running_mean, rtol=1e-5)
    np.testing.assert_allclose(y[4:], plain.float().forward(X[4:]), rtol=1e-4, atol=1e-5)


def test_types_and_files(several):
    net, x = divided(perceptron()), several.asarray(X)
    expected = net.forward(x).get()
    assert net.type() == "torch.CudaTensor"
    data = torch.serialize(net)
    for again in (torch.deserialize(data), net.clone()):
        assert again.gpuAssignments == [1, 2, 3] and len(again.modules) == 1
        np.testing.assert_allclose(again.cuda().forward(x).get(), expected, rtol=1e-6)
        assert len(again.replicas.modules) == 3
    net.float()
    np.testing.assert_allclose(net.forward(X), expected, rtol=1e-5)
    assert net.replicas is None and type(net.get(1).get(1).weight) is np.ndarray
    net.type("torch.CudaDoubleTensor")
    np.testing.assert_allclose(net.forward(x.astype(np.float64)).get(), expected, rtol=1e-5)
    assert b"V 3" in data and data.index(b"nn.DataParallelTable") < data.index(b"modules")


def test_devices_of_a_file(several, monkeypatch):
    data = torch.serialize(cunn.DataParallelTable(1).add(perceptron(), [1, 5]).float())
    with pytest.raises(IndexError, match=r"devices \[1, 5\], and there are 3"):
        torch.deserialize(data).cuda()
    assert type(torch.deserialize(data).get(1).get(1).weight) is np.ndarray
    monkeypatch.setattr(cunn.DataParallelTable, "deserializeNGPUs", 2)
    assert torch.deserialize(data).cuda().gpuAssignments == [1, 2]


def test_one_device_is_transparent(cupy):
    x, g = cupy.asarray(X), cupy.asarray(G)
    net = divided(perceptron())
    agree(passes(net, x, g), passes(perceptron().cuda(), x, g))
    assert net.replicas is None and net.get(1).output is net.output


def test_without_nccl_there_is_a_warning(several, monkeypatch):
    monkeypatch.setattr(several.cuda.nccl, "available", False)
    net = divided(perceptron(), nccl=True)
    with pytest.warns(UserWarning, match="NCCL is not there"):
        net.forward(several.asarray(X))


def test_inputs_on_the_cpu_and_elsewhere(several):
    net = divided(perceptron())
    expected = perceptron().float().forward(X)
    np.testing.assert_allclose(net.forward(X).get(), expected, rtol=1e-5, atol=1e-6)
    with devices.at(3):
        there = several.asarray(X)
    np.testing.assert_allclose(net.forward(there).get(), expected, rtol=1e-5, atol=1e-6)
    net.gradInput = None
    assert net.backward(there, several.asarray(G)) is None


def test_refusals(several):
    net, x = divided(perceptron()), several.asarray(X)
    with pytest.raises(RuntimeError, match="call forward before backward"):
        net.backward(x, several.asarray(G))
    with pytest.raises(TypeError, match="input must be a tensor or a table of tensors, got None"):
        net.forward(None)
    with pytest.raises(ValueError, match=r"divides dimension 3, input is 7x6 torch\.CudaTensor"):
        divided(nn.Tanh(), dimension=3).forward(x)
    net.forward(x)
    with pytest.raises(NotImplementedError, match="accUpdateGradParameters not supported"):
        net.accUpdateGradParameters(x, several.asarray(G), 0.1)


def test_a_network_on_two_devices(several):
    net = nn.Sequential(nn.GPU(nn.Linear(6, 5), 1), nn.Tanh(), nn.GPU(nn.Linear(5, 3), 2, 1))
    plain = perceptron()
    for n in (1, 3):
        for name in ("weight", "bias"):
            getattr(net.get(n).get(1), name)[...] = getattr(plain.get(n), name)
    x, g = several.asarray(X), several.asarray(G)
    expected = passes(plain.cuda(), x, g)
    found = passes(net.cuda(), x, g)
    assert devices.device_of(net.get(3).get(1).weight) == 2 and devices.device_of(found[:2]) == 1
    agree(found, expected)
    agree([net.double().cuda().forward(x)], expected[:1])


def test_kernels_run_where_their_arrays_are(several):
    with devices.at(2):
        there = several.ones(4, np.float32)
    assert devices.device_of(there) == 2
    with pytest.raises(ValueError, match="array device = 1 while current = 0"):
        nn.Tanh().cuda().forward(there)


def test_cutorch(several):
    assert cutorch.getDeviceCount() == 3 and cutorch.getDevice() == 1
    assert cutorch.withDevice(3, lambda: (cutorch.getDevice(), devices.device_of(several.ones(1)))) == (3, 3)
    cutorch.setDevice(2)
    assert cutorch.getDevice() == 2
    if several.cuda.nccl is stand_in_nccl:
        stand_in.waits.clear()
        cutorch.synchronizeAll()
        assert sum(n for what, n in stand_in.waits.items() if what.startswith("device")) == 3
    assert cutorch.getDevice() == 2
    cutorch.setDevice(1)
    with pytest.raises(IndexError, match=r"device 4 is not in 1\.\.3"):
        cutorch.setDevice(4)


@pytest.mark.parametrize("parts", [1, 2, 3, 4, 8])
def test_parts_of_a_batch(parts):
    for n in (1, 2, 7, 64, 100):
        found = [bounds(n, part, parts) for part in range(parts)]
        assert [low for low, _ in found[1:]] == [high for _, high in found[:-1]]
        assert found[0][0] == 0 and found[-1][1] == n and all(low <= high for low, high in found)


def test_neighbours_are_one_piece(several):
    flat, other = several.zeros(10), several.zeros(10)
    lists = [[x[:4], x[4:6].reshape(2, 1), x[7:]] for x in (flat, other)]
    assert [[x.size for x in together] for together in pieces(lists)] == [[6, 6], [3, 3]]
    assert len(pieces([lists[0], [several.zeros(4), several.zeros((2, 1)), several.zeros(3)]])) == 3
