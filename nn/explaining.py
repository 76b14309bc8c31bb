"""What a module has, beside errors that do not name it: of a field that a file or a script set to what does not fit."""

from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

#: The library's packages of modules.
PACKAGES = ("nn", "dpnn", "rnn", "nngraph", "nnx")
#: Fields that every module has.
COMMON = {"gradInput", "output", "train", "modules", "gradWeight", "gradBias"}
RAW = (TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError, KeyError)


def explain(error: Exception, module: Any) -> None:
    """Add a note with the fields of ``module`` where an error of Python's or NumPy's came out of its formula."""
    name = registry.class_name(type(module))
    own = type(module).__module__.partition(".")[0] in PACKAGES
    if not own or not isinstance(error, RAW) or name in str(error) or getattr(error, "__notes__", None):
        return
    fields = {k: x for k, x in vars(module).items() if not k.startswith("_") and k not in COMMON}
    told = [f"{k} {_told(x)}" for k, x in fields.items() if x is None or arrays.is_array(x) or _plain(x)]
    if told:
        error.add_note(arrays.shortened(f"{name} has {', '.join(told)}", 300))


def _plain(x: Any) -> bool:
    return isinstance(x, bool | int | float | str)


def _told(x: Any) -> str:
    return arrays.shortened(repr(x), 30) if _plain(x) else arrays.describe(x)
