"""Comparisons give bool arrays: NumPy takes them as masks, Torch's functions as ByteTensors of 0 and 1."""

import numpy as np
import pytest

import torch7 as torch


@pytest.fixture
def y():
    return torch.Tensor([-1, 2, 3, -4])


@pytest.fixture
def mask(y):
    return torch.lt(y, 0)


def test_a_mask_marks_places(y, mask):
    y[torch.lt(y, 0)] = 0
    assert y.tolist() == [0, 2, 3, 0]
    assert y[~mask].tolist() == [2, 3] and y[mask & torch.eq(y, 0)].tolist() == [0, 0]


def test_torch_sees_a_byte_tensor(mask):
    assert torch.type(mask) == torch.typename(mask) == "torch.ByteTensor"
    assert torch.isTypeOf(mask, torch.ByteTensor) and torch.isTensor(mask)
    assert torch.byte(mask).dtype == np.uint8 and torch.type(mask, "torch.DoubleTensor").tolist() == [1, 0, 0, 1]
    assert torch.totable(mask) == [1, 0, 0, 1] and str(torch.totable(mask)) == "[1, 0, 0, 1]"


@pytest.mark.parametrize("index", [1, 2])
def test_elements_are_numbers(mask, index):
    for value in (torch.at(mask, index), torch.select(mask, 1, index), torch.squeeze(mask[index - 1 : index])):
        assert type(value) is int and value == 2 - index
    assert type(torch.max(mask)) is int and torch.max(mask) == 1


def test_arithmetic_is_that_of_bytes(mask):
    assert torch.sum(mask) == 2 and type(torch.sum(mask)) is int
    for got, expected in (
        (torch.add(mask, mask), [2, 0, 0, 2]),
        (torch.add(mask, 1), [2, 1, 1, 2]),
        (torch.mul(mask, 3), [3, 0, 0, 3]),
        (torch.csub(mask, 1), [0, 255, 255, 0]),
        (torch.cmul(mask, mask), [1, 0, 0, 1]),
        (torch.cmax(mask, torch.byte(~mask)), [1, 1, 1, 1]),
        (torch.neg(mask), [255, 0, 0, 255]),
        (torch.cumsum(mask), [1, 1, 1, 2]),
        (torch.sum(mask, 1), [2]),
        (torch.sort(mask)[0], [0, 0, 1, 1]),
        (torch.bitxor(mask, 1), [0, 1, 1, 0]),
        (torch.addcmul(mask, 2, mask, mask), [3, 0, 0, 3]),
        (torch.median(mask)[0], [0]),
    ):
        assert got.dtype == np.uint8 and got.tolist() == expected
    assert torch.max(mask, 1)[1].tolist() == [1] and torch.dot(mask, mask) == 2
    assert mask.dtype == bool and mask.tolist() == [True, False, False, True]


def test_in_place_a_mask_holds_what_it_can(mask):
    assert torch.cmul_(mask, torch.ByteTensor([1, 1, 1, 0])) is mask and mask.tolist() == [True, False, False, False]
    assert torch.bitxor_(mask, 1) is mask and torch.totable(mask) == [0, 1, 1, 1]
    for call in (lambda: torch.add_(mask, 1), lambda: torch.mul_(mask, 2), lambda: torch.neg_(mask)):
        with pytest.raises(TypeError, match=r"a mask holds 0 and 1 only.*torch7.byte"):
            call()
    assert torch.totable(mask) == [0, 1, 1, 1]
    assert torch.fill(mask, 0) is mask and not mask.any()
    assert torch.copy(mask, torch.ByteTensor([0, 2, 0, 1])) is mask and torch.totable(mask) == [0, 1, 0, 1]
    seen = []
    torch.apply(mask, lambda v: seen.append(v))
    assert seen == [0, 1, 0, 1] and {type(v) for v in seen} == {int}


def test_parts_of_masks_stay_masks(mask):
    for part in (
        torch.narrow(mask, 1, 1, 2),
        torch.index(mask, 1, [1, 4]),
        torch.maskedSelect(mask, mask),
        torch.cat(mask, mask),
        torch.clone(mask),
        torch.view(mask, 2, 2),
    ):
        assert part.dtype == bool


@pytest.mark.parametrize("kind", [np.bool_, np.uint8])
def test_masks_of_both_kinds(y, kind):
    mask = torch.lt(y, 0).astype(kind)
    assert torch.maskedSelect(y, mask).tolist() == [-1, -4] == torch.at(y, mask).tolist()
    assert torch.maskedFill(y.copy(), mask, 7).tolist() == [7, 2, 3, 7]
    assert torch.maskedCopy(y.copy(), mask, torch.Tensor([8, 9])).tolist() == [8, 2, 3, 9]
    assert torch.any(mask) is True and torch.all(mask) is False
    assert torch.nonzero(mask).tolist() == [[1], [4]]
    assert torch.eq(mask, torch.lt(y, 0)).all() and torch.equal(mask, torch.lt(y, 0))


def test_files_hold_byte_tensors(mask, tmp_path):
    torch.save(tmp_path / "m.t7", {"mask": mask, "table": [mask, 1]})
    found = torch.load(tmp_path / "m.t7")
    assert found["mask"].dtype == np.uint8 and found["mask"].tolist() == [1, 0, 0, 1]
    assert found["table"][0].dtype == np.uint8


def test_added_slices_are_numbers(mask):
    assert torch.indexAdd(torch.ByteTensor(2), 1, [1, 1, 1, 1], mask).tolist() == [2, 0]
    assert torch.scatterAdd(torch.ByteTensor(2), 1, torch.LongTensor([2, 1, 1, 2]), mask).tolist() == [0, 2]
    with pytest.raises(TypeError, match="a mask holds 0 and 1 only"):
        torch.indexAdd(mask, 1, [1], torch.ByteTensor([1]))
    assert torch.indexAdd(mask, 1, [2], torch.ByteTensor([1])) is mask and torch.totable(mask) == [1, 1, 0, 1]
