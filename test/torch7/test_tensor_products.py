"""Products and scaled sums of tensors."""

import math

import numpy as np
import pytest

import torch7 as torch


def test_products():
    m = torch.Tensor([[1, 2], [3, 4]])
    v = torch.Tensor([1, 1])
    assert torch.mm(m, m).tolist() == [[7, 10], [15, 22]]
    assert torch.mv(m, v).tolist() == [3, 7]
    assert torch.ger(v, torch.Tensor([1, 2, 3])).tolist() == [[1, 2, 3]] * 2
    assert torch.bmm(torch.ones(2, 1, 3), torch.ones(2, 3, 1)).tolist() == [[[3]], [[3]]]
    assert torch.dot(m, m) == 30 and isinstance(torch.dot(m, m), float)
    assert torch.cross(torch.Tensor([1, 0, 0]), torch.Tensor([0, 1, 0])).tolist() == [0, 0, 1]
    assert torch.trace(m) == 5
    res = torch.zeros(2, 2)
    assert torch.mm(res, m, m) is res and res[0, 0] == 7
    for f, x, y in [(torch.mm, m, torch.ones(3, 2)), (torch.mv, m, m), (torch.ger, m, v), (torch.bmm, m, m)]:
        with pytest.raises(ValueError, match="fit"):
            f(x, y)


def test_addmm_in_all_forms():
    m = torch.Tensor([[1, 2], [3, 4]])
    square = m @ m
    np.testing.assert_array_equal(torch.addmm(m, m, m), m + square)
    np.testing.assert_array_equal(torch.addmm(m, 2, m, m), m + 2 * square)
    np.testing.assert_array_equal(torch.addmm(3, m, 2, m, m), 3 * m + 2 * square)
    np.testing.assert_array_equal(torch.addmm(3, m, m, m), 3 * m + square)
    res = torch.zeros(2, 2)
    assert torch.addmm(res, 3, m, 2, m, m) is res
    np.testing.assert_array_equal(res, 3 * m + 2 * square)
    x = m.copy()
    assert torch.addmm_(x, m, m) is x
    np.testing.assert_array_equal(x, m + square)
    np.testing.assert_array_equal(torch.addmm_(m.copy(), 2, m, m), m + 2 * square)
    np.testing.assert_array_equal(torch.addmm_(m.copy(), 3, 2, m, m), 3 * m + 2 * square)
    np.testing.assert_array_equal(torch.addmm_(m * math.nan, 0, 1, m, m), square)
    with pytest.raises(ValueError, match="addmm"):
        torch.addmm(torch.ones(4), m, m)
    with pytest.raises(TypeError, match="addmm"):
        torch.addmm(m, m)


def test_other_scaled_sums():
    m, v, w = torch.Tensor([[1, 2], [3, 4]]), torch.Tensor([1, 1]), torch.Tensor([2, 3])
    assert torch.addmv(v, 2, m, w).tolist() == [17, 37]
    assert torch.addr(m, v, w).tolist() == [[3, 5], [5, 7]]
    assert torch.addr_(m.copy(), 2, v, w).tolist() == [[5, 8], [7, 10]]
    b, c = torch.ones(2, 1, 3), torch.ones(2, 3, 1)
    assert torch.baddbmm(torch.ones(2, 1, 1), b, c).tolist() == [[[4]], [[4]]]
    assert torch.addbmm(torch.ones(1, 1), b, c).tolist() == [[7]]
    assert torch.addcmul(v, 2, v, w).tolist() == [5, 7]
    assert torch.addcdiv_(v.copy(), w, w).tolist() == [2, 2]
    n = torch.LongTensor([7, 8])
    assert torch.addcdiv(n, 2, n, torch.LongTensor([2, -3])).tolist() == [13, 4]
    long = [torch.long(y) for y in (torch.ones(1, 1), b, c)]
    assert torch.addbmm(*long).tolist() == [[7]] and torch.addbmm(*[torch.int(y) for y in long]).dtype == np.int32
    assert torch.addcmul_(v, 2, w, w) is v and v.tolist() == [9, 19]
