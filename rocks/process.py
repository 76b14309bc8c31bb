"""The process of a script: its arguments and its end. The host of Lua programs puts its own in their place."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import NoReturn


def _leave(status: int) -> NoReturn:
    raise SystemExit(status)


# arguments: what stands behind the script on the command line; leave: end the script; name: the script
current = SimpleNamespace(arguments=lambda: sys.argv[1:], leave=_leave, name=lambda: sys.argv[0] or "script")


def arguments() -> list[str]:
    """The words behind the script on the command line."""
    return list(current.arguments())


def fail(message: str, usage: str = "") -> NoReturn:
    """Say what is wrong with the command line and end with status 1."""
    print(f"{current.name()}: {message}", *[usage] * bool(usage), sep="\n", file=sys.stderr)
    end: Callable[[int], NoReturn] = current.leave
    end(1)


def finish(text: str) -> NoReturn:
    """Print the help and end with status 0."""
    print(text)
    current.leave(0)
