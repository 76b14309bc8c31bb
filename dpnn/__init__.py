"""``require 'dpnn'``: deep extensions to nn.

Importing it gives nn's Module, Container and Criterion more methods and registers the classes below in nn.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

# methods of Module, Container and Criterion
from . import gradient_steps, helpers, profiling, serial_modes, shared_clone

version = 2


def require(name: str) -> ModuleType:
    """Import the package ``name``; ``ImportError`` with what is missing."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(f"dpnn needs the package {name}: {error}", name=name) from error
