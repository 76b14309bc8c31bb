import math

import pytest

from torch7.lua import Table, lua_number, lua_pattern, tonumber


@pytest.mark.parametrize(
    "pattern, text, found",
    [
        ("nn.Lin.*", "nn.Linear", True),
        ("^a%.b$", "a.b", True),
        ("^a%.b$", "axb", False),
        ("%d+", "x12", True),
        ("%D", "12", False),
        ("[%w_-]+$", "a-b_1", True),
        ("^[^%s]+$", "a b", False),
        ("^[%D]+$", "ab", True),
        ("^[%D]+$", "a1", False),
        ("^[]]$", "]", True),
        ("a-b", "aab", True),
        ("(%a)%1", "hello", True),
        ("(%a)%1", "helo", False),
        ("%f[%w]cat%f[%W]", "a cat!", True),
        ("%f[%w]cat%f[%W]", "concat", False),
        ("^*", "*", True),
        ("a+b", "a+b", False),
        ("(%d+)-(%d+)", "2016-05", True),
        ("(a)+(b)*", "a+b*", True),
        ("(a)+", "aa", False),
        ("(a)%1?", "aa?", True),
        ("a%+b", "a+b", True),
        ("{}|", "{}|", True),
        ("x$y", "x$y", True),
    ],
)
def test_patterns(pattern, text, found):
    assert bool(lua_pattern(pattern).search(text)) is found


def test_lazy_quantifier():
    assert lua_pattern("<(.-)>").search("<a><b>")[1] == "a"


@pytest.mark.parametrize("pattern", ["(", "%b("])
def test_malformed_patterns(pattern):
    with pytest.raises(ValueError):
        lua_pattern(pattern)


@pytest.mark.parametrize(
    "text, value", [("12", 12), (" 1e3 ", 1000), ("0x10", 16), ("-.5", -0.5), ("1_0", None), ("abc", None), ("", None)]
)
def test_tonumber(text, value):
    assert tonumber(text) == value and type(tonumber(text)) is type(value)


def test_tonumber_special():
    assert math.isnan(tonumber("nan")) and tonumber("inf") == math.inf and tonumber("1e300") == 1e300


def test_numbers_print_with_14_digits():
    assert [lua_number(x) for x in (1, 0.1 + 0.2, 1e15, -0.5)] == ["1", "0.3", "1e+15", "-0.5"]


def test_table():
    opt = Table(lr=0.1)
    opt.seed = 3
    assert opt["seed"] == 3 and opt.lr == 0.1
    del opt.lr
    assert opt == {"seed": 3}
    with pytest.raises(AttributeError):
        opt.nothing
