"""Whatever is written is read again: random values with sharing and cycles, every type, both encodings."""

import contextlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from t7_values import same

import torch7 as torch
from torch7 import LuaFunction, LuaTable, Storage, T7Error, TorchObject
from torch7.serialization.tables import number

DTYPES = ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1"]


def is_utf8(data):
    try:
        return data.decode() is not None
    except UnicodeDecodeError:
        return False


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
strings = texts | st.binary(min_size=1, max_size=8).filter(lambda b: not is_utf8(b))
numbers = st.floats(allow_nan=False).map(number) | st.integers(-(2**53), 2**53)
leaves = st.none() | st.booleans() | numbers | strings | st.lists(st.integers(0, 9), max_size=4).map(tuple)
keys = st.booleans() | numbers | strings


@st.composite
def arrays(draw):
    """Some views of one or two arrays."""
    views = []
    for _ in range(draw(st.integers(1, 2))):
        dtype = draw(st.sampled_from(DTYPES))
        base = np.frombuffer(draw(st.binary(min_size=24 * 8, max_size=24 * 8)), dtype)[:24].copy()
        for _ in range(draw(st.integers(1, 3))):
            views.append(draw(view(base)))
        if dtype != "i8" and draw(st.booleans()):
            views.append(Storage(base))
    return views


@st.composite
def view(draw, base):
    x = base
    for _ in range(draw(st.integers(0, 3))):
        how = draw(st.sampled_from(["slice", "step", "matrix", "transpose", "index", "expand"]))
        if how == "slice":
            start = draw(st.integers(0, max(len(x) - 1, 0)))
            x = x[start : start + draw(st.integers(0, len(x)))]
        elif how == "step":
            x = x[:: draw(st.integers(1, 3))]
        elif how == "matrix" and x.shape == (24,):
            x = x.reshape(draw(st.sampled_from([(4, 6), (2, 3, 4), (24, 1), (1, 1, 24)])))
        elif how == "transpose":
            x = x.T
        elif how == "index" and x.ndim > 1 and len(x):
            x = x[0]
        elif how == "expand" and x.ndim == 1 and x.flags.c_contiguous:
            x = np.ndarray((3, *x.shape), x.dtype, x, 0, (0, *x.strides))
    return x


@st.composite
def graphs(draw):
    """A container whose contents may be any of several containers, arrays and leaves, itself among them."""
    kinds = st.sampled_from(["list", "dict", "table", "object", "function"])
    nodes = [_empty(kind) for kind in draw(st.lists(kinds, min_size=1, max_size=6))]
    things = nodes + draw(arrays())
    items = leaves | st.sampled_from(range(len(things))).map(things.__getitem__)
    for node in nodes:
        _fill(draw, node, items, things)
    return nodes[0]


def _empty(kind):
    return {
        "list": list,
        "dict": dict,
        "table": LuaTable,
        "object": lambda: TorchObject("my.Class", None, 2),
        "function": lambda: LuaFunction(8, b"\x1bLJ"),
    }[kind]()


def _fill(draw, node, items, things):
    if isinstance(node, list):
        node.extend(draw(st.lists(items, max_size=4)))
    elif isinstance(node, LuaFunction):
        node.upvalues = draw(items)
    elif isinstance(node, TorchObject):
        node.fields.update(draw(st.dictionaries(texts, items, max_size=3)))
    elif isinstance(node, LuaTable):
        node[things[0] if isinstance(things[0], list | dict) else [0]] = draw(items)
        node[draw(strings)] = draw(items)
    else:
        node["key"] = None
        node.update(draw(st.dictionaries(keys, items, max_size=4)))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs(), st.sampled_from(["binary", "ascii"]))
def test_what_is_written_is_read(value, mode):
    data = torch.serialize(value, mode)
    back = torch.deserialize(data, mode)
    assert same(value, back)
    assert torch.serialize(back, mode) == data


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs(), st.data())
def test_damaged_bytes_give_a_value_or_an_error(value, data):
    mode = data.draw(st.sampled_from(["binary", "ascii"]))
    written = bytearray(torch.serialize(value, mode))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(written) - 1))
        written[position] = data.draw(st.integers(0, 255))
    with contextlib.suppress(T7Error):
        torch.serialize(torch.deserialize(bytes(written), mode), mode)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["binary", "ascii", "b32", "b64"]))
def test_any_bytes_give_a_value_or_an_error(data, mode):
    try:
        torch.deserialize(data, mode)
    except T7Error as e:
        assert str(e)


#: Files of other formats, cut anywhere.
OTHERS = {
    "ONNX": b"\x08\x07\x12\x07pytorch",
    "UTF-16": "\ufeffnot 1".encode("utf-16-le"),
    "binary .t7": b"\x08\0\0\0\1",
    "UTF-8": b"\xef\xbb\xbf\xc3\xa9",
}


@pytest.mark.parametrize("mode", ["binary", "ascii", "b32", "b64"])
@pytest.mark.parametrize("kind", OTHERS)
def test_every_beginning_of_another_file_gives_an_error(kind, mode):
    for end in range(len(OTHERS[kind]) + 1):
        with pytest.raises(T7Error):
            torch.deserialize(OTHERS[kind][:end], mode)
