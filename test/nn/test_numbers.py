"""Numbers, parameters and buffers that kernels take: a file or a script may set them to anything."""

import numpy as np
import pytest

import nn
import torch7 as torch
from nn.numbers import MOST, Real, Whole

INVALID = [-1, 0, 1.5, float("nan"), float("inf"), -float("inf"), MOST + 1, 2**70, -(2**70), np.int64(-3)]
NO_NUMBERS = [None, "3", [], [1], {}, True, np.ones(2), np.array(3), object(), nn.Tanh]


class Window:
    def __init__(self, **fields):
        vars(self).update(fields)


def test_whole_numbers():
    numbers = Whole(kW=1, padW=0)
    window = Window(kW=3, padW=0)
    assert numbers(window) == (3, 0)
    for kW in (4.0, np.float32(4), np.int8(4), np.uint64(4), 4):
        window.kW = kW
        assert [type(x) for x in numbers(window)] == [int, int]
        assert numbers(window) == (4, 0)
        assert type(window.kW) is int
    window.padW = -1
    with pytest.raises(ValueError, match="padW should not be negative, got -1"):
        numbers(window)


def test_real_numbers():
    numbers, layer = Real("alpha", "beta"), Window(alpha=1, beta=np.float32(0.5))
    assert numbers(layer) == (1.0, 0.5)
    assert [type(x) for x in numbers(layer)] == [float, float]
    for bad in NO_NUMBERS:
        layer.beta = bad
        with pytest.raises(TypeError, match="beta must be a number"):
            numbers(layer)


GEOMETRIES = {
    "SpatialConvolution": (lambda: nn.SpatialConvolution(2, 3, 2, 3, 1, 2, 1, 1), (2, 5, 6)),
    "SpatialDilatedConvolution": (lambda: nn.SpatialDilatedConvolution(2, 3, 2, 3, 1, 2, 1, 1, 2, 1), (2, 5, 6)),
    "SpatialFullConvolution": (lambda: nn.SpatialFullConvolution(2, 3, 2, 3, 2, 2, 1, 1, 1, 1), (2, 5, 6)),
    "SpatialDepthWiseConvolution": (lambda: nn.SpatialDepthWiseConvolution(2, 3, 2, 3, 1, 2, 1, 1), (2, 5, 6)),
    "SpatialConvolutionLocal": (lambda: nn.SpatialConvolutionLocal(2, 3, 6, 5, 2, 3, 1, 2, 1, 1), (2, 5, 6)),
    "SpatialConvolutionMap": (lambda: nn.SpatialConvolutionMap([[1, 1], [2, 3]], 2, 3), (2, 5, 6)),
    "SpatialSubSampling": (lambda: nn.SpatialSubSampling(2, 2, 3, 1, 2), (2, 5, 6)),
    "VolumetricConvolution": (lambda: nn.VolumetricConvolution(2, 3, 2, 2, 2, 1, 2, 1, 1, 1, 1), (2, 3, 4, 5)),
    "VolumetricFullConvolution": (lambda: nn.VolumetricFullConvolution(2, 3, 2, 2, 2, 2, 2, 2), (2, 3, 2, 3)),
    "SpatialMaxPooling": (lambda: nn.SpatialMaxPooling(3, 2, 1, 2, 1, 1), (2, 5, 6)),
    "SpatialDilatedMaxPooling": (lambda: nn.SpatialDilatedMaxPooling(3, 2, 1, 2, 1, 1, 2, 1), (2, 5, 6)),
    "SpatialAveragePooling": (lambda: nn.SpatialAveragePooling(3, 2, 1, 2, 1, 1), (2, 5, 6)),
    "VolumetricMaxPooling": (lambda: nn.VolumetricMaxPooling(2, 2, 2, 1, 2, 1, 1, 1, 1), (2, 3, 4, 5)),
    "VolumetricAveragePooling": (lambda: nn.VolumetricAveragePooling(2, 2, 2, 1, 2, 1), (2, 3, 4, 5)),
    "TemporalConvolution": (lambda: nn.TemporalConvolution(3, 4, 2, 1), (5, 3)),
    "TemporalMaxPooling": (lambda: nn.TemporalMaxPooling(2, 1), (5, 3)),
    "TemporalRowConvolution": (lambda: nn.TemporalRowConvolution(3, 2, 1), (5, 3)),
    "SpatialCrossMapLRN": (lambda: nn.SpatialCrossMapLRN(3), (4, 2, 3)),
    "SpatialUpSamplingNearest": (lambda: nn.SpatialUpSamplingNearest(2), (2, 2, 3)),
    "SpatialUpSamplingBilinear": (lambda: nn.SpatialUpSamplingBilinear(2), (2, 2, 3)),
}


def whole_fields(module):
    return [name for name, x in vars(module).items() if type(x) is int and not name.startswith("_")]


@pytest.mark.parametrize("name", GEOMETRIES)
def test_edited_fields(name):
    """Refused before the first pass and between the passes; a whole float means the number."""
    make, shape = GEOMETRIES[name]
    x = np.random.default_rng(0).normal(size=shape)
    module = make()
    expected = module.forward(x).copy()
    gradient = module.backward(x, np.ones_like(expected)).copy()
    for field in whole_fields(module):
        held = getattr(module, field)
        for bad in [b for b in INVALID if b not in (0,) or not field.startswith(("pad", "adj"))] + NO_NUMBERS:
            setattr(module, field, bad)
            if field not in ("oW", "oH", "iheight", "iwidth", "itime"):
                for call in (lambda: module.forward(x), lambda: module.backward(x, np.ones_like(expected))):
                    with pytest.raises((ValueError, TypeError)):
                        call()
            setattr(module, field, held)
        setattr(module, field, float(held))
        np.testing.assert_array_equal(module.forward(x), expected)
        np.testing.assert_array_equal(module.backward(x, np.ones_like(expected)), gradient)
        setattr(module, field, held)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.SpatialConvolution(1, 1, 3, 3, 1, 1, -2, -2),
        lambda: nn.SpatialFullConvolution(1, 1, 3, 3, 1, 1, -1),
        lambda: nn.VolumetricConvolution(1, 1, 3, 3, 3, 1, 1, 1, 0, -1, 0),
        lambda: nn.SpatialMaxPooling(3, 3, 1, 1, -2, -2),
        lambda: nn.SpatialAveragePooling(3, 3, 1, 1, 0, -1),
        lambda: nn.VolumetricMaxPooling(3, 3, 3, 1, 1, 1, -1, 0, 0),
        lambda: nn.SpatialConvolution(0, 1, 3, 3),
        lambda: nn.SpatialConvolution(1, 1, 3, 1.5),
        lambda: nn.TemporalConvolution(-1, 2, 3),
        lambda: nn.SpatialCrossMapLRN(0),
    ],
)
def test_constructors_refuse(make):
    with pytest.raises(ValueError):
        make()


def test_adj_of_a_file_must_be_less_than_the_stride():
    module = nn.SpatialFullConvolution(1, 1, 3, 3, 2, 2)
    module.adjW = 2
    module = torch.deserialize(torch.serialize(module))
    with pytest.raises(ValueError, match="adj"):
        module.forward(np.ones((1, 4, 4)))


@pytest.mark.parametrize("table", [[[1, 1]], [[1, 1], [2, 9]], [[0, 1], [2, 3]], [[1, 1, 1], [2, 3, 1]], [1, 2], None])
def test_another_connection_table(table):
    module = nn.SpatialConvolutionMap([[1, 1], [2, 3]], 2, 2)
    module.connTable = table if table is None else np.array(table, float)
    with pytest.raises((ValueError, TypeError)):
        module.forward(np.ones((2, 4, 4)))


def changed_layout(x, how):
    if how == "strided":
        wide = np.zeros((*x.shape, 2), x.dtype)
        wide[..., 0] = x
        return wide[..., 0]
    if how == "Fortran":
        return np.asfortranarray(x)
    y = x.copy()
    y.flags.writeable = False
    return y


BUFFERED = {
    **{name: GEOMETRIES[name] for name in ("SpatialConvolution", "SpatialMaxPooling", "SpatialCrossMapLRN")},
    "UpSampling": (lambda: nn.UpSampling(2, "bilinear"), (1, 2, 2, 3)),
    "SpatialUpSamplingBilinear": GEOMETRIES["SpatialUpSamplingBilinear"],
    "BatchNormalization": (lambda: nn.BatchNormalization(3), (4, 3)),
    "Linear": (lambda: nn.Linear(3, 4), (5, 3)),
    "SoftMax": (nn.SoftMax, (5, 3)),
    "LogSoftMax": (nn.LogSoftMax, (5, 3)),
    "Tanh": (nn.Tanh, (5, 3)),
    "ReLU": (nn.ReLU, (5, 3)),
}


@pytest.mark.parametrize("how", ["strided", "Fortran", "read-only"])
@pytest.mark.parametrize("name", BUFFERED)
def test_replaced_buffers(name, how):
    """An output or gradInput that kernels cannot write is left alone."""
    make, shape = BUFFERED[name]
    module, x = make(), np.random.default_rng(0).normal(size=shape)
    expected = module.forward(x).copy()
    gradient = module.backward(x, np.ones_like(expected)).copy()
    module.output, module.gradInput = changed_layout(expected, how), changed_layout(gradient, how)
    np.testing.assert_array_equal(module.forward(x), expected)
    np.testing.assert_array_equal(module.backward(x, np.ones_like(expected)), gradient)


ALIASED = {
    "Linear": (lambda: nn.Linear(3, 3), (3, 3)),
    "SpatialConvolution": (lambda: nn.SpatialConvolution(2, 2, 3, 3, 1, 1, 1, 1), (2, 2, 3, 3)),
    "SpatialFullConvolution": (lambda: nn.SpatialFullConvolution(2, 2, 3, 3, 1, 1, 1, 1), (2, 2, 3, 3)),
    "SpatialMaxPooling": (lambda: nn.SpatialMaxPooling(3, 3, 1, 1, 1, 1), (2, 2, 3, 4)),
    "SpatialAveragePooling": (lambda: nn.SpatialAveragePooling(3, 3, 1, 1, 1, 1), (2, 2, 3, 4)),
    "SpatialCrossMapLRN": (lambda: nn.SpatialCrossMapLRN(3), (4, 2, 3)),
    "BatchNormalization": (lambda: nn.BatchNormalization(3), (4, 3)),
    "SoftMax": (nn.SoftMax, (5, 3)),
    "ELU": (nn.ELU, (5, 3)),
    "SpatialSubtractiveNormalization": (lambda: nn.SpatialSubtractiveNormalization(1, np.ones(3)), (1, 4, 5)),
}


@pytest.mark.parametrize("name", ALIASED)
def test_one_array_in_two_places(name):
    """Output and gradInput that are the input, gradOutput or the weight are let go."""
    make, shape = ALIASED[name]
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=shape), rng.normal(size=shape)
    torch.manualSeed(1)
    module = make()
    expected = module.forward(x).copy(), module.backward(x, g).copy()
    kept = x.copy(), g.copy(), *(p.copy() for p in module.parameters()[0])
    places = [(x, x), (x, g), *((p, p) for p in module.parameters()[0][:1])]
    places += [(output[...], gradInput[...]) for output, gradInput in places]  # other views of the same memory
    for output, gradInput in places:
        module.output = output
        np.testing.assert_array_equal(module.forward(x), expected[0])
        np.testing.assert_array_equal(x, kept[0])
        module.gradInput = gradInput
        np.testing.assert_array_equal(module.backward(x, g), expected[1])
        for array, copy in zip((x, g, *module.parameters()[0]), kept):
            if array is not x:
                np.testing.assert_array_equal(array, copy)
            array[...] = copy
    other = module.clone()
    np.testing.assert_array_equal(module.forward(module.forward(x)), other.forward(expected[0]))


def test_a_view_of_the_output_as_input():
    module = nn.Linear(3, 3)
    torch.manualSeed(1)
    x = np.random.default_rng(0).normal(size=(2, 3))
    module.output = np.zeros((3, 3))[1:]  # as a file or a script may leave it
    y = module.forward(x).copy()
    expected = nn.Linear(3, 3).share(module, "weight", "bias").forward(y)
    np.testing.assert_array_equal(module.forward(module.output[...]), expected)


def test_output_and_gradInput_in_one_memory():
    for module in (nn.SoftMax(), nn.Normalize(2), nn.SpatialCrossMapLRN(3), nn.Sigmoid()):
        shape = (2, 4, 3, 3) if isinstance(module, nn.SpatialCrossMapLRN) else (4, 3)
        x, g = np.random.default_rng(0).normal(size=(2, *shape))
        module.forward(x)
        expected = module.backward(x, g).copy()
        memory = np.zeros(x.size + 1)
        module.output, module.gradInput = memory[:-1].reshape(shape), memory[1:].reshape(shape)
        module.forward(x)
        np.testing.assert_array_equal(module.backward(x, g), expected)
        module.gradInput = module.output
        np.testing.assert_array_equal(module.backward(x, g), expected)


def test_indices_in_the_memory_of_the_output():
    """The kernel would read places where it has written results."""
    module, x = nn.LookupTable(4, 2), np.array([1.0, 3, 3, 2])
    expected = module.forward(x).copy()
    memory = np.ones(8)
    module.output, module._input = memory.reshape(4, 2), memory[:4].view(np.int64)
    np.testing.assert_array_equal(module.forward(x), expected)
    module = nn.SparseLinear(4, 2)
    entries = np.array([[1.0, 0.5], [4.0, 2.0]])
    expected = module.forward(entries).copy()
    memory = np.ones(6)
    module.output, module.formatted_input = memory[:2], memory.reshape(2, 3)
    np.testing.assert_array_equal(module.forward(entries), expected)


def test_numbers_of_small_modules():
    module = nn.PixelShuffle(2)
    module.upscaleFactor = 0
    with pytest.raises(ValueError, match="upscaleFactor"):
        module.forward(np.ones((4, 2, 2)))
    module = nn.FeatureLPPooling(3, 2, 2.5, True)
    module.power = 0
    with pytest.raises(ValueError, match="power must not be 0"):
        module.forward(np.ones((2, 9)))
    with pytest.raises(TypeError, match="maxoutNumber"):
        nn.Maxout(3, 2**31 - 1, "nn")
    module = nn.RReLU()
    x = np.linspace(-2, 2, 30)
    for slopes in (np.zeros(40, ">f8"), np.zeros(40, "f4"), None, np.zeros((8, 5)), np.zeros(80)[::2]):
        torch.manualSeed(3)
        expected = nn.RReLU().forward(x)
        module._slopes = slopes
        torch.manualSeed(3)
        np.testing.assert_array_equal(module.forward(x), expected)


def test_a_criterion_keeps_its_target():
    x, y = np.random.default_rng(0).random((2, 4, 3))
    for gradInput in (y, y[...], x[...]):
        criterion = nn.MSECriterion()
        criterion.forward(x, y)
        criterion.gradInput = gradInput
        kept = x.copy(), y.copy()
        criterion.backward(x, y)
        np.testing.assert_array_equal((x, y), kept)


@pytest.mark.parametrize(
    "make, x",
    [
        (lambda: nn.LookupTable(4, 2), np.array([1.0, 3, 3, 2])),
        (lambda: nn.Kmeans(2, 3), np.random.default_rng(0).normal(size=(4, 3))),
        (lambda: nn.Concat(2).add(nn.Linear(3, 2)).add(nn.Linear(3, 4)), np.random.default_rng(0).normal(size=(4, 3))),
        (lambda: nn.ConcatTable().add(nn.Linear(3, 2)).add(nn.Linear(3, 4)), np.ones((4, 3))),
        (lambda: nn.Parallel(1, 1).add(nn.Linear(3, 2)).add(nn.Linear(3, 4)), np.ones((2, 3))),
    ],
)
def test_gradients_of_parameters_from_an_input_that_was_gradInput(make, x):
    module, kept = make(), x.copy()
    output = module.forward(x)
    g = [np.ones_like(y) for y in output] if isinstance(output, list) else np.ones_like(output)
    module.zeroGradParameters()
    gradInput = np.copy(module.backward(x, g))
    expected = [q.copy() for q in module.parameters()[1]]
    module.zeroGradParameters()
    module.gradInput = x
    module.forward(x)
    np.testing.assert_array_equal(module.backward(x, g), gradInput)
    np.testing.assert_array_equal(x, kept)
    for found, wanted in zip(module.parameters()[1], expected):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda: nn.SpatialMaxPooling(2, 2), (2, 4, 6)),
        (lambda: nn.SpatialDilatedMaxPooling(2, 2), (2, 4, 6)),
        (lambda: nn.VolumetricMaxPooling(2, 2, 2), (2, 4, 4, 6)),
        (lambda: nn.TemporalMaxPooling(2), (6, 3)),
        (lambda: nn.SpatialAdaptiveMaxPooling(2, 3), (2, 5, 6)),
        (lambda: nn.Max(1), (4, 3)),
        (lambda: nn.Min(2), (4, 3, 2)),
    ],
)
@pytest.mark.parametrize("how", ["strided", "Fortran", "read-only", "double"])
def test_replaced_indices(make, shape, how):
    module, x = make(), np.random.default_rng(0).normal(size=shape)
    name = "_indices" if isinstance(module, nn.Max | nn.Min) else "indices"
    output = module.forward(x).copy()
    gradient = module.backward(x, np.ones_like(output)).copy()
    held = getattr(module, name)
    setattr(module, name, held.astype(float) if how == "double" else changed_layout(held, how))
    x = -x
    other = make()
    np.testing.assert_array_equal(module.forward(x), other.forward(x))
    assert not np.array_equal(other.backward(x, np.ones_like(output)), gradient)
    np.testing.assert_array_equal(module.backward(x, np.ones_like(output)), other.gradInput)


@pytest.mark.parametrize("field, bad", [("stride", 0), ("stride", 5), ("width", 1), ("width", 2.5), ("batch_mode", 1)])
def test_feature_pooling_of_edited_fields(field, bad):
    module = nn.FeatureLPPooling(2, 1, 2, False)
    setattr(module, field, bad)
    with pytest.raises((ValueError, TypeError), match=field):
        module.forward(np.ones(4))


@pytest.mark.parametrize("p", [1, 1.5, 2, np.inf])
@pytest.mark.parametrize("field", ["norm", "normp"])
def test_normalize_with_other_norms_between_the_passes(field, p):
    module, x = nn.Normalize(p), np.random.default_rng(0).normal(size=(4, 3))
    y = module.forward(x)
    for bad in (np.zeros(0), np.zeros((3, 1)), np.zeros((5, 1))):
        setattr(module, field, bad)
        if field == "norm" or p != np.inf:
            with pytest.raises(ValueError, match=field):
                module.backward(x, y)
    module.p = 0
    with pytest.raises(ValueError, match="norm not supported"):
        module.forward(x)


@pytest.mark.parametrize("bad", [0, -1, 5])
def test_indices_of_dynamic_pooling(bad):
    module, x = nn.TemporalDynamicKMaxPooling(2), np.arange(8.0).reshape(4, 2)
    y = module.forward(x)
    module.indices[0, 0] = bad
    with pytest.raises(ValueError, match="indices"):
        module.backward(x, y)


@pytest.mark.parametrize("name", ["SpatialCrossMapLRN", "SpatialUpSamplingBilinear", "UpSampling"])
def test_output_of_another_size_between_the_passes(name):
    make, shape = BUFFERED[name]
    module, x = make(), np.random.default_rng(0).normal(size=shape)
    y = module.forward(x)
    gradient = module.backward(x, np.ones_like(y)).copy()
    module.output = np.ones((1, 9, 9)) if y.ndim == 3 else np.ones((1, 2, 9, 9))
    with pytest.raises(ValueError, match="gradOutput"):
        module.backward(x, module.output)
    np.testing.assert_array_equal(module.backward(x, np.ones_like(y)), gradient)


def test_subsampling_weights_of_the_oldest_files():
    module, x = nn.SpatialSubSampling(2, 2, 2, 1, 1), np.random.default_rng(0).normal(size=(2, 3, 4))
    expected = module.forward(x).copy()
    windows = np.ones((2, 2, 2))
    windows[:, 0, 0] = module.weight
    module.weight, module.gradWeight = windows, np.zeros_like(windows)
    np.testing.assert_array_equal(module.forward(x), expected)
    module.backward(x, np.ones_like(expected))
    sums = [sum(x[c, i : i + 2, j : j + 3].sum() for i in range(2) for j in range(2)) for c in range(2)]
    np.testing.assert_allclose(module.gradWeight[:, 0, 0], sums)
    assert np.count_nonzero(module.gradWeight) == 2


def without_elements(module, *shape):
    output = module.forward(np.ones(shape))
    return module.backward(np.ones(shape), output)


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda: nn.BatchNormalization(3), (0, 3)),
        (lambda: nn.SpatialBatchNormalization(3), (0, 3, 2, 2)),
        (lambda: nn.SpatialAdaptiveMaxPooling(2, 2), (1, 3, 0, 4)),
        (lambda: nn.SpatialAdaptiveAveragePooling(2, 2), (1, 3, 4, 0)),
    ],
)
def test_no_elements_are_refused(make, shape):
    with pytest.raises(ValueError, match="0"):
        without_elements(make(), *shape)


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda: nn.SpatialConvolution(3, 2, 2, 2), (0, 3, 4, 4)),
        (lambda: nn.SpatialAdaptiveMaxPooling(2, 2), (0, 3, 4, 4)),
        (lambda: nn.SpatialMaxPooling(2, 2), (2, 0, 4, 4)),
        (lambda: nn.Linear(3, 2), (0, 3)),
        (nn.Tanh, (0, 3)),
        (nn.L1Penalty, (0,)),
    ],
)
def test_no_elements_give_none(make, shape):
    module = make() if make is not nn.L1Penalty else nn.L1Penalty(1, True)
    assert without_elements(module, *shape).shape == shape


def test_criterions_of_nothing():
    assert nn.MSECriterion().forward(np.ones(0), np.ones(0)) == 0
    with pytest.raises(ValueError, match="no elements"):
        nn.CosineEmbeddingCriterion().forward([np.ones((0, 3)), np.ones((0, 3))], np.ones(0))


WRONG_FOR_KERNELS = [
    (lambda: nn.BatchNormalization(3), {"eps": None}),
    (lambda: nn.BatchNormalization(3), {"momentum": "0.1"}),
    (lambda: nn.BatchNormalization(3), {"weight": np.ones(3, ">f8")}),
    (lambda: nn.BatchNormalization(3), {"running_mean": np.ones(3, complex)}),
    (lambda: nn.ELU(1.0), {"alpha": "1"}),
    (lambda: nn.LeakyReLU(0.1), {"negval": [0.1]}),
    (lambda: nn.SoftPlus(), {"beta": None}),
    (lambda: nn.HardTanh(), {"min_val": np.ones(2)}),
    (lambda: nn.PReLU(), {"weight": np.ones(1, np.float16)}),
    (lambda: nn.Linear(3, 2), {"weight": np.ones((2, 3), ">f8")}),
]


@pytest.mark.parametrize("make, fields", WRONG_FOR_KERNELS)
def test_errors_are_for_users(make, fields):
    """Neither the compiler's errors nor its crashes come through."""
    module, x = make(), np.ones((4, 3))
    vars(module).update(fields)
    with pytest.raises((TypeError, ValueError)) as caught:
        module.backward(x, module.forward(x))
    assert type(caught.value).__module__ == "builtins"


def test_kernels_refuse_what_they_cannot_read():
    from nn import thnn

    x, y, places = np.ones((1, 1, 3, 4)), np.ones((1, 1, 3, 4)), np.ones((1, 1, 3, 4), int)
    for bad in ("3", None, 1j):
        with pytest.raises(TypeError, match="kernel _pool"):
            thnn.SpatialMaxPooling_updateOutput(x, y, places, (1, 1, bad, 1, 0, 0))
    with pytest.raises(TypeError, match="float32 or float64"):
        thnn.SpatialMaxPooling_updateOutput(x, y, places.astype(np.float16), (1, 1, 1, 1, 0, 0))
