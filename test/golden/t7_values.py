"""What the tests of .t7 files share: bytes written by hand, and comparison of values with their sharing."""

import struct

import numpy as np

from torch7.serialization import LuaFunction, LuaTable, Storage, TorchObject


def i(*values):
    return struct.pack(f"<{len(values)}i", *values)


def q(*values):
    return struct.pack(f"<{len(values)}q", *values)


def number(value):
    return i(1) + struct.pack("<d", value)


def text(value):
    return i(len(value)) + value


def string(value):
    return i(2) + text(value)


def table(index, *pairs):
    return i(3, index, len(pairs)) + b"".join(key + value for key, value in pairs)


def head(index, name, version=b"V 1"):
    return i(4, index) + (text(version) if version else b"") + text(name)


def tensor(index, shape, strides, offset, storage, name=b"torch.DoubleTensor"):
    return head(index, name) + i(len(shape)) + q(*shape) + q(*strides) + q(offset) + storage


def storage(index, values, name=b"torch.DoubleStorage", dtype="<f8"):
    return head(index, name) + q(len(values)) + np.array(values, dtype).tobytes()


def reference(tag, index):
    return i(tag, index)


NIL = i(0)


def same(a, b):
    """Whether two values are equal with all that a .t7 file keeps: types, strides, shared memory, cycles."""
    pairs, stack, storages = {}, [(a, b)], {}
    while stack:
        a, b = stack.pop()
        if id(a) in pairs and isinstance(a, list | dict | LuaTable | np.ndarray | TorchObject | LuaFunction):
            if pairs[id(a)] is not b:
                return False
            continue
        pairs[id(a)] = b
        if type(a) is not type(b):
            return False
        contents = _contents(a, b, storages)
        if contents is None:
            return False
        stack.extend(contents)
    return True


def _contents(a, b, storages):
    """Pairs to compare in turn, or None where ``a`` and ``b`` differ."""
    if isinstance(a, np.ndarray):
        return [] if _same_arrays(a, b, storages) else None
    if isinstance(a, Storage):
        return [] if _same_arrays(a.data, b.data, storages) else None
    if isinstance(a, list):
        return list(zip(a, b)) if len(a) == len(b) else None
    if isinstance(a, dict | LuaTable):
        if len(a) != len(b):
            return None
        return [pair for x, y in zip(a.items(), b.items()) for pair in zip(x, y)]
    if isinstance(a, TorchObject):
        return [(a.torch_typename, b.torch_typename), (a.version, b.version), (a.fields, b.fields)]
    if isinstance(a, LuaFunction):
        return [(a.tag, b.tag), (a.code, b.code), (a.upvalues, b.upvalues)]
    if isinstance(a, float):
        return [] if struct.pack("<d", a) == struct.pack("<d", b) else None
    return [] if a == b else None


def _same_arrays(a, b, storages):
    if a.dtype != b.dtype or a.shape != b.shape or (a.size and a.strides != b.strides):
        return False
    if not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
        return False
    if not a.size:
        return True
    root_a, root_b = root(a), root(b)
    known = storages.setdefault(address(root_a), address(root_b))
    return known == address(root_b) and address(a) - address(root_a) == address(b) - address(root_b)


def root(x):
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def address(x):
    return x.__array_interface__["data"][0]
