from __future__ import annotations

from typing import Any, Self

import nn
from nn.container import a_module


def with_clones(container: nn.Module) -> list[nn.Module]:
    """The modules of a container and its clones for steps, each once."""
    clones = container.sharedClones
    clones = clones.values() if isinstance(clones, dict) else clones
    return list({id(m): m for m in [*container.modules, *clones]}.values())


def everything(container: nn.Module) -> list[nn.Module]:
    """As its class says, or :func:`with_clones`: other containers with clones borrow methods of StepClones."""
    return container._everything() if isinstance(container, StepClones) else with_clones(container)


class StepClones(nn.Container):
    """Base of :class:`nn.AbstractRecurrent`: a module for every step, clones that share the parameters of the first.

    ``recurrentModule`` runs the step ``first`` and, in evaluation, all steps; ``sharedClones`` holds it and its clones,
    keyed by step. What is asked of the container is passed to every clone.
    """

    first = 1  # the step of the first clone
    recurrentModule: nn.Module
    sharedClones: dict[int, nn.Module]
    nSharedClone: int | None = None

    def _recurs(self, module: nn.Module) -> None:
        """Let ``module`` be what runs at every step."""
        self.recurrentModule = a_module(self, module)
        self.modules = [module]
        self.sharedClones = {self.first: module}

    def getStepModule(self, step: int) -> nn.Module:
        """The clone for a step, made if there is none."""
        if step not in self.sharedClones:
            self.sharedClones[step] = self.recurrentModule.stepClone()
            self.nSharedClone = len(self.sharedClones)
        return self.sharedClones[step]

    def _at(self, step: int) -> nn.Module:
        """The clone of a step, its recurrent modules brought back to that step."""
        module = self.getStepModule(step)
        module.setOutputStep(step)
        return module

    def _everything(self) -> list[nn.Module]:
        """The modules and all clones, each once."""
        return with_clones(self)

    def includingSharedClones(self, f: Any) -> Any:
        """``f()`` while ``modules`` includes the clones."""
        modules, clones = self.modules, self.sharedClones
        self.modules, self.sharedClones = everything(self), {}
        try:
            return f()
        finally:
            self.modules, self.sharedClones = modules, clones

    def training(self) -> StepClones:
        return StepClones.includingSharedClones(self, lambda: nn.Container.training(self))

    def evaluate(self) -> StepClones:
        return StepClones.includingSharedClones(self, lambda: nn.Container.evaluate(self))

    def share(self, other: StepClones, *names: str) -> Self:
        super().share(other, *names)
        for clone in self.sharedClones.values():
            if clone is not self.recurrentModule:
                clone.share(self.recurrentModule, *names)
        return self
