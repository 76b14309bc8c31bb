"""Operators that sort, count places or sample between them, as the tape computes them."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn.pytorch.functional as F

from .tape_operators import OPERATORS, operator


def data_of(x: Any) -> np.ndarray:
    return np.asarray(getattr(x, "data", x))


@operator("ArgMin")
def arg_min(x: list, a: dict) -> Any:
    return OPERATORS["ArgMax"]([-data_of(x[0])], a)


def _along(value: Any, places: np.ndarray, axis: int) -> Any:
    """The elements at ``places`` along an axis."""
    index: list[Any] = list(np.ogrid[tuple(map(slice, places.shape))])
    index[axis] = places
    return value[tuple(index)]


@operator("TopK")
def top_k(x: list, a: dict) -> tuple:
    """Of equal ones the first come first."""
    data, axis = data_of(x[0]), a.get("axis", -1) % x[0].ndim
    k = int(np.reshape(x[1], ())) if len(x) > 1 else a["k"]
    order = np.argsort(-data if a.get("largest", 1) else data, axis, kind="stable")
    places = order.take(range(k), axis)
    return _along(x[0], places, axis), places


@operator("GatherElements")
def gather_elements(x: list, a: dict) -> Any:
    return _along(x[0], data_of(x[1]).astype(np.int64), a.get("axis", 0) % x[0].ndim)


@operator("GridSample")
def grid_sample(x: list, a: dict) -> Any:
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(a.get("mode", "bilinear"), a.get("mode", "bilinear"))
    return F.grid_sample(x[0], x[1], mode, a.get("padding_mode", "zeros"), bool(a.get("align_corners", 0)))


@operator("Mod")
def remainder(x: list, a: dict) -> np.ndarray:
    return (np.fmod if a.get("fmod", 0) else np.mod)(data_of(x[0]), data_of(x[1]))


OPERATORS |= {
    "Sin": lambda x, a: np.sin(x[0]),
    "Cos": lambda x, a: np.cos(x[0]),
    "Sign": lambda x, a: np.sign(data_of(x[0])),
    "Floor": lambda x, a: np.floor(data_of(x[0])),
    "Ceil": lambda x, a: np.ceil(data_of(x[0])),
    "Round": lambda x, a: np.rint(data_of(x[0])),
}
