"""Files made to harm: any bytes give a value or a T7Error that says where, in little memory and linear time."""

import contextlib
import struct
import time
import tracemalloc

import numpy as np
import pytest
from records import HERE
from t7_values import NIL, head, i, number, q, reference, storage, string, table, tensor, text

import torch7 as torch
from torch7 import T7Error, TorchObject, registry

HUGE = 2**31 - 1
ONE = storage(2, [1.0])
BYTES = head(2, b"torch.ByteStorage") + q(1) + b"\7"

HOSTILE = {
    "empty": (b"", "empty"),
    "half a tag": (b"\3\0", "truncated"),
    "unknown tag": (i(9), "unknown object type 9"),
    "negative tag": (i(-1), "unknown object type -1"),
    "huge table": (i(3, 1, HUGE), "a table of size 2147483647"),
    "negative table": (i(3, 1, -1), "a table has a negative size"),
    "huge string": (i(2, HUGE), "a string of size"),
    "negative string": (i(2, -5) + b"hello", "negative size"),
    "huge class name": (i(4, 1, HUGE) + b"nn", "a string of size"),
    "huge version": (head(1, b"x", b"V 1" + b"0" * 40), None),
    "huge function": (i(8, 1, HUGE), "a string of size"),
    "huge storage": (head(1, b"torch.DoubleStorage") + q(2**62), "a storage of size"),
    "negative storage": (head(1, b"torch.DoubleStorage") + q(-1), "negative size"),
    "wrapping storage": (head(1, b"torch.DoubleStorage") + q(2**61 + 1) + bytes(8), "a storage of size"),
    "huge vector": (head(1, b"tds.Vec") + q(2**60), "a tds.Vec of size"),
    "negative vector": (head(1, b"tds.Hash") + q(-1), "negative size"),
    "huge rank": (head(1, b"torch.DoubleTensor") + i(HUGE), "dimensions"),
    "rank 65": (tensor(1, (1,) * 65, (1,) * 65, 1, ONE), "65 dimensions"),
    "negative rank": (head(1, b"torch.DoubleTensor") + i(-1), "dimensions"),
    "negative size": (tensor(1, (-1,), (1,), 1, ONE), "negative size"),
    "negative stride": (tensor(1, (1,), (-1,), 1, ONE), "negative"),
    "offset zero": (tensor(1, (1,), (1,), 0, ONE), "outside its storage"),
    "negative offset": (tensor(1, (1,), (1,), -(2**62), ONE), "outside its storage"),
    "offset behind": (tensor(1, (1,), (1,), 2, ONE), "outside its storage"),
    "size behind": (tensor(1, (2,), (1,), 1, ONE), "outside its storage"),
    "stride behind": (tensor(1, (2,), (2**40,), 1, ONE), "outside its storage"),
    "wrapping extent": (tensor(1, (2**32 + 1, 2**32), (2**32, 1), 1, ONE), "too large"),
    "wrapping stride": (tensor(1, (2, 2), (2**62, 2**62), 1, ONE), "too large"),
    "wrapping empty": (tensor(1, (0, 2**40, 2**40), (0, 0, 0), 1, NIL), "too large"),
    "without storage": (tensor(1, (2,), (1,), 1, NIL), "outside its storage of 0"),
    "storage of a number": (tensor(1, (1,), (1,), 1, number(1)), "needs a torch.DoubleStorage, not a float"),
    "storage of a table": (tensor(1, (1,), (1,), 1, table(2)), "not a table"),
    "storage of itself": (tensor(1, (1,), (1,), 1, reference(4, 1)), "not a torch.DoubleTensor"),
    "storage of another type": (tensor(1, (1,), (1,), 1, BYTES), "not a torch.ByteStorage"),
    "storage of an object": (tensor(1, (1,), (1,), 1, head(2, b"a.B") + table(3)), "not a a.B"),
    "table that is an object": (table(1, (number(1), reference(4, 1))), "an object|object is expected"),
    "object that is a table": (head(1, b"a.B") + reference(3, 1), "a table is expected, number 1 is a object"),
    "function that is a table": (table(1, (number(1), i(8, 1))), "a function is expected"),
    "nil as key": (table(1, (NIL, number(1))), "None as the key"),
    "nan as key": (table(1, (number(float("nan")), number(1))), "nan as the key"),
    "short generator": (head(1, b"torch.Generator") + bytes(99), "a string of size 5048"),
    "bad generator": (head(1, b"torch.Generator") + b"\xff" * 5048, "torch.Generator cannot be made"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name):
    data, message = HOSTILE[name]
    data = table(100, (string(b"a"), table(101, (number(1), data)))) if data else data
    if message is None:
        with pytest.raises(T7Error):
            torch.deserialize(data)
        return
    with pytest.raises(T7Error, match=message) as error:
        torch.deserialize(data)
    if data:
        assert error.value.offset <= len(data) and error.value.path.startswith("a[1]")


@pytest.mark.parametrize("name", ["huge table", "huge string", "huge storage", "huge vector", "wrapping storage"])
def test_claims_take_no_memory(name):
    tracemalloc.start()
    with pytest.raises(T7Error):
        torch.deserialize(HOSTILE[name][0])
    assert tracemalloc.get_traced_memory()[1] < 200_000
    tracemalloc.stop()


def test_an_expanded_tensor_takes_no_memory():
    tracemalloc.start()
    x = torch.deserialize(tensor(1, (2**20, 2**20), (0, 0), 1, ONE))
    assert x.shape == (2**20, 2**20) and x[5, 5] == 1
    assert torch.deserialize(torch.serialize(x)).strides == (0, 0)
    assert tracemalloc.get_traced_memory()[1] < 300_000
    tracemalloc.stop()


class Plain:
    def forward(self):
        return "forward"


registry.register("toy.Plain", Plain)


@pytest.mark.parametrize("field", [b"__class__", b"__dict__", b"__init__", b"__reduce__", b"__getattribute__"])
def test_special_names_are_fields_and_nothing_else(field):
    for name, cls in ((b"toy.Plain", Plain), (b"os.system", TorchObject), (b"__class__", TorchObject)):
        data = head(1, name) + table(2, (string(field), string(b"os")), (string(b"n"), number(1)))
        value = torch.deserialize(data)
        assert type(value) is cls and value.n == 1
        assert torch.deserialize(torch.serialize(value)).n == 1
        assert torch.serialize(value).count(field) == data.count(field)
    assert torch.deserialize(head(1, b"toy.Plain") + table(2, (string(field), number(5)))).forward() == "forward"


@pytest.mark.parametrize(
    "name", [b"builtins.eval", b"os.system", b"nn.__dict__", b"nn.Module.__init__", b"nn..x", b"."]
)
def test_names_of_classes_are_looked_up_and_never_imported(name):
    value = torch.deserialize(head(1, name) + table(2, (string(b"x"), string(b"print(1)"))))
    assert isinstance(value, TorchObject) and value.fields == {"x": "print(1)"}


def test_keys_of_an_object_that_are_no_names():
    data = head(1, b"toy.Plain") + table(2, (number(1), number(5)), (i(5, 1), number(6)), (string(b"\xff"), number(7)))
    value = torch.deserialize(data)
    assert value.forward() == "forward" and torch.serialize(value).count(number(6)) == 1


SMALL = [
    ("plain.t7", "binary"),
    ("plain.ascii.t7", "ascii"),
    ("function.t7", "binary"),
    ("tables.cleared.t7", "binary"),
]


@pytest.mark.parametrize("name, mode", SMALL)
def test_truncated_at_every_byte(name, mode):
    data = (HERE / name).read_bytes()
    for length in range(len(data)):
        try:
            torch.deserialize(data[:length], mode)
        except T7Error as e:
            assert length == 0 or e.offset is None or e.offset <= length
        else:
            assert mode == "ascii" or length == len(data)  # half of a last number is a number


@pytest.mark.parametrize("name, mode", SMALL[:3])
def test_every_byte_changed(name, mode):
    data = bytearray((HERE / name).read_bytes())
    for position in range(len(data)):
        for change in (0x01, 0x80, 0xFF):
            data[position] ^= change
            with contextlib.suppress(T7Error):
                torch.serialize(torch.deserialize(bytes(data), mode))
            data[position] ^= change


def nested(levels):
    return b"".join(struct.pack("<iiiid", 3, k, 1, 1, 1.0) for k in range(1, levels + 1)) + NIL


def test_deep_nesting_does_not_recurse():
    data = nested(50_000)
    value = torch.deserialize(data)
    assert torch.serialize(value) == data
    with pytest.raises(T7Error) as error:
        torch.deserialize(data[:-1])
    assert len(str(error.value)) < 200 and "..." in str(error.value)


def test_deep_objects_and_functions_do_not_recurse():
    objects = b"".join(head(2 * k - 1, b"nn.Sequential") + i(3, 2 * k, 1) + string(b"m") for k in range(1, 20_001))
    data = objects + number(5)
    assert torch.serialize(torch.deserialize(data)).count(b"nn.Sequential") == 20_000
    functions = b"".join(i(8, k) + text(b"") for k in range(1, 20_001)) + number(5)
    assert torch.serialize(torch.deserialize(functions)) == functions


@pytest.mark.slow
def test_nested_tables_without_end():
    data = nested(200_000)
    assert torch.serialize(torch.deserialize(data)) == data


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["binary", "ascii"])
def test_time_is_linear(mode):
    def seconds(n):
        value = [{"a": k, "x": np.arange(3.0)} for k in range(n)]
        data = torch.serialize(value, mode)
        start = time.process_time()
        torch.deserialize(data, mode)
        return time.process_time() - start

    seconds(100)
    least = min(seconds(1_000) for _ in range(3))
    assert any(seconds(8_000) < 40 * least for _ in range(30))  # squares would take 64 every time


def test_text_without_lines_takes_linear_time():
    start = time.process_time()
    with pytest.raises(T7Error):
        torch.deserialize(b"3 1 100000 " + b"1 1 1 1 " * 50_000, "ascii")
    with pytest.raises(T7Error):
        torch.deserialize(b"4 1 3\nV 1\n18\ntorch.ShortStorage\n3 " + b" " * 500_000 + b"1", "ascii")
    assert time.process_time() - start < 20


def test_digits_without_end():
    for digits in (b"9" * 100_000, b"1" + b"0" * 5000 + b"\n", b"0x10\n", b"1_0\n", "\u0661\n".encode()):
        with pytest.raises(T7Error):
            torch.deserialize(b"1\n" + digits, "ascii")
        with pytest.raises(T7Error):
            torch.deserialize(digits, "ascii")
