"""The class of a name in a file; the package that has it is imported at the first need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import registry
from ..forking import imported
from .attributes import is_hollow, python_name
from .records import Object, TableRecord

_HOMES = {
    "nn": ("nn", "nn.legacy", "dpnn", "nngraph", "nnx"),
    "cudnn": ("nn", "nn.legacy", "nnx"),
    "nngraph": ("nn", "nngraph"),
    "graph": ("nn", "nngraph"),
    "optim": ("optim",),
    "dl": ("dataload",),
    "inn": ("nn", "nn.legacy", "nnx"),
    "w2nn": ("nn", "nn.legacy", "nnx"),
    "nnx": ("nn", "nn.legacy", "nnx"),
    "fbnn": ("nn", "nn.legacy", "nnx"),
    "onmt": ("nn", "nn.legacy", "nnx"),
}
_WITHOUT_PACKAGE = ("nn", "nn.legacy", "nnx")  # classes of projects, such as OneHot


def find_class(name: str) -> type | None:
    """The Python class registered for a Torch name, None if no package of ours has it."""
    package, point, _ = name.partition(".")
    homes = _HOMES.get(package, ()) if point else _WITHOUT_PACKAGE
    _import(homes[:2])
    cls = registry.find(name)
    for places in (registry.places(name), homes[2:], registry.places(name)):
        for place in places:
            if cls is None:
                _import([place])
                cls = registry.find(name)
    return cls if isinstance(cls, type) else None


def class_of(record: Object, cls: type | None) -> type | None:
    """The class of an object of a file: ``cls``, that of its name, or a variant that its fields tell.

    None for a record, whose class is not known or has other fields.
    """
    fields = _fields(record)
    if fields is None:
        return None
    if cls is not None and _fits(record.name, cls, fields):
        return (registry.find_variant(record.name, fields) if registry.is_ours(cls) else None) or cls
    if record.name.partition(".")[0] in _HOMES:
        _import(["nn", "nn.legacy", "nnx"])
        _import(registry.places(record.name))
    return registry.find_variant(record.name, fields) or (cls if _is_one(record.name, fields) else None)


def known_class(record: Object) -> type | None:
    """:func:`class_of` an object, None for one whose fields are those of another class."""
    cls = class_of(record, find_class(record.name))
    return None if cls is None or is_hollow(cls, _fields(record) or {}) else cls


def _fields(record: Object) -> dict[Any, Any] | None:
    last = record.items[-1] if record.items else None
    if not isinstance(last, TableRecord):
        return None
    return {python_name(k.decode("utf-8", "replace")) if isinstance(k, bytes) else k: v for k, v in last.pairs()}


def _fits(name: str, cls: type, fields: Mapping) -> bool:
    return _is_one(name, fields) and not is_hollow(cls, dict(fields))


def _is_one(name: str, fields: Mapping) -> bool:
    """Not so a cudnn convolution in groups, which nn has not."""
    return not name.startswith("cudnn.") or fields.get("groups") in (None, 1)


def _import(modules: Any) -> None:
    for module in modules:
        try:
            imported(module)
        except ModuleNotFoundError as e:
            if e.name != module:
                raise
