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
NNX = ("cudnn", "deepmask", "densecap", "fbnn", "inn", "neuraltalk2", "onmt", "stn", "style", "torch_rnn", "waifu2x")
#: Packages inside of them, and of them those whose modules may be reached by ``package.module``.
INNER = (
    "torch7.lualib",
    "nn.testing",
    "nn.pytorch",
    "nn.pytorch.functional",
    "nn.pytorch.utils",
    "rocks.image",
    *(f"nnx.{name}" for name in NNX),
)
#: Modules that a package is known by another name, or that users reach through the package.
MODULES = {
    "torch7": ("arrays", "registry", "onnx", "pytorch"),
    "nn": ("hessian",),
    "nnx": NNX,
    "dataload": ("images",),
    "distlearn": ("nn",),
    "nn.pytorch": ("functional", "init", "random", "utils", "parallel"),
    "nn.pytorch.utils": ("parametrizations", "parametrize", "rnn"),
}
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
    lines = [BASES] if name == "torch7" else []
    lines += [f"from {name} import {module} as {module}" for module in MODULES.get(name, ())]
    lines += [line for export in sorted(exports(package)) for line in line_of(package, export)]
    return HEAD.format(name=name) + "\n".join([*lines, ""])


def exports(package: ModuleType) -> set[str]:
    """The public names, those that are made when they are asked for among them."""
    late = set(getattr(package, "_LAZY", ()))
    if package.__name__ == "nn":
        late |= set(package.extension.LATER)
    names = {n for n in vars(package) if not n.startswith("_")} - IMPORTED
    return late | {n for n in names if not inspect.ismodule(getattr(package, n, None))}


def line_of(package: ModuleType, name: str) -> Iterator[str]:
    value = getattr(package, name)
    if inspect.ismodule(value):
        parent, _, own = value.__name__.rpartition(".")
        yield from imported(parent, own, name)
        return
    home, own = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if package.__name__ == "torch7" and name in LOADING | tensor_functions(package):
        text = function(name, value).replace(") -> Any:", f") -> {LOADED if name in LOADING else TENSOR}:")
        own = "|".join(sorted(KNOWN.intersection(vars(package))))  # torch7.int is a function
        yield re.sub(rf"(?<!def )\b({own})\b(?!:(?! \.\.\.$)|\()", r"builtins.\1", text)
        return
    named = isinstance(home, str) and isinstance(own, str) and home != package.__name__ and own.isidentifier()
    if named and home.partition(".")[0] in (*PACKAGES, "rocks") and getattr(sys.modules.get(home), own, None) is value:
        yield from imported(home, own, name)
        return
    if isinstance(value, FunctionType):
        yield function(name, value)
    elif inspect.isclass(value) or callable(value):
        yield f"{name}: Any"
    else:
        kind = type(value).__name__
        yield f"{name}: {annotation(kind) if kind in KNOWN else 'Any'}"


def tensor_functions(package: ModuleType) -> set[str]:
    """The functions of tensors, which return tensors, numbers or several of them."""
    functions = {n: v for n, v in vars(package).items() if isinstance(v, FunctionType)}
    homes = ("torch7.tensor.", "torch7.random", "torch7.multinomial")
    return {n for n, v in functions.items() if v.__module__.startswith(homes)}


def imported(home: str, own: str, name: str) -> Iterator[str]:
    """An export; under another name it is no export of its module's name, so it gets one of its own."""
    if own == name:
        yield f"from {home} import {own} as {name}"
    else:
        yield f"from {home} import {own} as _{name}"
        yield f"{name} = _{name}"


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


def class_stub(module: str, name: str, fields: str, rest: str) -> str:
    """A base class with what every package gives it, and what else its module has."""
    nn = importlib.import_module("nn")
    for package in ("dpnn", "rnn", "nngraph"):
        importlib.import_module(package)
    cls = getattr(nn, name)
    lines = [
        "from torch7 import _Tensor as _Tensor",
        "",
        f"class {name}:",
        *(f"    {field}" for field in fields.split("; ")),
    ]
    for method in sorted(dir(cls)):
        value = inspect.getattr_static(cls, method)
        if isinstance(value, staticmethod | classmethod):
            value = value.__func__
        if callable(value) and (not method.startswith("_") or method in SPECIAL):
            lines.append(f"    {method_line(method, value)}")
    return HEAD.format(name=module) + "\n".join([*lines, *rest.split("; "), ""])


def method_line(name: str, value: Any) -> str:
    if name in OVERRIDDEN:
        return f"def {name}(self, *args: Any, **settings: Any) -> Any: ..."
    known = isinstance(value, FunctionType)
    text = function(name, value, "self") if known else f"def {name}(self, *args: Any) -> Any: ..."
    text = re.sub(r"(?<!def )\bfloat\b", "builtins.float", text)  # the class's own is a method
    if name in OF_TENSORS:
        front, _, returned = text.rpartition(" -> ")
        return f"{front} -> {returned.replace('Any', TENSOR)}"
    return returns_self(text, name)


#: Classes over Any go where any type is declared: what a pass returns is taken for an array and for a list.
BASES = """class _Loaded(Any): ...  # type: ignore[misc]
class _Tensor(np.ndarray[Any, Any], Any): ...  # type: ignore[misc]"""
TENSOR, LOADED = "_Tensor | Any", "_Loaded | Any"
LOADING = {"load", "loadobj", "deserialize", "deserializeFromStorage"}
OF_TENSORS = {"forward", "backward", "getParameters"}
MODULE = (
    "nn.module",
    "Module",
    "; ".join(f"{name}: {TENSOR}" for name in ("output", "gradInput", "weight", "bias", "gradWeight", "gradBias"))
    + "; modules: Any; "
    "train: bool | None; def __init__(self) -> None: ...; def __init_subclass__(cls, **settings: Any) -> None: ...; "
    "def __getattr__(self, name: str) -> Any: ...",
    "; def making_gradients(method: Callable[..., Any]) -> Callable[..., Any]: ...",
)
CRITERION = (
    "nn.criterion_base",
    "Criterion",
    f"output: Any; gradInput: {TENSOR}; def __init__(self) -> None: ...; def __getattr__(self, name: str) -> Any: ...",
    "; def a_criterion(owner: Any, criterion: Any) -> Any: ...",
)
SPECIAL = {"__call__", "__neg__", "__sub__", "__rsub__"}
#: What a class of a user's own overrides, with the names and types of parameters that it likes.
OVERRIDDEN = {"updateOutput", "updateGradInput", "accGradParameters", "reset"}
#: Methods that return the module itself.
CHAINED = {"evaluate", "training", "float", "double", "cuda", "clone", "sharedClone", "reset", "zeroGradParameters"}
CHAINED |= {"clearState", "share", "apply", "remember", "forget"}


def returns_self(text: str, name: str) -> str:
    return text.rpartition(" -> ")[0] + " -> Self: ..." if name in CHAINED else text


def stubs() -> dict[Path, str]:
    made = {ROOT / name.replace(".", "/") / "__init__.pyi": stub(name) for name in (*PACKAGES, *INNER)}
    for base in (MODULE, CRITERION):
        made[ROOT / f"{base[0].replace('.', '/')}.pyi"] = class_stub(*base)
    return made


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
