"""``state_dict`` and ``load_state_dict``: a module's parameters and buffers under PyTorch's names, in its order."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Mapping
from typing import Any

import numpy as np

from torch7 import arrays

from .parameter import Parameter, plain


class IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    """What ``load_state_dict`` returns."""

    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return "_IncompatibleKeys" + super().__repr__().removeprefix(type(self).__name__)

    __str__ = __repr__


class State:
    """The part of Module that reads and writes state dicts."""

    _version = 1

    def state_dict(self, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> OrderedDict:
        """The arrays by dotted name: own parameters, own buffers, then the children; they share the module's memory.

        A module held under two names is in it under both. ``keep_vars`` gives the parameters themselves.
        """
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = {"version": self._version}
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination, f"{prefix}{name}.", keep_vars)
        return destination

    def _save_to_state_dict(self, destination: dict, prefix: str, keep_vars: bool) -> None:
        for name, parameter in self._parameters.items():
            if parameter is not None:
                destination[prefix + name] = parameter if keep_vars else parameter.data
        for name, buffer in self._buffers.items():
            if buffer is not None and name not in self._non_persistent:
                destination[prefix + name] = buffer
        if type(self).get_extra_state is not State.get_extra_state:
            destination[prefix + "_extra_state"] = self.get_extra_state()

    def get_extra_state(self) -> Any:
        """What else belongs into ``state_dict``; a class that has such a thing overrides this and the next."""
        raise RuntimeError(f"{type(self).__name__} has no extra state")

    def set_extra_state(self, state: Any) -> None:
        raise RuntimeError(f"{type(self).__name__} has no extra state")

    def load_state_dict(self, state_dict: Mapping, strict: bool = True, assign: bool = False) -> IncompatibleKeys:
        """Copy arrays into the parameters and buffers of their names, converted to their types.

        Values may be arrays or torch tensors. Missing and unexpected names raise ``RuntimeError`` unless ``strict`` is
        False; other shapes always do. All faults are told at once, and after one nothing has changed. ``assign`` makes
        the arrays themselves the module's.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        metadata = getattr(state_dict, "_metadata", None)
        state = OrderedDict(state_dict)
        missing: list[str] = []
        unexpected: list[str] = []
        errors: list[str] = []
        plan: list = []
        self._collect(state, metadata, "", strict, (missing, unexpected, errors, plan))
        errors += [text for step in plan if step[0] is _write and (text := _refusal(*step[1:], assign))]
        if strict and unexpected:
            errors.insert(0, f"Unexpected key(s) in state_dict: {', '.join(map(repr, unexpected))}. ")
        if strict and missing:
            errors.insert(0, f"Missing key(s) in state_dict: {', '.join(map(repr, missing))}. ")
        if errors:
            text = "\n\t".join(errors)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{text}")
        for action, *arguments in plan:
            action(*arguments, assign) if action is _write else action(*arguments)
        return IncompatibleKeys(missing, unexpected)

    def _collect(self, state: OrderedDict, metadata: Any, prefix: str, strict: bool, found: tuple) -> None:
        """Go through the tree: ``found`` gets missing and unexpected names, errors, and what is to be written."""
        missing, unexpected, errors, plan = found
        local = {} if metadata is None else metadata.get(prefix[:-1], {})
        self.__dict__["_plan"] = plan
        try:
            self._load_from_state_dict(state, prefix, local, True, missing, unexpected, errors)
        finally:
            self.__dict__.pop("_plan", None)
        for name, module in self._modules.items():
            if module is not None:
                module._collect(state, metadata, f"{prefix}{name}.", strict, found)

    def _load_from_state_dict(
        self, state_dict: Any, prefix: str, local_metadata: dict, strict: bool,
        missing_keys: list, unexpected_keys: list, error_msgs: list,
    ) -> None:  # fmt: skip
        """Take this module's own arrays; a class overrides it to change names of older versions first."""
        names = {**self._parameters, **{n: b for n, b in self._buffers.items() if n not in self._non_persistent}}
        for name, own in names.items():
            if own is None:
                continue
            key = prefix + name
            if key not in state_dict:
                missing_keys.append(key)
                continue
            try:
                value = _array(state_dict[key], own)
            except (TypeError, ValueError, OverflowError) as error:
                kind = type(state_dict[key]).__name__
                error_msgs.append(f"{key} is no array of numbers in the checkpoint, but {kind}: {error}.")
                continue
            if value.shape != own.shape and {value.shape, own.shape} != {(), (1,)}:
                error_msgs.append(
                    f"size mismatch for {key}: copying a param with shape {_size(value)} from checkpoint, "
                    f"the shape in current model is {_size(own)}."
                )
                continue
            self._plan.append((_write, self, name, value))
        self._load_extra_state(state_dict, prefix, missing_keys)
        known = {name for name, own in names.items() if own is not None}
        if type(self).get_extra_state is not State.get_extra_state:
            known.add("_extra_state")
        for key in state_dict:
            rest = key[len(prefix) :]
            if key.startswith(prefix) and rest.split(".")[0] not in self._modules and rest not in known:
                unexpected_keys.append(key)

    def _load_extra_state(self, state_dict: Any, prefix: str, missing_keys: list) -> None:
        key = prefix + "_extra_state"
        if type(self).get_extra_state is not State.get_extra_state:
            if key in state_dict:
                self._plan.append((self.set_extra_state, state_dict[key]))
            else:
                missing_keys.append(key)


def _array(x: Any, own: Any) -> Any:
    """``x`` as an array of numbers; what is none, such as text, must become one of the type of ``own``."""
    value = x if arrays.is_array(x) else plain(x)
    return value if value.dtype.kind in "biufc" else np.asarray(value, own.dtype)


def _size(x: Any) -> str:
    return f"torch.Size({list(x.shape)})"


def _refusal(module: Any, name: str, value: Any, assign: bool) -> str | None:
    """Why the next function would raise, or None."""
    own = module._parameters.get(name, module._buffers.get(name))
    if assign:
        wrong = isinstance(own, Parameter) and plain(value).dtype.kind != "f"
        return f"{name} of {type(module).__name__}: a parameter of {value.dtype} cannot be assigned." if wrong else None
    writable = getattr(plain(own).flags, "writeable", True)
    return None if writable else f"{name} of {type(module).__name__} lies in memory that cannot be written."


def _write(module: Any, name: str, value: Any, assign: bool) -> None:
    held = module._parameters if name in module._parameters else module._buffers
    own = held[name]
    if assign:
        value = plain(value).reshape(own.shape)
        held[name] = Parameter(value, own.requires_grad) if isinstance(own, Parameter) else value
    else:
        value = arrays.moved(plain(value), arrays.array_module(own), own.dtype)
        plain(own)[...] = value.reshape(own.shape)
