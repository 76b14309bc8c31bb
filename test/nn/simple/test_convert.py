"""Convert and Copy: layouts and types."""

import numpy as np
import pytest

import nn


def numbers(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


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
