"""``profile``: the time that each module of a container takes."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import Any

import nn
from torch7 import registry

from .graph import children

TIMED = ("updateOutput", "updateGradInput", "accGradParameters", "accUpdateGradParameters")


def timed(module: nn.Module, method: str, *args: Any) -> Any:
    """Run a method of the module's class and print its seconds."""
    start = perf_counter()
    result = getattr(type(module), method)(module, *args)
    print(f"{registry.class_name(type(module))} {method}: {perf_counter() - start:.6f} s")
    return result


@nn.extends(nn.Module)
def profile(self: nn.Module) -> None:
    """Let every Sequential and ParallelTable in this module print the seconds that each of its modules takes."""
    self.dpnn_profile = True
    for module in children(self):
        module.profile()


@nn.extends(nn.Sequential)
def profile(self: nn.Sequential | nn.ParallelTable) -> None:  # noqa: F811
    """Print the seconds of each module at every pass, as ``nn.Linear updateOutput: 0.000012 s``."""
    self.dpnn_profile = True
    for module in self.modules:
        for method in TIMED:
            setattr(module, method, partial(timed, module, method))
        module.profile()


nn.extends(nn.ParallelTable)(profile)
