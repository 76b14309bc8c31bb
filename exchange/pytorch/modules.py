"""Networks as PyTorch modules, as folders with a program and weights, and weights back."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import nn
from torch7 import arrays
from torch7.onnx import NotExportable
from torch7.serialization.replacing import replacing

from .examples import example_input
from .printing import program
from .returning import put_back

#: What a state_dict holds of a layer, in PyTorch's order.
FIELDS = ("weight", "bias", "running_mean", "running_var")
#: Names that :func:`to_module` gives to parameters.
NAME = re.compile(r"p\d+(_\w+)*_[A-Za-z]\w*")


def to_module(net: Any, input: Any = None) -> Any:
    """A ``torch.nn.Module`` that computes what ``net`` does in evaluation; it is in evaluation, too.

    ``input``: an example, which tells the sizes; without one the sizes that fit the first layer are tried. Parameters
    have the names of their places, ``p1_weight``, and can be trained; batch normalisation and dropout train as
    PyTorch's do. ``_source`` is its text. ``NotExportable`` for what has no form there.
    """
    torch = importlib.import_module("torch")
    made = program(net, example_input(net) if input is None else input)
    names: dict[str, Any] = {}
    exec(compile(made.text, "<torch7 model>", "exec"), names)  # the text was written above
    module = names["Net"]()
    module.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in made.state.items()})
    module._source = made.text
    return module.eval()


def write(net: Any, folder: Any, input: Any = None) -> None:
    """``folder``/model.py, a readable program with a class Net, and ``folder``/weights.npz, its state_dict.

    The program needs torch, this function does not. Both files are written whole, or none.
    """
    made = program(net, example_input(net) if input is None else input)
    os.makedirs(folder, exist_ok=True)
    folder = os.fspath(folder)
    with replacing(os.path.join(folder, "model.py")) as text, replacing(os.path.join(folder, "weights.npz")) as weights:
        text.write((made.text + LOADING).encode())
        np.savez(weights, **made.state)


LOADING = '''

def load(path=None):
    """The network with its weights, those beside this file unless a path says others, in evaluation."""
    from pathlib import Path

    import numpy

    net = Net()
    with numpy.load(path or Path(__file__).with_name("weights.npz")) as weights:
        net.load_state_dict({name: torch.from_numpy(weights[name]) for name in weights.files})
    return net.eval()
'''


def from_state_dict(
    net: Any, state: Mapping[str, Any], map: Mapping | Callable | None = None, input: Any = None
) -> Any:
    """Put the tensors of a PyTorch state_dict into ``net``; returns it.

    Without ``map`` they go by the names that :func:`to_module` gives, whatever it turned or cut (``input`` is its
    example), or in order to the weights, biases and running statistics of the layers, in the order of the modules;
    ``num_batches_tracked`` is left out. ``map``: from PyTorch's names to places such as ``3.1.weight``, as a dict or a
    function; None for what is to be left out. ``ValueError`` names what is missing, left over or of another shape;
    then nothing is changed.
    """
    given = {k: np.asarray(v) for k, v in state.items() if not k.endswith("num_batches_tracked")}
    if map is None and _by_names(net, given, input):
        return net
    if not isinstance(net, nn.Module):
        raise ValueError("names of the state are not those of to_module: load_state_dict takes those of nn.pytorch")
    places = {f"{place}.{name}".lstrip("."): (module, name) for place, module, name in _fields(net)}
    if map is None:
        if len(given) != len(places):
            raise ValueError(
                f"{len(given)} tensors for the {len(places)} of the network: {_first_apart(given, places)}"
            )
        pairs = dict(zip(given, places))
    else:
        look = map if callable(map) else map.get
        pairs = {name: place for name in given if (place := look(name)) is not None}
    for name, place in pairs.items():
        if place not in places:
            raise ValueError(f"{name}: there is no {place!r} in the network; there are {', '.join(places)}")
        module, own = places[place]
        if getattr(module, own).size != given[name].size:
            shapes = given[name].shape, getattr(module, own).shape
            raise ValueError(f"{name} is {shapes[0]}, {place} is {shapes[1]}")
    for name, place in pairs.items():
        module, own = places[place]
        target = getattr(module, own)
        target[...] = given[name].reshape(target.shape)
    return net


def _by_names(net: Any, given: Mapping[str, np.ndarray], input: Any) -> bool:
    """Whether the names are those of the written network; then the numbers are where they belong."""
    try:
        example = example_input(net) if input is None else input
        return put_back(net, given, example)
    except NotExportable:
        return False
    except ValueError:
        if input is None and not any(NAME.fullmatch(name) for name in given):
            return False  # no example was found, and none is needed
        raise


def _fields(module: nn.Module, place: str = "") -> list[tuple[str, nn.Module, str]]:
    found = [(place, module, name) for name in FIELDS if _held(module, name)]
    for i, inner in enumerate(getattr(module, "modules", ()), 1):
        found += _fields(inner, f"{place}.{i}".lstrip("."))
    return found


def _held(module: nn.Module, name: str) -> bool:
    value = getattr(module, name, None)
    return arrays.is_array(value) and value.size > 0


def _first_apart(given: Mapping, places: Mapping) -> str:
    for (name, x), (place, (module, own)) in zip(given.items(), places.items()):
        if getattr(module, own).size != x.size:
            return f"{name} {x.shape} meets {place} {getattr(module, own).shape}"
    return "one of them has more"
