"""Values in .t7 files: what is read, what is written, and the forms of load and save."""

import math
import os
import re

import numpy as np
import pytest
from records import HERE
from records import load as records
from t7_values import i, number, q, same, string, table

import torch7 as torch
from torch7 import T7Error

PLAIN = [("plain.t7", None), ("plain.ascii.t7", "ascii")]


@pytest.mark.parametrize("name, mode", PLAIN)
def test_the_plain_file(name, mode):
    value = torch.load(HERE / name, mode)
    assert value["text"] == "hello" and value["number"] == 3.5 and value["yes"] is True
    assert value["list"] == [1, 2, [3, 4]] and value["self"] is value
    assert value["storage"] == (4, 5)
    assert value["empty"].shape == (0,) and value["empty"].dtype == np.float64
    for key, dtype, elements in [
        ("s", np.int16, [8]),
        ("b", np.uint8, [255]),
        ("c", np.int8, [-1]),
        ("i", np.int32, [7]),
        ("l", np.int64, [1, -2]),
        ("f", np.float32, [1.5, 2.5]),
    ]:
        assert value[key].dtype == dtype and value[key].tolist() == elements


@pytest.mark.parametrize("name, mode", PLAIN)
def test_views_of_one_storage_share_it(name, mode):
    value = torch.load(HERE / name, mode)
    base, mat, view = value["base"], value["mat"], value["view"]
    assert mat.tolist() == [[1, 5, 9], [2, 6, 10], [3, 7, 11], [4, 8, 12]] and mat.strides == (8, 32)
    assert view.tolist() == [3, 4, 5, 6]
    base[2] = 100
    assert mat[2, 0] == view[0] == 100


GOLDEN = sorted(p.name for p in HERE.glob("*.t7") if "graph" not in p.name)


@pytest.mark.parametrize("name", ["plain.t7", "plain.ascii.t7", "function.t7"])
def test_written_again_byte_for_byte(name, tmp_path):
    mode = "ascii" if "ascii" in name else "binary"
    torch.save(tmp_path / name, torch.load(HERE / name, mode), mode)
    assert (tmp_path / name).read_bytes() == (HERE / name).read_bytes()


VALUES = [
    None,
    True,
    False,
    0,
    -0.0,
    1.5,
    2**53,
    1e300,
    math.inf,
    "",
    "text",
    "Grüße",
    b"\xff\xfe",
    [],
    [1, "a", None, 2],
    {"a": 1, 2: "b", 2.5: [True]},
    {0: "zero", 1: "one"},
    {1: "a", 3: "c"},
    (3, 4, 5),
    (),
]


@pytest.mark.parametrize("mode", ["binary", "ascii"])
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back(value, mode):
    assert same(torch.deserialize(torch.serialize(value, mode), mode), value)


@pytest.mark.parametrize("mode", ["binary", "ascii"])
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1"])
def test_every_type_of_tensor(dtype, mode):
    x = (np.arange(24).reshape(2, 3, 4) * 5).astype(dtype)
    for value in (x, x[1], x[:, ::2], x.T, x[:0], x[1:, 1:, 1:], np.empty(0, dtype)):
        back = torch.deserialize(torch.serialize(value, mode), mode)
        assert same(back, value)


def test_integral_numbers_are_ints_and_others_floats():
    ints = [0.0, 3.0, -7.0, float(2**53)]
    floats = [0.5, -0.0, math.inf, -math.inf, 1e300]
    assert [type(torch.deserialize(number(x))) for x in ints + floats] == [int] * 4 + [float] * 5
    assert math.isnan(torch.deserialize(number(math.nan)))


def test_integers_that_are_no_doubles_are_refused():
    assert torch.deserialize(torch.serialize(2**60)) == 2**60
    for value in (2**53 + 1, 10**400):
        with pytest.raises(T7Error, match="no Lua number"):
            torch.serialize({"a": [value]})


def test_numpy_scalars_are_numbers():
    value = [np.float32(0.5), np.int64(3), np.bool_(True), np.array(2.5), np.array(True)]
    assert torch.deserialize(torch.serialize(value)) == [0.5, 3, True, 2.5, True]


def test_booleans_are_bytes():
    back = torch.deserialize(torch.serialize(np.array([True, False])))
    assert back.dtype == np.uint8 and back.tolist() == [1, 0]


@pytest.mark.parametrize("dtype", [np.uint16, np.complex64, "U3", object])
def test_arrays_without_a_torch_type_are_refused(dtype):
    with pytest.raises(T7Error, match=r"no Torch type.*at data\[2\]"):
        torch.serialize({"data": [1, np.zeros(3, dtype)]})


def test_arrays_that_torch_cannot_lay_out_are_copied():
    x = np.arange(12.0).reshape(3, 4)
    swapped = x.astype(">f8")
    overlapping = np.lib.stride_tricks.sliding_window_view(np.arange(5.0), 3)
    fields = np.zeros(3, [("a", "i4"), ("b", "f8")])["b"]
    for value in (x[::-1], x[:, ::-1], swapped, overlapping, fields):
        assert np.array_equal(torch.deserialize(torch.serialize(value)), value)


def test_fortran_order_is_kept():
    x = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    back = torch.deserialize(torch.serialize(x))
    assert back.strides == x.strides and np.array_equal(back, x)


def test_a_storage_is_written_whole_and_once():
    x = np.arange(1000.0)
    alone, twice = len(torch.serialize(x[:3])), len(torch.serialize([x[:3], x[5:]]))
    assert alone > 8000 and twice < alone + 200


def test_bare_storages():
    x = np.arange(5, dtype=np.float32)
    value = {"s": torch.Storage(x), "t": x[1:3]}
    back = torch.deserialize(torch.serialize(value))
    assert isinstance(back["s"], torch.Storage) and back["s"].torch_typename == "torch.FloatStorage"
    back["s"][1] = 9
    assert back["t"][0] == 9 and np.asarray(back["s"]).tolist() == [0, 9, 2, 3, 4]


def test_long_storages_are_tuples_unless_tensors_view_them_or_they_are_long():
    assert torch.deserialize(torch.serialize((2, 3))) == (2, 3)
    many = torch.deserialize(torch.serialize(torch.Storage(np.arange(100))))
    assert isinstance(many, torch.Storage) and len(many) == 100
    x = np.arange(4)
    pair = torch.deserialize(torch.serialize([torch.Storage(x), x]))
    assert isinstance(pair[0], torch.Storage) and np.shares_memory(pair[0].data, pair[1])


def test_tuples_of_anything_else_are_tables():
    assert torch.deserialize(torch.serialize((1, "a"))) == [1, "a"]
    assert torch.deserialize(torch.serialize((True, 2))) == [True, 2]


def test_identity_and_cycles():
    shared, x = [1], np.ones(3)
    value = {"a": shared, "b": shared, "x": x, "y": x}
    value["self"] = value
    shared.append(value)
    back = torch.deserialize(torch.serialize(value))
    assert back["a"] is back["b"] and back["x"] is back["y"] and back["self"] is back and back["a"][1] is back


def test_without_references_everything_is_written_in_full():
    shared = [1]
    data = torch.serialize([shared, shared])
    full = bytearray()
    from torch7.serialization.sinks import BinarySink
    from torch7.serialization.writer import Writer

    Writer(BinarySink(full), referenced=False).write([shared, shared])
    assert len(full) > len(data)
    back = torch.deserialize(bytes(full))
    assert back == [[1], [1]] and back[0] is not back[1]


def test_referenced_false_in_files(tmp_path):
    shared = {"x": np.ones(2)}
    torch.save(tmp_path / "a.t7", [shared, shared], None, False)
    back = torch.load(tmp_path / "a.t7", None, False)
    assert back[0] is not back[1] and same(back[0], back[1])
    shared["loop"] = shared
    with pytest.raises(T7Error, match="contains itself"):
        torch.save(tmp_path / "b.t7", shared, None, False)
    assert os.listdir(tmp_path) == ["a.t7"]


def test_a_list_is_recognised_in_any_order_of_keys():
    shuffled = table(1, (number(3), string(b"c")), (number(1), string(b"a")), (number(2), string(b"b")))
    assert torch.deserialize(shuffled) == ["a", "b", "c"]
    twice = table(1, (number(1), string(b"a")), (number(1), string(b"b")))
    assert torch.deserialize(twice) == ["b"]


def test_strings_that_are_not_utf8_stay_bytes_and_other_encodings_can_be_given(tmp_path):
    value = {"é": 1, b"\xe2": 2, "list": [b"\x80\x81"]}
    data = torch.serialize(value)
    assert torch.deserialize(data) == value
    latin = torch.deserialize(data, encoding="latin-1")
    assert latin["\xe2"] == 2 and latin["\xc3\xa9"] == 1


def test_save_and_load(tmp_path):
    path = tmp_path / "x.t7"
    for mode in (None, "binary", "ascii"):
        torch.save(path, {"a": [1, 2]}, mode)
        assert torch.load(path, mode) == {"a": [1, 2]}
        assert path.read_bytes() == torch.serialize({"a": [1, 2]}, mode)
    torch.saveobj(str(path), 5)
    assert torch.loadobj(str(path)) == 5


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.t7"
    torch.save(path, [1])
    with pytest.raises(T7Error, match="unwritable object of type set"):
        torch.save(path, [1, {2}])
    assert torch.load(path) == [1] and os.listdir(tmp_path) == ["x.t7"]


def test_storages_of_bytes():
    storage = torch.serializeToStorage({"a": 1})
    assert storage.torch_typename == "torch.CharStorage"
    assert torch.deserializeFromStorage(storage) == {"a": 1}
    assert torch.deserializeFromStorage(torch.serializeToStorage([2], "ascii"), "ascii") == [2]


def test_unknown_mode_and_missing_file(tmp_path):
    for call in (lambda: torch.serialize(1, "text"), lambda: torch.deserialize(b"", "text")):
        with pytest.raises(ValueError, match="mode is one of"):
            call()
    with pytest.raises(FileNotFoundError):
        torch.load(tmp_path / "none.t7")


def test_what_cannot_be_written_is_named_with_its_path():
    for bad in ({1, 2}, object(), 1j, len, lambda: 0):
        with pytest.raises(T7Error, match=r"at opt\.items\[2\]"):
            torch.serialize({"opt": {"items": [0, bad]}})
    for key in (None, math.nan):
        with pytest.raises(T7Error, match="key of a table"):
            torch.serialize({key: 1})


def test_a_generator_keeps_its_state():
    generator = torch.Generator()
    generator.manualSeed(7)
    torch.normal(generator)
    for mode in ("binary", "ascii"):
        back = torch.deserialize(torch.serialize([generator, generator], mode), mode)
        assert back[0] is back[1]
        assert [back[0].word() for _ in range(3)] == [generator.word() for _ in range(3)]
        assert back[0].normal() == generator.normal()


def test_a_timer_writes_nothing_as_in_lua():
    for mode in ("binary", "ascii"):
        data = torch.serialize([torch.Timer(), 7], mode)
        timer, seven = torch.deserialize(data, mode)
        assert isinstance(timer, torch.Timer) and timer.time().real < 60 and seven == 7
    assert data.count(b"_running") == 0


TIMER_FIELDS = """3 {n} 3 2 8 _running 5 1 2 6 _total 3 {m} 3 1 1 1 0 1 2 1 0 1 3 1 0 2 6 _since 3 {k} 3 1 1 1 9.5
1 2 1 0 1 3 1 0"""


def test_timers_with_a_table_of_fields_of_earlier_files_are_timers():
    fields, others = TIMER_FIELDS.format(n=4, m=5, k=6), TIMER_FIELDS.format(n=9, m=10, k=11)
    text = f"""3 1 3 2 1 t 4 2 3 V 1 11 torch.Timer {fields} 2 1 z 1 3 2 1 l 3 7 3 1 1 4 2 1 2 4 8 3 V 1 11 torch.Timer
    {others} 1 3 1 7 """
    loaded = torch.deserialize(re.sub(r"(?<!V)\s+", "\n", text).encode(), "ascii")
    assert set(loaded) == {"t", "z", "l"} and loaded["z"] == 3
    assert loaded["l"][0] is loaded["t"] and loaded["l"][2] == 7
    assert isinstance(loaded["t"], torch.Timer) and isinstance(loaded["l"][1], torch.Timer)


def test_four_byte_longs():
    long_tensor = i(4, 1) + i(3) + b"V 1" + i(16) + b"torch.LongTensor" + i(1, 3, 1, 1)
    long_tensor += i(4, 2) + i(3) + b"V 1" + i(17) + b"torch.LongStorage" + i(3, 7, -8, 9)
    assert torch.deserialize(long_tensor).tolist() == [7, -8, 9]
    assert torch.deserialize(long_tensor, "b32").tolist() == [7, -8, 9]
    with pytest.raises(T7Error):
        torch.deserialize(long_tensor, "b64")
    with pytest.raises(T7Error):
        torch.deserialize(long_tensor + b"\0")


def test_eight_byte_longs_can_be_forced():
    data = torch.serialize(np.arange(3.0))
    assert torch.deserialize(data, "b64").tolist() == [0, 1, 2]
    with pytest.raises(T7Error):
        torch.deserialize(data, "b32")


def test_several_objects_in_one_file(tmp_path):
    for ascii in (True, False):
        path = tmp_path / "many.t7"
        shared = np.arange(3.0)
        with torch.DiskFile(path, "w") as file:
            (file.ascii if ascii else file.binary)()
            file.writeObject([shared]).writeObject({"again": shared}).writeObject("end")
        file = torch.DiskFile(path)
        (file.ascii if ascii else file.binary)()
        first, second = file.readObject(), file.readObject()
        assert first[0] is second["again"] and file.readObject() == "end"
        with pytest.raises(T7Error, match="truncated"):
            file.readObject()
        assert torch.load(path, "ascii" if ascii else None)[0].tolist() == [0, 1, 2]
        with torch.DiskFile(path) as file:
            assert len(list(file.ascii() if ascii else file.binary())) == 3


def test_disk_files_after_an_error_and_their_settings(tmp_path):
    path = tmp_path / "bad.t7"
    path.write_bytes(table(1, (string(b"x"), i(99))) + i(3, 1))
    file = torch.DiskFile(path).binary()
    for _ in range(3):
        with pytest.raises(T7Error, match=r"bad\.t7"):
            file.readObject()
    with pytest.raises(ValueError, match="reading"):
        file.writeObject(1)
    for call in (lambda: torch.DiskFile(path, "a"), lambda: file.longSize(3)):
        with pytest.raises(ValueError):
            call()
    path.write_bytes(torch.serialize((5, 6)).replace(q(2) + q(5, 6), i(2, 5, 6)))
    assert torch.DiskFile(path).binary().longSize(4).readObject() == (5, 6)


def test_the_recorded_functions_come_back_bit_for_bit():
    value = torch.load(HERE / "function.t7")
    function = value["f"]
    assert isinstance(function, torch.LuaFunction) and function.code.startswith(b"\x1bLJ") and function.upvalues == []
    assert torch.serialize(value) == (HERE / "function.t7").read_bytes()


def test_the_records_name_every_file():
    assert {r["name"] for r in records("t7")} <= {name.split(".")[0] for name in GOLDEN}
