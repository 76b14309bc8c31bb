"""``nn.freeze``: the numbers of ``evaluate()``, for every module and for networks of all containers."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import nn
import nn.pytorch as tnn
import nngraph  # noqa: F401
import torch7
from nn.freezing.arena import Span, planned
from nn.testing import Case
from nn.testing.case import random_input
from nn.testing.tensors import copied, flat
from nn.thnn.cpu.replay.packing import is_packing, record_packed

FILES = sorted(path.stem for path in Path(__file__).parent.parent.glob("cases_*.py"))
CASES = [case for name in FILES for case in import_module(name).CASES if isinstance(case, Case)]


def close(found, expected, tolerance=1e-5):
    found, expected = list(flat(found)), list(flat(expected))
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, tolerance, tolerance)


@pytest.mark.parametrize("case", [c for c in CASES if not c.stochastic], ids=str)
def test_every_module(case):
    module = case.module().evaluate()
    input = case.input() if callable(case.input) else random_input(case.input)
    torch7.manualSeed(2)
    expected = copied(module.forward(copied(input)))
    for net in (module, nn.Sequential().add(module)):
        try:
            frozen = nn.freeze(net, copied(input))
        except TypeError as error:
            assert "cannot be frozen" in str(error)
            continue
        for _ in range(2):
            torch7.manualSeed(2)  # for Dropout that draws in evaluation
            close(frozen.forward(copied(input)), expected)


def block(n, stride=1):
    body = nn.Sequential(nn.SpatialConvolution(n, 16, 3, 3, stride, stride, 1, 1), nn.SpatialBatchNormalization(16))
    body.add(nn.ReLU(True)).add(nn.SpatialConvolution(16, 16, 3, 3, 1, 1, 1, 1)).add(nn.SpatialBatchNormalization(16))
    same = nn.Identity() if n == 16 and stride == 1 else nn.SpatialConvolution(n, 16, 1, 1, stride, stride).noBias()
    return nn.Sequential(nn.ConcatTable(body, same), nn.CAddTable(True), nn.ReLU(True))


def residual():
    net = nn.Sequential(nn.SpatialConvolution(3, 16, 3, 3, 1, 1, 1, 1), nn.ReLU(), block(16), block(16, 2))
    return net.add(nn.SpatialAveragePooling(4, 4)).add(nn.View(16)).add(nn.Dropout(0.3)).add(nn.Linear(16, 5))


def inception():
    parts = nn.Concat(2).add(nn.SpatialConvolution(3, 4, 1, 1))
    parts.add(nn.Sequential(nn.SpatialConvolution(3, 5, 3, 3, 1, 1, 1, 1), nn.SpatialBatchNormalization(5), nn.Tanh()))
    parts.add(nn.Sequential(nn.SpatialMaxPooling(3, 3, 1, 1, 1, 1), nn.SpatialConvolution(3, 2, 1, 1)))
    return nn.Sequential(parts, nn.ReLU(True), nn.SpatialDropout(0.2), nn.SpatialConvolution(11, 4, 3, 3))


def folding():
    net = nn.Sequential(nn.Linear(6, 8, False), nn.BatchNormalization(8, None, None, False), nn.Dropout(0.4, True))
    net.add(nn.Linear(8, 8)).add(nn.MulConstant(0.5)).add(nn.AddConstant(2)).add(nn.Mul()).add(nn.Sigmoid())
    return net.add(nn.BatchNormalization(8)).add(nn.LogSoftMax())


def up():
    net = nn.Sequential(nn.SpatialFullConvolution(3, 6, 4, 4, 2, 2, 1, 1), nn.SpatialBatchNormalization(6), nn.ReLU())
    return net.add(nn.SpatialFullConvolution(6, 2, 4, 4, 2, 2, 1, 1)).add(nn.Tanh())


def graph():
    x = nn.Identity()()
    a = nn.BatchNormalization(8)(nn.Linear(6, 8)(x))
    b = nn.ReLU()(nn.CAddTable()([a, nn.Linear(6, 8)(x)]))
    return nn.gModule([x], [nn.JoinTable(2)([b, a]), nn.Tanh()(b)])


def pair():
    x, y = nn.Identity()(), nn.Identity()()
    return nn.gModule([x, y], [nn.CMulTable()([nn.Linear(6, 4)(x), nn.Linear(6, 4)(y)])])


def shared():
    linear = nn.Linear(6, 6)
    return nn.Sequential(linear, nn.Tanh(), linear, nn.ReLU(), linear)


def inplace():
    """A value that one branch overwrites behind the other."""
    net = nn.ConcatTable(nn.Sequential(nn.MulConstant(2), nn.ReLU(True)), nn.Sequential(nn.Linear(6, 6), nn.ReLU(True)))
    return nn.Sequential(nn.Linear(6, 6), net, nn.CAddTable(), nn.Threshold(0, 0, True))


def volumes():
    net = nn.Sequential(nn.VolumetricConvolution(2, 4, 3, 3, 3), nn.VolumetricBatchNormalization(4), nn.ReLU())
    return net.add(nn.VolumetricMaxPooling(2, 2, 2))


def tables():
    return nn.Sequential(nn.ParallelTable().add(nn.Linear(6, 4)).add(nn.Linear(6, 4)), nn.CAddTable(), nn.ReLU())


NETWORKS = {
    "residual": (residual, (2, 3, 8, 8)),
    "inception": (inception, (2, 3, 7, 7)),
    "folding": (folding, (3, 6)),
    "up": (up, (2, 3, 5, 5)),
    "graph": (graph, (4, 6)),
    "pair": (pair, [(4, 6), (4, 6)]),
    "shared": (shared, (4, 6)),
    "inplace": (inplace, (4, 6)),
    "volumes": (volumes, (2, 2, 6, 6, 6)),
    "tables": (tables, [(4, 6), (4, 6)]),
}
#: With modules that are no kernels alone: MulConstant, SpatialDropout.
TABLE = set(NETWORKS) - {"inplace", "inception"}


def numbers(shape, dtype, seed=0):
    random = np.random.default_rng(seed)
    if isinstance(shape, list):
        return [numbers(s, dtype, seed + n) for n, s in enumerate(shape)]
    return random.standard_normal(shape).astype(dtype)


def trained(name, dtype):
    make, shape = NETWORKS[name]
    torch7.manualSeed(3)
    net = make().type(torch7.typename(np.empty(0, dtype)))
    for n in range(3):
        net.forward(numbers(shape, dtype, n))
    return net.evaluate(), shape


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name, dtype):
    net, shape = trained(name, dtype)
    frozen = nn.freeze(net, numbers(shape, dtype))
    for seed in range(4):
        x = numbers(shape, dtype, seed)
        close(frozen.forward(copied(x)), net.forward(x))
        assert frozen.captured == (name in TABLE)


@pytest.mark.parametrize("name", NETWORKS)
def test_other_sizes(name):
    net, shape = trained(name, np.float32)
    frozen = nn.freeze(net, numbers(shape, np.float32))
    shapes = shape if isinstance(shape, list) else [shape]
    for n in (1, 5, 2, shapes[0][0], 5, 1, 3, 4, 6, 7, 8, 9):
        other = [(n, *s[1:]) for s in shapes]
        x = numbers(other if isinstance(shape, list) else other[0], np.float32, n)
        close(frozen.forward(copied(x)), net.forward(x))


def test_what_is_left():
    net, shape = trained("residual", np.float32)
    kinds = [type(m).__name__ for m in nn.freeze(net, numbers(shape, np.float32)).modules]
    assert kinds.count("Sum") == 2
    assert kinds.count("ReLU") == 3
    assert not {"SpatialBatchNormalization", "Dropout", "Identity", "CAddTable"} & set(kinds)
    net, shape = trained("folding", np.float64)
    kinds = [type(m).__name__ for m in nn.freeze(net, numbers(shape, np.float64)).modules]
    assert kinds == ["Linear", "Linear", "Sigmoid", "BatchNormalization", "LogSoftMax"]


def test_the_network_is_its_own():
    net, shape = trained("residual", np.float32)
    net.training()
    before = [p.copy() for p in net.parameters()[0]]
    x = numbers(shape, np.float32)
    frozen = nn.freeze(net, x)
    expected = frozen.forward(x).copy()
    assert all(m.train is not False for m in net.modules if isinstance(m, nn.Dropout))
    assert net.train
    assert all(np.array_equal(p, q) for p, q in zip(before, net.parameters()[0]))
    for p in net.parameters()[0]:
        p *= 2
    assert np.array_equal(frozen.forward(x), expected)


def test_one_way():
    net, shape = trained("up", np.float32)
    frozen = nn.freeze(net, numbers(shape, np.float32))
    output = frozen.forward(numbers(shape, np.float32))
    for method in (frozen.updateGradInput, frozen.accGradParameters, frozen.backward):
        with pytest.raises(RuntimeError, match="only goes forward"):
            method(numbers(shape, np.float32), output)
    assert frozen.parameters() == ([], [])
    assert frozen.training() is frozen
    assert frozen.type() == "torch.FloatTensor"
    with pytest.raises(TypeError, match="convert the network"):
        frozen.double()


def test_inputs_of_other_kinds():
    net, shape = trained("residual", np.float32)
    x = numbers(shape, np.float32)
    frozen = nn.freeze(net, x)
    expected = net.forward(x).copy()
    close(frozen.forward(np.asfortranarray(x)), expected)
    close(frozen.forward(x[:, :, ::-1][:, :, ::-1]), expected)
    x.flags.writeable = False
    close(frozen.forward(x), expected)
    for wrong in (x.astype(np.float64), x[:, :2], None, [x], "x"):
        with pytest.raises((TypeError, ValueError)):
            frozen.forward(wrong)
        close(frozen.forward(x), expected)
    inner = frozen.modules[0].output
    result = frozen.forward(np.ascontiguousarray(inner.reshape(-1)[: x.size].reshape(x.shape)))
    assert np.isfinite(result).all()


def test_an_input_in_the_memory_of_the_network():
    net = nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 6))
    frozen = nn.freeze(net, np.ones((2, 6)))
    output = frozen.forward(np.full((2, 6), 0.5))
    expected = net.forward(output.copy()).copy()
    close(frozen.forward(output), expected)


def test_threads_and_exactness():
    net, shape = trained("residual", np.float32)
    x, before = numbers(shape, np.float32), torch7.getnumthreads()
    frozen = nn.freeze(net, x)
    expected = net.forward(x).copy()
    try:
        torch7.setnumthreads(1)
        close(frozen.forward(x), expected)
        torch7.exact(True)
        close(frozen.forward(x), expected)
    finally:
        torch7.exact(False)
        torch7.setnumthreads(before)


def test_what_is_not_known_is_named():
    class Mine(nn.Module):
        pass

    import rnn

    cases = [
        (nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Tanh(), Mine())), "Mine cannot be frozen (at 2.2)"),
        (nn.Sequential(nn.WhiteNoise()), "nn.WhiteNoise cannot be frozen (at 1)"),
        (nn.Sequential(rnn.LSTM(2, 2)), "nn.LSTM cannot be frozen (at 1)"),
        (nn.Sequential(rnn.Sequencer(rnn.GRU(2, 2)).remember("eval")), "nn.Sequencer cannot be frozen (at 1)"),
        (nn.Sequential(rnn.Sequencer(nn.WhiteNoise())), "nn.Sequencer cannot be frozen (at 1)"),
        (Mine(), "Mine cannot be frozen"),
        (3, "the network is int, no module"),
        (nn.MSECriterion(), "the network is MSECriterion, no module"),
    ]
    for net, message in cases:
        with pytest.raises(TypeError) as error:
            nn.freeze(net, np.ones((2, 2)))
        assert message in str(error.value)
    net = nn.Sequential(nn.Tanh())
    net.modules[0].updateOutput = lambda x: x
    with pytest.raises(TypeError, match=r"nn.Tanh with a method of its own, updateOutput, cannot be frozen \(at 1\)"):
        nn.freeze(net, np.ones((2, 2)))


def test_layers_of_pytorch():
    torch7.manualSeed(1)
    net = tnn.Sequential(tnn.Conv2d(3, 8, 3, padding=1), tnn.BatchNorm2d(8), tnn.ReLU(), tnn.MaxPool2d(2))
    for layer in (tnn.ConvTranspose2d(8, 6, 4, 2, 1), tnn.LeakyReLU(0.1), tnn.AvgPool2d(2), tnn.Identity(),
                  tnn.Conv2d(6, 16, 3, stride=2, dilation=2, padding=2), tnn.ELU(), tnn.Dropout(0.3), tnn.Flatten(),
                  tnn.Sequential(tnn.Linear(256, 10), tnn.BatchNorm1d(10)), tnn.LogSoftmax(1)):  # fmt: skip
        net.append(layer)
    x = numbers((4, 3, 16, 16), np.float32)
    for _ in range(3):
        net.forward(x)
    frozen = nn.freeze(net, x)
    net.eval()
    close(frozen.forward(x), np.array(net.forward(x)))
    assert frozen.captured
    close(frozen.forward(x[:1].copy()), np.array(net.forward(x[:1])))


def test_a_network_of_pytorch():
    class Net(tnn.Module):
        def __init__(self):
            super().__init__()
            self.a = tnn.Linear(4, 5)
            self.drop = tnn.Dropout(0.5)

        def forward(self, x):
            return self.drop(tnn.functional.relu(self.a(x)))

    net, x = Net(), numbers((2, 4), np.float32)
    frozen = nn.freeze(net, x)
    assert net.training
    close(frozen.forward(x), np.array(net.eval().forward(x)))


def test_places_do_not_overlap():
    random = np.random.default_rng(0)
    for _ in range(200):
        spans = []
        for _ in range(random.integers(1, 12)):
            first = int(random.integers(0, 10))
            spans.append(Span(int(random.integers(1, 500)), first, first + int(random.integers(0, 6))))
        places, size = planned(spans)
        for n, a in enumerate(spans):
            assert places[n] % 64 == 0
            assert places[n] + a.size <= size
            for m, b in enumerate(spans[:n]):
                apart = places[n] + a.size <= places[m] or places[m] + b.size <= places[n]
                assert apart or a.last < b.first or b.last < a.first


def test_it_is_not_written():
    frozen = nn.freeze(nn.Sequential().add(nn.Linear(3, 2)), np.ones((2, 3)))
    with pytest.raises(torch7.T7Error, match="save the network that it was made of"):
        torch7.serialize(frozen)


def test_weights_in_half_vectors_are_packed_once():
    layer = nn.SpatialConvolution(20, 20, 3, 3, 1, 1, 1, 1).float()
    x = numbers((4, 20, 16, 16), np.float32)
    layer.forward(x)
    launches, (_, kept) = record_packed(lambda: layer.forward(x))
    assert kept
    assert launches
    assert not any(map(is_packing, launches))


def masked():
    net = nn.Sequential(nn.LookupTable(9, 4), nn.Sequencer(nn.FastLSTM(4, 5).maskZero(1)))
    return net.add(nn.Sequencer(nn.Recurrence(nn.Sequential(nn.JoinTable(1, 1), nn.Linear(8, 3)), 3, 1)))


SEQUENCES = {
    "steps": lambda: nn.Sequential(
        nn.LookupTable(9, 4), nn.Sequencer(nn.FastLSTM(4, 5)), nn.Sequencer(nn.Linear(5, 3))
    ),
    "whole": lambda: nn.Sequential(nn.LookupTable(9, 4), nn.SeqLSTM(4, 5), nn.SeqGRU(5, 3).remember("train")),
    "tables": lambda: nn.Sequential(
        nn.LookupTable(9, 4), nn.SplitTable(1), nn.Sequencer(nn.LSTM(4, 3, 9, None, 0.5)), nn.JoinTable(1)
    ),
    "masked": masked,
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences_of_any_length(name):
    import rnn  # noqa: F401

    torch7.manualSeed(1)
    net, random = SEQUENCES[name](), np.random.default_rng(0)
    x = random.integers(1, 10, (6, 2))
    net.backward(x, np.ones_like(net.forward(x)))
    frozen = nn.freeze(net, x)
    net.evaluate()
    for shape in ((6, 2), (6, 2), (3, 4), (6, 2)):
        x = random.integers(1, 10, shape)
        assert np.allclose(frozen.forward(x), net.forward(x), 1e-5, 1e-6)


@pytest.mark.parametrize(
    "rest", [lambda: nn.CAddTable(), lambda: nn.JoinTable(1), lambda: nn.MapTable(nn.Linear(3, 2))]
)
def test_another_number_of_slices_is_refused(rest):
    """A slice more would be left out, one less would be that of the last input."""
    net = nn.Sequential(nn.SplitTable(1), rest()).evaluate()
    frozen = nn.freeze(net, np.ones((2, 3)))
    for n in (3, 1):
        with pytest.raises(ValueError, match=f"a table of {n}, where the network was frozen for a table of 2"):
            frozen.forward(np.ones((n, 3)))
    expected, found = net.forward(np.full((2, 3), 2.0)), frozen.forward(np.full((2, 3), 2.0))
    for a, b in zip(expected, found) if isinstance(expected, list | tuple) else [(expected, found)]:
        np.testing.assert_allclose(b, a, rtol=1e-12)
