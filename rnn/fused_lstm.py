"""Steps of FastLSTM and LSTM in a few kernels; blocks of gates are i, z, f, o, as the rows of FastLSTM's maps."""

from __future__ import annotations

import numpy as np

import nn
import nn.thnn.rnn.lstm_fused as step_gates
from nn.thnn.cpu.gemm.grouped import Products, frame, run, word
from nn.thnn.cpu.runtime.partition import threads

from .fused_step import FusedStep


class FusedFastLSTM(FusedStep):
    """A step of FastLSTM, ``{x, h, c}`` to ``{h, c}``."""

    def _lay(self, modules: list, inputs: list) -> None:
        x, h, c = inputs
        self._collect(modules, c.shape[1])
        self.forward = Products(self.dtype)
        for a, b, x_map, h_map in self.maps:
            self.forward.add(a, x, x_map.weight, transB=True, bias=x_map.bias)
            self.forward.add(b, h, h_map.weight, transB=True)
        i, z, f, o = self.gates
        stride = i[0].strides[0] // c.itemsize
        sizes = *c.shape, stride, bool(self.peepholes)
        self.gateFrame = frame(c, *self.results, *sizes, *i, *f, *z, *o)

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
        x, h, c = inputs
        self.forward.point(slice(0, None, 2), Products.A, x)
        self.forward.point(slice(1, None, 2), Products.A, h)
        self.forward()
        self.gateFrame[0] = word(c)
        run(step_gates.lstm_forward, self.dtype, self.gateFrame, min(len(c), threads(2.5 * c.size)))

    def _layBackward(self) -> None:
        dx, dh, dc = self.gradInput
        N, H = dc.shape
        self.sums = np.empty((N, 4 * H), self.dtype)
        self.blocks = np.split(self.sums, len(self.maps), 1)
        self.backward = Products(self.dtype)
        for g, (block, (_, _, x_map, h_map)) in enumerate(zip(self.blocks, self.maps)):
            self.backward.add(dx, block, x_map.weight, more=g > 0)
            self.backward.add(dh, block, h_map.weight, more=g > 0)
        i, z, f, o = (gate[5] for gate in self.gates)
        weights = [m.weight for m in self.peepholes] or [None] * 3
        buffers = None, self.results[3], i, f, z, o, *weights, None, None, self.sums, dc
        self.gradientFrame = frame(*buffers, N, H, bool(self.peepholes))

    def _backward(self, inputs: list, gradients: list) -> None:
        c = inputs[2]
        self.gradientFrame[0] = word(c)
        self.gradientFrame[9:11] = [word(g) for g in gradients]
        run(step_gates.lstm_backward, self.dtype, self.gradientFrame, min(len(c), threads(1.5 * c.size)))
        self.backward()

    def _layGradients(self) -> None:
        x, h, c = (np.empty(shape, self.dtype) for shape in self.shapes)
        N, H = c.shape
        self.accumulated = Products(self.dtype)
        entries = []
        for g, (block, (_, _, x_map, h_map)) in enumerate(zip(self.blocks, self.maps)):
            self.accumulated.add(x_map.gradWeight, block, x, transA=True, more=True)
            self.accumulated.add(h_map.gradWeight, block, h, transA=True, more=True)
            for k in range(0, block.shape[1], H):
                entries += [g * H + k, None, 0, x_map.gradBias[k:]]
        for g, m in zip((0, 2, 3), self.peepholes):
            entries += [g * H, self.results[2], 1, m.gradWeight]
        self.sumFrame = frame(self.sums, 4 * H, N, H, 1.0, len(entries) // 4, *entries)

    def _accumulate(self, inputs: list, scale: float) -> None:
        x, h, c = inputs
        self.accumulated.point(slice(0, None, 2), Products.B, x)
        self.accumulated.point(slice(1, None, 2), Products.B, h)
        self.accumulated.point(slice(None), Products.ALPHA, float(scale))
        self.accumulated()
        self.sumFrame[4] = word(float(scale))
        if self.peepholes:
            self.sumFrame[[23, 27]] = word(c)  # the factors of the input and the forget gate
        run(step_gates.sums, self.dtype, self.sumFrame)


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
