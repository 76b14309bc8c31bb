"""The prompt of ``python -m torch7 run``: lines of Lua, with history and completion."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from typing import Any

import torch7

from .convert import lua_table
from .methods import METHODS
from .program import start
from .runtime import Output, function, host, run_library
from .tensors import Tensor

HISTORY = os.path.join(os.path.expanduser("~"), ".torch7_history")


def prompt() -> int:
    """Read and run lines until the end of the input; the exit status."""
    start()
    host.library.python_names = function(names_in)
    run_library("show")
    _line_editing()
    output, sys.stdout = sys.stdout, Output()
    try:
        while (text := _read()) is not None:
            outcome = host.library.evaluate(text)
            if isinstance(outcome, tuple):
                print(outcome[1], file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stdout = output
    return 0


def names_in(holder: Any) -> Any:
    """The names of fields and methods of what Python holds, and of its packages."""
    if isinstance(holder, Tensor):
        return lua_table([*METHODS, *(n for n in dir(torch7) if not n.startswith("_") and not n.endswith("_"))])
    package = next((name for name in ("torch", "nn", "optim") if host.library.is_package(holder, name)), None)
    source = sys.modules.get("torch7" if package == "torch" else package) if package else holder
    return lua_table([n for n in dir(source) if not n.startswith("_")] if source is not None else [])


def _read() -> str | None:
    """A complete input, None at the end."""
    text, sign = "", "th> "
    while True:
        try:
            line = input(sign)
        except EOFError:
            return text or None
        except KeyboardInterrupt:
            print()
            text, sign = "", "th> "
            continue
        text += line.encode("utf-8", "surrogateescape").decode("latin-1") + "\n"
        if text.strip() and host.library.is_complete(text):
            return text
        sign = "..> " if text.strip() else "th> "


def _line_editing() -> None:
    """History and the tab key, where the terminal has them."""
    if not sys.stdin.isatty():
        return
    with contextlib.suppress(ImportError):
        import readline

        with contextlib.suppress(OSError):
            readline.read_history_file(HISTORY)
        readline.set_completer_delims(" \t\n()[]{}+-*/%^#=<>,;")
        readline.set_completer(_completer())
        readline.parse_and_bind("tab: complete")
        atexit.register(_save_history, readline)


def _completer() -> Any:
    def complete(word: str, n: int) -> str | None:
        return host.library.completions(word)[n + 1]

    return complete


def _save_history(readline: Any) -> None:
    with contextlib.suppress(OSError):
        readline.write_history_file(HISTORY)
