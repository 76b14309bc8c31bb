"""check_module on modules of a user's own: what is right passes, what could be better is told, what is wrong fails."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import nn
import torch7
from nn.testing import Case, check_module

README = Path(__file__).parents[3] / "README.md"


class Buffered(nn.Module):
    """A cube that keeps the library's habits but has no name in files."""

    def updateOutput(self, input):
        return np.power(input, 3, out=self.resizeOutput(input))

    def updateGradInput(self, input, gradOutput):
        return np.multiply(3 * input**2, gradOutput, out=self.resizeGradInput(input, gradOutput))


class Scale(nn.Module):
    """Parameters, and new arrays at every call."""

    def __init__(self, n):
        super().__init__()
        self.weight, self.gradWeight = np.linspace(1, 2, n), np.zeros(n)

    def updateOutput(self, input):
        self.output = input * self.weight
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = gradOutput * self.weight
        return self.gradInput

    def accGradParameters(self, input, gradOutput, scale=1):
        self.gradWeight += scale * (input * gradOutput).sum(0)


@pytest.fixture
def cube():
    """README's own class, made by README's own lines."""
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)
    (block,) = (b for b in blocks if "class Cube" in b)
    lines = [line[4:] for line in block.splitlines() if line.startswith((">>> ", "... ", "..."))]
    names = {"nn": nn, "__name__": "readme"}
    exec("\n".join(line for line in lines if not line.startswith("nn.testing")), names)
    return names["Cube"]


def told(*arguments, **settings):
    """The texts of the warnings of check_module."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        check_module(*arguments, **settings)
    return [str(w.message) for w in found if w.category is UserWarning]


def test_readmes_cube_passes_and_is_told_what_to_change(cube):
    texts = told(Case(cube, (3, 4)))
    assert len(texts) == 3
    for words, text in zip(("out=self.resizeOutput(input)", "@nn.register", "refuses it as Torch does"), texts):
        assert words in text
    assert told(cube(), (3, 4)) == texts == told(cube, np.ones((3, 4)))


def test_whoever_keeps_the_habits_is_told_less():
    assert len(told(Buffered, (3, 4))) == 1
    try:
        assert told(nn.register(Buffered), (3, 4)) == []
    finally:
        torch7.registry._classes.pop("nn.Buffered"), torch7.registry._names.pop(Buffered)
        del nn.Buffered
    assert told(Case(Buffered, (3, 4), waive={"files": "not kept in files"})) == []


def test_a_module_keeps_the_parameters_that_it_is_checked_with():
    layer = Scale(4)
    layer.weight[:] = 7
    before = layer.weight.copy()
    assert told(layer, (3, 4))
    assert np.array_equal(layer.weight, before) and not layer.gradWeight.any()


class WrongSlope(Buffered):
    def updateGradInput(self, input, gradOutput):
        return np.multiply(2 * input**2, gradOutput, out=self.resizeGradInput(input, gradOutput))


class ForgetsScale(Scale):
    def accGradParameters(self, input, gradOutput, scale=1):
        self.gradWeight += (input * gradOutput).sum(0)


class Writes(Buffered):
    def updateOutput(self, input):
        output = np.power(input, 3, out=self.resizeOutput(input))
        input *= 1.0 + 1e-12
        return output


class Double(Scale):
    def updateOutput(self, input):
        self.output = input * self.weight.astype(np.float64)
        return self.output


@pytest.mark.parametrize(
    ("module", "check", "words"),
    [
        (WrongSlope(), "input_gradient", "finite differences"),
        (ForgetsScale(4), "direct_update", "as its gradient says"),
        (Writes(), "input_untouched", "left as they were"),
        (Double(4), "float_and_back", "single precision"),
    ],
)
def test_what_is_wrong_fails_with_what_was_asked(module, check, words):
    with pytest.raises(AssertionError) as info, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_module(module, (3, 4))
    assert check in info.value.__notes__[-1] and words in info.value.__notes__[-1]


def test_the_librarys_own_classes_get_no_advice(monkeypatch):
    monkeypatch.setattr(Scale, "__module__", "nn.simple.scale")
    with pytest.raises(AssertionError, match="allocated anew"):
        check_module(Case(lambda: Scale(4), (3, 4)))


def test_a_module_needs_an_input():
    with pytest.raises(TypeError, match="a module and an input"):
        check_module(Buffered())
