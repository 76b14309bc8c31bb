"""optnet: less memory, the same numbers."""

import numpy as np
import pytest

import nn
import nngraph  # noqa: F401
import torch7
from rocks import optnet


def network():
    def block(n):
        body = nn.Sequential(nn.SpatialConvolution(n, n, 3, 3, 1, 1, 1, 1), nn.SpatialBatchNormalization(n), nn.ReLU())
        body.add(nn.SpatialConvolution(n, n, 3, 3, 1, 1, 1, 1)).add(nn.SpatialBatchNormalization(n))
        return nn.Sequential(nn.ConcatTable(body, nn.Identity()), nn.CAddTable(), nn.ReLU())

    net = nn.Sequential(nn.SpatialConvolution(3, 8, 3, 3, 1, 1, 1, 1), *(block(8) for _ in range(4)))
    return net.add(nn.SpatialAveragePooling(8, 8)).add(nn.View(8)).add(nn.Linear(8, 5)).add(nn.LogSoftMax())


def chain():
    net = nn.Sequential(nn.SpatialConvolution(3, 8, 3, 3, 1, 1, 1, 1), nn.ReLU(), nn.SpatialMaxPooling(2, 2, 2, 2))
    net.add(nn.SpatialConvolution(8, 8, 3, 3, 1, 1, 1, 1)).add(nn.LeakyReLU(0.1)).add(nn.View(128)).add(nn.Dropout(0.2))
    return net.add(nn.Linear(128, 40)).add(nn.Tanh()).add(nn.Linear(40, 5)).add(nn.LogSoftMax())


def branches():
    net = nn.Concat(2).add(nn.SpatialConvolution(3, 4, 1, 1))
    net.add(nn.Sequential(nn.SpatialConvolution(3, 5, 3, 3, 1, 1, 1, 1), nn.ReLU()))
    return nn.Sequential(net, nn.ReLU(), nn.View(9 * 64), nn.Linear(9 * 64, 5), nn.LogSoftMax())


def in_place():
    """Branches that hand gradOutput on: it is read by the one and, later, by the sum."""

    def block(n):
        body = nn.Sequential(nn.SpatialConvolution(n, n, 3, 3, 1, 1, 1, 1), nn.ReLU(True))
        body.add(nn.SpatialConvolution(n, n, 1, 1))
        return nn.Sequential(nn.ConcatTable(body, nn.Identity()), nn.CAddTable(True), nn.Tanh())

    net = nn.Sequential(nn.SpatialConvolution(3, 6, 3, 3, 1, 1, 1, 1), *(block(6) for _ in range(5)))
    return net.add(nn.View(6 * 64)).add(nn.Linear(6 * 64, 5)).add(nn.LogSoftMax())


def inception():
    def block():
        net = nn.Concat(2).add(nn.SpatialConvolution(6, 2, 1, 1)).add(nn.Sequential(nn.Identity(), nn.Tanh()))
        net.add(
            nn.Sequential(nn.SpatialConvolution(6, 3, 1, 1), nn.ReLU(), nn.SpatialConvolution(3, 4, 3, 3, 1, 1, 1, 1))
        )
        return nn.Sequential(net, nn.ReLU(), nn.SpatialConvolution(12, 6, 1, 1))

    net = nn.Sequential(nn.SpatialConvolution(3, 6, 3, 3, 1, 1, 1, 1), block(), block(), nn.DepthConcat(2))
    net.modules[3].add(nn.SpatialConvolution(6, 3, 3, 3)).add(nn.SpatialMaxPooling(1, 1, 1, 1))
    return net.add(nn.View(9 * 64)).add(nn.Linear(9 * 64, 5)).add(nn.LogSoftMax())


def graph():
    begin = x = nn.SpatialConvolution(3, 6, 3, 3, 1, 1, 1, 1)()
    for _ in range(3):
        x = nn.Tanh()(nn.CAddTable(True)([nn.SpatialConvolution(6, 6, 1, 1)(nn.Tanh()(x)), x]))
    scores = nn.LogSoftMax()(nn.Linear(6 * 64, 5)(nn.View(6 * 64)(x)))
    return nn.Sequential(nn.gModule([begin], [scores]))


@pytest.mark.parametrize("options", [{}, {"inplace": False}, {"reuseBuffers": False}, {"removeGradParams": True}])
@pytest.mark.parametrize("mode", ["inference", "training"])
@pytest.mark.parametrize("make", [network, chain, branches, in_place, inception, graph])
def test_the_numbers_stay(make, mode, options):
    torch7.manualSeed(1)
    net = make()
    net = net.training() if mode == "training" else net.evaluate()
    plain, small = net.clone(), net.clone()
    x = torch7.randn(4, 3, 8, 8)
    g = torch7.randn(4, 5)

    def results(net):
        torch7.manualSeed(2)
        output = net.forward(x).copy()
        net.zeroGradParameters()
        return [output, net.backward(x, g).copy(), *(p.copy() for p in net.parameters()[1])]

    expected = results(plain)
    results(small)
    before = optnet.countUsedMemory(small)
    assert optnet.optimizeMemory(small, x, {"mode": mode, **options}) is small
    torch7.manualSeed(2)
    assert np.array_equal(small.forward(x), expected[0])
    after = optnet.countUsedMemory(small)
    assert after["params"] == before["params"]
    if not options and (make is not graph or mode == "inference"):
        assert after["total_size"] < before["total_size"]
    if mode == "training" and not options.get("removeGradParams"):
        assert all(map(np.array_equal, results(small), expected))
    elif mode == "inference":
        assert after["gradParams"] == after["gradInputs"] == 0
    if mode == "inference" and not options and make is not graph:
        assert after["outputs"] < 0.75 * before["outputs"]
    if mode == "training" and not options and make in (network, in_place, inception):
        assert after["gradInputs"] < 0.5 * before["gradInputs"]
    assert optnet.removeOptimization(small) is small
    assert all(map(np.array_equal, results(small), expected))
    assert optnet.countUsedMemory(small) == before


@pytest.mark.parametrize("mode", ["inference", "training"])
def test_places_of_maxima_take_half_the_memory(mode):
    """They are read as ever, for inputs of any size."""
    torch7.manualSeed(1)
    net = chain()
    plain, pooling = net.clone(), net.get(3)
    optnet.optimizeMemory(net, torch7.randn(4, 3, 8, 8), {"mode": mode})
    for batch in (4, 2):
        x = torch7.randn(batch, 3, 8, 8)
        for module in (net, plain):
            torch7.manualSeed(2)
            module.forward(x)
        assert pooling.indices.dtype == np.int32 and np.array_equal(pooling.indices, plain.get(3).indices)
    optnet.removeOptimization(net)
    assert pooling.indices.dtype == np.int64 and np.array_equal(pooling.indices, plain.get(3).indices)
    optnet.optimizeMemory(net, x, {"mode": mode, "reuseBuffers": False})
    assert pooling.indices.dtype == np.int64


def test_what_is_written_over_has_one_place():
    """A chain whose functions work in place needs room for two results."""
    net = nn.Sequential()
    for _ in range(4):
        net.add(nn.Linear(64, 64)).add(nn.ReLU(True)).add(nn.Identity()).add(nn.Threshold(0, 0, True))
    x = torch7.randn(128, 64)
    expected = net.forward(x).copy()
    optnet.optimizeMemory(net, x)
    assert np.array_equal(net.forward(x), expected)
    assert optnet.countUsedMemory(net)["outputs"] == 2 * expected.nbytes


def concatenated():
    net = nn.Sequential(nn.SpatialConvolution(3, 6, 1, 1))
    for _ in range(2):
        net.add(nn.Concat(2).add(nn.SpatialConvolution(6, 3, 1, 1)).add(nn.SpatialConvolution(6, 3, 1, 1)))
        net.add(nn.SpatialConvolution(6, 6, 1, 1))
    return net


@pytest.mark.parametrize("make", [network, branches, in_place, concatenated])
def test_every_result_stays_where_it_was_laid(make):
    net, x = make().evaluate(), torch7.randn(4, 3, 8, 8)
    net.forward(x)
    optnet.optimizeMemory(net, x)
    net.forward(x)
    found = [m.output for m in net.listModules() if isinstance(m.output, np.ndarray)]
    assert len(found) > 5 and all(output.base is not None for output in found)


def test_an_input_of_another_size():
    net = chain().evaluate()
    x, y = torch7.randn(4, 3, 8, 8), torch7.randn(2, 3, 8, 8)
    expected = [net.forward(v).copy() for v in (x, y, x)]
    optnet.optimizeMemory(net, x)
    for v, e in zip((x, y, x), expected):
        assert np.array_equal(net.forward(v), e)


@pytest.mark.parametrize("function", [nn.Threshold(0, 1e-6), nn.LeakyReLU(-0.2), nn.ELU(-0.5), nn.Threshold(0.5, -1)])
@pytest.mark.parametrize("mode", ["inference", "training"])
def test_functions_that_hide_their_input_do_not_write_over_it(function, mode):
    net = nn.Sequential(nn.Linear(6, 7), function.clone(), nn.Linear(7, 4), function.clone())
    x, g = torch7.randn(5, 6), torch7.randn(5, 4)
    frozen = nn.freeze(net, x)
    expected = net.forward(x).copy(), net.backward(x, g).copy()
    assert np.allclose(frozen.forward(x), expected[0], 1e-5, 1e-5)
    optnet.optimizeMemory(net, x, {"mode": mode})
    assert np.array_equal(net.forward(x), expected[0])
    if mode == "training":
        assert np.array_equal(net.backward(x, g), expected[1])


def test_modes_stay_and_nothing_is_counted_twice():
    net = chain().training()
    optnet.optimizeMemory(net, torch7.randn(4, 3, 8, 8), {"mode": "inference"})
    assert net.train
    assert all(m.train for m in net.modules if isinstance(m, nn.Dropout))
    parameters = net.parameters()[0]
    net.getParameters()
    used = optnet.countUsedMemory(net)
    assert used["params"] == sum(p.nbytes for p in parameters)
    assert used["total_size"] == sum(v for k, v in used.items() if k != "total_size")


def test_refusals():
    with pytest.raises(ValueError, match="mode must be 'inference' or 'training', got 'test'"):
        optnet.optimizeMemory(chain(), torch7.randn(4, 3, 8, 8), {"mode": "test"})
    with pytest.raises(ValueError, match="has no option 'inPlace'"):
        optnet.optimizeMemory(chain(), torch7.randn(4, 3, 8, 8), {"inPlace": True})
    assert optnet.removeOptimization(net := chain()) is net
