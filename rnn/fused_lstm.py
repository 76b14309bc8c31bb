"""Steps of FastLSTM and LSTM in a few kernels; blocks of gates are i, z, f, o, as the rows of FastLSTM's maps."""

from __future__ import annotations

import nn
from nn import thnn

from .fused_step import FusedStep


class FusedFastLSTM(FusedStep):
    """A step of FastLSTM, ``{x, h, c}`` to ``{h, c}``."""

    def _bindFrames(self, modules: list, inputs: list) -> None:
        self._collect(modules, inputs[2].shape[1])
        maps = [(a, b, x.weight, x.bias, h.weight) for a, b, x, h in self.maps]
        peepholes = [m.weight for m in self.peepholes] or None
        self.step = thnn.LSTMFused_bind(*inputs, maps, self.gates, self.results, peepholes)

    def _collect(self, modules: list, H: int) -> None:
        """The maps and their outputs, ``a, b, w, p, s, y`` of each block, and ``i * z, f * c, c, tanh(c), h``."""
        x_map, h_map = (m for m in modules if isinstance(m, nn.Linear))
        (total, cell), (*gates, squashed), (iz, fc, output) = self._outputs(modules)
        a, b = self.output(x_map), self.output(h_map)
        blocks = [slice(g * H, (g + 1) * H) for g in range(4)]
        self.maps, self.peepholes = [(a, b, x_map, h_map)], []
        self.gates = [(a[:, k], b[:, k], None, None, total[:, k], y) for k, y in zip(blocks, gates)]
        self.results = iz, fc, cell, squashed, output

    def _outputs(self, modules: list) -> tuple[list, list, list]:
        """The outputs of the sums, of the functions and of the products."""
        kinds = (nn.CAddTable,), (nn.Sigmoid, nn.Tanh), (nn.CMulTable,)
        return tuple([self.output(m) for m in modules if type(m) in kind] for kind in kinds)

    def _forward(self, inputs: list) -> None:
        thnn.LSTMFused_updateOutput(*inputs, self.step)

    def _backward(self, inputs: list, gradients: list) -> None:
        thnn.LSTMFused_updateGradInput(inputs[2], *gradients, self.gradInput, self.step)

    def _bindGradients(self) -> None:
        inputs = self.empty()
        maps = [(x.gradWeight, x.gradBias, h.gradWeight) for _, _, x, h in self.maps]
        peepholes = [m.gradWeight for m in self.peepholes] or None
        self.accumulator = thnn.LSTMFused_bindParameters(*inputs, self.step, maps, peepholes)

    def _accumulate(self, inputs: list, scale: float) -> None:
        thnn.LSTMFused_accGradParameters(*inputs, scale, self.accumulator)


class FusedGraphLSTM(FusedFastLSTM):
    """A step of a FastLSTM that is a graph, whose nodes come in the order of the graph."""

    def _outputs(self, modules: list) -> tuple[list, list, list]:
        sums, (o, f, i, z, squashed), (fc, iz, output) = super()._outputs(modules)
        return sums, [i, z, f, o, squashed], [iz, fc, output]


class FusedLSTM(FusedFastLSTM):
    """A step of LSTM, with two maps for each gate."""

    def _collect(self, modules: list, H: int) -> None:
        maps = [m for m in modules if isinstance(m, nn.Linear)]
        peepholes = [m for m in modules if type(m) is nn.CMul]
        sums, functions, (fc, iz, output) = self._outputs(modules)
        *functions, squashed = functions
        cell = sums.pop(3)
        self.results = iz, fc, cell, squashed, output
        named = zip("fizo", zip(maps[0::2], maps[1::2]), sums, functions)
        parts = {name: part for name, *part in named}
        peephole = dict(zip("fio", peepholes))
        self.peepholes = [peephole[g] for g in "ifo" if peepholes]
        self.maps, self.gates = [], []
        for g in "izfo":
            pair, total, function = parts[g]
            a, b = map(self.output, pair)
            m = peephole.get(g)
            self.maps.append((a, b, *pair))
            self.gates.append((a, b, m and m.weight, m and self.output(m), total, function))
