"""Histories: what a module has run, and how it was converted, copied and saved, changes no recorded result.

Where a history changes something in Torch as well, such as running statistics, exactly that is restored before the
record is replayed.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import replay

import nn
import torch7 as torch
from dpnn.graph import found_modules
from nn.storage import Shared

OTHER = {"training": "evaluate", "evaluate": "training"}


class Life:
    """One module of a record and what it does; ``check`` compares it with the record after every act.

    Where the record tells nothing, of the other mode, a new module's output is what must come.
    """

    def __init__(self, record: dict) -> None:
        self.record = record
        self.module = self._new()
        self.fresh = {path: x.copy() for path, x in tensors(self.module) if x.size}
        self.other = self._otherMode()
        self.past: list[str] = []

    def _new(self) -> Any:
        torch.manualSeed(self.record["seed"])
        return replay.build(self.record)

    def _otherMode(self) -> Any:
        """The output of a new module in the mode that was not recorded; None where it has none."""
        module = getattr(self._new(), OTHER[self.record["mode"]])()
        torch.manualSeed(self.record["seed"] + 1)
        try:
            return copy.deepcopy(module.forward(copy.deepcopy(self.record["input"])))
        except (TypeError, ValueError, NotImplementedError):
            return None

    def go(self, *acts: str) -> None:
        for act in acts:
            self.past.append(act)
            ACTS[act](self)
            self.restore()
            self.check()

    # -- acts

    def run(self, mode: str, input: Any) -> None:
        getattr(self.module, mode)()
        output = self.module.forward(copy.deepcopy(input))
        if mode == "training" and self.record.get("gradOutput") is not None:
            self.module.backward(copy.deepcopy(input), copy.deepcopy(output))

    def attempt(self, mode: str, change: Callable) -> None:
        """A run with an input of another size, which the module may refuse."""
        with suppress(TypeError, ValueError, IndexError):
            self.run(mode, change(self.record["input"]))

    # -- what is restored

    def restore(self) -> None:
        """Make what a history changes in Torch too as it was in the new module.

        A conversion to float32 rounds parameters and constants; runs change statistics, and some layers their weight.
        A field set before a forward is used up by it. Recurrent modules begin a sequence when they are told to.
        """
        for path, value in self.fresh.items():
            put(self.module, path, value)
        for name, value in (self.record.get("attrs") or {}).items():
            setattr(self.module, name, copy.deepcopy(value))
        for module in found_modules(self.module):
            restore_module(module, self.record)
        if not isinstance(self.module, nn.AbstractSequencer):
            self.module.forget()

    # -- the record

    def check(self) -> None:
        r, past = self.record, " ".join(self.past)
        if self.other is not None:
            output = self.forward(OTHER[r["mode"]])
            replay.agree(output, self.other, f"output of {OTHER[r['mode']]} after {past}")
            self.restore()
        replay.agree(self.forward(r["mode"]), r["output"], f"output after {past}")
        if r.get("gradOutput") is not None:
            self.backward(past)
        for name, value in (r["bufs"] or {}).items():
            if name == "indices" and r["class"] in replay.PACKED:
                value = value & 0xFFFFFF
            replay.agree(getattr(self.module, name), value, f"{name} after {past}")
        assert replay.unnumbered(str(self.module)) == replay.unnumbered(r["print"])

    def forward(self, mode: str) -> Any:
        getattr(self.module, mode)()
        torch.manualSeed(self.record["seed"] + 1)
        self.input = copy.deepcopy(self.record["input"])
        return self.module.forward(self.input)

    def backward(self, past: str) -> None:
        r = self.record
        self.module.zeroGradParameters()
        torch.manualSeed(r["seed"] + 3)
        gradInput = self.module.backward(self.input, copy.deepcopy(r["gradOutput"]), r.get("scale", 1))
        if r.get("gradInput") is not None:
            replay.agree(gradInput, r["gradInput"], f"gradInput after {past}")
        gradients = list(map(counted, self.module.parameters()[1]))
        replay.agree(gradients, r["gradParams"], f"parameter gradients after {past}")


def tensors(value: Any, path: tuple = (), seen: set[int] | None = None) -> Iterator[tuple[tuple, np.ndarray]]:
    """Every array in a module's fields, with the way to it."""
    seen = set() if seen is None else seen
    if isinstance(value, np.ndarray):
        yield path, value
    elif isinstance(value, Shared | dict | list | tuple) and id(value) not in seen:
        seen.add(id(value))
        items = vars(value) if isinstance(value, Shared) else value
        for key, item in items.items() if isinstance(items, dict) else enumerate(items):
            yield from tensors(item, (*path, key), seen)


def put(value: Any, path: tuple, x: np.ndarray) -> None:
    """Copy ``x`` into the array at the end of ``path``, if it is there still."""
    for key in path:
        value = vars(value).get(key) if isinstance(value, Shared) else value[key]
    if isinstance(value, np.ndarray) and value.shape == x.shape:
        value[...] = x


def restore_module(module: Any, record: dict) -> None:
    """Take back what a run leaves behind in Torch as well."""
    if isinstance(module, nn.MapTable):  # has a module, and so parameters, for each entry of the longest table
        module.resize(len(record["input"]))
    if isinstance(module, nn.WeightNorm):  # in evaluation it keeps the weight that v and g made last
        module.updateWeight()
    if getattr(module, "coef", None) is not None:  # kept for an image's size, after a conversion in single precision
        module.coef = np.empty(0, module.coef.dtype)
    if isinstance(module, nn.AbstractRecurrent) and any(getattr(m, "lazy", False) for m in module.listModules()):
        # clones made after a first draw share its mask; from the second sequence on each draws its own
        module.sharedClones = {module.first: module.recurrentModule}
        module.clearState()


def counted(gradient: Any) -> Any:
    """IndexLinear keeps the memory of gradients beyond its counter."""
    if not isinstance(gradient, dict):
        return gradient
    count = gradient["counter"] - 1
    return {key: v[:count] if isinstance(v, list) else v for key, v in gradient.items()}


def doubled(x: Any) -> Any:
    """Twice as many samples (or steps of a tensor)."""
    if isinstance(x, list):
        return [doubled(v) for v in x]
    return np.concatenate([x, x]) if isinstance(x, np.ndarray) and x.ndim else x


def longer(x: Any) -> Any:
    """A table twice as long."""
    return x + x if isinstance(x, list) else doubled(x)


def shorter(x: Any) -> Any:
    return x[: (len(x) + 1) // 2] if isinstance(x, list | np.ndarray) else x


def as_table(x: Any) -> Any:
    """Steps of a tensor as a table and the other way round."""
    if isinstance(x, np.ndarray) and x.ndim:
        return list(x)
    same = isinstance(x, list) and all(isinstance(v, np.ndarray) and v.shape == x[0].shape for v in x)
    return np.stack(x) if same else x


def convert(life: Life) -> None:
    own = life.module.type()
    other = "torch.FloatTensor" if own == "torch.DoubleTensor" else "torch.DoubleTensor"
    life.module.type(other).type(own)


def become(make: Callable[[Any], Any]) -> Callable[[Life], None]:
    def act(life: Life) -> None:
        life.module = make(life.module)

    return act


ACTS: dict[str, Callable[[Life], Any]] = {
    "training": lambda life: life.run("training", life.record["input"]),
    "evaluation": lambda life: life.run("evaluate", life.record["input"]),
    "conversion": convert,
    "clone": become(lambda module: module.clone()),
    "t7": become(lambda module: torch.deserialize(torch.serialize(module))),
    "pickle": become(lambda module: pickle.loads(pickle.dumps(module))),
    "clearState": lambda life: life.module.clearState(),
}
for _mode in ("training", "evaluate"):
    for _change in (doubled, longer, shorter, as_table):
        ACTS[f"{_mode} {_change.__name__}"] = lambda life, m=_mode, c=_change: life.attempt(m, c)

SIZES = [act for act in ACTS if " " in act]
COPIES = ["conversion", "clone", "t7", "pickle", "clearState"]
HISTORIES = {
    "modes": ["evaluation", "training", "training", "evaluation", "evaluation"],
    "sizes": [*SIZES, *reversed(SIZES)],
    "copies of a new module": COPIES,
    "copies after training": ["training", *COPIES],
    "copies after evaluation": [act for copy in COPIES for act in ("evaluation", copy)],
}


def converted(x: Any) -> Any:
    """A module or criterion as another type, and back again."""
    return x.float().double()


CRITERION_COPIES: dict[str, Callable[[Any], Any]] = {
    "conversion": converted,
    "clone": lambda criterion: criterion.clone(),
    "t7": lambda criterion: torch.deserialize(torch.serialize(criterion)),
    "pickle": lambda criterion: pickle.loads(pickle.dumps(criterion)),
}


def replay_criterion_after_copies(record: dict) -> None:
    """A criterion's record, replayed after each way to copy one that was used before."""
    torch.manualSeed(record["seed"])
    criterion = replay.build(record)
    fresh = {path: x.copy() for path, x in tensors(criterion) if x.size}
    input, target = copy.deepcopy(record["input"]), record.get("target")
    for name, make in CRITERION_COPIES.items():
        criterion.forward(input, target)
        if record.get("gradInput") is not None:
            criterion.backward(input, target)
        criterion = make(criterion)
        if record.get("type") == "torch.FloatTensor":
            criterion.float()
        for path, value in fresh.items():
            put(criterion, path, value)
        replay.agree(criterion.forward(input, target), replay.loss_of(record), f"loss after {name}")
        if record.get("gradInput") is not None:
            replay.agree(criterion.backward(input, target), record["gradInput"], f"gradInput after {name}")
