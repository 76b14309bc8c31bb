"""Convolutions beyond the battery: worked numbers, errors, noBias, gradInput = None, tables, threads."""

import sys
from math import sqrt

import numba
import numpy as np
import pytest

import nn
import torch7 as torch


def filled(module, weight, bias=0.5):
    module.weight[...] = np.reshape(weight, module.weight.shape)
    module.bias.fill(bias)
    return module


def counting(*shape):
    """1, 2, 3, ... in this shape."""
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


def test_spatial_convolution():
    module = filled(nn.SpatialConvolution(1, 1, 2, 2), [1, 2, 3, 4])
    np.testing.assert_allclose(module.forward(counting(1, 3, 3)), [[[37.5, 47.5], [67.5, 77.5]]])


def test_temporal_convolution():
    module = filled(nn.TemporalConvolution(2, 1, 2), [1, 10, 100, 1000])
    np.testing.assert_allclose(module.forward(counting(3, 2)), [[4321.5], [6543.5]])


def test_temporal_convolution_with_gaps_between_windows():
    module = filled(nn.TemporalConvolution(1, 1, 2, 3), [1, 10], 0)
    np.testing.assert_allclose(module.forward(counting(8, 1)), [[21], [54], [87]])
    np.testing.assert_allclose(module.updateGradInput(counting(8, 1), np.ones((3, 1)))[:, 0], [1, 10, 0] * 2 + [1, 10])


def test_depth_wise_output_has_the_planes_of_input_1_first():
    module = filled(nn.SpatialDepthWiseConvolution(2, 3, 1, 1), counting(6), 0)
    output = module.forward(np.array([1.0, 10]).reshape(2, 1, 1))
    np.testing.assert_allclose(output.ravel(), [1, 3, 5, 20, 40, 60])


def test_depth_wise_takes_gradients_split_by_input_plane():
    module = nn.SpatialDepthWiseConvolution(2, 3, 2, 2)
    x, g = torch.randn(2, 4, 5), torch.randn(6, 3, 4)
    module.forward(x)
    whole = module.backward(x, g).copy()
    np.testing.assert_array_equal(module.backward(x, g.reshape(2, 3, 3, 4)), whole)


def test_depth_wise_weight_of_old_files_is_a_matrix():
    module = nn.SpatialDepthWiseConvolution(2, 3, 3, 2)
    x = torch.randn(2, 4, 5)
    output = module.forward(x).copy()
    module.weight, module.gradWeight = module.weight.reshape(3, 12), module.gradWeight.reshape(3, 12)
    old = torch.deserialize(torch.serialize(module))
    assert old.weight.shape == old.gradWeight.shape == (3, 2, 2, 3)
    np.testing.assert_array_equal(old.forward(x), output)


def test_full_convolution_map():
    module = filled(nn.SpatialFullConvolutionMap([[1, 1]], 2, 2, 2, 2), [1, 2, 3, 4])
    output = module.forward(np.array([[[1.0, 10]]]))
    np.testing.assert_allclose(output, [[[1.5, 2.5, 10.5, 20.5], [3.5, 4.5, 30.5, 40.5]]])


@pytest.mark.parametrize("featFirst", [False, True])
def test_temporal_row_convolution_of_a_square_output(featFirst):
    """As many frames as features: where an original that transposed in place went wrong at the second forward."""
    module = nn.TemporalRowConvolution(2, 2, 1, featFirst)
    filled(module, [[1, 10], [100, 1000]])
    x = counting(3, 2)
    expected = np.array([[31.5, 4200.5], [53.5, 6400.5]])
    for _ in range(3):
        output = module.forward(x.T if featFirst else x)
        np.testing.assert_allclose(output.T if featFirst else output, expected)


def test_map_with_a_remainder():
    """A 4 x 4 image, kernel 1, stride 2: the last row and column are out of reach and get no gradient."""
    module = filled(nn.SpatialConvolutionMap([[1, 1]], 1, 1, 2, 2), [3], 0)
    x = counting(1, 4, 4)
    np.testing.assert_allclose(module.forward(x), [[[3, 9], [27, 33]]])
    gradInput = module.backward(x, np.ones((1, 2, 2)))
    np.testing.assert_array_equal(np.argwhere(gradInput[0]), [[0, 0], [0, 2], [2, 0], [2, 2]])
    assert module.gradWeight.item() == 1 + 3 + 9 + 11


class TestTables:
    def test_full(self):
        assert nn.tables.full(2, 3).tolist() == [[1, 1], [2, 1], [1, 2], [2, 2], [1, 3], [2, 3]]

    def test_one_to_one(self):
        assert nn.tables.oneToOne(3).tolist() == [[1, 1], [2, 2], [3, 3]]

    def test_random(self):
        torch.manualSeed(123)
        assert nn.tables.random(4, 3, 2).tolist() == [[3, 1], [1, 1], [2, 2], [4, 2], [3, 3], [1, 3]]

    def test_random_draws_anew_after_the_last_chunk(self):
        torch.manualSeed(7)
        nn.tables.random(4, 2, 2)
        after = torch.uniform()
        torch.manualSeed(7)
        torch.randperm(4), torch.randperm(4)
        assert after == torch.uniform()

    def test_too_many_connections(self):
        with pytest.raises(ValueError, match="1 to 4"):
            nn.tables.random(4, 2, 5)

    def test_the_caller_s_table_is_copied(self):
        table = nn.tables.full(2, 2)
        module = nn.SpatialConvolutionMap(table, 2, 2)
        table.fill(9)
        assert module.connTable.max() == 2

    @pytest.mark.parametrize("table", [[[0, 1]], [[1, 1.5]], [[1, 2, 3]], [], [1, 2]])
    def test_wrong_tables(self, table):
        with pytest.raises(ValueError, match="connTable"):
            nn.SpatialConvolutionMap(table, 2, 2)

    def test_initial_bounds_follow_the_number_of_connections(self):
        torch.manualSeed(3)
        module = nn.SpatialConvolutionMap([[1, 1], [2, 1], [3, 1], [1, 2]], 2, 1)
        torch.manualSeed(3)
        bounds = [1 / sqrt(6)] * 3 + [1 / sqrt(2)]
        expected = np.array([torch.uniform(np.empty((1, 2)), -b, b) for b in bounds])
        np.testing.assert_array_equal(module.weight, expected)
        np.testing.assert_array_equal(module.bias, [torch.uniform(-b, b) for b in bounds[2:]])

    def test_decay_parameters(self):
        module = filled(nn.SpatialConvolutionMap([[1, 1]], 1, 1), [2], 4)
        module.decayParameters(0.25)
        assert (module.weight.item(), module.bias.item()) == (1.5, 3)


class TestFullConvolution:
    def test_wanted_size(self):
        module = nn.SpatialFullConvolution(2, 3, 3, 3, 2, 2, 1, 1)
        x, t = torch.randn(2, 4, 5), torch.randn(7, 8, 10)
        assert module.forward([x, t]).shape == (3, 8, 10)
        gradX, gradT = module.backward([x, t], torch.randn(3, 8, 10))
        assert gradX.shape == x.shape and gradT.shape == t.shape and not gradT.any()

    def test_a_tensor_after_a_table(self):
        module = nn.SpatialFullConvolution(2, 3, 3, 3, 2, 2, 1, 1)
        x, g = torch.randn(2, 4, 5), torch.randn(3, 7, 9)
        module.forward(x)
        expected = module.updateGradInput(x, g).copy()
        module.forward([x, torch.randn(8, 10)])
        module.updateGradInput([x, torch.randn(8, 10)], torch.randn(3, 8, 10))
        module.forward(x)
        np.testing.assert_array_equal(module.updateGradInput(x, g), expected)

    def test_adj_is_less_than_the_stride(self):
        with pytest.raises(ValueError, match="adj must be smaller"):
            nn.SpatialFullConvolution(1, 1, 3, 3, 2, 2, 0, 0, 2, 0)
        with pytest.raises(ValueError, match="adj must be smaller"):
            nn.VolumetricFullConvolution(1, 1, 3, 3, 3, 2, 2, 1, 0, 0, 0, 1, 1, 1)

    def test_border_defaults_are_independent(self):
        module = nn.SpatialFullConvolution(1, 1, 3, 3, 1, 1, 2)
        assert (module.padW, module.padH) == (2, 0)

    def test_empty_output(self):
        with pytest.raises(ValueError, match="too small"):
            nn.SpatialFullConvolution(1, 1, 1, 1, 1, 1, 1, 1).forward(np.ones((1, 2, 2)))

    def test_a_table_of_three(self):
        with pytest.raises(ValueError, match="a table of the input"):
            nn.SpatialFullConvolution(1, 1, 1, 1).forward([np.ones((1, 2, 2))] * 3)

    def test_old_volumetric_files(self):
        module = nn.VolumetricFullConvolution(2, 3, 2, 3, 1, 2, 1, 1, 1, 1, 0)
        x = torch.randn(2, 3, 4, 2)
        output = module.forward(x).copy()
        module.weight, module.gradWeight = (w.swapaxes(0, 1).copy() for w in (module.weight, module.gradWeight))
        for axis in "TWH":
            setattr(module, f"p{axis}", getattr(module, f"pad{axis}"))
            delattr(module, f"pad{axis}"), delattr(module, f"adj{axis}")
        old = torch.deserialize(torch.serialize(module))
        assert old.weight.shape == old.gradWeight.shape == (2, 3, 2, 1, 3)
        assert (old.padT, old.padW, old.padH, old.adjT) == (1, 1, 0, 0)
        np.testing.assert_array_equal(old.forward(x), output)

    def test_old_spatial_files(self):
        module = nn.SpatialFullConvolution(2, 3, 3, 3)
        del module.adjW, module.adjH
        old = torch.deserialize(torch.serialize(module))
        assert repr(old) == "nn.SpatialFullConvolution(2 -> 3, 3x3)"


@pytest.mark.parametrize("cls", [nn.SpatialConvolution, nn.SpatialConvolutionMM])
def test_one_border_of_old_files(cls):
    module = cls(2, 3, 3, 3, 1, 1, 2)
    del module.padW, module.padH
    module.padding = 2
    old = torch.deserialize(torch.serialize(module))
    assert (old.padW, old.padH) == (2, 2) and not hasattr(old, "padding")


def test_weight_matrix_of_old_files():
    module = nn.SpatialConvolution(2, 3, 3, 2)
    x = torch.randn(2, 4, 5)
    output = module.forward(x).copy()
    module.weight, module.gradWeight = module.weight.reshape(3, 12), module.gradWeight.reshape(3, 12)
    old = torch.deserialize(torch.serialize(module))
    np.testing.assert_array_equal(old.forward(x), output)
    old.backward(x, output)
    assert old.gradWeight.any()


WITHOUT_BIAS = [
    lambda: nn.SpatialConvolution(2, 2, 3, 3),
    lambda: nn.SpatialConvolutionMM(2, 2, 3, 3),
    lambda: nn.SpatialDilatedConvolution(2, 2, 3, 3),
    lambda: nn.SpatialFullConvolution(2, 2, 3, 3),
    lambda: nn.SpatialDepthWiseConvolution(2, 2, 3, 3),
]


@pytest.mark.parametrize("make", WITHOUT_BIAS)
def test_no_bias(make):
    torch.manualSeed(1)
    module = make()
    x = torch.randn(2, 5, 5)
    module.bias.fill(0)
    expected = module.forward(x).copy()
    assert module.noBias() is module
    np.testing.assert_array_equal(module.forward(x), expected)
    assert len(module.parameters()[0]) == 1 and repr(module).endswith(" without bias")
    assert module.reset() is module
    module.backward(x, expected)


def test_no_bias_of_rows():
    module = nn.TemporalRowConvolution(3, 2, 2).noBias()
    assert repr(module) == "nn.TemporalRowConvolution(3, 2, 2) without bias"
    assert module.reset().bias is None


SKIPPING = [
    (lambda: nn.SpatialConvolution(2, 2, 3, 3), (2, 5, 5)),
    (lambda: nn.SpatialConvolutionLocal(2, 2, 5, 5, 3, 3), (2, 5, 5)),
    (lambda: nn.SpatialDepthWiseConvolution(2, 2, 3, 3), (2, 5, 5)),
    (lambda: nn.SpatialFullConvolution(2, 2, 3, 3), (2, 5, 5)),
    (lambda: nn.SpatialSubSampling(2, 3, 3), (2, 5, 5)),
    (lambda: nn.VolumetricConvolution(2, 2, 2, 2, 2), (2, 3, 3, 3)),
    (lambda: nn.TemporalConvolution(2, 2, 3), (5, 2)),
    (lambda: nn.TemporalRowConvolution(2, 3), (5, 2)),
    (lambda: nn.TemporalSubSampling(2, 3), (5, 2)),
]


@pytest.mark.parametrize("make, shape", SKIPPING)
def test_without_grad_input(make, shape):
    """``gradInput = None`` skips it; parameters are trained all the same."""
    module, x = make(), torch.randn(*shape)
    module.gradInput = None
    output = module.forward(x)
    assert module.backward(x, output) is None
    assert module.gradWeight.any()


@pytest.mark.parametrize(
    "make, shape, message",
    [
        (lambda: nn.SpatialConvolution(1, 1, 3, 3, 2, 2), (1, 2, 2), "too small"),
        (lambda: nn.VolumetricConvolution(1, 1, 3, 1, 1, 3, 1, 1), (1, 2, 2, 2), "too small"),
        (lambda: nn.SpatialConvolutionMap([[1, 1]], 3, 3), (1, 2, 3), "too small"),
        (lambda: nn.SpatialSubSampling(1, 3, 3), (1, 2, 3), "too small"),
        (lambda: nn.SpatialConvolutionMap([[2, 1]], 1, 1), (1, 2, 3), "number of input planes"),
        (lambda: nn.SpatialConvolutionLocal(1, 1, 3, 3, 2, 2), (1, 4, 4), "1x3x3"),
        (lambda: nn.TemporalConvolution(2, 1, 2), (1, 2), "smaller than kernel"),
        (lambda: nn.TemporalConvolution(2, 1, 2), (5, 3), "frame size"),
        (lambda: nn.TemporalRowConvolution(2, 2), (1, 2), "too small"),
        (lambda: nn.SpatialCrossMapLRN(3), (4, 4), "3D or 4D"),
    ],
)
def test_refused_input(make, shape, message):
    with pytest.raises(ValueError, match=message):
        make().forward(np.ones(shape))


@pytest.mark.parametrize(
    "make, shape, wrong",
    [
        (lambda: nn.SpatialConvolution(1, 2, 2, 2), (1, 3, 3), (2, 3, 3)),
        (lambda: nn.SpatialFullConvolution(1, 2, 2, 2), (1, 3, 3), (2, 3, 3)),
        (lambda: nn.SpatialConvolutionLocal(1, 2, 3, 3, 2, 2), (1, 3, 3), (2, 3, 3)),
        (lambda: nn.SpatialConvolutionMap([[1, 2]], 2, 2), (1, 3, 3), (2, 3, 3)),
        (lambda: nn.SpatialSubSampling(1, 2, 2), (1, 3, 3), (1, 3, 3)),
        (lambda: nn.TemporalConvolution(1, 2, 2), (3, 1), (3, 2)),
        (lambda: nn.TemporalRowConvolution(1, 2), (3, 1), (3, 1)),
        (lambda: nn.SpatialCrossMapLRN(3), (1, 3, 3), (1, 3, 2)),
        (lambda: nn.SpatialSubtractiveNormalization(1, np.ones(3)), (1, 3, 3), (1, 3, 2)),
    ],
)
def test_refused_grad_output(make, shape, wrong):
    module, x = make(), np.ones(shape)
    module.forward(x)
    with pytest.raises(ValueError, match="gradOutput"):
        module.backward(x, np.ones(wrong))


@pytest.mark.parametrize("wrong", [(0, 2), (2, 0), (2, 2, 0, 1)])
def test_kernel_and_stride_are_positive(wrong):
    for make in (lambda *a: nn.SpatialConvolution(1, 1, *a), lambda *a: nn.SpatialSubSampling(1, *a)):
        with pytest.raises(ValueError, match="greater than zero"):
            make(*wrong)


def test_local_convolution_without_output():
    with pytest.raises(ValueError, match="less than 1"):
        nn.SpatialConvolutionLocal(1, 1, 2, 2, 3, 3)


THREADED = [
    (lambda: nn.SpatialFullConvolution(3, 4, 3, 3, 2, 2), (3, 3, 9, 8)),
    (lambda: nn.SpatialConvolutionLocal(3, 4, 9, 8, 3, 3), (3, 3, 8, 9)),
    (lambda: nn.SpatialConvolutionMap(nn.tables.full(3, 4), 3, 3), (3, 3, 8, 9)),
    (lambda: nn.SpatialDepthWiseConvolution(3, 4, 3, 3), (3, 3, 8, 9)),
    (lambda: nn.SpatialSubSampling(3, 3, 2), (3, 3, 8, 9)),
    (lambda: nn.TemporalConvolution(9, 8, 3), (40, 60, 9)),
    (lambda: nn.TemporalRowConvolution(9, 3), (4, 60, 9)),
    (lambda: nn.TemporalSubSampling(9, 3), (4, 60, 9)),
    (lambda: nn.SpatialCrossMapLRN(3), (2, 9, 20, 30)),
]


@pytest.mark.parametrize("make, shape", THREADED)
def test_the_same_bits_for_any_number_of_threads(make, shape):
    torch.manualSeed(2)
    module, x = make().float(), torch.randn(*shape).astype(np.float32)
    results, threads = [], numba.get_num_threads()
    try:
        for count in (1, threads):
            numba.set_num_threads(count)
            module.zeroGradParameters()
            output = module.forward(x).copy()
            results.append([output, module.backward(x, output).copy(), *(g.copy() for g in module.parameters()[1])])
    finally:
        numba.set_num_threads(threads)
    for one, many in zip(*results):
        np.testing.assert_array_equal(one, many)


def test_files_hold_what_lua_s_full_convolution_of_volumes_reads():
    loaded = torch.deserialize(torch.serialize(nn.VolumetricFullConvolution(1, 1, 2, 2, 2)))
    assert loaded.finput.size == loaded.fgradInput.size == 0


@pytest.mark.parametrize("make", WITHOUT_BIAS, ids=lambda make: repr(make()))
def test_shared_after_get_parameters(make):
    """Flat parameters stay those of the module after forward and backward."""
    module = make()
    flatWeight, flatGrad = module.getParameters()
    x = torch.randn(2, 5, 5)
    module.backward(x, module.forward(x))
    assert np.shares_memory(module.weight, flatWeight) and np.shares_memory(module.gradWeight, flatGrad)
    assert flatGrad.any()


def test_no_bias_of_local_kernels():
    module, x = nn.SpatialConvolutionLocal(1, 2, 4, 4, 3, 3), torch.randn(1, 4, 4)
    module.bias.fill(0)
    expected = module.forward(x).copy()
    np.testing.assert_array_equal(module.noBias().forward(x), expected)
    module.backward(x, expected)
    assert module.gradWeight.any()


def test_reset_to_zero():
    assert not nn.SpatialConvolutionMap([[1, 1]], 2, 2).reset(0).weight.any()


EMPTY = [
    *SKIPPING,
    (lambda: nn.SpatialConvolutionMap([[1, 1]], 2, 2), (2, 5, 5)),
    (lambda: nn.SpatialFullConvolutionMap([[1, 1]], 2, 2), (2, 5, 5)),
    (lambda: nn.SpatialCrossMapLRN(3), (2, 5, 5)),
    (lambda: nn.SpatialContrastiveNormalization(2, np.ones(3)), (2, 5, 5)),
]


@pytest.mark.parametrize("make, shape", EMPTY)
def test_a_batch_of_none(make, shape):
    module, x = make(), np.empty((0, *shape))
    output = module.forward(x)
    assert len(output) == 0 and output.ndim == x.ndim
    module.zeroGradParameters()
    assert module.backward(x, output).shape == x.shape
    assert not any(g.any() for g in module.parameters()[1])


def test_temporal_convolution_in_blocks(monkeypatch):
    """A long batch is taken in blocks of samples; their size changes nothing."""
    module, x = nn.TemporalConvolution(3, 4, 2), torch.randn(7, 9, 3)
    g = module.forward(x).copy()
    results = []
    for size in (1 << 20, 100, 1):
        monkeypatch.setattr(sys.modules["nn.thnn.convolution.temporal_convolution"], "BLOCK_ELEMENTS", size)
        module.zeroGradParameters()
        results.append([module.forward(x).copy(), module.backward(x, g).copy(), module.gradWeight.copy()])
    for others in results[1:]:
        for one, other in zip(results[0], others):
            np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda: nn.SpatialConvolution(2, 3, 2, 2), (2, 4, 4)),
        (lambda: nn.SpatialConvolutionMM(2, 3, 2, 2), (2, 4, 4)),
        (lambda: nn.SpatialConvolutionLocal(2, 3, 4, 4, 2, 2), (2, 4, 4)),
        (lambda: nn.SpatialDepthWiseConvolution(2, 3, 2, 2), (2, 4, 4)),
        (lambda: nn.SpatialFullConvolution(2, 3, 2, 2), (2, 4, 4)),
        (lambda: nn.SpatialConvolutionMap(nn.tables.full(2, 3), 2, 2), (2, 4, 4)),
        (lambda: nn.SpatialSubSampling(2, 2, 2), (2, 4, 4)),
        (lambda: nn.TemporalConvolution(2, 3, 2), (4, 2)),
        (lambda: nn.TemporalRowConvolution(2, 2), (4, 2)),
        (lambda: nn.TemporalSubSampling(2, 2), (4, 2)),
        (lambda: nn.VolumetricConvolution(2, 3, 2, 2, 2), (2, 3, 4, 4)),
    ],
    ids=lambda x: repr(x()) if callable(x) else "",
)
@pytest.mark.parametrize("name", ["weight", "bias", "gradWeight", "gradBias"])
def test_parameters_of_another_size(make, shape, name):
    module, x = make(), np.ones(shape)
    gradOutput = np.ones_like(module.forward(x))
    right = getattr(module, name)
    for wrong, error in ((right.ravel()[:-1], ValueError), (right.astype(np.float32), TypeError)):
        setattr(module, name, wrong)
        with pytest.raises(error, match=name):
            module.accGradParameters(x, gradOutput) if "grad" in name else module.forward(x)
        if name == "weight":
            with pytest.raises(error, match=name):
                module.updateGradInput(x, gradOutput)
    setattr(module, name, right)
    module.forward(x)
    module.backward(x, gradOutput)


def test_table_of_planes_that_are_not_there():
    module = nn.SpatialConvolutionMap(nn.tables.oneToOne(2), 2, 2)
    module.connTable[1, 0] = 9
    with pytest.raises(ValueError, match="connTable"):
        module.forward(np.ones((2, 4, 4)))


@pytest.mark.parametrize("kind", ["float", "double"])
def test_one_pixel_that_one_tap_meets(kind):
    module = getattr(nn.SpatialConvolution(16, 16, 3, 3, 2, 2, 1, 1), kind)()
    x, g = (np.linspace(-1, 2, 16, dtype=module.weight.dtype).reshape(16, 1, 1) for _ in range(2))
    centre = module.weight[:, :, 1, 1]
    np.testing.assert_allclose(module.forward(x)[:, 0, 0], centre @ x[:, 0, 0] + module.bias, rtol=1e-5)
    np.testing.assert_allclose(module.backward(x, g)[:, 0, 0], g[:, 0, 0] @ centre, rtol=1e-5)
    full = getattr(nn.SpatialFullConvolution(16, 16, 3, 3, 2, 2, 1, 1), kind)()
    np.testing.assert_allclose(full.forward(x)[:, 0, 0], x[:, 0, 0] @ full.weight[:, :, 1, 1] + full.bias, rtol=1e-5)
    # A kernel of 1 whose pad puts every tap beside the image
    beside = getattr(nn.SpatialConvolution(16, 16, 1, 1, 2, 2, 1, 1), kind)()
    assert not beside.backward(np.ones_like(x), beside.forward(np.ones_like(x))).any()


@pytest.mark.parametrize(
    "args, text",
    [
        ((1, 2, 3, 3), "1 -> 2, 3x3, 1,1"),
        ((1, 2, 3, 4, 2, 1), "1 -> 2, 3x4, 2,1, 1,1"),
        ((1, 2, 3, 3, 1, 1, 1, 0), "1 -> 2, 3x3, 1,1, 1,0, 1,1"),
        ((2, 3, 3, 3, 1, 1, 1, 1, 2, 2), "2 -> 3, 3x3, 1,1, 1,1, 2,2"),
        ((2, 3, 3, 3, None, None, None, None, 2, 3), "2 -> 3, 3x3, 2,3"),
    ],
)
def test_text_of_dilated_convolutions_in_the_plane(args, text):
    module = nn.SpatialDilatedConvolution(*args)
    assert repr(module) == f"nn.SpatialDilatedConvolution({text})"
    assert repr(module.noBias()) == f"nn.SpatialDilatedConvolution({text}) without bias"


@pytest.mark.parametrize(
    "args, text",
    [
        ((2, 3, 3, 3, 3), "2 -> 3, 3x3x3, 1,1,1"),
        ((2, 3, 2, 3, 4, 1, 2, 1), "2 -> 3, 2x3x4, 1,2,1, 1,1,1"),
        ((2, 3, 3, 3, 3, 1, 1, 1, 0, 1, 0), "2 -> 3, 3x3x3, 1,1,1, 0,1,0, 1,1,1"),
        ((2, 3, 3, 3, 3, None, None, None, None, None, None, 1, 2, 3), "2 -> 3, 3x3x3, 1,2,3"),
    ],
)
def test_text_of_dilated_convolutions_in_space(args, text):
    assert repr(nn.VolumetricDilatedConvolution(*args)) == f"nn.VolumetricDilatedConvolution({text})"
