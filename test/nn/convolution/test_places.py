"""Places of maxima in 32 bits: the same numbers in half the memory."""

import copy
import pickle

import numpy as np
import pytest
from training_step import training_step

import nn
import torch7 as torch
from nn.convolution.places import Places

POOLINGS = {
    "2 x 2": (nn.SpatialMaxPooling(2, 2, 2, 2), (3, 4, 9, 37)),
    "2 x 2 of one sample, rounded up": (nn.SpatialMaxPooling(2, 2).ceil(), (4, 7, 35)),
    "3 x 3 / 2": (nn.SpatialMaxPooling(3, 3, 2, 2, 1, 1), (2, 3, 12, 40)),
    "far apart": (nn.SpatialMaxPooling(2, 3, 3, 3), (2, 3, 12, 13)),
    "dilated": (nn.SpatialDilatedMaxPooling(2, 2, 1, 1, 0, 0, 2, 3), (2, 3, 9, 11)),
    "temporal": (nn.TemporalMaxPooling(3, 2), (2, 9, 5)),
    "volumetric": (nn.VolumetricMaxPooling(2, 2, 2), (2, 3, 4, 6, 36)),
    "volumetric, far apart": (nn.VolumetricMaxPooling(2, 2, 2, 1, 3, 1), (3, 4, 9, 8)),
    "volumetric, dilated": (nn.VolumetricDilatedMaxPooling(2, 2, 2, 1, 1, 1, 0, 0, 0, 2, 1, 2), (3, 4, 6, 8)),
    "adaptive": (nn.SpatialAdaptiveMaxPooling(4, 3), (2, 3, 8, 9)),
    "fractional": (nn.SpatialFractionalMaxPooling(2, 2, 4, 3).fixPoolingRegions(), (2, 3, 9, 11)),
    "fractional volumes": (nn.VolumetricFractionalMaxPooling(2, 2, 2, 3, 3, 3).fixPoolingRegions(), (2, 3, 7, 8, 9)),
}


def pair(name, type="torch.FloatTensor"):
    """A pooling, another one with small places, an input with many equal elements, and a gradient."""
    module, shape = POOLINGS[name]
    plain = module.clone().type(type)
    random = np.random.default_rng(0)
    x = random.integers(-3, 4, shape).astype(plain._dtype)
    x[..., :2] = np.nan if "fractional" not in name else 0
    plain.forward(x)
    small = plain.clone()
    small.indexType = "int32"
    return plain, small, x, random.standard_normal(plain.output.shape).astype(x.dtype)


def written(x):
    """What is read from a file that it was written to."""
    return torch.deserialize(torch.serialize(x))


@pytest.mark.parametrize("type", ["torch.FloatTensor", "torch.DoubleTensor"])
@pytest.mark.parametrize("name", POOLINGS)
def test_the_numbers_are_the_same(name, type):
    plain, small, x, g = pair(name, type)
    for _ in range(2):
        assert small.forward(x).tobytes() == plain.forward(x).tobytes()
        assert small.backward(x, g).tobytes() == plain.backward(x, g).tobytes()
        kept = small.indices
        assert kept.dtype == np.int32 and plain.indices.dtype == np.int64 and np.array_equal(kept, plain.indices)
    small.forward(x)
    assert small.indices is kept


def test_every_max_pooling_is_here():
    here = {type(module) for module, _ in POOLINGS.values()}
    poolings = {cls for cls in vars(nn).values() if isinstance(cls, type) and issubclass(cls, Places)}
    assert {cls for cls in poolings if cls.__module__.startswith("nn.")} == here


@pytest.mark.parametrize("name", ["2 x 2", "temporal", "volumetric", "adaptive", "fractional"])
def test_copies_and_files_have_longs(name):
    plain, small, x, g = pair(name)
    small.forward(x)
    gradInput = plain.backward(x, g).tobytes()
    for made in (small.clone(), copy.deepcopy(small), pickle.loads(pickle.dumps(small)), written(small)):
        assert made.indices.dtype == np.int64 and np.array_equal(made.indices, plain.indices)
        assert made.backward(x, g).tobytes() == gradInput
        assert made.forward(x) is not None and made.indices.dtype == np.int64
    assert small.indices.dtype == np.int32
    double = small.double()
    assert double.indices.dtype == np.int64
    double.forward(x.astype(np.float64))
    assert double.indices.dtype == np.int32
    small.clearState().float()
    small.forward(x)
    assert small.indices.dtype == np.int32
    gradInput = small.backward(x, g).tobytes()
    small.indexType = "int64"
    assert small.indices.dtype == np.int64 and small.backward(x, g).tobytes() == gradInput


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint64, np.float32])
@pytest.mark.parametrize("name", ["2 x 2", "3 x 3 / 2", "temporal", "volumetric", "adaptive", "fractional"])
def test_places_of_ones_own(name, dtype):
    """Read as they were before; those outside, and other shapes, are refused before anything is written there."""
    plain, small, x, g = pair(name)
    small.forward(x)
    places = plain.indices
    for module in (plain, small):
        module.indices = places.astype(dtype)
    assert small.backward(x, g).tobytes() == plain.backward(x, g).tobytes()
    least = -2 if name == "volumetric" else np.iinfo(np.int32).min  # of a box the low bytes count alone
    for wrong in (-2, least, np.iinfo(np.int32).max):
        for module in (plain, small):
            module.indices = places.astype(np.int32)
            module.indices.reshape(-1)[-1] = wrong
            with pytest.raises(ValueError, match="indices lie outside"):
                module.backward(x, g)
    small.indices = small.indices[:-1]
    with pytest.raises(ValueError, match="indices are"):
        small.backward(x, g)
    small.indices = None
    with pytest.raises(ValueError, match="indices are none"):
        small.backward(x, g)
    small.forward(x)
    assert small.indices.dtype == np.int32


def test_planes_of_more_places_than_32_bits_have():
    small = nn.SpatialMaxPooling(2, 2)
    small.indexType = "int32"
    for width, dtype in ((2**30, np.int64), (2**30 - 1, np.int32)):
        plane = np.lib.stride_tricks.as_strided(np.zeros(1), (1, 2, width), (0, 0, 0))
        assert small.resizeIndices((1, 1, 1), plane).dtype == dtype


@pytest.mark.parametrize("name", ["2 x 2", "volumetric"])
def test_unpooling(name):
    plain, small, x, _ = pair(name)
    undo = nn.SpatialMaxUnpooling if name == "2 x 2" else nn.VolumetricMaxUnpooling
    x = np.nan_to_num(x)
    results = []
    for pooling in (plain, small):
        module = undo(pooling).float()
        y = pooling.forward(x)
        results.append((module.forward(y).tobytes(), module.backward(y, x).tobytes()))
        assert written(module).indices.dtype == np.int64
    assert results[0] == results[1]


def test_captured_steps_learn_anew():
    found = []
    for change in (False, True):
        torch.manualSeed(1)
        net = nn.Sequential(nn.SpatialConvolution(1, 4, 3, 3), nn.SpatialMaxPooling(2, 2), nn.View(36))
        step, rows = training_step(net.add(nn.Linear(36, 3)), nn.MSECriterion()), []
        run = torch.graph(step) if change else step
        for n in range(16):
            if change and n in (5, 11):
                net.get(2).indexType = "int32" if n == 5 else "int64"
            rows.append((run(torch.randn(2, 1, 8, 8), torch.randn(2, 3)), net.get(2).indices.tolist()))
            if change:
                assert net.get(2).indices.dtype == (np.int32 if 5 <= n < 11 else np.int64)
                assert (n not in (4, 10, 15)) or run.captured() == ["the whole step: from a table"]
        found.append(rows)
    assert found[0] == found[1]


def test_other_types_are_refused():
    pooling = nn.SpatialMaxPooling(2, 2)
    with pytest.raises(ValueError, match=r"indexType must be one of .*, got 'int16'"):
        pooling.indexType = "int16"
    assert pooling.indexType == "int64"
