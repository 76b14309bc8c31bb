import numpy as np
import pytest

import torch7 as torch


@pytest.fixture
def x():
    return torch.Tensor([[1, 2, 3], [4, 5, 6]])


def test_sizes(x):
    assert torch.size(x) == (2, 3) and torch.size(x, 2) == 3
    assert torch.nElement(x) == torch.numel(x) == 6
    assert torch.dim(x) == torch.nDimension(x) == 2
    assert torch.dim(torch.Tensor()) == 0
    assert torch.stride(x) == (3, 1) and torch.stride(torch.t(x), 1) == 1
    assert torch.isSameSizeAs(x, x) and not torch.isSameSizeAs(x, torch.t(x))


@pytest.mark.parametrize("dim", [0, 3, -1])
def test_dimensions_are_1_based(x, dim):
    with pytest.raises(IndexError, match=rf"dimension {dim} out of range .*1\.\.2"):
        torch.size(x, dim)


def test_arrays_only():
    with pytest.raises(TypeError, match="tensor"):
        torch.size([1, 2])


def test_storage_and_offset(x):
    part = torch.narrow(torch.t(x), 1, 2, 1)
    assert torch.storage(part).tolist() == [1, 2, 3, 4, 5, 6]
    assert torch.storageOffset(part) == 2
    torch.storage(part)[1] = 9
    assert x[0, 1] == 9


def test_contiguous(x):
    assert torch.isContiguous(x) and torch.contiguous(x) is x
    assert not torch.isContiguous(torch.t(x))
    assert torch.isContiguous(torch.contiguous(torch.t(x)))


def test_view_shares_memory_or_raises(x):
    torch.view(x, 6)[0] = 9
    assert x[0, 0] == 9
    assert torch.view(x, -1, 2).shape == (3, 2)
    assert torch.view(x, (3, 2)).shape == torch.viewAs(x, torch.ones(3, 2)).shape == (3, 2)
    with pytest.raises(ValueError, match="contiguous"):
        torch.view(torch.t(x), 6)
    for sizes in ((5,), (-1, 4), (-1, -1), (0,)):
        with pytest.raises(ValueError, match="6 elements"):
            torch.view(x, *sizes)


def test_reshape_copies(x):
    y = torch.reshape(x, 3, 2)
    y[0, 0] = 9
    assert x[0, 0] == 1
    assert torch.reshape(torch.t(x), 6).tolist() == [1, 4, 2, 5, 3, 6]


def test_resize(x):
    small = torch.resize(x, 2, 2)
    small[0, 0] = 9
    assert x[0, 0] == 9 and small.tolist() == [[9, 2], [3, 4]]
    assert torch.resize(x, 7).tolist() == [9, 2, 3, 4, 5, 6, 0]
    assert torch.resize(torch.t(x), 2).tolist() == [9, 4]
    assert torch.resizeAs(x, torch.ones(3, 1)).shape == (3, 1)


def test_expand(x):
    column = torch.ones(2, 1)
    assert torch.expand(column, 2, 4).shape == (2, 4)
    assert torch.expand(column, -1, 4).shape == (2, 4)
    assert torch.expandAs(column, x).shape == (2, 3)
    with pytest.raises(ValueError, match="sizes of 1"):
        torch.expand(x, 4, 3)
    with pytest.raises(ValueError, match="2 sizes"):
        torch.expand(x, 3)
    with pytest.raises(ValueError):
        torch.expand(column, 2, 4)[0] = 1


def test_repeat_tensor():
    x = torch.Tensor([1, 2])
    assert torch.repeatTensor(x, 2).tolist() == [1, 2, 1, 2]
    assert torch.repeatTensor(x, 2, 1).tolist() == [[1, 2], [1, 2]]
    with pytest.raises(ValueError, match="2 or more"):
        torch.repeatTensor(torch.ones(2, 2), 2)


def test_squeeze():
    x = torch.ones(1, 2, 1)
    assert torch.squeeze(x).shape == (2,)
    assert torch.squeeze(x, 1).shape == (2, 1)
    assert torch.squeeze(x, 2).shape == (1, 2, 1)
    assert torch.squeeze(torch.ones(1, 1)) == 1.0 and isinstance(torch.squeeze(torch.ones(1, 1)), float)


def test_transpositions(x):
    assert torch.t(x).tolist() == [[1, 4], [2, 5], [3, 6]]
    assert torch.transpose(torch.ones(2, 3, 4), 1, 3).shape == (4, 3, 2)
    assert torch.permute(torch.ones(2, 3, 4), 3, 1, 2).shape == (4, 2, 3)
    with pytest.raises(ValueError, match="2-D"):
        torch.t(torch.ones(2))
    with pytest.raises(ValueError, match="permute"):
        torch.permute(x, 1, 1)


def test_unfold_is_a_view():
    x = torch.range(1, 7)
    windows = torch.unfold(x, 1, 2, 3)
    assert windows.tolist() == [[1, 2], [4, 5]]
    x[3] = 0
    assert windows[1, 0] == 0
    assert torch.unfold(torch.ones(3, 5), 2, 2, 1).shape == (3, 4, 2)
    with pytest.raises(ValueError, match="unfold"):
        torch.unfold(x, 1, 8, 1)


def test_split_and_chunk(x):
    assert [part.shape for part in torch.split(x, 2, 2)] == [(2, 2), (2, 1)]
    assert len(torch.split(x, 5)) == 1
    assert [part.shape for part in torch.chunk(x, 2, 2)] == [(2, 2), (2, 1)]
    torch.split(x, 1)[1][0, 0] = 9
    assert x[1, 0] == 9
    with pytest.raises(ValueError):
        torch.split(x, 0)


def test_bool_arrays_are_byte_tensors():
    assert torch.type(np.array([True])) == "torch.ByteTensor"


def test_is_size_and_is_set_to():
    x = torch.reshape(torch.range(1, 6), 2, 3)
    assert torch.isSize(x, (2, 3)) and torch.isSize(x, [2, 3]) and not torch.isSize(x, (3, 2))
    assert torch.isSetTo(x, x) and torch.isSetTo(x, torch.view(x, 2, 3)) and torch.isSetTo(x, torch.Tensor(x))
    for y in (x.copy(), torch.t(x), torch.view(x, 6), torch.narrow(x, 1, 1, 1), x.view(np.int64)):
        assert not torch.isSetTo(x, y)


def test_element_size():
    for kind, size in {
        "Double": 8,
        "Float": 4,
        "Half": 2,
        "Long": 8,
        "Int": 4,
        "Short": 2,
        "Char": 1,
        "Byte": 1,
    }.items():
        assert torch.elementSize(getattr(torch, f"{kind}Tensor")(2)) == size


@pytest.mark.parametrize("name, number", [("split", 2), ("chunk", 3)])
def test_parts_go_into_a_table(name, number):
    x, table = torch.range(1, 5), ["old"] * 7
    got = getattr(torch, name)(table, x, number)
    assert got is table and [part.tolist() for part in table] == [[1, 2], [3, 4], [5]]
    assert np.shares_memory(table[0], x)
    rows = getattr(torch, name)([], torch.ones(5, 2), number, 1)
    assert [part.shape for part in rows] == [(2, 2), (2, 2), (1, 2)]
    for wrong in ((x, 0), (x, None), (table, x, True)):
        with pytest.raises(ValueError, match=f"{name} needs a positive"):
            getattr(torch, name)(*wrong)
    with pytest.raises(TypeError, match=f"{name} takes"):
        getattr(torch, name)(x)
