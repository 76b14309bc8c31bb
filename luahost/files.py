"""``torch.save``, ``torch.load`` and their like for Lua: what a program's own classes and functions are in files."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import torch7

from .convert import functions_of_a_file, to_lua, to_python
from .runtime import host
from .storages import Storage
from .tables import Copies


def save(name: str, value: Any, mode: str | None = None, referenced: bool | None = None) -> None:
    """``torch.save(file, object, [mode])``."""
    torch7.save(os.fsencode(name.encode("latin-1")), _content(value), mode, referenced)


def load(name: str, mode: str | None = None, referenced: bool | None = None) -> Any:
    """``torch.load(file, [mode])``: nothing in the file is run."""
    path = name.encode("latin-1")
    if not os.path.exists(path):
        raise FileNotFoundError(f"cannot open <{name}> in mode r")
    with own_classes():
        return to_lua(torch7.load(path, mode, referenced, "latin-1"))


def serialize(value: Any, mode: str | None = None) -> str:
    """``torch.serialize(object)``: the bytes of a file as a string."""
    return torch7.serialize(_content(value), mode).decode("latin-1")


def deserialize(text: str, mode: str | None = None) -> Any:
    """``torch.deserialize(string)``."""
    with own_classes():
        return to_lua(torch7.deserialize(text.encode("latin-1"), mode, "latin-1"))


def serialize_to_storage(value: Any, mode: str | None = None) -> Any:
    """``torch.serializeToStorage(object)``: a CharStorage."""
    return Storage(np.frombuffer(torch7.serialize(_content(value), mode), np.int8).copy())


def deserialize_from_storage(storage: Any, mode: str | None = None) -> Any:
    """``torch.deserializeFromStorage(storage)``."""
    with own_classes():
        return to_lua(torch7.deserialize(storage.data.tobytes(), mode, "latin-1"))


@contextmanager
def own_classes() -> Iterator[None]:
    """For reading: classes that the program wrote in Lua are known, though none of Python is registered for them."""
    names = [re.escape(name) for name in host.library.class_names().values()]
    with warnings.catch_warnings():
        if names:
            warnings.filterwarnings("ignore", message=rf"no class '?({'|'.join(names)})'? is registered")
        with functions_of_a_file():
            yield


def _content(value: Any) -> Any:
    host.library.check_writable(value)
    return to_python(value, Copies(octets=True))


FUNCTIONS = {
    "save": save,
    "load": load,
    "saveobj": save,
    "loadobj": load,
    "serialize": serialize,
    "deserialize": deserialize,
    "serializeToStorage": serialize_to_storage,
    "deserializeFromStorage": deserialize_from_storage,
}
RAW = frozenset(FUNCTIONS)
