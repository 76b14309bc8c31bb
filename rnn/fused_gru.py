"""A step of GRU in a few kernels; blocks of sums are r, u and the candidate."""

from __future__ import annotations

import nn
from nn import thnn

from .fused_step import FusedStep


class FusedGRU(FusedStep):
    """A step of GRU, ``{x, h}`` to h."""

    def _bindFrames(self, modules: list, inputs: list) -> None:
        self.maps = [m for m in modules if isinstance(m, nn.Linear)]
        outputs = a, b, c, d = tuple(map(self.output, self.maps))
        total, candidate_total, output = (self.output(m) for m in modules if type(m) is nn.CAddTable)
        r, u, candidate = (self.output(m) for m in modules if type(m) in (nn.Sigmoid, nn.Tanh))
        reset, new, kept = (self.output(m) for m in modules if type(m) is nn.CMulTable)
        (rest,) = (self.output(m) for m in modules if type(m) is nn.SAdd)
        biases = self.maps[0].bias, self.maps[2].bias
        maps = outputs, [m.weight for m in self.maps], biases
        gates = a, b, total, r, u, inputs[1], reset
        last = c, d, candidate_total, candidate, u, rest, new, kept, inputs[1], output
        self.step = thnn.GRUFused_bind(*inputs, maps, gates, last)

    def _forward(self, inputs: list) -> None:
        thnn.GRUFused_updateOutput(*inputs, self.step)

    def _backward(self, inputs: list, gradients: list) -> None:
        thnn.GRUFused_updateGradInput(inputs[1], *gradients, self.gradInput, self.step)

    def _bindGradients(self) -> None:
        inputs = self.empty()
        biases = self.maps[0].gradBias, self.maps[2].gradBias
        weights = [m.gradWeight for m in self.maps]
        self.accumulator = thnn.GRUFused_bindParameters(*inputs, self.step, weights, biases)

    def _accumulate(self, inputs: list, scale: float) -> None:
        thnn.GRUFused_accGradParameters(*inputs, scale, self.accumulator)
