import math

import numpy as np
import pytest

import torch7 as torch


def lines(x):
    return torch.tostring(x).split("\n")


def test_reals_in_one_format():
    assert lines(torch.Tensor([1.5, 2, 300])) == [
        "   1.5000",
        "   2.0000",
        " 300.0000",
        "[torch.DoubleTensor of size 3]",
    ]
    assert lines(torch.Tensor([0.25, -0.5]))[:2] == [" 0.2500", "-0.5000"]


def test_common_factor():
    assert lines(torch.Tensor([0.001, 0.002]))[:3] == ["0.001 *", " 1.0000", " 2.0000"]
    assert lines(torch.Tensor([123456.5, 234567.5]))[:3] == ["100000 *", " 1.2346", " 2.3457"]


def test_wide_range():
    assert lines(torch.Tensor([1e-5, 1.5]))[:2] == [" 1.0000e-05", " 1.5000e+00"]
    assert lines(torch.Tensor([1e-120, 1.5]))[0] == " 1.0000e-120"


def test_whole_numbers():
    assert lines(torch.LongTensor([[1, 20], [3, -4]])) == ["  1  20", "  3  -4", "[torch.LongTensor of size 2x2]"]
    assert lines(torch.zeros(2))[:2] == [" 0", " 0"]
    assert lines(torch.Tensor([1e10, 1]))[:2] == [" 1.0000e+10", " 1.0000e+00"]
    assert lines(torch.Tensor([-0.0, 1]))[0] == " 0"


def test_not_a_number():
    assert [line.strip() for line in lines(torch.Tensor([math.nan, 1]))[:2]] == ["nan", "1.000000"]
    assert lines(torch.Tensor([math.inf, 0.5]))[0].strip() == "inf"


def test_columns_wrap():
    got = lines(torch.zeros(1, 30))
    assert got[0] == "Columns 1 to 26" and got[1] == " ".join([" 0"] * 26)
    assert got[2:] == ["", "Columns 27 to 30", " 0  0  0  0", "[torch.DoubleTensor of size 1x30]"]


def test_blocks():
    x = torch.reshape(torch.range(1, 8), 2, 2, 2)
    assert lines(x) == [
        "(1,.,.) = ",
        "  1  2",
        "  3  4",
        "",
        "(2,.,.) = ",
        "  5  6",
        "  7  8",
        "[torch.DoubleTensor of size 2x2x2]",
    ]
    names = [line for line in lines(torch.zeros(2, 2, 1, 1)) if line.startswith("(")]
    assert names == ["(1,1,.,.) = ", "(2,1,.,.) = ", "(1,2,.,.) = ", "(2,2,.,.) = "]


@pytest.mark.parametrize(
    "value, text",
    [
        (None, "nil"),
        (True, "true"),
        (3, "3"),
        (0.1 + 0.2, "0.3"),
        (1e100, "1e+100"),
        (np.float32(0.5), "0.5"),
        ("a", "a"),
    ],
)
def test_other_values(value, text):
    assert torch.tostring(value) == text


def test_empty():
    assert torch.tostring(torch.FloatTensor()) == "[torch.FloatTensor with no dimension]"
