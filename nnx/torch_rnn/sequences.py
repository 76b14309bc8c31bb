"""What torch-rnn's layers share: sequences are ``N x T x D``, and ``remember_states`` is a field."""

from __future__ import annotations

from typing import Any

import nn
from rnn.sequence_layer import SequenceLayer
from torch7 import arrays, registry


class BatchFirst(SequenceLayer):
    """A layer for sequences ``N x T x D`` whose state lasts while its field ``remember_states`` is True."""

    _transient = ("batchfirst", "maskzero", "_remember", "_output")
    batchfirst = True
    remember_states = False
    input_dim: int
    hidden_dim: int

    training = nn.Module.training  # the state stays when the mode changes
    evaluate = nn.Module.evaluate

    def _prepare(self) -> None:
        super()._prepare()
        for name in ("batchfirst", "maskzero", "_remember"):
            del vars(self)[name]

    def remember(self, mode: str | None = None) -> BatchFirst:
        """Let the state last from one forward to the next, unless ``mode`` is ``'neither'``; returns the module."""
        self.remember_states = mode != "neither"
        return self

    def hasMemory(self) -> bool:
        return bool(self.remember_states)

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        result = super().type(type, tensorCache)
        if type is not None:  # its last step is the state
            self._output = nn.utils.recursiveType(vars(self).get("_output"), type)
        return result

    def _restore(self) -> None:
        """The last sequence is what ``output`` shows, steps first."""
        super()._restore()
        output = vars(self).get("output")
        held = arrays.is_array(output) and output.ndim == 3
        self._output = output.transpose(1, 0, 2).copy() if held else arrays.empty(self._type)

    def _batchFirstFields(self, *names: str) -> dict[str, Any]:
        """The fields of a file: the named sequences as ``N x T x ...``."""
        fields = dict(vars(self))
        for name in names:
            if arrays.is_array(fields.get(name)) and fields[name].ndim == 3:
                fields[name] = fields[name].transpose(1, 0, 2).copy()
        return fields

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}({self.input_dim} -> {self.hidden_dim})"


def upgrade_sequences(cls: type, *names: str) -> None:
    """Let files of ``cls``, in which the named sequences are ``N x T x ...``, load with the steps first."""

    def upgrade(layer: BatchFirst, fields: dict) -> None:
        for name in names:
            value = fields.get(name)
            if arrays.is_array(value) and value.ndim == 3:
                fields[name] = value.transpose(1, 0, 2).copy()

    registry.upgrade(cls)(upgrade)
