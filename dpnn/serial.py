from __future__ import annotations

import copy
import re
from typing import Any

import nn
from nn.storage import Shared
from torch7 import arrays

from .graph import found_modules
from .serial_modes import saved_fields


@nn.register
class Serial(nn.Decorator):
    """Decides what is saved of its module, in .t7 files, pickles and clones alike.

    After ``heavySerial()``, the default, it is everything; ``mediumSerial()`` leaves out what forward and backward
    compute anew (each module's ``dpnn_mediumEmpty``), which suits checkpoints; ``lightSerial()`` also the gradients,
    which suits networks that only run forward. What is left out comes back as an empty tensor or table.

    ``tensortype``: the type of the copy that is saved, such as ``'torch.FloatTensor'``; default: the module's own. The
    module itself never changes. ``ValueError`` for what is no tensor type. Source: manual of dpnn.
    """

    def __init__(self, module: nn.Module, tensortype: str | None = None) -> None:
        super().__init__(module)
        if tensortype is not None and not (
            isinstance(tensortype, str) and re.fullmatch(r"torch\..*Tensor", tensortype)
        ):
            raise ValueError(f"Expecting tensortype (e.g. torch.LongTensor) at arg1, got {tensortype!r}")
        if tensortype is not None:
            arrays.dtype_of(tensortype)
        self.tensortype = tensortype

    def __getstate__(self) -> dict:
        return Shared.__getstate__(self._saved({}))

    def _t7_fields(self) -> dict:
        return vars(self._saved({}))

    def __deepcopy__(self, memo: dict) -> Serial:
        state = Shared.__getstate__(self._saved(memo))
        new = memo[id(self)] = type(self).__new__(type(self))
        new.__setstate__(copy.deepcopy(state, memo))
        return new

    def _saved(self, known: dict[int, Any]) -> Serial:
        """The network to save: this one, or a copy of it without what is left out, over the same tensors.

        Objects whose id is in ``known`` are not copied.
        """
        if self.tensortype is None and not any(m.dpnn_serialEmpty for m in found_modules(self)):
            return self
        copies = {id(self): self}
        saved = type(self).__new__(type(self))
        saved.__setstate__({name: without(v, copies, known) for name, v in saved_fields(self, known).items()})
        return saved if self.tensortype is None else saved.type(self.tensortype)


def without(value: Any, copies: dict[int, Any], known: dict[int, Any]) -> Any:
    """``value`` with every module and table in it as a new one, modules without the fields that they leave out."""
    if isinstance(value, tuple):
        return tuple(without(v, copies, known) for v in value)
    if not isinstance(value, nn.Module | list | dict) or id(value) in known:
        return value
    if id(value) in copies:
        return copies[id(value)]
    if isinstance(value, list):
        new = copies[id(value)] = []
        new += [without(v, copies, known) for v in value]
    elif isinstance(value, dict):
        new = copies[id(value)] = {}
        new.update((k, without(v, copies, known)) for k, v in value.items())
    else:
        new = copies[id(value)] = type(value).__new__(type(value))
        state = saved_fields(value, known)
        if hasattr(type(value), "_state_of"):  # an nn.gModule, whose modules are those of its nodes
            state = copies[id(state)] = value._state_of(state)
        new.__setstate__({name: without(v, copies, known) for name, v in state.items()})
    return new


def _serial(self: nn.Module, tensortype: str | None = None) -> Serial:
    """``nn.Serial(self, tensortype)``"""
    return Serial(self, tensortype)


_serial.__name__ = "Serial"
nn.extends(nn.Module)(_serial)
