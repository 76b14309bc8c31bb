"""Operations on the bits of whole numbers."""

import numpy as np
import pytest

import torch7 as torch


def make(dtype=np.float64):
    return np.array([[0.25, 0.5, 0.75], [0.125, 1.0, 0.875]], dtype)


BITS = {"bitand": lambda a, b: a & b, "bitor": lambda a, b: a | b, "bitxor": lambda a, b: a ^ b}


@pytest.mark.parametrize("name", BITS)
@pytest.mark.parametrize("kind", ["Byte", "Char", "Short", "Int", "Long"])
def test_bits(name, kind):
    make = getattr(torch, f"{kind}Tensor")
    x, y = make([12, 10, 7]), make([10, 3, 7])
    assert getattr(torch, name)(x, 6).tolist() == [BITS[name](v, 6) for v in (12, 10, 7)]
    assert getattr(torch, f"c{name}")(x, y).tolist() == list(map(BITS[name], (12, 10, 7), (10, 3, 7)))
    res = make(3)
    assert getattr(torch, name)(res, x, 6) is res and getattr(torch, f"c{name}_")(x, y) is x
    with pytest.raises(TypeError, match=r"whole numbers, got torch\.DoubleTensor"):
        getattr(torch, name)(torch.ones(3), 1)


def test_shifts():
    assert torch.lshift(torch.ByteTensor([129, 3]), 1).tolist() == [2, 6]
    assert torch.rshift(torch.ByteTensor([129, 3]), 1).tolist() == [64, 1]
    assert torch.rshift(torch.IntTensor([-1, 8]), 1).tolist() == [2**31 - 1, 4]
    assert torch.rshift(torch.LongTensor([-2]), 60).tolist() == [15]
    assert torch.lshift(torch.IntTensor([3]), 4).tolist() == [48]
    assert torch.lshift(torch.Tensor([1.5]), 3).tolist() == [12] and torch.rshift(
        torch.FloatTensor([12]), 3
    ).tolist() == [1.5]
    x = torch.LongTensor([1, 2, 3])
    assert torch.clshift(x, x).tolist() == [2, 8, 24] and torch.crshift(torch.LongTensor([8, 8, 8]), x).tolist() == [
        4,
        2,
        1,
    ]
    assert torch.clshift(torch.Tensor([1, 3]), torch.Tensor([2, 1])).tolist() == [4, 6]
    assert torch.rshift_(x, 1) is x and x.tolist() == [0, 1, 1]
