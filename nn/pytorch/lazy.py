"""Layers that take their input size from the first input (manual, "Lazy modules initialization").

Until then the parameters are placeholders. The first forward, or a state that is loaded, gives the size; the parameters
are drawn as the plain layer draws them, and the layer becomes one of its class.
"""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np

from torch7 import arrays

from . import random
from .batch_normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from .convolution import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .linear import Linear
from .module import Module
from .parameter import UninitializedBuffer, UninitializedParameter
from .state import _size


class Lazy(Module):
    """Base: ``becomes`` is the class of the layer, whose first argument, the size of its input, is left out."""

    becomes: type

    def __init__(self, *args: Any, **settings: Any) -> None:
        self.__dict__["_waiting"] = True
        _, size, *rest = signature(self.becomes.__init__).bind(self, 0, *args, **settings).arguments.items()
        self.__dict__["_later"] = dict(rest)
        self.becomes.__init__(self, size[1], **self._later)
        for name, parameter in self._parameters.items():
            if parameter is not None:
                self._parameters[name] = UninitializedParameter(dtype=parameter.dtype)
        for name, buffer in self._buffers.items():
            if buffer is not None and buffer.dtype.kind == "f":
                self._buffers[name] = UninitializedBuffer(dtype=buffer.dtype)

    def reset_parameters(self) -> None:
        """Nothing, as long as there are no parameters."""
        if not self.__dict__.get("_waiting"):
            super().reset_parameters()  # type: ignore[misc]

    def has_uninitialized_params(self) -> bool:
        """Whether the size of the input is not known yet."""
        return True

    def _size_of(self, input: Any) -> int:
        """The size of the input that the plain layer wants to know."""
        raise NotImplementedError

    def initialize_parameters(self, input: Any, *more: Any, **settings: Any) -> None:
        """Become a plain layer for inputs like this one, where it is."""
        self._become(self._size_of(input))
        if arrays.is_array(input) and not isinstance(input, np.ndarray):
            self.cuda(input.device.id)  # type: ignore[attr-defined]

    def _become(self, size: int) -> None:
        state = self.__dict__
        settings = state.pop("_later")
        parameters, training = self._parameters, self.training
        kept = {name: p.requires_grad for name, p in parameters.items() if p is not None}
        dtypes = [p.dtype for p in parameters.values() if p is not None]
        del state["_waiting"]
        self.__class__ = self.becomes
        settings |= {"dtype": dtypes[0]} if dtypes else {}
        self.__init__(size, **settings)  # type: ignore[misc]
        state["_arguments"] = (size,), settings
        self.training = training
        for name, wanted in kept.items():
            self._parameters[name].requires_grad = wanted

    def _load_from_state_dict(
        self, state_dict: Any, prefix: str, local_metadata: dict, strict: bool,
        missing_keys: list, unexpected_keys: list, error_msgs: list,
    ) -> None:  # fmt: skip
        """Take the size from the arrays; a layer without any of them waits on."""
        given = state_dict.get(prefix + self._telling)
        if given is None or isinstance(given, (UninitializedParameter, UninitializedBuffer)):
            return
        plan, size = self._plan, self._size_in(given.shape)
        with random.preserved():
            probe = self.becomes(size, **self._later)
        wrong = [
            (prefix + n, own)
            for n, own in probe.state_dict().items()
            if prefix + n in state_dict and np.shape(state_dict[prefix + n]) not in (own.shape, own.shape or (1,))
        ]
        for key, own in wrong:
            error_msgs.append(
                f"size mismatch for {key}: copying a param with shape {_size(state_dict[key])} from checkpoint, "
                f"the shape in current model is {_size(own)}."
            )
        missing_keys += [prefix + n for n in probe.state_dict() if prefix + n not in state_dict]
        known = {prefix + n for n in probe.state_dict()}
        unexpected_keys += [k for k in state_dict if k.startswith(prefix) and k not in known]
        if not wrong:
            here = {k[len(prefix) :]: state_dict[k] for k in known if k in state_dict}
            plan.append((self._adopt, size, here))

    _telling = "weight"

    def _size_in(self, shape: tuple) -> int:
        """The size that the array named ``_telling`` of this shape says."""
        raise NotImplementedError

    def _adopt(self, size: int, arrays: dict) -> None:
        self._become(size)
        self.load_state_dict(arrays, strict=False)


def _first_forward(self: Any, *input: Any, **settings: Any) -> Any:
    """Become the plain layer, then compute."""
    self.initialize_parameters(*input, **settings)
    return self.forward(*input, **settings)


class _LazyLinear(Lazy):
    def _size_of(self, input: Any) -> int:
        return int(input.shape[-1])

    def _size_in(self, shape: tuple) -> int:
        return int(shape[-1]) if len(shape) == 2 else 0


class _LazyConv(Lazy):
    def _size_of(self, input: Any) -> int:
        dims: int = self.dims  # type: ignore[attr-defined]
        if input.ndim not in (dims + 1, dims + 2):
            raise ValueError(f"{self}: expected {dims + 1} or {dims + 2} dimensions, got {input.shape}")
        return int(input.shape[-dims - 1])

    def _size_in(self, shape: tuple) -> int:
        if self.transposed:  # type: ignore[attr-defined]
            return int(shape[0])
        return int(shape[1]) * int(self.groups)  # type: ignore[attr-defined]


class _LazyNorm(Lazy):
    def _size_of(self, input: Any) -> int:
        whole = max(self.ranks)  # type: ignore[attr-defined]
        if input.ndim not in self.ranks:  # type: ignore[attr-defined]
            raise ValueError(f"{type(self).__name__}: got the input {input.shape}")
        batch = input.ndim == whole or not isinstance(self, InstanceNorm1d | InstanceNorm2d | InstanceNorm3d)
        return int(input.shape[1 if batch else 0])

    def _size_in(self, shape: tuple) -> int:
        return int(shape[0])


class _LazyInstanceNorm(_LazyNorm):
    def __init__(
        self, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True, track_running_stats: bool = True,
        device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(eps, momentum, affine, track_running_stats, device, dtype, bias=bias)


def _made(base: type, *plain: type) -> list:
    """The lazy form of each of the classes."""

    def made(becomes: type) -> Any:
        fields = {"becomes": becomes, "__module__": __name__}
        fields["__doc__"] = f":class:`{becomes.__name__}` that takes the size of its input from the first one."
        found = type(f"Lazy{becomes.__name__}", (base, becomes), fields)
        found.forward = _first_forward  # type: ignore[attr-defined]
        found.cls_to_become = becomes  # type: ignore[attr-defined]
        return found

    return [made(becomes) for becomes in plain]


(LazyLinear,) = _made(_LazyLinear, Linear)
LazyConv1d, LazyConv2d, LazyConv3d = _made(_LazyConv, Conv1d, Conv2d, Conv3d)
LazyConvTranspose1d, LazyConvTranspose2d, LazyConvTranspose3d = _made(
    _LazyConv, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
)
LazyBatchNorm1d, LazyBatchNorm2d, LazyBatchNorm3d = _made(_LazyNorm, BatchNorm1d, BatchNorm2d, BatchNorm3d)
LazyInstanceNorm1d, LazyInstanceNorm2d, LazyInstanceNorm3d = _made(
    _LazyInstanceNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
)
