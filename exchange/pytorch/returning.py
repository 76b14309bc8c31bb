"""Which element of which parameter each number of a written network is, and the way back.

A clone of the network is written three times with numbers for weights that say where they are: the rules of the layers
may turn, join and cut parameters, and what they did is read off. What a rule computed of parameters has no way back.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

import nn.pytorch as tnn
from torch7 import arrays

from .printing import program

#: Float32 holds whole numbers up to 2^24: places are told by two numbers below this.
PART = 4096


def held(net: Any) -> list[np.ndarray]:
    """The arrays of parameters and running statistics, each once."""
    if isinstance(net, tnn.Module):
        found = [p.data for p in net.parameters()] + [b for b in net.buffers() if b.dtype.kind == "f"]
    else:
        found = list(net.parameters()[0])
        for module in net.listModules():
            found += [getattr(module, n) for n in ("running_mean", "running_var") if n in vars(module)]
        for module in net.listModules():  # layers of nn.pytorch inside
            inner = vars(module).get("module")
            found += [b for b in inner.buffers() if b.dtype.kind == "f"] if isinstance(inner, tnn.Module) else []
    unique = {id(x): x for x in found if arrays.is_array(x) and x.size}
    return list(unique.values())


def sources(net: Any, input: Any) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each tensor of the state: which array of :func:`held` its elements are of, from 1, and where in it."""
    clone = copy.deepcopy(net).float() if isinstance(net, tnn.Module) else net.clone().float()
    own, codes = held(clone), []
    for part in range(3):
        for i, x in enumerate(own, 1):
            places = np.arange(x.size).reshape(x.shape)
            x[...] = (i, -1 - places // PART, places % PART + 1)[part]
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # program(net, input) has said what there is to say
            made = program(clone, input)
            codes.append(made.state)
    return {name: _decoded(name, *(state[name] for state in codes), own) for name in made.own}


def _decoded(name: str, owner: Any, high: Any, low: Any, own: list) -> tuple[np.ndarray, np.ndarray]:
    """0 stands for numbers that are of no parameter and stay the same, such as zeros between them."""
    owner, high, low = (np.asarray(x, np.float64).reshape(-1) for x in (owner, high, low))
    there = (owner != high) | (owner != low)
    i = np.where(there, owner, 0)
    place = np.where(there, (-1 - high) * PART + low - 1, 0)
    whole = (i == np.floor(i)).all() and (place == np.floor(place)).all() and (place >= 0).all()
    sizes = np.array([1, *(x.size for x in own)])
    if not whole or i.max(initial=0) > len(own) or (place >= sizes[np.clip(i, 0, len(own)).astype(int)]).any():
        raise ValueError(f"{name} is computed from parameters: there is no way back")
    return i.astype(int), place.astype(int)


def put_back(net: Any, state: Mapping[str, np.ndarray], input: Any) -> bool:
    """Put a state of the written network into ``net``; False where the names are others.

    ``ValueError`` names a tensor of another shape, or one that is computed; then nothing is changed.
    """
    made = program(net, input).state
    if made.keys() != state.keys():
        return False
    for name, x in made.items():
        if x.shape != state[name].shape:
            raise ValueError(f"{name} is {state[name].shape}, expected {x.shape}")
    own = held(net)
    new = [x.copy().reshape(-1) for x in own]
    for name, (owners, places) in sources(net, input).items():
        values = np.asarray(state[name]).reshape(-1)
        for i in np.unique(owners[owners > 0]):
            mine = owners == i
            new[i - 1][places[mine]] = values[mine]
    for x, values in zip(own, new):
        x[...] = values.reshape(x.shape)
    return True
