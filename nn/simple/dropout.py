from __future__ import annotations

from typing import Any, Self

from torch7 import arrays, registry

from .. import thnn
from ..extension import register
from ..module import Module


@register
class Dropout(Module):
    """Zeroes each element with probability ``p`` during training: ``output = input * noise``.

    ``noise`` is 0 or ``1 / (1 - p)``, so that evaluation passes the input unchanged. With ``v1`` it is 0 or 1, and
    evaluation multiplies by ``1 - p``. Input of any shape; the mode is ``training`` at first.

    ``p``: 0.5; ``inplace``: overwrite input and gradOutput; ``lazy``: draw once until the next backward or clearState;
    ``mono``: one mask for all samples of a batch; ``stochasticInference`` (a keyword): drop in evaluation too.
    ``ValueError`` unless ``0 <= p < 1``. Source: manual chapter "simple", package rnn for ``lazy`` and ``mono``.
    """

    v2 = inplace = stochastic_inference = lazy = mono = False
    flag = True

    def __init__(
        self,
        p: float | None = None,
        v1: bool | None = None,
        inplace: bool | None = None,
        lazy: bool | None = None,
        mono: bool | None = None,
        stochasticInference: bool | None = None,
    ) -> None:
        super().__init__()
        self.p = 0.5 if p is None else p
        if not 0 <= self.p < 1:
            raise ValueError(f"<Dropout> illegal percentage, must be 0 <= p < 1, got {p}")
        self.train = True
        self.inplace, self.stochastic_inference = inplace, stochasticInference
        self.v2 = not v1
        self.lazy, self.mono = bool(lazy), bool(mono)
        self.flag = True
        self.noise = arrays.empty()

    def setp(self, p: float) -> Self:
        """Change the probability; returns the module."""
        self.p = p
        return self

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input) if not self.inplace else input
        self.checkType(input)
        if not self._drops():
            self.output = _times(input, self._kept(), output)
        elif self.lazy and not self.flag and self.noise.shape == self._noiseShape(input):
            self.output = _times(input, self.noise, output)
        else:
            self.noise, keep = self.resized(self.noise, self._noiseShape(input)), 1 - self.p
            thnn.Dropout_updateOutput(input, output, self.noise, keep, keep if self.v2 else 1)
            self.output, self.flag = output, False
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput) if not self.inplace else gradOutput
        self.checkType(gradOutput, "gradOutput")
        gradOutput = self.gradOutputAs(gradOutput, input)
        self.gradInput = _times(gradOutput, self._lastNoise(input) if self._drops() else self._kept(), gradInput)
        self.flag = True
        return self.gradInput

    def _drops(self) -> bool:
        return self.p > 0 and (self.train or self.stochastic_inference)

    def _kept(self) -> float | None:
        """What evaluation multiplies by; None for nothing."""
        return None if self.v2 or self.p == 0 else 1 - self.p

    def _lastNoise(self, input: Any) -> Any:
        """The mask of the last forward; ``ValueError`` if that was of another input."""
        if self.noise.shape != self._noiseShape(input):
            raise ValueError(f"{self}: no noise for {arrays.describe(input)}; call forward before backward")
        return self.noise

    def _noiseShape(self, input: Any) -> tuple[int, ...]:
        return (1, *input.shape[1:]) if self.mono else input.shape

    def clearState(self) -> Self:
        self.noise = arrays.empty(self._type)
        self.flag = True
        return super().clearState()

    def __tostring__(self) -> str:
        """As nn printed it; as package rnn did where that is imported or its arguments are used."""
        name = registry.class_name(type(self))
        if self.lazy or self.mono or getattr(self, "printsMode", False):
            return f"{name}({self.p:.1f}, {'lazy' if self.lazy else 'busy'})"
        return f"{name}({self.p:f})"


def _times(x: Any, factor: Any, out: Any) -> Any:
    """``x * factor`` (``x`` for None) written to ``out``, which may be ``x`` itself; returns ``out``."""
    if factor is not None:
        arrays.array_module(x).multiply(x, factor, out=out)
    elif out is not x:
        out[...] = x
    return out
