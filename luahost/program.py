"""Run a Lua program: ``run(path, arguments)``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import torch7
from torch7.tensor.checks import fractions

from . import classes, fields, held, indexing, objects, operators, packages, runtime, services, torch_package
from .convert import to_lua, trust
from .runtime import function, host
from .tensors import Tensor


def start() -> None:
    """A Lua state with torch, what ``th`` loaded, and the packages ready to be required."""
    runtime.open_state()
    fractions.cut = True
    library = host.library
    library.anchor = Tensor(np.zeros(1))
    library.same, library.self, library.several = held.SAME, held.SELF, held.SEVERAL
    library.lock = host.lua.table(*runtime.lock())
    for name, f in _PYTHON.items():
        library[name] = function(f)
    for name in ("tables", "lock", "errors", "elements", "methods", "metatable", "files"):
        runtime.run_library(name)
    library.make_package("torch", function(torch_package.get))
    for name in ("classes", "printing", "states", "tester", "checks"):
        runtime.run_library(name)
    library.package_names = host.lua.table(*packages.names())
    library.on_nn = host.lua.table_from(dict.fromkeys(packages.on_nn(), True))
    runtime.run_library("packages")
    services.install()
    runtime.run_library("th")


_PYTHON: dict[str, Any] = {
    "get": objects.get,
    "set": objects.set,
    "call": objects.call,
    "kind": objects.kind,
    "keys": fields.keys,
    "restored": fields.restored,
    "text": objects.text,
    "message": objects.message,
    "arithmetic": operators.arithmetic,
    "length_of": operators.length,
    "equal": operators.equal,
    "part_at": indexing.part_at,
    "set_part_at": indexing.set_part_at,
    "layout": torch_package.layout,
    "has_fields": held.has_fields,
    "values": held.values,
    "reader": fields.reader,
    "writer": fields.writer,
    "data_of": torch_package.data_of,
    "tensor_type": torch_package.tensor_type,
    "tensor_method": torch_package.tensor_method,
    "constructor_get": torch_package.constructor_get,
    "constructor_set": torch_package.constructor_set,
    "type_of": torch_package.type_of,
    "typename_of": torch_package.typename_of,
    "class_named": torch_package.class_named,
    "factory": torch_package.factory,
    "clone": lambda x: to_lua(torch7.clone(x.a)) if isinstance(x, Tensor) else x,
    "construct": classes.construct,
    "class_get": classes.get,
    "class_set": classes.set,
    "declare": classes.declare,
    "place": classes.place,
    "is_type_of": classes.is_type_of,
    "draw_four": packages.draw_four,
    "load_package": packages.load,
    "exit": runtime.leave,
}


def run(
    path: str,
    arguments: list[str] | None = None,
    trusted: bool = False,
    prepare: Callable[[str], str] | None = None,
) -> int:
    """Run the program in a file with ``arg`` as ``th`` sets it; the exit status. An error is told on stderr.

    ``prepare`` may change the text of the program once the Lua state is there.
    """
    trust.bytecode = trusted
    start()
    arguments = list(arguments or [])
    host.globals.arg = host.lua.table_from(
        {i: os.fsencode(x).decode("latin-1") for i, x in enumerate([path, *arguments])}
    )
    with open(path, "rb") as f:
        text = f.read()
    if text.startswith(b"#"):
        text = b"--" + text
    output, sys.stdout = sys.stdout, runtime.Output()
    try:
        source = text.decode("latin-1")
        source = source if prepare is None else prepare(source)
        ok, problem = _main_chunk(source, path, [host.globals.arg[i + 1] for i in range(len(arguments))])
    finally:
        sys.stdout.flush()
        sys.stdout = output
    if not ok:
        print(f"torch7 run: {problem}", file=sys.stderr)
    return 0 if ok else 1


def _main_chunk(text: str, path: str, arguments: list[str]) -> tuple[bool, str]:
    chunk = host.globals.loadstring(text, "@" + path)
    if isinstance(chunk, tuple):
        return False, chunk[1]
    result = host.library.protected(chunk, *arguments)
    return result[:2] if isinstance(result, tuple) else (result, "")
