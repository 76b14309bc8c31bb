"""Layers that change shapes: which shape comes out of which."""

import numpy as np
import pytest

import nn


def numbers(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


@pytest.mark.parametrize(
    ("module", "shape", "expected"),
    [
        (nn.Reshape(4), (1, 4), (1, 4)),
        (nn.Reshape(1, 4), (1, 4), (1, 1, 4)),
        (nn.Reshape(4, False), (1, 4), (4,)),
        (nn.Reshape(4, None), (2, 2), (4,)),
        (nn.Reshape(4, True), (2, 2, 2), (2, 4)),
        (nn.Reshape(-1), (2, 3), (2, 3)),
        (nn.Reshape([2, 3]), (5, 6), (5, 2, 3)),
        (nn.View(3), (2, 3), (2, 3)),
        (nn.View(-1), (2, 3), (6,)),
        (nn.View(-1).setNumInputDims(2), (5, 2, 3), (5, 6)),
        (nn.View(-1).setNumInputDims(2), (2, 3), (6,)),
        (nn.View(6), (1, 6), (6,)),
        (nn.View(6).setNumInputDims(1), (1, 6), (1, 6)),
        (nn.View(2, 3), (1, 2, 3), (2, 3)),
        (nn.View([2, -1]), (2, 6), (2, 6)),
        (nn.View(2).resetSize(3, 2), (4, 6), (4, 3, 2)),
        (nn.Collapse(2), (2, 3), (6,)),
        (nn.Collapse(2), (5, 2, 3), (5, 6)),
        (nn.Squeeze(), (2, 1, 3, 1), (2, 3)),
        (nn.Squeeze(2), (2, 3), (2, 3)),
        (nn.Squeeze(None, 2), (1, 1, 3), (1, 3)),
        (nn.Squeeze(), (1, 1), (1,)),
        (nn.Unsqueeze(1), (2, 3), (1, 2, 3)),
        (nn.Unsqueeze(2, 1), (5, 4), (5, 4, 1)),
        (nn.Replicate(3, 1, 2), (5, 4, 2), (5, 3, 4, 2)),
        (nn.Transpose([1, 2], [2, 3]), (2, 3, 4), (3, 4, 2)),
        (nn.Sum(2, None, None, False), (2, 3), (2, 1)),
        (nn.Mean(1, 1), (5, 3), (5,)),
        (nn.Max(1), (5,), (1,)),
    ],
    ids=str,
)
def test_output_shape(module, shape, expected):
    assert module.forward(numbers(*shape)).shape == expected
    assert module.backward(numbers(*shape), numbers(*expected)).shape == shape


def test_views_share_memory():
    x = numbers(2, 6)
    for module in (
        nn.Reshape(3, 2),
        nn.View(3, 2),
        nn.Collapse(1),
        nn.Unsqueeze(2),
        nn.Replicate(3),
        nn.GradientReversal(),
    ):
        assert np.shares_memory(module.forward(x), x)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((1, 2, 2), [2, 3]),
        ((1, 2, -1), [2, 3, 4]),
        ((-1, 2, -2), [2, 3]),
        ((1, 3), [3]),
        ((1, -1, 1), [1, 2, 3]),
        ((1, -3, 1), [1, 2, 3]),
    ],
)
def test_narrow(arguments, expected):
    np.testing.assert_array_equal(nn.Narrow(*arguments).forward(numbers(4)), expected)


def test_narrow_takes_any_type():
    m = nn.Narrow(1, 2, 2)
    assert m.forward(np.arange(4)).dtype == np.int64
    assert m.backward(np.arange(4), np.arange(2)).dtype == np.int64


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((1, 2, 1, 9), [1, 2, 3, 9, 9]),
        ((1, -2, 1, 9), [9, 9, 1, 2, 3]),
        ((1, -2, 1, 9, 2), [1, 9, 9, 2, 3]),
        ((1, 2, 1, 9, 2), [1, 2, 9, 9, 3]),
        ((1, 0, 1, 9), [1, 2, 3]),
    ],
)
def test_padding(arguments, expected):
    m = nn.Padding(*arguments)
    np.testing.assert_array_equal(m.forward(numbers(3)), expected)
    np.testing.assert_array_equal(m.backward(numbers(3), m.output.copy()), [1, 2, 3])


def test_unsqueeze_remembers_the_first_rank():
    m = nn.Unsqueeze(1)
    m.forward(numbers(3))
    assert m.forward(numbers(2, 3)).shape == (2, 1, 3)
    with pytest.raises(ValueError, match="numInputDims"):
        nn.Unsqueeze(1, 2).forward(numbers(3))


@pytest.mark.parametrize("index", [1, -1, 3])
def test_select(index):
    x = numbers(2, 3)
    np.testing.assert_array_equal(nn.Select(2, index).forward(x), x[:, index - 1 if index > 0 else index])
    with pytest.raises(IndexError):
        nn.Select(2, 4).forward(x)
    with pytest.raises(IndexError):
        nn.Select(3, 1).forward(x)


def test_index_with_repeats():
    x = numbers(3, 2)
    m = nn.Index(1)
    np.testing.assert_array_equal(m.forward([x, np.array([3.0, 1.0, 3.0])]), x[[2, 0, 2]])
    gradient, zeros = m.backward([x, np.array([3, 1, 3])], numbers(3, 2))
    np.testing.assert_array_equal(gradient, [[3, 4], [0, 0], [6, 8]])
    assert zeros.shape == (3,)
    with pytest.raises(IndexError):
        m.forward([x, np.array([4])])


def test_pixel_shuffle():
    x = np.random.default_rng(0).standard_normal((2, 8, 3, 2))
    y = nn.PixelShuffle(2).forward(x)
    for n, c, h, w, i, j in np.ndindex(2, 2, 3, 2, 2, 2):
        assert y[n, c, 2 * h + i, 2 * w + j] == x[n, 4 * c + 2 * i + j, h, w]


@pytest.mark.parametrize(
    ("source", "target", "shape", "expected"),
    [
        ("bchw", "bf", (5, 2, 3, 4), (5, 24)),
        ("chw", "bf", (2, 3, 4), (24,)),
        ("hwcb", "bf", (2, 3, 4, 5), (5, 24)),
        ("fb", "bf", (3, 5), (5, 3)),
        ("b", "bf", (5,), (5, 1)),
        ("b", "bt", (5,), (5, 1)),
        ("bt", "b", (5, 3), (5,)),
        ("tb", "b", (3, 5), (5,)),
        ("bf", "b", (5, 1), (5,)),
        ("chw", "hwc", (2, 3, 4), (3, 4, 2)),
        ("chw", "hwc", (5, 2, 3, 4), (5, 3, 4, 2)),
        (None, None, (5, 3), (5, 3)),
    ],
)
def test_convert(source, target, shape, expected):
    m = nn.Convert(source, target)
    assert m.forward(numbers(*shape)).shape == expected
    assert m.backward(numbers(*shape), numbers(*expected)).shape == shape


def test_convert_takes_samples_of_any_size():
    m = nn.Convert("bchw", "bf")
    m.forward(numbers(5, 2, 3, 4))
    assert m.forward(numbers(3, 2, 2, 2)).shape == (3, 8)


def test_convert_refuses():
    for source, target in ((None, "bf"), ("b*", "bf"), ("bf", "b*")):
        with pytest.raises(ValueError, match=r"Convert"):
            nn.Convert(source, target)
    for source, target, shape in (("bt", "bf", (2, 3)), ("bf", "b", (2, 3)), ("bchw", "bt", (2, 3, 4, 5))):
        with pytest.raises(ValueError, match=r"Convert"):
            nn.Convert(source, target).forward(numbers(*shape))


def test_convert_and_copy_change_types():
    single = numbers(2, 3).astype(np.float32)
    assert nn.Convert().forward(single).dtype == np.float64
    m = nn.Copy("torch.FloatTensor", "torch.DoubleTensor")
    assert m.forward(single).dtype == np.float64
    assert m.backward(single, numbers(2, 3)).dtype == np.float32
    assert nn.Copy(None, None, None, True).float().type() == "torch.DoubleTensor"
    x = numbers(2)
    assert nn.Copy().forward(x) is x
    assert nn.Copy(None, None, True).forward(x) is not x


def test_contiguous():
    x = numbers(2, 3)
    m = nn.Contiguous()
    assert np.shares_memory(m.forward(x), x)
    y = m.forward(x.T)
    assert y.flags.c_contiguous
    np.testing.assert_array_equal(y, x.T)
    assert m.forward(x.T) is y


def test_constant_and_one_hot():
    m = nn.Constant(numbers(3), 1)
    np.testing.assert_array_equal(m.forward(numbers(2, 4)), [[1, 2, 3]] * 2)
    np.testing.assert_array_equal(m.forward(numbers(4)), [1, 2, 3])
    with pytest.raises(TypeError):
        nn.Constant("one")
    one_hot = nn.OneHot(3)
    np.testing.assert_array_equal(one_hot.forward(2), [0, 1, 0])
    assert one_hot.updateGradInput(2, None) == 0
    np.testing.assert_array_equal(one_hot.forward(np.array([2.0, 1])), [[0, 1, 0], [1, 0, 0]])
    with pytest.raises(IndexError):
        one_hot.forward(np.array([4]))


@pytest.mark.parametrize(
    "make, wrong", [(lambda: nn.Padding(1, 2), (1, 3)), (lambda: nn.TemporalDynamicKMaxPooling(2), (5, 1))]
)
def test_backward_with_another_input_than_forward(make, wrong):
    module, x = make(), np.arange(15.0).reshape(5, 3)
    gradOutput = np.ones_like(module.forward(x))
    with pytest.raises(ValueError):
        module.backward(np.ones(wrong), gradOutput)
    assert module.backward(x, gradOutput).sum() == gradOutput.sum() - (6 if isinstance(module, nn.Padding) else 0)
