"""A step of GRU in a few kernels; blocks of sums are r, u and the candidate."""

from __future__ import annotations

import numpy as np

import nn
import nn.thnn.rnn.gru_fused as gru_fused
import nn.thnn.rnn.lstm_fused as lstm_fused
from nn.thnn.cpu.gemm.grouped import Products, frame, run, word
from nn.thnn.cpu.runtime.partition import threads

from .fused_step import FusedStep


class FusedGRU(FusedStep):
    """A step of GRU, ``{x, h}`` to h."""

    def _lay(self, modules: list, inputs: list) -> None:
        x, h = inputs
        self.maps = x_gates, h_gates, x_candidate, h_candidate = [m for m in modules if isinstance(m, nn.Linear)]
        a, b, c, d = map(self.output, self.maps)
        total, candidate_total, output = (self.output(m) for m in modules if type(m) is nn.CAddTable)
        self.r, self.u, self.candidate = (self.output(m) for m in modules if type(m) in (nn.Sigmoid, nn.Tanh))
        self.reset, new, kept = (self.output(m) for m in modules if type(m) is nn.CMulTable)
        (rest,) = (self.output(m) for m in modules if type(m) is nn.SAdd)
        self.first, self.second = Products(self.dtype), Products(self.dtype)
        self.first.add(a, x, x_gates.weight, transB=True, bias=x_gates.bias)
        self.first.add(c, x, x_candidate.weight, transB=True, bias=x_candidate.bias)
        self.first.add(b, h, h_gates.weight, transB=True)
        self.second.add(d, self.reset, h_candidate.weight, transB=True)
        self.gateFrame = frame(a, b, total, self.r, self.u, h, self.reset, *h.shape)
        buffers = c, d, candidate_total, self.candidate, self.u, rest, new, kept, h, output
        self.outputFrame = frame(*buffers, *h.shape)

    def _forward(self, inputs: list) -> None:
        x, h = inputs
        parts = min(len(h), threads(1.5 * h.size))
        self.first.point(slice(0, 2), Products.A, x)
        self.first.point(2, Products.A, h)
        self.gateFrame[5] = self.outputFrame[8] = word(h)
        self.first()
        run(gru_fused.gru_gates, self.dtype, self.gateFrame, parts)
        self.second()
        run(gru_fused.gru_output, self.dtype, self.outputFrame, parts)

    def _layBackward(self) -> None:
        dx, dh = self.gradInput
        N, H = dh.shape
        x_gates, h_gates, x_candidate, h_candidate = (m.weight for m in self.maps)
        self.sums, dreset = np.empty((N, 3 * H), self.dtype), np.empty((N, H), self.dtype)
        gates, candidate = self.blocks = self.sums[:, : 2 * H], self.sums[:, 2 * H :]
        self.throughCandidate, self.throughGates = Products(self.dtype), Products(self.dtype)
        self.throughCandidate.add(dreset, candidate, h_candidate)
        self.throughGates.add(dx, gates, x_gates)
        self.throughGates.add(dx, candidate, x_candidate, more=True)
        self.throughGates.add(dh, gates, h_gates, more=True)
        self.candidateFrame = frame(None, self.candidate, self.u, None, self.sums, dh, N, H)
        self.resetFrame = frame(dreset, self.r, None, self.sums, dh, N, H)
        self.dreset = dreset

    def _backward(self, inputs: list, gradients: list) -> None:
        h = inputs[1]
        parts = min(len(h), threads(h.size))
        self.candidateFrame[0] = word(gradients[0])
        self.candidateFrame[3] = self.resetFrame[2] = word(h)
        run(gru_fused.gru_candidate_gradient, self.dtype, self.candidateFrame, parts)
        self.throughCandidate()
        run(gru_fused.gru_reset_gradient, self.dtype, self.resetFrame, parts)
        self.throughGates()

    def _layGradients(self) -> None:
        x, h = (np.empty(shape, self.dtype) for shape in self.shapes)
        gates, candidate = self.blocks
        (N, H), (x_gates, h_gates, x_candidate, h_candidate) = h.shape, self.maps
        self.accumulated = Products(self.dtype)
        self.accumulated.add(x_gates.gradWeight, gates, x, transA=True, more=True)
        self.accumulated.add(x_candidate.gradWeight, candidate, x, transA=True, more=True)
        self.accumulated.add(h_gates.gradWeight, gates, h, transA=True, more=True)
        self.accumulated.add(h_candidate.gradWeight, candidate, self.reset, transA=True, more=True)
        biases = x_gates.gradBias, x_gates.gradBias[H:], x_candidate.gradBias
        entries = [value for g, bias in enumerate(biases) for value in (g * H, None, 0, bias)]
        self.sumFrame = frame(self.sums, 3 * H, N, H, 1.0, 3, *entries)

    def _accumulate(self, inputs: list, scale: float) -> None:
        x, h = inputs
        self.accumulated.point(slice(0, 2), Products.B, x)
        self.accumulated.point(2, Products.B, h)
        self.accumulated.point(slice(None), Products.ALPHA, float(scale))
        self.accumulated()
        self.sumFrame[4] = word(float(scale))
        run(lstm_fused.sums, self.dtype, self.sumFrame)
