"""The run-time library of translated programs where Python's own would give something else."""

import builtins
import math

import pytest

import torch7 as torch
from torch7 import lua_math, lualib
from torch7.lualib import Table, getmetatable, io, os, outcome, rawset, select, setindex, setmetatable, string, type


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("f(a(b)c)d", "%b()", "(a(b)c)"),
        ("x = {1, {2}} .. {3}", "%b{}", "{1, {2}}"),
        ("say 'this' now", "%b''", "'this'"),
        ("((a)", "%b()", "(a)"),
        ("(a", "%b()", None),
        ("THE (quick) fox", "%f[%a]%a+", "THE"),
    ],
)
def test_balanced_and_frontier_patterns(text, pattern, found):
    assert string.match(text, pattern) == found


def test_a_list_takes_places_behind_its_end():
    t = []
    setindex(t, 2, 20)
    assert t == [None, 20]
    setindex(t, 2, None)
    assert t == [None]
    with pytest.raises(TypeError, match="takes places"):
        setindex(t, 1000, 1)


def test_weak_tables_keep_numbers_and_text():
    t = setmetatable(Table(), Table(__mode="k"))
    t[1], t["name"], t[Table()] = 5, 6, 7
    assert (t[1], t["name"], 1 in t._content, dict(t._content.items())) == (5, 6, True, {1: 5, "name": 6})
    t[1] = None
    assert t[1] is None


def test_a_protected_metatable():
    t = setmetatable(Table(), Table(__metatable="locked"))
    assert getmetatable(t) == "locked"
    with pytest.raises(ValueError, match="protected"):
        setmetatable(t, None)


def test_metamethods_give_one_value():
    m = Table(__add=lambda a, b: (1, 2), __index=lambda t, k: (k, "more"), __lt=lambda a, b: (False, True))
    a, b = setmetatable(Table(), m), setmetatable(Table(), m)
    assert (a + b, a.x, a < b, lualib.arithmetic("+", a, b)) == (1, "x", False, 1)


def test_files_and_what_failed(tmp_path):
    path = str(tmp_path / "numbers")
    f = io.open(path, "w")
    f.write(1, " ", 2.5, "\nrest\n").close()
    assert io.type(f) == "closed file" and io.type(3) is None
    f = io.open(path)
    assert f.read("*n", "*n") == (1, 2.5)
    assert (f.read("*l"), f.read("*l"), f.read("*a")) == ("", "rest", "")
    missing = str(tmp_path / "no")
    assert outcome(io.open, missing) == (None, f"{missing}: No such file or directory", 2)
    assert io.open(missing) is None and os.remove(missing) is None
    assert outcome(os.remove, path, count=3) == (True, None, None)


def test_dates_and_numbers():
    noon = {"year": 2020, "month": 1, "day": 2, "hour": 12}
    assert os.date("*t", os.time(noon))["day"] == 2
    assert os.time(noon) - os.time({**noon, "hour": 11}) == 3600
    assert (lua_math.modf(-3.75), lua_math.modf(math.inf)) == ((-3, -0.75), (math.inf, 0))
    assert (select(-1, "a", "b"), select(2, "a", "b")) == (("b",), ("b",))
    assert lualib.Arguments(["x"])[3] is None
    assert type(math) == "table"


def test_functions_of_this_process_in_files():
    n = 3
    scale = torch.deserialize(torch.serialize({"f": lambda x: x * n}))["f"]
    n = 4
    assert (scale(5), type(scale)) == (15, "function")
    assert torch.factory("torch.LongTensor")().dtype == "int64"
    assert rawset([1], 2, 3) == [1, 3]


def test_tables_are_printed_with_their_contents(capsys):
    lualib.print({"b": [1, "two", []], "a": torch.zeros(2, 3), 2: None, 1: {"deep": {"er": {"still": {"more": 1}}}}})
    lines = ["{", "  1 : ", "    {", "      deep : ", "        {", "          er : ", "            {"]
    lines += ["              still : ", "                {", "                  more : 1", "                }"]
    lines += ["            }", "        }", "    }", "  a : DoubleTensor - size: 2x3", "  b : ", "    {"]
    lines += ["      1 : 1", '      2 : "two"', "      3 : {...}", "    }", "}", ""]
    assert capsys.readouterr().out == "\n".join(lines)
    shown = setmetatable(Table(1), Table(__tostring=lambda t: "its own"))
    lualib.print("x", [], 1, Table(), shown)
    assert capsys.readouterr().out == "x\t{}\n1\t{}\nits own\n"
    assert string.split(" a  b", "%s+") == ["a", "b"] and string.split("a,,b,", ",") == ["a", "", "b"]


def test_methods_that_are_put_on_a_class_have_pythons_names():
    counter = builtins.type("Counter", (), {})
    setindex(counter, "__init", lambda self, n: setindex(self, "in", n))
    setindex(counter, "__tostring", lambda self: f"<{lualib.index(self, 'in')}>")
    made = counter(3)
    assert made.in_ == 3 and str(made) == "<3>" and lualib.index(made, "in") == 3
