"""``tnn.to_torch`` and ``tnn.from_torch``: the same network in the other library, its numbers copied."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from typing import Any

import numpy as np

from torch7 import arrays

from .containers import ModuleDict, ModuleList, Sequential
from .module import Module
from .parameter import plain

_CONTAINERS = {"Sequential": Sequential, "ModuleList": ModuleList, "ModuleDict": ModuleDict}
#: The recurrent layers' settings, which their constructors take as they are.
_RECURRENT = ("num_layers", "bias", "batch_first", "dropout", "bidirectional", "proj_size")


def _container(kind: Any, name: str, children: dict) -> Any:
    return kind(list(children.values())) if name == "ModuleList" else kind(OrderedDict(children))


def to_torch(module: Module, path: str = "the module") -> Any:
    """The network of ``torch.nn``'s classes of the same names, settings and numbers; needs PyTorch.

    ``TypeError`` that names the place for a class that ``torch.nn`` does not have: load its ``state_dict`` instead.
    """
    import torch

    name = type(module).__name__
    kind = getattr(torch.nn, name, None)
    if kind is None or not type(module).__module__.startswith(__package__):
        raise TypeError(f"{path} is a {name}, which is no class of torch.nn: load its state_dict() instead")
    if name in _CONTAINERS:
        new = _container(kind, name, {n: to_torch(m, f"{path}.{n}") for n, m in module._modules.items()})
    else:
        args, settings = module._arguments
        settings = {n: _to_tensor(x) for n, x in settings.items() if n not in ("dtype", "device")}
        new = kind(*map(_to_tensor, args), **settings)
        new.to(next((torch.from_numpy(p.data[:0].copy()).dtype for p in module.parameters()), None))
        new.load_state_dict({n: torch.from_numpy(np.array(x)) for n, x in module.state_dict().items()})
    return new.train(module.training)


def _to_tensor(x: Any) -> Any:
    """An argument of a constructor as the other library takes it: arrays, modules, functions of F."""
    import torch

    if isinstance(x, Module):
        return to_torch(x)
    if getattr(x, "__module__", "").startswith(f"{__package__}.functional"):
        return getattr(torch.nn.functional, x.__name__)
    return torch.from_numpy(arrays.moved(plain(x), np, x.dtype).copy()) if arrays.is_array(x) else x


def from_torch(module: Any, path: str = "the module") -> Module:
    """The tnn network of the same classes, settings and numbers as one of ``torch.nn``.

    ``TypeError`` that names the place for a class that is not here: load its ``state_dict`` instead.
    """
    from .. import pytorch

    name = type(module).__name__
    kind = getattr(pytorch, name, None)
    if kind is None or not type(module).__module__.startswith(("torch.nn.modules", "torch.nn.parallel")):
        raise TypeError(f"{path} is a {name}, which is no class of nn.pytorch: load its state_dict() instead")
    if name in _CONTAINERS:
        new = _container(kind, name, {n: from_torch(m, f"{path}.{n}") for n, m in module._modules.items()})
    else:
        new = kind(**_settings(kind, module))
        dtype = next((p.dtype for p in module.parameters()), None)
        new = new if dtype is None else new.to(str(dtype))
        new.load_state_dict(module.state_dict())
    return new.train(module.training)


def _activation(given: Any, path: str) -> Any:
    name = getattr(given, "__name__", None)
    return name if name in ("relu", "gelu") else from_torch(given, f"{path}.activation")


def _layer(module: Any) -> dict:
    """The arguments of a Transformer's layer, which are kept by its parts."""
    linear, attention = module.linear1, module.self_attn
    return {
        "d_model": linear.in_features, "nhead": attention.num_heads, "dim_feedforward": linear.out_features,
        "dropout": module.dropout.p, "activation": _activation(module.activation, "the layer"),
        "layer_norm_eps": module.norm1.eps, "batch_first": attention.batch_first, "norm_first": module.norm_first,
        "bias": linear.bias is not None,
    }  # fmt: skip


def _stack(module: Any) -> dict:
    norm = None if module.norm is None else from_torch(module.norm)
    layer = "encoder_layer" if "Encoder" in type(module).__name__ else "decoder_layer"
    return {layer: from_torch(module.layers[0]), "num_layers": len(module.layers), "norm": norm}


def _whole(module: Any) -> dict:
    parts = {f"custom_{n}": from_torch(getattr(module, n)) for n in ("encoder", "decoder")}
    return parts | {"d_model": module.d_model, "nhead": module.nhead, "batch_first": module.batch_first}


#: Classes whose arguments are not attributes of the same names.
_OWN = {
    "TransformerEncoderLayer": _layer, "TransformerDecoderLayer": _layer, "TransformerEncoder": _stack,
    "TransformerDecoder": _stack, "Transformer": _whole, "DataParallel": lambda m: {"module": from_torch(m.module)},
    "PairwiseDistance": lambda m: {"p": m.norm, "eps": m.eps, "keepdim": m.keepdim},
    "TripletMarginWithDistanceLoss": lambda m: {
        "distance_function": from_torch(m.distance_function), "margin": m.margin, "swap": m.swap,
        "reduction": m.reduction,
    },
}  # fmt: skip


def _settings(kind: type, module: Any) -> dict:
    """The constructor's arguments, which torch's modules keep as attributes of these names."""
    if kind.__name__ in _OWN:
        return _OWN[kind.__name__](module)
    names = list(inspect.signature(kind.__init__).parameters)[1:]  # type: ignore[misc]
    if "args" in names:
        names = ["input_size", "hidden_size", *_RECURRENT] if hasattr(module, "mode") else []
    found = {}
    for name in names:
        value = getattr(module, name, None)
        if name in ("device", "dtype", "size_average", "reduce", "self") or not hasattr(module, name):
            continue
        if name == "bias" and not isinstance(value, bool):
            value = value is not None
        found[name] = value.detach().numpy().copy() if hasattr(value, "detach") else value
    if hasattr(module, "in_proj_bias"):  # attention keeps its settings as parameters
        found |= {"bias": module.in_proj_bias is not None, "add_bias_kv": module.bias_k is not None}
    if found.get("proj_size") == 0:
        del found["proj_size"]
    return found
