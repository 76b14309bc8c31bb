"""What readers of .t7 files stumble over: each hazard with a file made by hand."""

import copy
import gzip
import pickle
import zipfile

import numpy as np
import pytest
from t7_values import NIL, head, i, number, q, reference, same, storage, string, table, tensor, text

import nn
import torch7 as torch
from torch7 import LuaFunction, LuaTable, T7Error, TorchObject, registry


class Layer:
    """A class as those of nn are: fields are attributes."""

    _transient = ("_cache",)

    def updateOutput(self, input):
        return input

    def _restore(self):
        self._cache = "made anew"


class Widget(Layer):
    pass


registry.register("toy.Layer", Layer)
registry.register("toy.Widget", Widget)


@registry.upgrade(Layer)
def _upgrade(obj, fields):
    if "old" in fields:
        fields["new"] = fields.pop("old") ** -2


def function(tag, index, code, upvalues):
    return i(tag) + (i(index) if index else b"") + text(code) + upvalues


@pytest.mark.parametrize("tag", [7, 8])
def test_functions_occupy_their_index(tag):
    first = function(tag, 2, b"\x1bLJ code", table(3, (number(1), string(b"up"))))
    data = table(1, (string(b"f"), first), (string(b"g"), reference(tag, 2)), (string(b"t"), table(4)))
    value = torch.deserialize(data)
    assert value["f"] is value["g"] and value["f"].upvalues == ["up"] and value["t"] == []
    assert torch.serialize(value) == data


def test_the_oldest_functions_have_no_index():
    first = function(6, None, b"code", table(2, (string(b"n"), number(5))))
    data = table(1, (number(1), first), (number(2), table(3, (string(b"x"), NIL))))
    value = torch.deserialize(data)
    assert isinstance(value[0], LuaFunction) and value[0].tag == 6 and value[0].upvalues == {"n": 5}
    assert torch.serialize(value) == data


def test_a_function_whose_upvalue_is_itself():
    data = function(8, 1, b"f", table(2, (number(1), reference(8, 1))))
    value = torch.deserialize(data)
    assert value.upvalues[0] is value and torch.serialize(value) == data


def test_functions_in_place_of_methods_are_kept_aside():
    field = function(8, 3, b"dump", table(4))
    data = head(1, b"toy.Layer") + table(2, (string(b"updateOutput"), field), (string(b"n"), number(1)))
    with pytest.warns(UserWarning, match=r"Lua functions do not run.*updateOutput"):
        layer = torch.deserialize(data)
    assert layer.updateOutput(5) == 5 and layer.n == 1
    with pytest.warns(UserWarning):
        again = torch.deserialize(torch.serialize(layer))
    assert again.__dict__["_lua_fields"]["updateOutput"].code == b"dump"


CUDA = [
    (b"Cuda", "<f4", np.float32),
    (b"CudaDouble", "<f8", np.float64),
    (b"CudaHalf", "<f2", np.float16),
    (b"CudaLong", "<i8", np.int64),
    (b"CudaInt", "<i4", np.int32),
    (b"CudaShort", "<i2", np.int16),
    (b"CudaChar", "<i1", np.int8),
    (b"CudaByte", "<u1", np.uint8),
]


@pytest.mark.parametrize("name, stored, dtype", CUDA)
def test_cuda_tensors_load_on_the_cpu(name, stored, dtype):
    elements = storage(2, [1, 2, 3], b"torch." + name + b"Storage", stored)
    back = torch.deserialize(tensor(1, (2,), (1,), 2, elements, b"torch." + name + b"Tensor"))
    assert type(back) is np.ndarray and back.dtype == dtype and back.tolist() == [2, 3]


def test_the_type_of_a_cuda_module_becomes_that_of_its_tensors():
    data = head(1, b"toy.Layer") + table(2, (string(b"_type"), string(b"torch.CudaTensor")))
    assert torch.deserialize(data)._type == "torch.FloatTensor"


def test_unknown_classes_are_records_that_are_written_back():
    inner = table(3, (string(b"size"), number(4)))
    data = head(1, b"proj.OneHot", b"V 3") + table(2, (string(b"opt"), inner), (string(b"me"), reference(4, 1)))
    value = torch.deserialize(data)
    assert isinstance(value, TorchObject) and value.torch_typename == "proj.OneHot" and value.version == 3
    assert value.opt == {"size": 4} and value.me is value and value.fields["me"] is value
    with pytest.raises(AttributeError, match=r"proj.OneHot has no field 'other'"):
        _ = value.other
    assert torch.serialize(value) == data
    assert copy.deepcopy(value).opt == {"size": 4} and pickle.loads(pickle.dumps(value)).me.opt == {"size": 4}


def test_headers_without_version():
    data = table(1, (string(b"a"), head(2, b"Blah", None) + table(3)), (string(b"x"), tensor_without_version(4)))
    value = torch.deserialize(data)
    assert value["a"].version is None and value["a"].fields == {} and value["x"].tolist() == [1, 2]
    assert torch.serialize(value["a"]) == head(1, b"Blah", None) + table(2)


def tensor_without_version(index):
    elements = head(index + 1, b"torch.DoubleStorage", None) + q(2) + np.array([1.0, 2.0]).tobytes()
    return head(index, b"torch.DoubleTensor", None) + i(1) + q(2, 1, 1) + elements


def test_unknown_classes_that_wrote_something_else():
    for payload, fields in ((string(b"text"), "text"), (number(3), 3), (NIL, None)):
        data = head(1, b"my.Class") + payload
        value = torch.deserialize(data)
        assert value.fields == ({} if fields is None else fields) or fields is None


def test_containers_of_tds():
    vec = head(1, b"tds.Vec", b"V 0") + q(2) + number(123) + table(2)
    hash = head(1, b"tds.Hash", b"V 0") + q(2) + number(2) + string(b"b") + string(b"k") + number(1)
    assert torch.deserialize(vec).fields == [123, []]
    assert dict(torch.deserialize(hash).fields) == {2: "b", "k": 1}
    for data in (vec, hash, head(1, b"tds.Vec", b"V 0") + q(0)):
        assert torch.serialize(torch.deserialize(data)) == data


def test_tables_and_tensors_as_keys():
    key = table(2, (number(1), string(b"k")))
    x = tensor(3, (1,), (1,), 1, storage(4, [5.0]))
    data = table(1, (key, reference(3, 2)), (x, reference(4, 3)), (string(b"s"), reference(3, 1)))
    value = torch.deserialize(data)
    assert isinstance(value, LuaTable) and len(value) == 3 and value["s"] is value
    keys = list(value)
    assert keys[0] == ["k"] and value[keys[0]] is keys[0] and value[keys[1]] is keys[1]
    with pytest.raises(KeyError):
        value[["k"]]
    assert torch.serialize(value) == data
    assert next(iter(copy.deepcopy(value))) == ["k"]


def test_a_table_as_its_own_key():
    data = table(1, (reference(3, 1), reference(3, 1)))
    value = torch.deserialize(data)
    assert value[value] is value and torch.serialize(value) == data


def test_true_and_one_are_different_keys():
    value = torch.deserialize(table(1, (number(1), string(b"one")), (i(5, 1), string(b"true"))))
    assert isinstance(value, LuaTable) and value[1] == "one" and value[True] == "true"
    del value[True]
    assert list(value.items()) == [(1, "one")]
    assert torch.deserialize(table(1, (i(5, 1), string(b"true")))) == {True: "true"}


def test_objects_are_keys_of_a_dict():
    data = table(1, (head(2, b"nngraph.Node") + table(3, (string(b"id"), number(1))), string(b"v")))
    value = torch.deserialize(data)
    assert [node.id for node in value] == [1]


def test_lists_and_tables_with_holes():
    entries = [(number(k), string(b"x")) for k in (0, 1, 2)]
    assert torch.deserialize(table(1, *entries)) == {0: "x", 1: "x", 2: "x"}
    assert torch.deserialize(table(1, *entries[1:])) == ["x", "x"]
    assert torch.deserialize(table(1, (number(1), NIL), (number(2), number(5)))) == [None, 5]
    assert torch.deserialize(table(1, (number(2), number(5)))) == {2: 5}


def test_flat_parameters_stay_shared():
    flat = np.arange(10.0)
    first, second = Layer(), Layer()
    first.weight, first.bias = flat[:6].reshape(2, 3), flat[6:8]
    second.weight, second.tied = flat[8:], first.weight
    back = torch.deserialize(torch.serialize({"layers": [first, second], "flat": flat}))
    a, b = back["layers"]
    back["flat"][...] = np.arange(10.0) * 2
    assert a.weight.tolist() == [[0, 2, 4], [6, 8, 10]] and a.bias.tolist() == [12, 14]
    assert b.weight.tolist() == [16, 18] and b.tied is a.weight


def test_buffers_that_are_parts_of_a_data_set_are_written_alone():
    data = np.zeros((1000, 10))
    layer = Layer()
    layer.output = layer.last = data[:2]
    assert len(torch.serialize(layer)) > 80_000
    del layer.last
    back = torch.deserialize(torch.serialize(layer))
    assert len(torch.serialize(layer)) < 1000 and back.output.shape == (2, 10)


def test_old_fields_are_brought_up_to_date_before_they_become_attributes():
    data = head(1, b"toy.Widget") + table(2, (string(b"old"), number(2)), (string(b"lambda"), number(3)))
    widget = torch.deserialize(data)
    assert type(widget) is Widget and widget.new == 0.25 and not hasattr(widget, "old")
    assert widget.lambda_ == 3 and widget._cache == "made anew"
    fields = torch.deserialize(torch.serialize(widget).replace(b"toy.Widget", b"toy.Unknow")).fields
    assert fields == {"new": 0.25, "lambda": 3}


def test_what_old_files_make_a_class_stumble_over_is_an_error_with_its_path():
    broken = head(2, b"toy.Layer") + table(3, (string(b"old"), string(b"text")))
    with pytest.raises(T7Error, match=r"toy.Layer cannot be made.*TypeError.*at modules\[1\]"):
        torch.deserialize(table(1, (string(b"modules"), table(4, (number(1), broken)))))


def test_functions_set_on_an_instance_are_not_written():
    layer = Layer()
    layer.n, layer.updateOutput = 1, lambda input: None
    with pytest.warns(UserWarning, match="updateOutput is a Python function"):
        back = torch.deserialize(torch.serialize(layer))
    assert vars(back) == {"n": 1, "_cache": "made anew"}


class Slim(Layer):
    def _t7_fields(self):
        return {"n": self.n, "_cache": 1, "lambda_": None}


registry.register("toy.Slim", Slim)


def test_a_class_may_choose_what_is_written():
    slim = Slim()
    slim.n, slim.big = 3, np.zeros(1000)
    back = torch.deserialize(torch.serialize(slim))
    assert vars(back) == {"n": 3, "_cache": "made anew"}


class Steps(Layer):
    _keyed = ("outputs", "cells")


registry.register("toy.Steps", Steps)


def test_a_class_may_say_that_a_table_is_a_dict():
    steps = Steps()
    steps.outputs, steps.cells, steps.states = {1: "a", 2: "b"}, {}, ["c"]
    back = torch.deserialize(torch.serialize(steps))
    assert (back.outputs, back.cells, back.states) == ({1: "a", 2: "b"}, {}, ["c"])


def wrong_files(path):
    with zipfile.ZipFile(path / "zip", "w") as file:
        file.writestr("archive/data.pkl", "x")
    yield (path / "zip").read_bytes(), "zip archive"
    yield pickle.dumps({"a": 1}, 2), "pickle"
    yield pickle.dumps({"a": 1}, 4), "pickle"
    yield b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"
    yield b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n", "git-lfs pointer"
    yield b"<!DOCTYPE html>\n<html></html>", "web page"
    yield b"\n <html><body>404</body></html>", "web page"
    yield gzip.compress(b"abc"), "gzip"
    yield b"", "empty"


def test_wrong_files_say_what_they_are(tmp_path):
    for data, kind in wrong_files(tmp_path):
        path = tmp_path / "model.t7"
        path.write_bytes(data)
        with pytest.raises(T7Error, match=kind) as error:
            torch.load(path)
        assert "model.t7" in str(error.value) and "\n" not in str(error.value)
    path.write_bytes(torch.serialize([1]))
    with pytest.raises(T7Error, match=r"a binary \.t7"):
        torch.load(path, "ascii")
    path.write_bytes(torch.serialize([1], "ascii"))
    with pytest.raises(T7Error, match=r"an ASCII \.t7"):
        torch.load(path, "binary")
    path.write_bytes(torch.serialize(np.zeros(9))[:-1])
    with pytest.raises(T7Error, match="truncated"):
        torch.load(path)


def ascii(*lines):
    return "\n".join(map(str, lines)).encode() + b"\n"


def test_numbers_in_ascii_files():
    numbers = ["nan", "-nan", "inf", "-inf", "1e-3", "3"]
    data = ascii(3, 1, len(numbers), *[line for k, v in enumerate(numbers, 1) for line in (1, k, 1, v)])
    value = torch.deserialize(data, "ascii")
    assert np.isnan(value[:2]).all() and value[2:] == [np.inf, -np.inf, 0.001, 3]
    array = ascii(4, 1, 3, "V 1", 18, "torch.DoubleTensor", 1, 4, 1, 1, 4, 2, 3, "V 1", 19, "torch.DoubleStorage", 4)
    back = torch.deserialize(array + b"nan -nan inf 0.5\n", "ascii")
    assert np.isnan(back[:2]).all() and back[2:].tolist() == [np.inf, 0.5]
    for spread in (b"1 2\n3 4\n", b"1  2 3 4 \n", b"1 2 3 4"):
        assert torch.deserialize(array + spread, "ascii").tolist() == [1, 2, 3, 4]
    for bad in (b"1 2 3\n", b"1 2 3 x\n", b"1 2 3 4_0\n", b"1 2 3 0x4\n"):
        with pytest.raises(T7Error, match=r"number|truncated"):
            torch.deserialize(array + bad, "ascii")


def test_ascii_files_whose_newlines_were_changed():
    value = {"text": "hello", "x": np.arange(3.0), "y": np.arange(4), "n": [1, 2.5]}
    data = torch.serialize(value, "ascii").replace(b"\n", b"\r\n")
    assert same(torch.deserialize(data, "ascii"), value)


def test_integers_in_ascii_files_must_fit():
    line = ascii(4, 1, 3, "V 1", 18, "torch.ShortStorage", 2)
    assert np.asarray(torch.deserialize(line + b"-32768 32767\n", "ascii")).tolist() == [-32768, 32767]
    for bad in (b"1 32768\n", b"1 1.5\n", b"1 99999999999999999999\n"):
        with pytest.raises(T7Error):
            torch.deserialize(line + bad, "ascii")


def test_strings_in_ascii_files_are_raw_bytes():
    value = {"two\nlines": b"\x00\xff\n", "": " "}
    assert torch.deserialize(torch.serialize(value, "ascii"), "ascii") == value
    x = np.arange(256, dtype=np.uint8)
    assert same(torch.deserialize(torch.serialize([x, 1], "ascii"), "ascii"), [x, 1])


def test_cudnn_classes_are_those_of_nn():
    assert registry.find("cudnn.ReLU") is registry.find("nn.ReLU")
    from torch7.serialization import aliases

    fields = {"mode": "CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING", "kW": 2, "iSize": (1,), "poolDesc": {}}
    aliases.translate("cudnn.SpatialAveragePooling", fields)
    rest = {"ceil_mode": False, "padW": 0, "padH": 0}
    assert fields == {"kW": 2, "count_include_pad": False, "divide": True, **rest}
    fields = {"ceiling": 6, "inplace": True, "mode": "x"}
    aliases.translate("cudnn.ClippedReLU", fields)
    assert fields == {"min_val": 0, "max_val": 6, "inplace": True}
    fields = {"mode": "kept"}
    aliases.translate("nn.SpatialAveragePooling", fields)
    assert fields == {"mode": "kept"}


def test_borders_of_a_cudnn_pooling_without_ceil_mode():
    """Files of nn without it have no borders, those of cudnn may."""
    fields = dict.fromkeys((b"kW", b"kH", b"dW", b"dH"), 2) | dict.fromkeys((b"padW", b"padH"), 1)
    fields = table(2, *((string(name), number(n)) for name, n in fields.items()))
    value = torch.deserialize(head(1, b"cudnn.SpatialAveragePooling") + fields)
    np.testing.assert_array_equal(value.forward(np.ones((1, 4, 4)))[0, 0], [0.25, 0.5, 0.25])


def test_a_cudnn_convolution_in_groups_is_another_class():
    fields = table(2, (string(b"groups"), number(2)), (string(b"kW"), number(3)))
    value = torch.deserialize(head(1, b"cudnn.SpatialConvolution") + fields)
    assert type(value).__module__ == "nnx.cudnn.grouped_convolution" and value.groups == 2
    one = table(2, (string(b"groups"), number(1)), (string(b"kW"), number(3)))
    assert type(torch.deserialize(head(1, b"cudnn.SpatialConvolution") + one)) is nn.SpatialConvolution
