"""tds, cjson, csvigo, argcheck and class."""

import copy
import math

import numpy as np
import pytest

import torch7
from rocks import argcheck, cjson, class_, csvigo, tds


def test_hash():
    h = tds.Hash({"a": 1, 3: [5, 6]})
    assert h["a"] == h.a == 1 and h["none"] is None and len(h) == 2 and isinstance(h[3], tds.Vec) and h[3][2] == 6
    h["b"] = {"c": 2}
    h["a"] = None
    assert isinstance(h.b, tds.Hash) and h.b.c == 2 and len(h) == 2
    assert dict(tds.pairs(h)) == h and torch7.type(h) == "tds.Hash"
    assert str(tds.Hash({"x": 0.5})) == "tds.Hash[1]{\nx : 0.5\n}"


def test_vec():
    v = tds.Vec(3, 1, 2)
    v[4] = 9
    v.insert(5)
    v.insert(1, 0)
    assert list(v) == [0, 3, 1, 2, 9, 5] and len(v) == 6 and v[1] == 0 and v[6] == 5
    assert v.remove() == 5 and v.remove(1) == 0
    v.sort()
    assert list(v) == [1, 2, 3, 9]
    v.sort(lambda a, b: a > b)
    assert v.concat(",") == "9,3,2,1" and next(tds.pairs(v)) == (1, 9)
    v.resize(2)
    assert list(v) == [9, 3]
    v.resize(3)
    assert v[3] is None
    for wrong in (0, 5, 1.5):
        with pytest.raises(IndexError, match=r"1\.\."):
            v[wrong] = 1
    with pytest.raises(IndexError, match=r"index 4 is not in 1\.\.3"):
        v[4]
    assert torch7.type(tds.Vec()) == "tds.Vec" and tds.Vec().remove() is None and list(tds.Vec([7, 8])) == [7, 8]


def test_tds_in_files():
    shared = np.arange(3.0)
    h = tds.Hash({"a": 1, 2: [shared, "x"], "inner": {"b": True}})
    for mode in (None, "ascii"):
        loaded = torch7.deserialize(torch7.serialize([h, h, tds.Vec(5, shared)], mode), mode)
        assert loaded[0] is loaded[1] and torch7.type(loaded[0]) == "tds.Hash" and torch7.type(loaded[2]) == "tds.Vec"
        again = tds.Hash(loaded[0])
        assert again.a == 1 and again[2][2] == "x" and again.inner.b is True and isinstance(again[2], tds.Vec)
        assert again[2][1] is tds.Vec(loaded[2])[2] and len(again) == 3
    twin = copy.deepcopy(h)
    assert twin.inner == h.inner and twin[2][2] == "x" and twin[2][1] is not shared and type(twin[2]) is tds.Vec


@pytest.mark.parametrize(
    "value,text",
    [
        ([1, 2.5, "a/b"], '[1,2.5,"a\\/b"]'),
        ({"k": [True, None]}, '{"k":[true,null]}'),
        ({}, "{}"),
        ([], "{}"),
        ({1: "x", 3: "y"}, '["x",null,"y"]'),
        ({2: "x", "a": 1}, '{"2":"x","a":1}'),
        (1 / 3, "0.33333333333333"),
        (1e300, "1e+300"),
        (3.0, "3"),
        ('é"\n', '"é\\"\\n"'),
        (None, "null"),
        (-0.1, "-0.1"),
    ],
)
def test_json_out(value, text):
    assert cjson.encode(value) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, {1: 1, 100: 1}, np.zeros(2), {None: 1}, lambda: 1])
def test_json_refuses(value):
    with pytest.raises((ValueError, TypeError), match="Cannot serialise"):
        cjson.encode(value)


def test_json_in():
    assert cjson.decode('{"a":[1,2.5,null,"\\u00e9"],"b":{}}') == {"a": [1, 2.5, cjson.null, "é"], "b": {}}
    with pytest.raises(ValueError, match=r"cjson\.decode"):
        cjson.decode("{")
    value = cjson.decode('{"a": [null, {"b": null}]}', cjson.NULL)
    assert value == {"a": [cjson.NULL, {"b": cjson.NULL}]} and cjson.encode(value) == '{"a":[null,{"b":null}]}'


def test_settings_of_json():
    sparse = {1: 1, 100: 2}
    with pytest.raises(ValueError, match="sparse"):
        cjson.encode(sparse)
    before = vars(cjson._settings).copy()
    try:
        assert cjson.encode_sparse_array(True) == (True, 2, 10) and cjson.encode(sparse) == '{"1":1,"100":2}'
        assert cjson.encode_number_precision(3) == 3 and cjson.encode(2 / 3) == "0.667"
        assert cjson.encode_invalid_numbers("null") == "null" and cjson.encode(float("nan")) == "null"
        cjson.encode_max_depth(2), cjson.decode_max_depth(2), cjson.decode_invalid_numbers(False)
        for call, value in ((cjson.encode, [[[1]]]), (cjson.decode, "[[[1]]]"), (cjson.decode, "[NaN]")):
            with pytest.raises(ValueError):
                call(value)
    finally:
        vars(cjson._settings).update(before)


def test_csv(tmp_path, capsys):
    name = f"{tmp_path}/a.csv"
    table = {"x": [1, 2.5, 3], "name": ["a", 'b,"c"', ""]}
    csvigo.save({"path": name, "data": table})
    assert (
        capsys.readouterr().out
        == f"<csv>\twriting to file: {name}\n<csv>\texporting tidy table to raw CSV\n<csv>\twriting done\n"
    )
    assert (tmp_path / "a.csv").read_text() == 'x,name\n1,a\n2.5,"b,""c"""\n3,\n'
    assert csvigo.load(name) == {"x": ["1", "2.5", "3"], "name": ["a", 'b,"c"', ""]}
    said = "".join(f"<csv>\t{w}\n" for w in (f"parsing file: {name}", "tidying up entries", "returning tidy table"))
    assert capsys.readouterr().out == said
    assert csvigo.load({"path": name, "mode": "raw", "verbose": False})[0] == ["x", "name"]
    plain = csvigo.load(path=name, header=False, verbose=False, skip=1)
    assert plain["var_1"] == ["1", "2.5", "3"] and capsys.readouterr().out == ""
    csvigo.save(path=name, data=[[1, 2], [3, 4]], separator=";", verbose=False)
    assert (tmp_path / "a.csv").read_text() == "1;2\n3;4\n"
    csvigo.save(path=name, data={"a": [1], "b": [2]}, column_order=["b", "a"], verbose=False)
    assert (tmp_path / "a.csv").read_text() == "b,a\n2,1\n"
    with pytest.raises(ValueError, match="tidy"):
        csvigo.load(path=name, mode="neat")


def test_csv_queries(tmp_path):
    name = f"{tmp_path}/a.csv"
    csvigo.save(path=name, data={"x": [1, 2, 2, 3], "y": ["a", "a", "b", "b"]}, verbose=False)
    q = csvigo.load(path=name, mode="query", verbose=False)
    assert q("vars") == ["x", "y"] and q() == q("all") and q("all")["x"] == ["1", "2", "2", "3"]
    assert q("union", {"x": 1, "y": ["b"]}) == {"x": ["1", "2", "3"], "y": ["a", "b", "b"]}
    assert q("inter", {"x": [2, 3], "y": "b"}) == {"x": ["2", "3"], "y": ["b", "b"]}


def check(**options):
    return argcheck(
        [
            {"name": "x", "type": "torch.*Tensor", "help": "input"},
            {"name": "n", "type": "number", "default": 3, "check": lambda n: n > 0},
            {"name": "label", "type": "string", "opt": True},
            {"name": "m", "type": "number", "defaulta": "n"},
        ],
        **options,
    )


def test_argcheck():
    x = np.zeros(2)
    assert check()(x) == (x, 3, None, 3) and check()(x, 5)[1:] == (5, None, 5)
    assert check()(x, "a")[1:] == (3, "a", 3) and check()(x, 1, "a", 7)[1:] == (1, "a", 7)
    assert check()({"x": x, "m": 1})[1:] == (3, None, 1) and check()(x=x, n=2)[3] == 2
    assert check(call=lambda x, n, label, m: n + m)(x, 4) == 8
    assert check(pack=True)(x, 2) == {"x": x, "n": 2, "label": None, "m": 2}
    assert check(quiet=True)(x)[0] is True and check(quiet=True)(5) == (
        False,
        "invalid arguments: x is a number, not a torch.*Tensor",
    )
    for args, said in (((), "x is missing"), ((x, -1, "a"), "label is a number"), ((x, 1, "a", 2, 3), "5 values")):
        with pytest.raises(TypeError, match=said):
            check()(*args)
    with pytest.raises(TypeError, match=r"\[n = number\]"):
        check()()


def test_argcheck_overloads_and_tables():
    by_number = argcheck({1: {"name": "n", "type": "number"}, "call": lambda n: n * 2})
    both = argcheck({1: {"name": "s", "type": "string"}, "call": lambda s: s + "!", "overload": by_number})
    assert both(4) == 8 and both("a") == "a!"
    with pytest.raises(ValueError, match="both functions take"):
        argcheck([{"name": "n", "type": "number"}, {"name": "s", "type": "string", "opt": True}], overload=by_number)
    forced = argcheck([{"name": "n", "type": "number"}], call=lambda n: -n, overload=both, force=True)
    assert forced(4) == -4 and forced("a") == "a!"
    rules = [
        {"name": "self", "type": "number"},
        {"name": "x", "type": "number", "default": 5},
        {"name": "msg", "type": "string", "default": "m"},
    ]
    method = argcheck(rules)
    assert method(1) == (1, 5, "m") and method(1, {"msg": "p"}) == (1, 5, "p") and method(1, None, "p") == (1, 5, "p")
    assert method(1, "p") == (1, 5, "p") and method(1, 6, None) == (1, 6, "m") and method(1, {}) == (1, 5, "m")
    with pytest.raises(ValueError, match="a name and a type"):
        argcheck([{"name": "n"}])
    one = argcheck([{"name": "t", "type": "table"}])
    assert one({"t": 1}) == {"t": 1}
    assert argcheck.isoftype(torch7.zeros(1), "torch.DoubleTensor") and not argcheck.isoftype(1, "string")


def test_class():
    names = [f"Shape{id(object())}", f"Square{id(object())}a"]
    Shape = class_(names[0])
    Shape.__init__ = lambda self, n: setattr(self, "n", n)
    Shape.area = lambda self: self.n
    Square = class_(names[1], names[0])
    Square.area = lambda self: Shape.area(self) ** 2
    s = Square(3)
    assert (
        s.area() == 9
        and class_.type(s) == names[1]
        and class_.istype(s, names[0])
        and class_.metatable(names[1]) is Square
    )
    assert class_.type(3) == "number" and not class_.istype(Shape(1), names[1]) and Shape.new(2).n == 2
    with pytest.raises(ValueError, match="already"):
        class_(names[0])
    assert not hasattr(class_.factory(names[1]), "n") and class_.istype(class_.factory(names[1]), names[0])
    with pytest.raises(ValueError, match="unknown class"):
        class_.factory("none")
