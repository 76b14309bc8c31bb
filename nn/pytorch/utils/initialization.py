"""Modules without drawn parameters (manual, "torch.nn.utils.skip_init")."""

from __future__ import annotations

from typing import Any

from .. import random
from ..module import Module


def skip_init(module_cls: Any, *args: Any, **kwargs: Any) -> Any:
    """A module of the class whose parameters are to be filled later: the stream of random numbers stays as it is."""
    if not (isinstance(module_cls, type) and issubclass(module_cls, Module)):
        raise RuntimeError(f"Expected a Module; got {module_cls}")
    with random.preserved():
        return module_cls(*args, **kwargs)
