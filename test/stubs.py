"""Writes the stubs by which type checkers see what packages export, and the methods that packages give one another.

    python test/stubs.py          write them
    python test/stubs.py --check  status 1 where one is not what it would be

Exports become explicit (``from .simple.linear import Linear as Linear``); functions that are made at run time get their
signatures. ``nn/module.pyi`` holds what nn, dpnn, rnn and nngraph give every module.
"""

from __future__ import annotations

import importlib
import inspect
import keyword
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent
PACKAGES = ("torch7", "nn", "dpnn", "rnn", "nngraph", "nnx", "optim", "dataload", "distlearn")
HEAD = """# Written by test/stubs.py: what a type checker sees of {name}.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

"""
KNOWN = {
    "Any",
    "Self",
    "Callable",
    "Iterable",
    "Iterator",
    "Mapping",
    "Sequence",
    "ModuleType",
    "np",
    "None",
    "True",
    "False",
}
KNOWN |= {"int", "float", "bool", "str", "bytes", "list", "dict", "tuple", "set", "object", "type", "range", "complex"}


#: What a package imports for itself.
IMPORTED = {"annotations", "Any", "Callable", "Iterator", "ModuleType", "import_module", "find_spec", "TYPE_CHECKING"}


def stub(name: str) -> str:
    """The text of the stub of a package."""
    package = importlib.import_module(name)
    if name == "nn":  # the other packages put their classes there
        for other in ("dpnn", "rnn", "nngraph"):
            importlib.import_module(other)
    lines = [line for export in sorted(exports(package)) for line in line_of(package, export)]
    return HEAD.format(name=name) + "\n".join([*lines, ""])


def exports(package: ModuleType) -> set[str]:
    """The public names, those that are made when they are asked for among them."""
    names = {n for n in vars(package) if not n.startswith("_")} | set(getattr(package, "_LAZY", ()))
    return {n for n in names - IMPORTED if not inspect.ismodule(getattr(package, n, None))}


def line_of(package: ModuleType, name: str) -> Iterator[str]:
    value = getattr(package, name)
    home, own = getattr(value, "__module__", None), getattr(value, "__name__", None)
    named = isinstance(home, str) and isinstance(own, str) and home != package.__name__ and own.isidentifier()
    if named and home.partition(".")[0] in PACKAGES and getattr(sys.modules.get(home), own, None) is value:
        yield f"from {home} import {own} as {name}"
        return
    if isinstance(value, FunctionType):
        yield function(name, value)
    elif inspect.isclass(value) or callable(value):
        yield f"{name}: Any"
    else:
        kind = type(value).__name__
        yield f"{name}: {kind if kind in KNOWN else 'Any'}"


def function(name: str, value: Any, first: str | None = None) -> str:
    """One line of a stub; ``first`` is the first parameter of a method."""
    try:
        signature = inspect.signature(value, follow_wrapped=True)
    except (TypeError, ValueError):
        return f"def {name}({'self, ' if first else ''}*args: Any, **settings: Any) -> Any: ..."
    parts, starred = [], False
    for i, p in enumerate(signature.parameters.values()):
        if p.kind is p.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        starred |= p.kind is p.VAR_POSITIONAL
        star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        text = star + (f"{p.name}_" if keyword.iskeyword(p.name) else p.name)
        if i or first is None:
            text += f": {annotation(p.annotation)}"
        if p.default is not p.empty:
            text += " = ..."
        parts.append(text)
    return f"def {name}({', '.join(parts)}) -> {annotation(signature.return_annotation)}: ..."


def annotation(x: Any) -> str:
    """An annotation where all its names are known here, else Any."""
    if not isinstance(x, str):
        return "Any"
    words = set(re.findall(r"[A-Za-z_]\w*", x.replace("np.ndarray", "np")))
    if not words <= KNOWN | {"Module"} or '"' in x or "'" in x:
        return "Any"
    for bare, full in (("dict", "dict[Any, Any]"), ("list", "list[Any]"), ("tuple", "tuple[Any, ...]")):
        x = re.sub(rf"\b{bare}\b(?!\[)", full, x)
    return re.sub(r"\bCallable\b(?!\[)", "Callable[..., Any]", x)


def module_stub() -> str:
    """What every module has, whichever package gave it."""
    nn = importlib.import_module("nn")
    for package in ("dpnn", "rnn", "nngraph"):
        importlib.import_module(package)
    lines = ["class Module:", *(f"    {name}: Any" for name in FIELDS), "    train: bool | None"]
    lines += ["    def __init__(self) -> None: ...", "    def __init_subclass__(cls, **settings: Any) -> None: ..."]
    for name in sorted(dir(nn.Module)):
        value = inspect.getattr_static(nn.Module, name)
        if isinstance(value, staticmethod | classmethod):
            value = value.__func__
        if callable(value) and (not name.startswith("_") or name == "__call__"):
            known = isinstance(value, FunctionType)
            text = function(name, value, "self") if known else f"def {name}(self, *args: Any) -> Any: ..."
            text = re.sub(
                r"(?<!def )\bfloat\b", "builtins.float", returns_self(text, name)
            )  # a module's own is a method
            lines.append(f"    {text}")
    lines += ["    def __getattr__(self, name: str) -> Any: ...", ""]
    head = HEAD.format(name="nn.module")
    return head + "\n".join([*lines, "def making_gradients(method: Callable[..., Any]) -> Callable[..., Any]: ...", ""])


FIELDS = ("output", "gradInput", "weight", "bias", "gradWeight", "gradBias", "modules")
#: Methods that return the module itself.
CHAINED = {"evaluate", "training", "float", "double", "cuda", "clone", "sharedClone", "reset", "zeroGradParameters"}
CHAINED |= {"clearState", "share", "apply", "remember", "forget"}


def returns_self(text: str, name: str) -> str:
    return text.rpartition(" -> ")[0] + " -> Self: ..." if name in CHAINED else text


def stubs() -> dict[Path, str]:
    made = {ROOT / name / "__init__.pyi": stub(name) for name in PACKAGES}
    return made | {ROOT / "nn" / "module.pyi": module_stub()}


def main() -> int:
    status = 0
    for path, text in stubs().items():
        if "--check" in sys.argv:
            if not path.exists() or path.read_text() != text:
                print(f"{path.relative_to(ROOT)} is old: python test/stubs.py")
                status = 1
        else:
            path.write_text(text)
    return status


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
