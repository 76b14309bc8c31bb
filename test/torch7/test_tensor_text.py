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


@pytest.mark.parametrize(
    "factor, text",
    [(1e-3, "0.001"), (1e-5, "1e-05"), (1e-12, "1e-12"), (1e5, "100000"), (1e6, "1e+06"), (1e11, "1e+11")],
)
def test_common_factor_has_six_digits(factor, text):
    assert lines(torch.Tensor([1.25 * factor + 2**-9 * (factor > 1), 2.5 * factor]))[:3] == [
        f"{text} *",
        " 1.2500",
        " 2.5000",
    ]


def test_common_factor_in_matrices_and_blocks():
    x = torch.Tensor([[1.25e-3, 2.5e-3], [3.5e-3, -1e-3]])
    assert lines(x)[:3] == ["0.001 *", "  1.2500  2.5000", "  3.5000 -1.0000"]
    assert lines(torch.reshape(x, 1, 2, 2))[:4] == [
        "(1,.,.) = ",
        " 0.001 *",
        "   1.2500  2.5000",
        "   3.5000 -1.0000",
    ]


def test_not_a_number_takes_the_width_away():
    """Recorded in Lua."""
    assert lines(torch.Tensor([math.inf, math.nan, -math.inf]))[:3] == ["inf", "nan", "-inf"]
    assert lines(torch.Tensor([math.nan, 1]))[:2] == ["nan", "1.000000"]
    wide = torch.fill(torch.zeros(2, 40), math.nan)
    assert lines(wide)[:2] == [" ".join(["nan"] * 40)] * 2
    assert lines(torch.reshape(wide, 2, 1, 40))[1] == " " + " ".join(["nan"] * 40)


def test_infinity_alone_keeps_the_width():
    assert lines(torch.Tensor([math.inf, -math.inf, 3]))[:3] == ["        inf", "       -inf", " 3.0000e+00"]
    assert lines(torch.Tensor([math.inf, 0.5]))[:2] == ["         inf", "  5.0000e-01"]


def test_a_mask_is_a_byte_tensor():
    assert lines(torch.gt(torch.Tensor([[1, 2], [3, 4]]), 2)) == [" 0  0", " 1  1", "[torch.ByteTensor of size 2x2]"]


def test_columns_wrap():
    got = lines(torch.zeros(1, 30))
    assert got[0] == "Columns 1 to 26" and got[1] == " ".join([" 0"] * 26)
    assert got[2:] == ["", "Columns 27 to 30", " 0  0  0  0", "[torch.DoubleTensor of size 1x30]"]


def test_columns_of_blocks_wrap():
    """The first heading is moved in with its block, those after it are not."""
    got = lines(torch.zeros(1, 2, 30))
    assert got[:2] == ["(1,.,.) = ", " Columns 1 to 26"]
    assert got[2:4] == [" " + " ".join([" 0"] * 26)] * 2
    assert got[4:8] == ["", "Columns 27 to 30", "  0  0  0  0", "  0  0  0  0"]


def test_columns_with_a_factor_wrap():
    got = lines(torch.fill(torch.zeros(2, 12), 1.5e-4))
    row = " " + " ".join([" 1.5000"] * 10)
    assert got[:4] == ["Columns 1 to 10", "0.0001 *", row, row]
    assert got[4:8] == ["", "Columns 11 to 12", "0.0001 *", "  1.5000  1.5000"]


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


def test_sizes_print_as_a_storage():
    assert torch.tostring(torch.zeros(3, 4).shape) == "\n 3\n 4\n[torch.LongStorage of size 2]"
    assert torch.tostring((1, 200)) == "\n   1\n 200\n[torch.LongStorage of size 2]"
    assert torch.tostring(("a", 1)) == "('a', 1)" and torch.tostring(()) == "()"
