"""Random numbers that a GPU draws itself: Philox's, of one stream a device, drawn by launches alone."""

import math

import numpy as np
import pytest
import stand_in
from training_step import training_step

import dpnn
import nn
import nn.pytorch as tnn
import torch7 as torch
from nn.pytorch import functional as F
from nn.thnn.cuda.random import generator as there
from rocks import cutorch
from torch7 import arrays, gpu_random

TYPES = {np.float32: "torch.CudaTensor", np.float64: "torch.CudaDoubleTensor"}


@pytest.fixture(autouse=True)
def seeded(cupy, monkeypatch):
    """Both generators seeded, so that the GPU draws; afterwards it is as if nobody had chosen its seed."""
    monkeypatch.setattr(gpu_random, "_seeded", None)
    torch.manualSeed(1)
    cutorch.manualSeed(7)


def philox(counter, key):
    """Philox 4x32-10 of one counter of four words and a key of two, after the paper."""
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & 0xFFFFFFFF, a >> 32 ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def units(n, dtype, first=0, seed=7):
    """What the stream has for ``n`` elements from counter ``first`` on."""
    words = []
    for i in range(first, first + n):
        words += philox((i & 0xFFFFFFFF, i >> 32, 0, 0), (seed & 0xFFFFFFFF, seed >> 32))
    w = np.array(words, np.uint64)
    u = (w >> np.uint64(8)) * 2.0**-24 if dtype == np.float32 else _pairs(w)
    return u[:n].astype(dtype)


def _pairs(w):
    return ((w[0::2] >> np.uint64(5)) * 2.0**26 + (w[1::2] >> np.uint64(6))) * 2.0**-53


def boxmuller(u):
    u = u.astype(float)
    radius, turn = np.sqrt(-2 * np.log1p(-u[1::2])), 2 * math.pi * u[0::2]
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], 1).reshape(-1)


def test_known_answers():
    """Those that the authors of Philox publish."""
    ones = 0xFFFFFFFF
    assert philox((0, 0, 0, 0), (0, 0)) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    assert philox((ones,) * 4, (ones,) * 2) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]


#: A filling, and what it makes of u.
KINDS = {
    "uniform": (lambda x: torch.uniform(x, -2, 3), lambda u: u * 5 - 2),
    "bernoulli": (lambda x: torch.bernoulli(x, 0.25), lambda u: u < 0.25),
    "exponential": (lambda x: torch.exponential(x, 2), lambda u: -np.log1p(-u.astype(float)) / 2),
    "cauchy": (lambda x: torch.cauchy(x, 1, 2), lambda u: 1 + 2 * np.tan(np.pi * (u.astype(float) - 0.5))),
    "normal": (lambda x: torch.normal(x, 1, 2), lambda u: 1 + 2 * boxmuller(u)),
    "logNormal": (lambda x: torch.logNormal(x, 0.1, 0.5), lambda u: np.exp(0.1 + 0.5 * boxmuller(u))),
    "tnn.uniform_": (lambda x: tnn.random.uniform_(x, -2, 3), lambda u: u * 5 - 2),
    "tnn.normal_": (lambda x: tnn.random.normal_(x, 1, 2), lambda u: 1 + 2 * boxmuller(u)),
    "tnn.bernoulli_": (lambda x: tnn.random.bernoulli_(x, 0.25), lambda u: u < 0.25),
    "tnn.exponential_": (lambda x: tnn.random.exponential_(x, 2), lambda u: -np.log1p(-u.astype(float)) / 2),
}


@pytest.mark.parametrize("dtype", TYPES, ids=["float", "double"])
@pytest.mark.parametrize("name", KINDS)
def test_distributions(cupy, name, dtype):
    fill, formula = KINDS[name]
    x, y = cupy.empty((3, 7), dtype), cupy.empty(9, dtype)
    assert fill(x) is x
    fill(y[1:])  # at an address that is no multiple of 16
    n, each = 24, 16 // x.itemsize
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    expected = np.asarray(formula(units(n, dtype)), float)[:21]
    np.testing.assert_allclose(x.get().reshape(-1), expected, rtol=tolerance, atol=20 * tolerance)
    expected = np.asarray(formula(units(8, dtype, -(-21 // each))), float)
    np.testing.assert_allclose(y.get()[1:], expected, rtol=tolerance, atol=20 * tolerance)


def test_whole_numbers(cupy):
    u = units(30, np.float64)
    x = cupy.empty(30, np.float32)
    np.testing.assert_array_equal(torch.random(x, 3, 9).get(), 3 + np.floor(u * 7))
    cutorch.manualSeed(7)
    words = cupy.empty(30, np.int64)
    np.testing.assert_array_equal(torch.random(words, 5).get(), 1 + np.floor(u * 5))
    cutorch.manualSeed(7)
    np.testing.assert_array_equal(torch.geometric(x, 0.3).get(), np.floor(np.log1p(-u) / np.log(0.3)) + 1)
    cutorch.manualSeed(7)
    p = np.linspace(0, 1, 30)
    np.testing.assert_array_equal(torch.bernoulli(x, cupy.asarray(p)).get(), u < p)
    with pytest.raises(ValueError, match="probability"):
        torch.bernoulli(x, cupy.asarray(p + 1))


def test_arrays_in_another_order(cupy):
    x = cupy.empty((5, 4), np.float32)
    torch.uniform(x.T)
    np.testing.assert_array_equal(x.T.get().reshape(-1), units(20, np.float32))


def test_statistics(cupy):
    x = cupy.empty(1 << 16, np.float32)
    torch.normal(x)
    z = x.get().astype(float)
    assert (
        abs(z.mean()) < 0.02 and abs(z.std() - 1) < 0.02 and abs((z**3).mean()) < 0.05 and abs((z**4).mean() - 3) < 0.15
    )
    for p in (0.1, 0.5, 0.9):
        assert abs(torch.bernoulli(x, p).get().mean() - p) < 0.01
    torch.uniform(x)
    u = np.sort(x.get())
    assert np.abs(u - np.arange(u.size) / u.size).max() < 0.01


@pytest.mark.parametrize("dtype", TYPES, ids=["float", "double"])
@pytest.mark.parametrize("shape", [(3, 7), (5, 8)])
def test_dropout(cupy, shape, dtype):
    m = nn.Dropout(0.3).type(TYPES[dtype])
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    g = np.random.default_rng(1).standard_normal(shape).astype(dtype)
    y = m.forward(cupy.asarray(x)).get()
    scale = dtype(1) / dtype(0.7)
    noise = np.where(units(x.size, dtype).reshape(shape) < dtype(0.7), scale, 0).astype(dtype)
    np.testing.assert_array_equal(m.noise.get(), noise)
    np.testing.assert_array_equal(y, x * noise)
    np.testing.assert_array_equal(m.backward(cupy.asarray(x), cupy.asarray(g)).get(), g * noise)
    again = m.forward(cupy.asarray(x)).get()
    assert not np.array_equal(again, y) and type(m.noise) is cupy.ndarray


#: Noise that several elements share: module, input, sizes of the noise.
SHARED = {
    "planes": (lambda: nn.SpatialDropout(0.4), (3, 5, 2, 3), (3, 5, 1, 1)),
    "planes of an image": (lambda: nn.SpatialDropout(0.4), (5, 2, 3), (5, 1, 1)),
    "one sample": (lambda: nn.SpatialDropout(0.4), (1, 5, 2, 3), (1, 5, 1, 1)),
    "volumes": (lambda: nn.VolumetricDropout(0.4), (2, 3, 2, 2, 2), (2, 3, 1, 1, 1)),
    "mono": (lambda: nn.Dropout(0.4, mono=True, v1=True), (4, 9), (1, 9)),
    "mono of one": (lambda: nn.Dropout(0.4, mono=True, v1=True), (4, 1), (1, 1)),
}


@pytest.mark.parametrize("dtype", TYPES, ids=["float", "double"])
@pytest.mark.parametrize("name", SHARED)
def test_noise_that_is_shared(cupy, name, dtype):
    make, shape, sizes = SHARED[name]
    m, x = make().type(TYPES[dtype]), np.random.default_rng(0).standard_normal(shape).astype(dtype)
    y = m.forward(cupy.asarray(x)).get()
    noise = (units(math.prod(sizes), dtype).reshape(sizes) < dtype(0.6)).astype(dtype)
    np.testing.assert_array_equal(m.noise.get(), noise)
    np.testing.assert_array_equal(y, x * noise)
    np.testing.assert_array_equal(m.backward(cupy.asarray(x), cupy.asarray(y)).get(), y * noise)


def test_dropout_in_place_lazy_and_of_turned_arrays(cupy):
    ones = cupy.ones((4, 6), np.float32)
    m, x = nn.Dropout(0.5, None, True).cuda(), ones.copy()
    assert m.forward(x) is x and (x.get() == m.noise.get()).all()
    lazy = nn.Dropout(0.5, lazy=True).cuda()
    first = lazy.forward(ones).get()
    np.testing.assert_array_equal(lazy.forward(ones).get(), first)
    m = nn.Dropout(0.5).cuda()
    np.testing.assert_array_equal(m.forward(ones.T).get(), m.noise.get())
    m.setp(0)
    np.testing.assert_array_equal(m.forward(ones).get(), ones.get())


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("dtype", TYPES, ids=["float", "double"])
def test_rrelu(cupy, dtype, inplace):
    m = nn.RReLU(0.1, 0.4, inplace).type(TYPES[dtype])
    x = np.random.default_rng(0).standard_normal((3, 7)).astype(dtype)
    u = units(x.size, dtype).reshape(x.shape)
    noise = np.where(x <= 0, u * (dtype(0.4) - dtype(0.1)) + dtype(0.1), 1)
    y = m.forward(cupy.asarray(x)).get()
    np.testing.assert_allclose(m.noise.get(), noise, rtol=1e-6)
    np.testing.assert_allclose(y, x * m.noise.get(), rtol=1e-6)
    np.testing.assert_allclose(m.backward(cupy.asarray(x), cupy.asarray(x)).get(), x * m.noise.get(), rtol=1e-6)


MODULES = {
    "Dropout": lambda: nn.Dropout(),
    "SpatialDropout": lambda: nn.SpatialDropout(),
    "VolumetricDropout": lambda: nn.VolumetricDropout(),
    "RReLU": lambda: nn.RReLU(),
    "WhiteNoise": lambda: nn.WhiteNoise(),
}


@pytest.mark.parametrize("name", MODULES)
def test_noise_is_launches_alone(pretended, name):
    cutorch.manualSeed(7)
    m, x = MODULES[name]().cuda(), pretended.ones((2, 3, 2, 2), np.float32)

    def step():
        m.backward(x, m.forward(x))

    step()
    waits, launches, allocations = stand_in.counted(step)
    assert not waits and not allocations
    assert name == "WhiteNoise" or sum(launches.values()) == 2, launches


def starts(u, size, pool, out):
    """Where windows of fractional pooling begin, one number u after the other."""
    alpha = u.dtype.type(size - pool) / u.dtype.type(out - 1)
    return [[int((i + v) * alpha) - int(v * alpha) for i in range(out - 1)] + [size - pool] for v in u]


@pytest.mark.parametrize("dtype", TYPES, ids=["float", "double"])
def test_fractional_pooling(cupy, dtype):
    m = nn.SpatialFractionalMaxPooling(2, 3, 4, 3).type(TYPES[dtype])
    x = np.random.default_rng(0).standard_normal((2, 3, 8, 9)).astype(dtype)
    y = m.forward(cupy.asarray(x))
    u = units(12, dtype).reshape(6, 2)
    np.testing.assert_array_equal(m.randomSamples.get().reshape(6, 2), u)
    columns, rows = starts(u[:, 0], 9, 2, 4), starts(u[:, 1], 8, 3, 3)
    planes = x.reshape(6, 8, 9)
    expected = [[[planes[p, r : r + 3, c : c + 2].max() for c in columns[p]] for r in rows[p]] for p in range(6)]
    np.testing.assert_array_equal(y.get().reshape(6, 3, 4), expected)
    back = m.backward(cupy.asarray(x), cupy.ones_like(y)).get()
    assert back.sum() == y.size and set(zip(*np.nonzero(back))) == {
        (n, c, *divmod(int(i) - 1, 9)) for (n, c, _, _), i in np.ndenumerate(m.indices.get())
    }
    m.fixPoolingRegions()
    np.testing.assert_array_equal(m.forward(cupy.asarray(x)).get(), y.get())
    m.fixPoolingRegions(False).forward(cupy.asarray(x))
    np.testing.assert_array_equal(m.randomSamples.get().reshape(-1), units(12, dtype, 12 * x.itemsize // 16))
    m.randomSamples.fill(np.nan)  # a number of one's own that is none: windows stay inside
    assert np.isin(m.fixPoolingRegions().forward(cupy.asarray(x)).get(), x).all()


def test_fractional_pooling_of_pytorch(cupy):
    x = cupy.asarray(np.random.default_rng(0).standard_normal((2, 3, 6, 8, 9)).astype(np.float32))
    for planes, pool, sizes in (
        (x[:, :, 0].copy(), F.fractional_max_pool2d, (4, 3)),
        (x, F.fractional_max_pool3d, (2, 4, 3)),
    ):
        cutorch.manualSeed(7)
        drawn, given = pool(planes, 2, sizes).get(), units(6 * len(sizes), np.float32).reshape(2, 3, -1)
        np.testing.assert_array_equal(pool(planes, 2, sizes, _random_samples=cupy.asarray(given)).get(), drawn)
        np.testing.assert_array_equal(pool(planes.get(), 2, sizes, _random_samples=given), drawn)
        assert not np.array_equal(pool(planes, 2, sizes).get(), drawn)


@pytest.mark.parametrize("dtype", TYPES, ids=["float", "double"])
def test_a_side_of_images_is_dropped(cupy, dtype):
    m, x = nn.SpatialRegionDropout(0.3).type(TYPES[dtype]), cupy.ones((2, 3, 7, 10), dtype)
    seen = []
    for n in range(12):
        y = m.forward(x).get()
        side = 1 + int(units(1, dtype, n)[0] * 4)
        noise = np.full(x.shape, 1 / 0.7).astype(dtype)
        noise[{1: np.s_[..., :2, :], 2: np.s_[..., -2:, :], 3: np.s_[..., :3], 4: np.s_[..., -3:]}[side]] = 0
        assert m.regionType.get() == side
        np.testing.assert_array_equal(y, noise)
        np.testing.assert_array_equal(m.backward(x, x).get(), noise)
        seen.append(side)
    assert set(seen) == {1, 2, 3, 4}


@pytest.mark.parametrize("dtype", TYPES, ids=["float", "double"])
def test_all_or_nothing(cupy, dtype):
    m, x = nn.TotalDropout(0.4).type(TYPES[dtype]), cupy.ones((3, 5), dtype)
    seen = []
    for n in range(40):
        y = m.forward(x).get()
        kept = units(1, dtype, n)[0] < dtype(0.6)
        np.testing.assert_array_equal(y, np.full(x.shape, kept, dtype))
        np.testing.assert_array_equal(m.backward(x, x).get(), y)
        seen.append(kept)
    assert 12 < sum(seen) < 36
    assert m.float().forward(np.ones((3, 5), np.float32)).sum() in (0, 15)


def table(n, unigrams, first=0):
    """What the alias method draws from the stream, two numbers of 53 bits a word."""
    tables, u = dpnn.AliasMultinomial(unigrams), units(2 * n, np.float64, first).reshape(n, 2)
    slots = (u[:, 0] * len(unigrams)).astype(int)
    return np.where(u[:, 1] < tables.q[slots], slots + 1, tables.J[slots])


@pytest.mark.parametrize("batchnoise", [True, False])
@pytest.mark.parametrize("dtype", TYPES, ids=["float", "double"])
def test_noise_words(cupy, dtype, batchnoise):
    unigrams = np.array([5.0, 1, 3, 1, 10, 2], dtype)
    m = nn.NCEModule(4, 6, 7, unigrams, 1.0).type(TYPES[dtype])
    m.batchnoise = batchnoise
    x, labels = np.random.default_rng(0).standard_normal((3, 4)).astype(dtype), np.array([2, 6, 1])
    inputs = [cupy.asarray(x), cupy.asarray(labels)]
    targets, noise, ofTargets, ofNoise = (y.get() for y in m.forward(inputs))
    drawn = table(7 if batchnoise else 21, unigrams)
    drawn = np.broadcast_to(drawn, (3, 7)) if batchnoise else drawn.reshape(3, 7)
    scores = np.exp(x @ m.weight.get().T + m.bias.get())
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(targets, scores[range(3), labels - 1], tolerance)
    np.testing.assert_allclose(noise, np.take_along_axis(scores, drawn - 1, 1), tolerance)
    shares = unigrams / unigrams.sum()
    np.testing.assert_allclose(ofTargets, shares[labels - 1], tolerance)
    np.testing.assert_allclose(ofNoise, shares[drawn - 1], tolerance)
    criterion = nn.NCECriterion().type(TYPES[dtype])

    def step():
        m.zeroGradParameters()
        loss = criterion.forward(m.forward(inputs), inputs[1])
        m.backward(inputs, criterion.backward(m.output, inputs[1]))
        return loss

    step()
    waits, _, _ = stand_in.counted(step)
    assert not waits
    assert not m.gradWeight.get()[[w - 1 for w in range(1, 7) if w not in m.sampleidx.get()]].any()


def test_frequencies_of_noise_words(cupy):
    unigrams = np.array([5.0, 0, 3, 1, 10, 1])
    words = cupy.empty((40, 500), np.int64)
    dpnn.AliasMultinomial(unigrams).batchdraw(words)
    np.testing.assert_allclose(np.bincount(words.get().ravel(), minlength=7)[1:] / 20000, unigrams / 20, atol=0.012)
    small = cupy.empty(30, np.int32)
    cutorch.manualSeed(7)
    np.testing.assert_array_equal(dpnn.AliasMultinomial(unigrams).batchdraw(small).get(), table(30, unigrams))


def test_words_and_normalisations_that_are_wrong_are_told_later(cupy):
    m = nn.NCEModule(4, 6, 3, np.ones(6), 1.0).cuda()
    x, labels = cupy.ones((2, 4), np.float32), cupy.asarray(np.array([1, 9]))
    m.zeroGradParameters()
    y = m.forward([x, labels])
    assert y[0].get()[1] == 0 and y[2].get()[1] == 0
    m.backward([x, labels], [cupy.ones_like(g) for g in y])
    assert np.isfinite(m.gradWeight.get()).all()
    with pytest.raises(IndexError, match=r"9, classes are 1\.\.6"):
        cutorch.synchronize()
    labels[...] = 2
    m.Z.fill(-1)
    m.forward([x, labels])
    with pytest.raises(ValueError, match=r"Z became -1\.0, it must be positive"):
        cutorch.synchronize()
    m.Z = cupy.full(1, -1, np.float32)
    m.forward([x, labels])
    assert float(m.Z[0]) > 0
    with pytest.raises(ValueError, match="labels must be whole numbers"):
        m.forward([x, cupy.asarray(np.array([1, 1.5]))])
        cutorch.synchronize()


DRAWS = {
    "fractional": lambda: nn.SpatialFractionalMaxPooling(2, 2, 3, 3),
    "volumes": lambda: nn.VolumetricFractionalMaxPooling(2, 2, 2, 2, 3, 3),
    "region": lambda: nn.SpatialRegionDropout(0.4),
    "total": lambda: nn.TotalDropout(0.4),
}


@pytest.mark.parametrize("name", DRAWS)
def test_captured_draws(cupy, name):
    shape = (2, 5, 6, 7, 4) if name == "volumes" else (2, 5, 6, 7)
    random = np.random.default_rng(0)
    data = [cupy.asarray(random.standard_normal(shape).astype(np.float32)) for _ in range(9)]
    found = []
    for caught in (False, True):
        cutorch.manualSeed(9)
        m = DRAWS[name]().cuda()
        flow = cupy.ones_like(m.forward(data[0]))

        def step(x, m=m, flow=flow):
            m.forward(x)
            return m.backward(x, flow)

        run = torch.graph(step) if caught else step
        found.append([(run(x).get().copy(), m.output.get()) for x in data])
    for a, b in zip(*found):
        assert np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1])
    assert all(line.endswith("from a table") for line in run.captured()), run.captured()


@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_launches_alone(pretended, name):
    cutorch.manualSeed(7)
    m, x = DRAWS[name]().cuda(), pretended.ones((2, 5, 6, 7, 4)[: 5 if name == "volumes" else 4], np.float32)
    flow = pretended.ones_like(m.forward(x))

    def step():
        m.forward(x)
        m.backward(x, flow)

    step()
    waits, _, allocations = stand_in.counted(step)
    assert not waits and not allocations


@pytest.mark.parametrize("name", ["ReinforceNormal", "ReinforceBernoulli"])
def test_samples_wait_for_nothing(pretended, name):
    cutorch.manualSeed(7)
    m = nn.ReinforceNormal(0.1).cuda() if name == "ReinforceNormal" else nn.ReinforceBernoulli().cuda()
    x = pretended.full((5, 3), 0.5, np.float32)
    m.forward(x)
    waits, _, _ = stand_in.counted(lambda: m.forward(x))
    assert not waits


def test_dropouts_of_pytorch(cupy):
    x = cupy.ones((2, 3, 4, 5), np.float32)
    m = tnn.Dropout(0.3).cuda()
    y = m.forward(x)
    noise = np.where(units(x.size, np.float32).reshape(x.shape) < np.float32(0.7), np.float32(1) / np.float32(0.7), 0)
    np.testing.assert_array_equal(y.get(), noise)
    np.testing.assert_array_equal(m.backward(x, x).get(), noise)
    planes = tnn.Dropout2d(0.5).cuda().forward(x).get()
    assert (planes == planes[..., :1, :1]).all() and set(np.unique(planes)) <= {0, 2}
    for call in (
        lambda: F.alpha_dropout(x, 0.5),
        lambda: F.dropout1d(x[0], 0.5),
        lambda: F.gumbel_softmax(x),
        lambda: F.scaled_dot_product_attention(x, x, x, dropout_p=0.5),
        lambda: tnn.MultiheadAttention(5, 1, dropout=0.5).cuda().forward(x[0], x[0], x[0])[0],
        lambda: tnn.LSTM(5, 4, 2, dropout=0.5).cuda().forward(x[0])[0],
    ):
        waits, _, _ = stand_in.counted(lambda call=call: kept.append(call().copy()) if (kept := []) == [] else None)
        assert not waits
        first, second = call().get(), call().get()
        assert first.shape == second.shape and not np.array_equal(first, second)


def test_seeds(cupy):
    x = cupy.empty(10, np.float32)
    first = torch.uniform(x).get()
    assert not np.array_equal(torch.uniform(x).get(), first)
    state = cutorch.getRNGState()
    second = torch.uniform(x).get()
    cutorch.setRNGState(state)
    np.testing.assert_array_equal(torch.uniform(x).get(), second)
    cutorch.manualSeed(7)
    np.testing.assert_array_equal(torch.uniform(x).get(), first)
    here = torch.uniform()
    torch.manualSeed(1)
    assert torch.uniform() == here, "the GPU's seed is not the CPU's"
    assert cutorch.initialSeed() == 7 and cutorch.seed() == cutorch.initialSeed() != 7
    cutorch.seedAll()
    seed = cutorch.initialSeed()
    assert seed != 7
    np.testing.assert_array_equal(torch.uniform(x).get(), units(10, np.float32, seed=seed))
    cutorch.manualSeedAll(2**40 + 3)
    np.testing.assert_array_equal(torch.uniform(x).get(), units(10, np.float32, seed=2**40 + 3))
    cutorch.manualSeed(-1)
    np.testing.assert_array_equal(torch.uniform(x).get(), units(10, np.float32, seed=2**64 - 1))
    with pytest.raises(ValueError, match="16 bytes, got 3"):
        cutorch.setRNGState(state[:3])


def test_a_program_that_seeds_the_cpu_alone_has_its_numbers(cupy, monkeypatch):
    monkeypatch.setattr(gpu_random, "_seeded", None)
    torch.manualSeed(3)
    expected = torch.uniform(np.empty(10, np.float32))
    torch.manualSeed(3)
    np.testing.assert_array_equal(torch.uniform(cupy.empty(10, np.float32)).get(), expected)
    torch.manualSeed(3)
    generator = torch.Generator()
    assert gpu_random.own(generator) and not gpu_random.own(torch.generator.current())
    assert not gpu_random.own(generator.manualSeed(1))
    generator.seed()
    assert gpu_random.own(generator)
    cutorch.manualSeed(7)
    np.testing.assert_array_equal(torch.uniform(cupy.empty(10, np.float32)).get(), units(10, np.float32))
    given = torch.Generator().manualSeed(3)
    np.testing.assert_array_equal(torch.uniform(cupy.empty(10, np.float32), generator=given).get(), expected)


def test_every_device_has_its_stream(pretended):
    with stand_in.devices(2):
        cutorch.manualSeedAll(5)
        found = []
        for n in (1, 2):
            cutorch.setDevice(n)
            found.append(torch.uniform(pretended.empty(6, np.float32)).get())
        cutorch.setDevice(1)
        assert np.array_equal(*found)
        assert not np.array_equal(torch.uniform(pretended.empty(6, np.float32)).get(), found[0])
        del there._generators[1], there._seeds[1]


def test_every_access_is_checked(pretended, monkeypatch):
    """Several blocks, of which the last to finish moves the generator on."""
    monkeypatch.setattr(stand_in, "MODE", "check")
    cutorch.manualSeed(7)
    for dtype, kind in TYPES.items():
        x = pretended.ones((3, 5, 30, 11), dtype)
        for make in MODULES.values():
            m = make().type(kind)
            m.backward(x, m.forward(x))
    state = cutorch.getRNGState().view(np.uint64)
    assert state[0] == 7 and state[1] > 5 * 2000 and there.generator().get()[2] == 0


class Training:
    """Steps of a network that draws, with a criterion."""

    def __init__(self, pieces):
        torch.manualSeed(1)
        cutorch.manualSeed(9)
        net = nn.Sequential(nn.View(2, 3, 2), nn.SpatialDropout(0.3), nn.View(12), nn.Linear(12, 8), nn.RReLU())
        self.net = net = net.add(nn.Dropout(0.5)).add(nn.WhiteNoise()).add(nn.Linear(8, 4)).add(nn.LogSoftMax()).cuda()
        self.step = training_step(net, nn.ClassNLLCriterion().cuda(), pieces)

    def run(self, step, data):
        found = []
        for x, t in data:
            loss = step(x, t)
            found.append((float(loss), self.net.get(6).noise.get(), self.net.get(9).output.get()))
        return found


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "pieces"])
def test_captured_steps_draw_anew(cupy, pieces):
    random = np.random.default_rng(0)
    data = [
        (cupy.asarray(random.standard_normal((5, 2, 3, 2)).astype(np.float32)), cupy.asarray(random.integers(1, 5, 5)))
        for _ in range(7)
    ]
    plain, caught = Training(pieces), None
    expected = plain.run(plain.step, data)
    caught = Training(pieces)
    graph = torch.graph(caught.step)
    found = caught.run(graph, data)
    for a, b in zip(found, expected):
        assert a[0] == b[0] and np.array_equal(a[1], b[1]) and np.array_equal(a[2], b[2])
    assert len({a[1].tobytes() for a in found}) == len(data)
    assert all(line.endswith("from a table") for line in graph.captured()), graph.captured()
    gpu_random._seeded = None  # as a program that seeds the CPU alone
    assert np.isfinite(caught.run(graph, data)[-1][0])


def test_where_generators_are_held(cupy):
    torch.uniform(cupy.empty(3))
    assert any(x is there.generator() for x in there.held())
    assert arrays.is_array(there.generator())
