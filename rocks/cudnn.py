"""``require 'cudnn'``: nn's layers under cudnn's names. ``benchmark``, ``fastest`` and ``verbose`` may be set; they
choose nothing here, because the kernels of this library choose by the sizes.

``cudnn.X`` is an ``nn.X`` that is called cudnn.X, with the methods that drive the library (``fastest``, ``setMode``)
accepted. :func:`convert` makes one of the other. In files cudnn.X is read as nn.X.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import nn
from torch7 import registry

benchmark = fastest = verbose = False
version = 5110

#: what convert exchanges
# fmt: off
_LAYERS = [
    "BatchNormalization", "SpatialBatchNormalization", "VolumetricBatchNormalization", "SpatialConvolution",
    "SpatialFullConvolution", "VolumetricConvolution", "VolumetricFullConvolution", "SpatialCrossMapLRN",
    "SpatialMaxPooling", "SpatialAveragePooling", "VolumetricMaxPooling", "VolumetricAveragePooling", "ReLU",
    "Tanh", "Sigmoid", "SoftMax", "LogSoftMax",
]
# fmt: on
_MORE = {
    "SpatialSoftMax": "SpatialSoftMax",
    "SpatialLogSoftMax": "SpatialLogSoftMax",
    "VolumetricSoftMax": "SpatialSoftMax",
    "VolumetricLogSoftMax": "SpatialLogSoftMax",
}


class Driven:
    """What layers of cudnn have besides: switches of the library, accepted without an effect."""

    def fastest(self, mode: Any = None) -> Any:
        return self

    def setMode(self, *modes: Any) -> Any:
        return self

    def resetMode(self) -> Any:
        return self

    def resetWeightDescriptors(self, *args: Any) -> Any:
        return self

    def createIODescriptors(self, *args: Any) -> None:
        """Nothing."""


def _layer(name: str, of: str) -> type:
    base = getattr(nn, of)
    doc = f"``nn.{of}`` under the name of cudnn."
    made = type(name, (Driven, base), {"torch_typename": f"cudnn.{name}", "__doc__": doc, "__module__": __name__})
    globals()[name] = registry.register(f"cudnn.{name}", made)
    return made


for _name in _LAYERS:
    _layer(_name, _name)
for _name, _of in _MORE.items():
    _layer(_name, _of)


def _accept_inplace(cls: Any) -> None:
    def construct(self: Any, inplace: bool | None = None) -> None:
        super(cls, self).__init__()

    cls.__init__ = construct


for _name in ("Tanh", "Sigmoid", "SoftMax", "LogSoftMax", *_MORE):
    _accept_inplace(globals()[_name])


def _accept_groups(cls: Any, last: int) -> None:
    """``groups`` is the argument behind the ``last`` ones of nn; more than one make a layer of package nnx."""

    def new(made: type, *args: Any, groups: int | None = None, **named: Any) -> Any:
        groups = args[last] if len(args) > last else groups
        if groups in (None, 1):
            return object.__new__(made)
        return _grouped(cls.__name__)(*args[:last], groups=groups, **named)

    def construct(self: Any, *args: Any, groups: int | None = None, **named: Any) -> None:
        super(cls, self).__init__(*args[:last], **named)
        self.groups = 1

    cls.__new__, cls.__init__ = new, construct


@functools.cache
def _grouped(name: str) -> Any:
    from nnx import cudnn as layers

    base = getattr(layers, name, None)
    if base is None:
        raise NotImplementedError(f"cudnn.{name} in groups is not there")
    return type(
        name, (Driven, base), {"torch_typename": f"cudnn.{name}", "__doc__": base.__doc__, "__module__": __name__}
    )


for _name, _last in (("SpatialConvolution", 8), ("VolumetricConvolution", 11), ("SpatialFullConvolution", 10)):
    _accept_groups(globals()[_name], _last)


class ClippedReLU(Driven, nn.HardTanh):
    """``min(max(x, 0), ceiling)``."""

    torch_typename = "cudnn.ClippedReLU"

    def __init__(self, inplace: bool | None = None, ceiling: float | None = None) -> None:
        if ceiling is None:
            raise TypeError("cudnn.ClippedReLU: no ceiling was given")
        super().__init__(0, ceiling, inplace)
        self.ceiling = ceiling


def _accept_size(cls: Any) -> None:
    def construct(self: Any, size: int | None = None, alpha: Any = None, beta: Any = None, k: Any = None) -> None:
        super(cls, self).__init__(5 if size is None else size, alpha, beta, k)

    cls.__init__ = construct


_accept_size(globals()["SpatialCrossMapLRN"])


registry.register("cudnn.ClippedReLU", ClippedReLU)


def convert(net: Any, dst: Any, exclusion_fn: Callable[[Any], bool] | None = None) -> Any:
    """Make cudnn's layers of nn's (``dst`` is this package) or nn's of cudnn's (``dst`` is nn), in place; the network.

    Parameters stay the same arrays. Modules for which ``exclusion_fn`` is true stay as they are. Subclasses are not
    touched.
    """
    wanted = dst if isinstance(dst, str) else dst.__name__.rpartition(".")[2]
    if wanted not in ("nn", "cudnn"):
        raise ValueError(f"cudnn.convert: to nn or cudnn, not {dst!r}")
    pairs = {getattr(nn, name): globals()[name] for name in _LAYERS}
    if wanted == "nn":
        pairs = {mine: theirs for theirs, mine in pairs.items()}
        pairs |= {globals()[name]: getattr(nn, of) for name, of in _MORE.items()} | {ClippedReLU: nn.HardTanh}

    def change(module: Any) -> None:
        found = pairs.get(type(module))
        if found is not None and not (exclusion_fn is not None and exclusion_fn(module)):
            module.__class__ = found

    net.apply(change)
    return net


def __getattr__(name: str) -> Any:
    """Recurrent layers and others that the package nnx knows under cudnn's name."""
    found = None if name.startswith("_") else _of_files(name)
    if found is None:
        raise AttributeError(f"module 'cudnn' has no attribute {name!r}")
    return found


def _of_files(name: str) -> Any:
    from nnx import cudnn as layers

    return getattr(layers, name, None) or registry.find(f"cudnn.{name}")
