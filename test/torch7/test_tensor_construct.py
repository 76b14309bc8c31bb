import numpy as np
import pytest

import torch7 as torch


def same(x, values, type="torch.DoubleTensor"):
    assert torch.type(x) == type
    assert x.tolist() == values


@pytest.fixture
def float_default():
    torch.setdefaulttensortype("torch.FloatTensor")
    yield
    torch.setdefaulttensortype("torch.DoubleTensor")


def test_tensor_of_sizes_values_and_memory():
    same(torch.Tensor(2, 3), [[0] * 3] * 2)
    same(torch.Tensor((2, 1)), [[0], [0]])
    same(torch.Tensor([1, 2]), [1, 2])
    same(torch.Tensor([np.ones(2), np.zeros(2)]), [[1, 1], [0, 0]])
    assert torch.Tensor().size == 0 and torch.Tensor().dtype == np.float64
    x = np.zeros(3)
    torch.Tensor(x)[1] = 5
    assert x[1] == 5
    assert torch.Tensor(x) is not x


def test_typed_constructors():
    for name in ("Double", "Float", "Half", "Long", "Int", "Short", "Char", "Byte"):
        x = getattr(torch, f"{name}Tensor")([1, 2])
        assert torch.type(x) == f"torch.{name}Tensor"
    same(torch.LongTensor([1.9, -1.9]), [1, -1], "torch.LongTensor")
    same(torch.ByteTensor([256, -1]), [0, 255], "torch.ByteTensor")
    same(torch.new(torch.IntTensor(1), 2), [0, 0], "torch.IntTensor")


def test_default_type(float_default):
    for x in (torch.Tensor(2), torch.zeros(2), torch.ones(2), torch.eye(2), torch.range(1, 3), torch.linspace(0, 1)):
        assert torch.type(x) == "torch.FloatTensor"


def test_linspace_computes_in_its_type(float_default):
    first, last = np.float32(0.1), np.float32(0.7)
    expected = [first + np.float32(i) * ((last - first) / np.float32(6)) for i in range(7)]
    assert torch.linspace(0.1, 0.7, 7).tolist() == expected


def test_other_memory_needs_the_same_type():
    with pytest.raises(TypeError, match=r"torch.DoubleTensor cannot share .* torch.LongTensor"):
        torch.Tensor(np.array([1, 2]))
    with pytest.raises(ValueError, match="equal lengths"):
        torch.Tensor([[1, 2], [3]])
    with pytest.raises(ValueError, match="numbers"):
        torch.Tensor(["a"])
    with pytest.raises(TypeError, match="sizes"):
        torch.Tensor(2.5)


def test_long_storage_is_a_tuple():
    assert torch.LongStorage([2, 3]) == (2, 3)
    assert torch.LongStorage(2) == (0, 0)
    assert torch.ones(torch.LongStorage([2, 3])).shape == (2, 3)


def test_range_has_both_ends():
    same(torch.range(1, 3), [1, 2, 3])
    same(torch.range(3, 1, -1), [3, 2, 1])
    same(torch.range(0, 1, 0.3), [0, 0.3, 0.6, 0.8999999999999999])
    with pytest.raises(ValueError, match="empty"):
        torch.range(3, 1)


def test_linspace_logspace():
    assert torch.linspace(0, 1).shape == (100,)
    same(torch.linspace(1, 2, 3), [1, 1.5, 2])
    np.testing.assert_allclose(torch.logspace(-1, 1, 3), [0.1, 1, 10])
    same(torch.linspace(1, 1, 1), [1])
    with pytest.raises(ValueError):
        torch.linspace(0, 1, 1)


def test_eye_diag_triangles():
    same(torch.eye(2, 3), [[1, 0, 0], [0, 1, 0]])
    x = torch.Tensor([[1, 2], [3, 4]])
    same(torch.diag(x), [1, 4])
    same(torch.diag(x, 1), [2])
    same(torch.diag(torch.Tensor([1, 2]), -1), [[0, 0, 0], [1, 0, 0], [0, 2, 0]])
    same(torch.tril(x), [[1, 0], [3, 4]])
    same(torch.triu(x, 1), [[0, 2], [0, 0]])
    with pytest.raises(ValueError, match="2-D"):
        torch.tril(torch.ones(2))


def test_cat():
    x, y = torch.ones(2, 3), torch.zeros(2, 3)
    assert torch.cat(x, y).shape == (2, 6)
    assert torch.cat(x, y, 1).shape == (4, 3)
    assert torch.cat([x, y, x], 1).shape == (6, 3)
    same(torch.cat(torch.ones(2), torch.zeros(1)), [1, 1, 0])
    same(torch.cat([torch.ones(2), torch.zeros(2)], 2), [[1, 0], [1, 0]])
    same(torch.cat(torch.Tensor(), torch.ones(2)), [1, 1])
    assert torch.cat([torch.Tensor()]).size == 0
    with pytest.raises(ValueError, match="sizes differ"):
        torch.cat(torch.ones(2, 3), torch.ones(3, 2))
    with pytest.raises(TypeError, match="one type"):
        torch.cat(x, torch.ones(2, 3).astype("f"))
    with pytest.raises(IndexError, match=r"1\.\."):
        torch.cat(x, y, 0)


def test_destinations():
    res = torch.zeros(4)
    assert torch.cat(res, torch.ones(2), torch.ones(2)) is res
    assert torch.cat(res, [torch.ones(2), torch.zeros(2)]) is res
    same(res, [1, 1, 0, 0])
    assert torch.range(res, 1, 4) is res
    same(res, [1, 2, 3, 4])
    same(torch.eye(res, 2), [[1, 0], [0, 1]])
    same(res, [1, 0, 0, 1])
    with pytest.raises(ValueError, match="cannot hold"):
        torch.ones(res, 3)


@pytest.mark.parametrize("kind", ["Float", "Double", "Long", "Byte"])
def test_makers_write_into_a_destination_of_any_type(kind):
    make = getattr(torch, f"{kind}Tensor")
    for call, expected in (
        (lambda r: torch.zeros(r, 2, 2), [[0, 0], [0, 0]]),
        (lambda r: torch.ones(r, 4), [1, 1, 1, 1]),
        (lambda r: torch.eye(r, 2), [[1, 0], [0, 1]]),
        (lambda r: torch.range(r, 1, 4), [1, 2, 3, 4]),
        (lambda r: torch.linspace(r, 2, 8, 4), [2, 4, 6, 8]),
        (lambda r: torch.logspace(r, 0, 0, 4), [1, 1, 1, 1]),
    ):
        res = make(4)
        got = call(res)
        assert got.dtype == res.dtype and np.shares_memory(got, res) and got.tolist() == expected


def test_real_is_the_default_type():
    assert torch.real(torch.LongTensor([1])).dtype == np.float64
    torch.setdefaulttensortype("torch.FloatTensor")
    try:
        assert torch.real(torch.LongTensor([1])).dtype == np.float32
    finally:
        torch.setdefaulttensortype("torch.DoubleTensor")
