"""What all convolutions have in common: noBias, gradInput = None, errors, threads, batches of none."""

import numba
import numpy as np
import pytest

import nn
import torch7 as torch

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


@pytest.mark.parametrize("make", WITHOUT_BIAS, ids=lambda make: repr(make()))
def test_shared_after_get_parameters(make):
    """Flat parameters stay those of the module after forward and backward."""
    module = make()
    flatWeight, flatGrad = module.getParameters()
    x = torch.randn(2, 5, 5)
    module.backward(x, module.forward(x))
    assert np.shares_memory(module.weight, flatWeight) and np.shares_memory(module.gradWeight, flatGrad)
    assert flatGrad.any()


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
