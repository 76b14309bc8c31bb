"""The reference: a page for every chapter with its public classes and functions, from their docstrings.

The pages are written to ``doc/api`` before Sphinx reads the manual; autodoc fills them, and the index with them.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).parent / "api"
#: Page -> title, the packages by whose names it calls things, the first that has one, and the modules that define them.
PAGES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "torch7": ("torch7", "torch7", ("torch7",)),
    "torch7-onnx": ("torch7.onnx", "torch7.onnx", ("torch7.onnx",)),
    "torch7-pytorch": ("torch7.pytorch", "torch7.pytorch", ("torch7.pytorch",)),
    "nn-module": ("nn: Module, training, tools", "nn", ("nn",)),
    "nn-containers": ("nn: containers", "nn", ("nn.containers", "nn.container")),
    "nn-transfer": ("nn: transfer functions", "nn", ("nn.transfer",)),
    "nn-simple": ("nn: simple layers", "nn", ("nn.simple",)),
    "nn-table": ("nn: table layers", "nn", ("nn.table",)),
    "nn-convolution": ("nn: convolution", "nn", ("nn.convolution",)),
    "nn-criterion": ("nn: criterions", "nn", ("nn.criterion", "nn.criterion_base")),
    "nn-testing": ("nn.testing", "nn.testing", ("nn.testing",)),
    "nn-jacobian": ("nn.Jacobian", "nn.testing.jacobian", ("nn.testing.jacobian",)),
    "dpnn": ("dpnn", "nn dpnn", ("dpnn",)),
    "rnn": ("rnn", "nn rnn", ("rnn",)),
    "nngraph": ("nngraph", "nn nngraph", ("nngraph",)),
    "nnx": ("nnx", "nn nnx", ("nnx",)),
    "optim": ("optim", "optim", ("optim",)),
    "dataload": ("dataload", "dataload", ("dataload",)),
    "distlearn": ("distlearn", "distlearn", ("distlearn",)),
    "nn-pytorch": ("nn.pytorch", "nn.pytorch", ("nn.pytorch",)),
    "nn-pytorch-functional": ("nn.pytorch.functional", "nn.pytorch.functional", ("nn.pytorch.functional",)),
    "nn-pytorch-init": ("nn.pytorch.init", "nn.pytorch.init", ("nn.pytorch.init",)),
    "nn-pytorch-utils": ("nn.pytorch.utils", "nn.pytorch.utils", ("nn.pytorch.utils",)),
    "rocks-image": ("image", "rocks.image", ("rocks.image",)),
    "rocks-xlua": ("xlua", "rocks.xlua", ("rocks.xlua",)),
}
#: How nn tells where a name is, which is nobody's to use.
HIDDEN = {"Elsewhere", "Renamed", "nearest"}
LITERAL = re.compile(r"(``.+?``|:\w+:`.+?`|`[^`]+`_{0,2})", re.DOTALL)


def setup(app: Any) -> dict[str, bool]:
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("builder-inited", write)
    app.connect("autodoc-process-docstring", plain)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True}


def write(app: Any = None) -> None:
    """Write the pages that are not as they should be."""
    for package in ("nn", "dpnn", "rnn", "nngraph", "nnx", "distlearn"):
        importlib.import_module(package)
    FOLDER.mkdir(exist_ok=True)
    homes = {home for _, _, modules in PAGES.values() for home in modules}
    for name, page in PAGES.items():
        text = "\n".join(lines(*page, homes))
        path = FOLDER / f"{name}.rst"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def lines(title: str, packages: str, modules: tuple[str, ...], homes: set[str]) -> Iterator[str]:
    yield from (title, "=" * len(title), "")
    yield from (
        (importlib.import_module(title).__doc__ or "").strip().partition("\n\n")[:1]
        if title in packages.split()
        else ()
    )
    yield ""
    seen: list[Any] = []
    for package in packages.split():
        for name, value in public(importlib.import_module(package), modules, homes):
            if not any(value is other for other in seen):
                kind = "autoclass" if inspect.isclass(value) else "autofunction"
                yield from (f".. {kind}:: {package}.{name}", *(["   :members:"] if kind == "autoclass" else []), "")
        seen += [value for _, value in public(importlib.import_module(package), modules, homes)]


def public(package: ModuleType, modules: tuple[str, ...], homes: set[str]) -> list[tuple[str, Any]]:
    """What a package exports of these modules, by the names that it has there."""
    found = {n: getattr(package, n) for n in dir(package) if not n.startswith("_")}
    names = [n for n, v in found.items() if n not in HIDDEN and callable(v) and hasattr(v, "__module__")]
    return [(n, found[n]) for n in sorted(names, key=str.lower) if _belongs(found[n], modules, homes)]


def _belongs(value: Any, modules: tuple[str, ...], homes: set[str]) -> bool:
    """Whether the longest of ``homes`` that holds the definition of ``value`` is one of ``modules``."""
    parts = (value.__module__ or "").split(".")
    prefixes = [".".join(parts[:i]) for i in range(len(parts), 0, -1)]
    return next((p for p in prefixes if p in homes), None) in modules


def skip(app: Any, what: str, name: str, obj: Any, skipped: bool, options: Any) -> bool | None:
    """Members without a docstring of their own are the protocol's: Module's page says what they do."""
    return True if not skipped and not getattr(obj, "__doc__", None) else None


def plain(app: Any, what: str, name: str, obj: Any, options: Any, text: list[str]) -> None:
    """Let asterisks, bars and underscores of a docstring stand for themselves, outside of literals and programs."""
    paragraphs = re.split(r"(\n(?:[ \t]*\n)+)", "\n".join(text))
    for i in range(0, len(paragraphs), 2):
        if not paragraphs[i].startswith(("    ", ">>>")):
            paragraphs[i] = "".join(p if LITERAL.fullmatch(p) else escaped(p) for p in LITERAL.split(paragraphs[i]))
    text[:] = "".join(paragraphs).split("\n")


def escaped(text: str) -> str:
    return re.sub(r"([*|`])", r"\\\1", re.sub(r"(\w)_(?!\w)", r"\1\\_", text))
