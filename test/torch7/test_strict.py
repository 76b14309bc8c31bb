"""torch7.strict as a switch, and masks of bytes in brackets."""

import re

import numpy as np
import pytest

import torch7 as torch
from torch7 import strictness


@pytest.fixture(autouse=True)
def off():
    torch.strict(False)
    yield
    torch.strict(False)


def test_tells_and_switches():
    assert torch.strict() is False
    mode = torch.strict(True)
    assert mode and torch.strict() is True and repr(mode) == "torch7.strict: on"
    assert not torch.strict(False) and torch.strict() is False


def test_with_restores_what_was_before():
    with torch.strict(True):
        with torch.strict(False):
            assert not torch.strict()
        assert torch.strict()
        with pytest.raises(KeyError), torch.strict(False):
            raise KeyError
        assert torch.strict()
    assert not torch.strict()


def test_a_failure_of_one_part_leaves_the_mode_off(monkeypatch):
    """Also without a trace of the parts before it."""
    monkeypatch.setattr(strictness, "_modules", ["torch7.mask_places", "torch7.no_such_module"])
    with pytest.raises(ModuleNotFoundError):
        torch.strict(True)
    assert not torch.strict()
    assert np.arange(2)[np.array([1, 0], np.uint8)].tolist() == [1, 0]


@pytest.mark.parametrize(
    "file, library",
    [
        ("nn/module.py", True),
        ("nn/thnn/cpu/gemm/__init__.py", True),
        ("torch7/strictness.py", True),
        ("test/torch7/test_strict.py", False),
        ("examples/xor.py", False),
        ("train.py", False),
        ("/elsewhere/nn/module.py", False),
        ("<stdin>", False),
    ],
)
def test_tells_the_library_from_scripts(file, library):
    assert strictness.is_library(str(strictness.ROOT / file) if file[0] not in "/<" else file) == library


MASK = np.array([1, 0, 1], np.uint8)
MASKED = [
    (lambda x: x[MASK], (3,)),
    (lambda x: x[MASK], (3, 2)),
    (lambda x: x[:, MASK], (2, 3)),
    (lambda x: x[0, MASK], (2, 3)),
    (lambda x: x[np.ones((2, 3), np.uint8)], (2, 3)),
    (lambda x: x[np.ones((3, 2), np.uint8).T], (2, 3)),
    (lambda x: x[torch.ByteTensor([1, 0, 1])], (3,)),
    (lambda x: x[torch.byte(torch.gt(torch.Tensor([1, -1, 1]), 0))], (3,)),
]


@pytest.mark.parametrize("use, shape", MASKED)
def test_a_mask_of_bytes_in_brackets_raises(use, shape):
    x = torch.zeros(*shape)
    use(x)  # in silence
    with torch.strict(True), pytest.raises(torch.StrictError, match=r"write x\[mask != 0\], or torch.maskedSelect"):
        use(x)
    use(x)


def test_writing_by_a_mask_of_bytes_raises_and_writes_nothing():
    x = torch.zeros(3)
    with torch.strict(True), pytest.raises(torch.StrictError, match="mask"):
        x[MASK] = 7
    assert not x.any()
    x[MASK] = 7
    assert x.tolist() == [7, 7, 0]


QUIET = [
    lambda x: x[MASK != 0],
    lambda x: x[MASK.astype(bool)] * torch.maskedSelect(x, MASK),
    lambda x: torch.at(x, MASK),
    lambda x: x[np.array([1, 0, 2], np.uint8)],  # places
    lambda x: x[np.array([0, 1], np.uint8)],  # of another size than x
    lambda x: x[MASK.astype(np.int64)],
    lambda x: x[np.uint8(1)],
    lambda x: x[np.empty(0, np.uint8)],
    lambda x: x[None, 1:, ...][0, 0],
    lambda x: np.arange(256)[np.array([[0, 1], [1, 1]], np.uint8)],  # a palette
]


@pytest.mark.parametrize("use", QUIET)
def test_other_indices_stay_as_they_are(use):
    x = np.arange(1.0, 4)
    expected = use(x)
    with torch.strict(True):
        np.testing.assert_array_equal(use(x), expected)


def test_installed_packages_look_things_up_as_they_like():
    """NumPy's isin of bytes, for one, has a table with a place for every value."""
    bytes = np.array([0, 1, 1, 0], np.uint8)
    with torch.strict(True):
        assert np.isin(bytes, np.array([0, 1], np.uint8)).all()


def test_numpy_has_its_own_errors():
    with torch.strict(True):
        with pytest.raises(IndexError, match="out of bounds"):
            np.arange(3)[7]
        with pytest.raises(ValueError, match="read-only"):
            np.broadcast_to(np.zeros(1), 3)[0] = 1


def test_the_page_lists_the_traps_that_raise():
    """Fifty traps in order; those with a star are those of the table of what raises."""
    page = (strictness.ROOT / "doc" / "porting.md").read_text()
    traps = re.findall(r"(?m)^\*\*(\d+)(\\\*)?\.", page)
    assert [int(number) for number, _ in traps] == list(range(1, 51))
    rows = re.findall(r"(?m)^\|.*\| (\d+(?:, \d+)*) \|$", page)
    named = {number for row in rows for number in row.split(", ")}
    assert named == {number for number, star in traps if star}
