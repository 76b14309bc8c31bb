from __future__ import annotations

import copy
from typing import Any, Self

import nn
from dpnn.graph import found
from dpnn.shared_clone import share
from nn.container import a_module
from torch7 import registry

MODES = ("both", "eval", "train", "neither")


@nn.register
class AbstractSequencer(nn.Container):
    """Base of modules that take a whole sequence at once and run a recurrent module over it.

    Errors are those of the module. Source: manual of rnn.
    """

    _remember = "neither"

    def remember(self, mode: str | None = None) -> Self:
        """Set when the state lasts from one forward to the next; returns the module.

        ``mode``: ``'both'`` (default), ``'train'`` or ``'eval'`` for one of the two modes, or ``'neither'``: forget
        before each forward, as at first. ``ValueError`` for others.
        """
        mode = "both" if mode is None else mode
        if mode not in MODES:
            raise ValueError(f"AbstractSequencer : unrecognized value for remember : {mode}")
        self._remember = mode
        return self

    def hasMemory(self) -> bool:
        """Whether the state lasts, in the present mode."""
        return self._remember in ("both", "eval" if self.train is False else "train")

    def training(self) -> Self:
        if self.train is False:
            self.forget()
        return super().training()

    def evaluate(self) -> Self:
        if self.train is not False:
            self.forget()
        return super().evaluate()

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.sharedAccUpdateGradParameters(input, gradOutput, lr)

    def maxBPTTstep(self, rho: int) -> None:
        """Nothing: a sequencer keeps as many steps as its input has."""

    def getStepModule(self, step: int) -> None:
        raise NotImplementedError(f"{registry.class_name(type(self))}: a sequencer has no steps of its own")

    def dpnn_sharedClone(self) -> AbstractSequencer:
        """How ``sharedClone`` and ``stepClone`` copy it: with recurrent modules of its own over its parameters."""
        memo: dict = {}
        for obj in found(self):
            for name in (*getattr(obj, "dpnn_parameters", ()), *getattr(obj, "dpnn_gradParameters", ())):
                share(vars(obj).get(name), memo)
        return copy.deepcopy(self, memo)


def recurrent(owner: Any, module: nn.Module) -> nn.Module:
    """``module`` itself if it is recurrent, else in a :class:`nn.Recursor`; ``TypeError`` for what is no module."""
    return module if isinstance(a_module(owner, module), nn.AbstractRecurrent) else nn.Recursor(module)
