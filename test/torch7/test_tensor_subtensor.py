import numpy as np
import pytest

import torch7 as torch


@pytest.fixture
def x():
    return torch.Tensor([[1, 2, 3], [4, 5, 6]])


def test_narrow_and_select_are_views(x):
    torch.narrow(x, 2, 2, 1)[...] = 0
    assert x.tolist() == [[1, 0, 3], [4, 0, 6]]
    torch.select(x, 1, 2)[...] = 7
    assert x.tolist() == [[1, 0, 3], [7, 7, 7]]


@pytest.mark.parametrize("args", [(1, 0, 1), (1, 3, 1), (1, 2, 2), (1, 1, 0), (3, 1, 1), (0, 1, 1)])
def test_narrow_out_of_range(x, args):
    with pytest.raises(IndexError):
        torch.narrow(x, *args)


def test_select_out_of_range(x):
    for index in (0, 3, -1):
        with pytest.raises(IndexError, match=rf"index {index} out of range: it is 1-based, 1\.\.2"):
            torch.select(x, 1, index)


def test_select_in_a_vector_gives_the_number():
    x = torch.Tensor([1.5, 2])
    assert torch.select(x, 1, 2) == 2 and type(torch.select(x, 1, 1)) is float
    with pytest.raises(IndexError, match="index 3 out of range"):
        torch.select(x, 1, 3)


def test_sub(x):
    assert torch.sub(x, 2, 2).tolist() == [[4, 5, 6]]
    assert torch.sub(x, 1, -1, -2, -1).tolist() == [[2, 3], [5, 6]]
    with pytest.raises(IndexError):
        torch.sub(x, 0, 1)
    with pytest.raises(IndexError, match="empty"):
        torch.sub(x, 2, 1)
    with pytest.raises(ValueError):
        torch.sub(x, 1)


def test_at(x):
    assert torch.at(x, 2).tolist() == [4, 5, 6]
    assert torch.at(x, 2, 3) == 6 and isinstance(torch.at(x, 2, 3), float)
    assert torch.at(x, [2, -1]) == 6
    assert torch.at(x, [[], 2]).tolist() == [2, 5]
    assert torch.at(x, [[2], [1, 2]]).tolist() == [[4, 5]]
    assert torch.at(x, [[-1], [-2, -1]]).tolist() == [[5, 6]]
    assert torch.at(x, torch.gt(x, 4)).tolist() == [5, 6]
    torch.at(x, [[], [1, 2]])[...] = 0
    assert x.tolist() == [[0, 0, 3], [0, 0, 6]]
    for bad in (0, 3):
        with pytest.raises(IndexError):
            torch.at(x, bad)
    with pytest.raises(IndexError, match="3 indices"):
        torch.at(x, 1, 1, 1)


def test_index_copies(x):
    y = torch.index(x, 2, torch.LongTensor([3, 3, 1]))
    assert y.tolist() == [[3, 3, 1], [6, 6, 4]]
    y[...] = 0
    assert x[0, 2] == 3
    assert torch.index(x, 1, [2]).tolist() == [[4, 5, 6]]
    assert torch.index(x, 1, torch.Tensor([1.0])).tolist() == [[1, 2, 3]]
    res = torch.zeros(2, 1)
    assert torch.index(res, x, 2, [2]) is res and res.tolist() == [[2], [5]]


@pytest.mark.parametrize("indices", [[0], [4], [-1]])
def test_indices_are_1_based(x, indices):
    with pytest.raises(IndexError, match=rf"index {indices[0]} out of range: indices are 1-based, 1\.\.3"):
        torch.index(x, 2, indices)


def test_indices_are_whole_numbers(x):
    with pytest.raises(TypeError, match="whole"):
        torch.index(x, 2, torch.Tensor([1.5]))


def test_writing_by_index(x):
    assert torch.indexCopy(x, 2, [3, 1], torch.zeros(2, 2)) is x
    assert x.tolist() == [[0, 2, 0], [0, 5, 0]]
    assert torch.indexAdd(x, 1, [1, 1], torch.ones(2, 3)).tolist() == [[2, 4, 2], [0, 5, 0]]
    assert torch.indexFill(x, 2, [2], 9).tolist() == [[2, 9, 2], [0, 9, 0]]
    before = x.copy()
    with pytest.raises(ValueError, match="slices"):
        torch.indexCopy(x, 2, [3, 1], torch.zeros(2, 3))
    with pytest.raises(TypeError, match="one type"):
        torch.indexCopy(x, 2, [1], np.zeros((2, 1), np.float32))
    assert (x == before).all()


def test_gather_and_scatter(x):
    places = torch.LongTensor([[3, 1], [2, 2]])
    assert torch.gather(x, 2, places).tolist() == [[3, 1], [5, 5]]
    y = torch.zeros(2, 3)
    assert torch.scatter(y, 2, places, torch.Tensor([[7, 8], [0, 9]])) is y
    assert y.tolist() == [[8, 0, 7], [0, 9, 0]]
    assert torch.scatter(torch.zeros(2, 3), 2, places, 5).tolist() == [[5, 0, 5], [0, 5, 0]]
    added = torch.scatterAdd(torch.zeros(2, 3), 2, places, torch.ones(2, 2))
    assert added.tolist() == [[1, 0, 1], [0, 2, 0]]
    with pytest.raises(ValueError, match="but for dimension 2"):
        torch.gather(x, 2, torch.LongTensor([[1, 1]]))
    with pytest.raises(IndexError):
        torch.gather(x, 2, torch.LongTensor([[4], [1]]))
    with pytest.raises(ValueError, match="one source element"):
        torch.scatter(y, 2, places, torch.ones(1, 2))


def test_masks(x):
    mask = torch.gt(x, 4)
    assert torch.maskedSelect(x, mask).tolist() == [5, 6]
    assert torch.maskedSelect(x, x > 4).tolist() == [5, 6]
    assert torch.maskedFill(x, mask, 0) is x and x.tolist() == [[1, 2, 3], [4, 0, 0]]
    assert torch.maskedCopy(x, mask, torch.Tensor([7, 8, 9])).tolist() == [[1, 2, 3], [4, 7, 8]]
    res = torch.zeros(2)
    assert torch.maskedSelect(res, x, mask) is res
    with pytest.raises(TypeError, match="ByteTensor"):
        torch.maskedFill(x, torch.ones(2, 3), 0)
    with pytest.raises(ValueError, match="cover"):
        torch.maskedFill(x, torch.ByteTensor([1, 0]), 0)
    with pytest.raises(ValueError, match="fewer"):
        torch.maskedCopy(x, mask, torch.ones(1))


def test_nonzero(x):
    assert torch.nonzero(torch.Tensor([[0, 1], [2, 0]])).tolist() == [[1, 2], [2, 1]]
    assert torch.type(torch.nonzero(x)) == "torch.LongTensor"


def test_nonzero_into_a_destination():
    res = torch.LongTensor(2, 2)
    assert torch.nonzero(res, torch.Tensor([[0, 1], [1, 0]])) is res and res.tolist() == [[1, 2], [2, 1]]
