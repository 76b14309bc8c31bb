"""The way back from ``python -m torch7 convert``: named arrays into a network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import arrays as kinds
from .names import Place, fields_of, places

_DERIVING = ("updateWeight", "updateWeightMatrix")  # methods that make weights of the parameters that were filled


def loadarrays(object: Any, arrays: Any) -> Any:
    """Copy named arrays into the tensors of ``object``, a network or a table that holds some; returns ``object``.

    ``arrays`` is a ``.npz`` or ``.safetensors`` file that ``python -m torch7 convert`` wrote, or a dict. A name is a
    path in ``object``, ``modules[1].weight``: the network is the one that :func:`torch7.load` gives for the same file,
    or one built by hand in the same form. Counts of elements must agree, shapes may differ (a convolution's weight as a
    matrix). Nothing changes, and ``ValueError`` says what is wrong, if an array has no place, if its count differs, or
    if a parameter would get none.
    """
    if not isinstance(arrays, Mapping):
        arrays = _read(arrays)
    found = list(places(object))
    by_name = {place.name: place for place in found}
    chosen = [(_place(by_name, name), _fitting(by_name, name, np.asarray(x))) for name, x in arrays.items()]
    _check_complete(found, [place for place, _ in chosen])
    for place, x in chosen:
        place.array[...] = kinds.array_module(place.array).asarray(x).reshape(place.array.shape)
    for owner in {id(place.owner): place.owner for place, _ in chosen}.values():
        for method in _DERIVING:
            if hasattr(owner, method):
                getattr(owner, method)()
    return object


def _read(file: str | os.PathLike) -> dict[str, np.ndarray]:
    if os.fspath(file).endswith(".safetensors"):
        try:
            from safetensors.numpy import load_file
        except ImportError:
            raise ImportError("reading .safetensors needs: pip install 'torch7[safetensors]'") from None
        return load_file(file)
    with np.load(file, allow_pickle=False) as archive:
        return dict(archive)


def _place(by_name: dict[str, Place], name: str) -> Place:
    place = by_name.get(name) or by_name.get(_renamed(name))
    if place is None:
        near = next((n for n in by_name if n.endswith(name) or name.endswith(n)), None)
        hint = f"; is it {near}?" if near else ""
        raise ValueError(f"there is no tensor {name} in {_describe(by_name)}{hint}")
    return place


def _renamed(name: str) -> str:
    """Where batch normalisation keeps the deviation of old files."""
    return name.removesuffix("running_std") + "running_var" if name.endswith("running_std") else name


def _describe(by_name: dict[str, Place]) -> str:
    names = list(by_name)
    return "the object, which has none" if not names else f"the object, which has {', '.join(names[:4])} ..."


def _fitting(by_name: dict[str, Place], name: str, x: np.ndarray) -> np.ndarray:
    place = _place(by_name, name)
    if x.ndim == 3 and place.array.shape == x.shape[:1]:  # sub-sampling of old files: a weight for every pixel
        x = x[:, 0, 0]
    if x.size != place.array.size:
        raise ValueError(f"{name} is {kinds.describe(place.array)}, the array of that name {x.shape} {x.dtype}")
    if not np.can_cast(x.dtype, place.array.dtype, "same_kind"):
        raise TypeError(f"{name} is {kinds.describe(place.array)}, the array of that name is of type {x.dtype}")
    if name.endswith("running_std") and not place.name.endswith("running_std"):
        return np.asarray(x, float) ** -2.0 - place.owner.eps
    return x


def _check_complete(found: list[Place], filled: list[Place]) -> None:
    """Every parameter is filled, itself or through memory that it shares."""
    named, memory = {place.name for place in filled}, [place.array for place in filled]
    lacking = [
        place.name
        for place in found
        if place.name not in named and _is_parameter(place) and not any(_same(place.array, x) for x in memory)
    ]
    if lacking:
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        raise ValueError(f"no array for the parameters {', '.join(lacking[:5])}{more}")


def _same(x: Any, y: Any) -> bool:
    return kinds.address(x) == kinds.address(y) and x.size == y.size


def _is_parameter(place: Place) -> bool:
    """As :func:`outline.is_parameter` finds it in files."""
    field = place.field
    if not hasattr(place.owner, "__dict__") or not isinstance(field, str) or not place.array.size:
        return False
    gradient = f"grad{field[:1].upper()}{field[1:]}"
    return field in ("weight", "bias") or (field not in ("input", "output") and gradient in fields_of(place.owner))
