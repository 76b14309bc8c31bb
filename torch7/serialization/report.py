"""What a file holds and whether it will run here: ``torch7.load(file, report=True)``, from its records alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from .. import registry
from .classes import COUNTED, on_cpu
from .outline import Entry, fields_of
from .packages import find_class, known_class
from .paths import path_to, printable
from .records import Function, Object, Record, Storage, Tensor

SHOWN = 20  # networks that are looked into, and places that are named
FLOATS = {f"torch.{name}Tensor" for name in ("Float", "Double", "Cuda", "CudaDouble")}
RUNS = (b"updateOutput", b"updateGradInput", b"forward", b"backward")
LIKE_A_MODULE = {b"output", b"gradInput", b"modules", b"_type", b"weight", b"train"}


@dataclass(frozen=True)
class Network:
    """A module that no other object holds: its place, class and parameters, and what it lacks to run.

    ``type`` is the Torch type it computes in, ``mode`` is ``'training'``, ``'evaluation'`` or None where the file does
    not say; ``missing`` has a sentence for everything that is to be done first.
    """

    place: str
    name: str
    parameters: int
    type: str | None
    mode: str | None
    missing: list[str]

    @property
    def runs(self) -> bool:
        return not self.missing

    def __str__(self) -> str:
        told = [self.name, f"{self.parameters:,} parameters", *filter(None, (self.type, self.mode))]
        verdict = "runs" if self.runs else f"does not run: {'; '.join(self.missing)}"
        return f"{self.place or 'the whole'}: {', '.join(told)}: {verdict}"


@dataclass(frozen=True)
class Report:
    """What a file holds. ``str(report)`` is what ``python -m torch7 inspect`` prints.

    ``tree``: its lines, ``encoding`` first; ``parameters``: how many elements, each parameter once, and ``types`` how
    many of each tensor type; ``classes``: how often each occurs; ``replaced``: the class here that stands for one of
    the file by another name; ``unknown``: the places of each class that is not known here; ``functions``: how many Lua
    functions there are, none of which runs; ``networks``: the modules that no other object holds.
    """

    tree: list[str]
    parameters: int
    types: dict[str, int]
    classes: dict[str, int]
    replaced: dict[str, str]
    unknown: dict[str, list[str]]
    functions: int
    networks: list[Network] = field(default_factory=list)

    @property
    def encoding(self) -> str:
        return self.tree[0]

    @property
    def missing(self) -> list[str]:
        """What is missing to run the networks, each once."""
        return list(dict.fromkeys(text for network in self.networks for text in network.missing))

    @property
    def runs(self) -> bool:
        """Whether there is a network and every one of them runs."""
        return bool(self.networks) and all(network.runs for network in self.networks)

    def summary(self) -> Iterator[str]:
        """The lines below the tree."""
        types = ", ".join(f"{name} {count:,}" for name, count in self.types.items())
        yield f"{self.parameters:,} parameters" + (f": {types}" if len(self.types) > 1 else "")
        if self.unknown:
            yield f"unknown classes: {', '.join(sorted(self.unknown))}"
        if self.functions:
            yield f"{self.functions} Lua functions"
        if self.replaced:
            yield f"replaced: {', '.join(f'{name} by {cls}' for name, cls in sorted(self.replaced.items()))}"
        yield from map(str, self.networks)

    def __str__(self) -> str:
        return "\n".join([*self.tree, *self.summary()])


def report(entries: list[Entry], tree: list[str]) -> Report:
    """The report of a file with these entries, whose tree is drawn."""
    root = entries[0].item
    first = [entry for entry in entries if isinstance(entry.item, Record) and entry.first is None]
    objects = [entry for entry in first if is_object(entry.item)]
    return Report(
        tree,
        entries[0].parameters,
        _types(first),
        dict(Counter(entry.item.name for entry in objects)),
        {entry.item.name: other for entry in objects if (other := replacement(entry.item))},
        _unknown(objects),
        sum(isinstance(entry.item, Function) for entry in first),
        [_network(root, entry) for entry in network_entries(entries)[:SHOWN]],
    )


def is_object(item: Any) -> bool:
    """Whether a record is of a class, not a tensor, a storage or what torch itself keeps."""
    return isinstance(item, Object) and not isinstance(item, Tensor | Storage) and item.name != "torch.Generator"


def is_known(record: Object) -> bool:
    return record.name in COUNTED or known_class(record) is not None


def replacement(record: Object) -> str | None:
    """The class that stands here for that of a record, where it goes by another name."""
    cls = known_class(record) if record.name not in COUNTED else None
    if cls is None or (registry.class_name(cls) == record.name and registry.find(record.name) is cls):
        return None
    name = registry.class_name(cls)
    return name if name != record.name else f"{cls.__module__.rpartition('.')[0]}.{cls.__name__}"


def mode(record: Object) -> str | None:
    """Training or evaluation, as the field ``train`` says."""
    train = _field(record, b"train")
    return {True: "training", False: "evaluation"}.get(train) if isinstance(train, bool) else None


def tensor_type(record: Object) -> str | None:
    """The type that a module computes in, in its field ``_type``."""
    name = _field(record, b"_type")
    return on_cpu(name.decode("utf-8", "replace")) if isinstance(name, bytes) else None


def _field(record: Object, key: bytes) -> Any:
    table = fields_of(record)
    return next((value for name, value in table.pairs() if name == key), None) if table is not None else None


def _types(first: list[Entry]) -> dict[str, int]:
    types: Counter[str] = Counter()
    for entry in first:
        if isinstance(entry.item, Tensor) and entry.parameters:
            types[entry.item.name] += entry.parameters
    return dict(types)


def _unknown(objects: list[Entry]) -> dict[str, list[str]]:
    unknown: dict[str, list[str]] = {}
    for entry in objects:
        if not is_known(entry.item) and len(places := unknown.setdefault(entry.item.name, [])) < SHOWN:
            places.append(entry.path)
    return unknown


def network_entries(entries: list[Entry]) -> list[Entry]:
    """The modules that are in no other object."""
    inside: set[int] = set()
    found = []
    for entry in entries:
        if id(entry.parent) in inside:
            inside.add(id(entry))
        elif is_object(entry.item) and entry.first is None and _is_module(entry.item):
            found.append(entry)
            inside.add(id(entry))
    return found


def _is_module(record: Object) -> bool:
    cls = known_class(record) if record.name not in COUNTED else None
    if cls is not None:
        return any(registry.class_name(parent) == "nn.Module" for parent in cls.__mro__)
    table = fields_of(record)
    return table is not None and len(LIKE_A_MODULE.intersection(k for k in table.items[::2] if type(k) is bytes)) > 1


def _network(root: Any, entry: Entry) -> Network:
    inside = list(_records(entry.item))
    types = [t for r in inside if is_object(r) and (t := tensor_type(r))]
    lacks = (text for record in inside for text in _lacks(root, record))
    missing = list(dict.fromkeys(islice(lacks, SHOWN)))
    if len(set(types) - {"torch.HalfTensor"}) > 1:
        missing.append(f"it is of several types, {', '.join(sorted(set(types)))}: call net.float() first")
    held = (on_cpu(r.name) for r in inside if isinstance(r, Tensor) and r.name in FLOATS)
    told = tensor_type(entry.item) or next(iter(types), None) or next(held, None)
    return Network(entry.path, entry.item.name, entry.parameters, told, mode(entry.item), missing)


def _records(root: Record) -> Iterator[Record]:
    """``root`` and all records in it, each once."""
    stack, seen = [root], {id(root)}
    while stack:
        record = stack.pop()
        yield record
        items = [item for item in record.items if isinstance(item, Record) and id(item) not in seen]
        seen.update(map(id, items))
        stack.extend(reversed(items))


def _lacks(root: Any, record: Record) -> Iterator[str]:
    """What keeps a record from running."""
    if not is_object(record):
        return
    name = printable(record.name)
    if not is_known(record):
        known = find_class(record.name) is not None
        what = f"its {name} is another class than the one here" if known else f"no class {name} is known here"
        yield f"{what}: register one by nn.register or torch7.class_"
        return
    table = fields_of(record)
    for key, value in table.pairs() if table is not None else ():
        function = isinstance(value, Function) and key in RUNS
        if function or (key == b"weight" and isinstance(value, Tensor) and not all(value.shape)):
            what = f"{name}.{key.decode()} is {'a Lua function, which does not run' if function else 'empty'}"
            yield f"{what}, at {path_to(root, record) or 'the whole'}"
