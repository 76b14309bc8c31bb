"""Methods that every Module gets: what reaches the recurrent modules below it.

Containers pass them on to their modules; modules that have nothing to do with time do nothing.
"""

from __future__ import annotations

import warnings
from typing import Any

import nn
from dpnn.graph import children

nn.extends(nn.Dropout, printsMode=True)  # rnn's Dropout printed whether it is lazy


@nn.extends(nn.Module)
def forget(self: nn.Module) -> nn.Module:
    """Let all recurrent modules below forget what came before: the next forward is step 1. Returns the module."""
    for module in children(self):
        module.forget()
    return self


@nn.extends(nn.Module)
def remember(self: nn.Module, mode: str | None = None) -> nn.Module:
    """Set the mode in which sequencers below keep their state from one forward to the next; returns the module."""
    for module in children(self):
        module.remember(mode)
    return self


@nn.extends(nn.Module)
def setOutputStep(self: nn.Module, step: int) -> None:
    """Bring back ``output`` and ``gradInput`` of a step in all recurrent modules below."""
    for module in children(self):
        module.setOutputStep(step)


@nn.extends(nn.Module)
def maxBPTTstep(self: nn.Module, rho: int) -> None:
    """Set how many steps all recurrent modules below keep for the backward pass."""
    for module in children(self):
        module.maxBPTTstep(rho)


@nn.extends(nn.Module)
def getHiddenState(self: nn.Module, step: int | None = None, input: Any = None) -> Any:
    """The hidden state after a step: for a container the list of its modules' states, for a leaf None."""
    if isinstance(self, nn.Container):
        return [module.getHiddenState(step) for module in self.modules]
    return None


@nn.extends(nn.Module)
def setHiddenState(self: nn.Module, step: int, hiddenState: Any) -> None:
    """Set the hidden state after a step, in the form of :func:`getHiddenState`."""
    hand_out(self, "setHiddenState", step, hiddenState)


@nn.extends(nn.Module)
def getGradHiddenState(self: nn.Module, step: int | None = None) -> Any:
    """The gradient by the hidden state after a step, in the form of :func:`getHiddenState`."""
    if isinstance(self, nn.Container):
        return [module.getGradHiddenState(step) for module in self.modules]
    return None


@nn.extends(nn.Module)
def setGradHiddenState(self: nn.Module, step: int, gradHiddenState: Any) -> None:
    """Set the gradient by the hidden state after a step, in the form of :func:`getHiddenState`."""
    hand_out(self, "setGradHiddenState", step, gradHiddenState)


def hand_out(container: nn.Module, method: str, step: int, states: Any) -> None:
    """Give every module of a container its entry of ``states``, unless that is None."""
    if not isinstance(container, nn.Container):
        return
    if not isinstance(states, list | tuple):
        raise TypeError(f"{method}: expecting a table of the states of {len(container.modules)} modules")
    for module, state in zip(container.modules, states):
        if state is not None:
            getattr(module, method)(step, state)


@nn.extends(nn.Module)
def backwardOnline(self: nn.Module) -> None:
    """Nothing: backward through time is always done step by step; kept for old scripts."""
    warnings.warn("backwardOnline is deprecated and does nothing", DeprecationWarning, stacklevel=2)
