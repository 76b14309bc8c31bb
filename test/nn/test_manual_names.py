"""Keywords that Torch's manual or code has for the constructors' parameters."""

import inspect

import numpy as np
import pytest

import nn
import rnn  # noqa: F401
from nn.manual_names import MANUAL

PAIRS = [(cls, other, own) for cls, names in MANUAL.items() for other, own in names.items()]


@pytest.mark.parametrize(("cls", "other", "own"), PAIRS)
def test_every_name_stands_for_a_parameter(cls, other, own):
    parameters = inspect.signature(getattr(nn, cls)).parameters
    assert own in parameters and other not in parameters


@pytest.mark.parametrize(
    ("by_name", "plain"),
    [
        (lambda: nn.Linear(inputDimension=3, outputDimension=2.0), lambda: nn.Linear(3, 2)),
        (lambda: nn.Linear(3, outputDimension=2, bias=False), lambda: nn.Linear(3, 2, False)),
        (lambda: nn.HardTanh(min_val=-2, max=3), lambda: nn.HardTanh(-2, 3)),
        (lambda: nn.Clamp(min_value=-2, max_value=3), lambda: nn.Clamp(-2, 3)),
        (lambda: nn.SpatialZeroPadding(padLeft=1, padTop=2), lambda: nn.SpatialZeroPadding(1, None, 2)),
        (lambda: nn.SpatialZeroPadding(pad_l=1, bottom=2), lambda: nn.SpatialZeroPadding(1, None, None, 2)),
        (lambda: nn.VolumetricReplicationPadding(pleft=2), lambda: nn.VolumetricReplicationPadding(2)),
        (
            lambda: nn.SpatialFractionalMaxPooling(2, 2, ratioW=0.5, ratioH=0.6),
            lambda: nn.SpatialFractionalMaxPooling(2, 2, 0.5, 0.6),
        ),
        (lambda: nn.BatchNormalization(N=4), lambda: nn.BatchNormalization(4)),
        (lambda: nn.Select(dim=1, index=2), lambda: nn.Select(1, 2)),
        (lambda: nn.FastLSTM(inputsize=3, outputsize=4), lambda: nn.FastLSTM(3, 4)),
        (lambda: nn.Threshold(th=1, v=2), lambda: nn.Threshold(1, 2)),
        (lambda: nn.AddConstant(constant_scalar=3), lambda: nn.AddConstant(3)),
        (lambda: nn.WeightedMSECriterion(w=np.ones(2)), lambda: nn.WeightedMSECriterion(np.ones(2))),
        (lambda: nn.SoftShrink(**{"lambda": 0.7}), lambda: nn.SoftShrink(0.7)),
    ],
)
def test_the_same_module(by_name, plain):
    a, b = by_name(), plain()
    assert repr(a) == repr(b)
    numbers = [{k: v for k, v in vars(m).items() if isinstance(v, int | float | str | bool)} for m in (a, b)]
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Linear(inputDimension=3, inputSize=3, outputSize=2),
        lambda: nn.HardTanh(min=1, min_val=1),
        lambda: nn.Linear(3, inputDimension=3, outputSize=2),
    ],
)
def test_the_same_parameter_twice(make):
    with pytest.raises(TypeError, match=r"same parameter|multiple values"):
        make()


def test_an_unknown_keyword():
    with pytest.raises(TypeError, match="unexpected keyword argument 'inputs'"):
        nn.Linear(inputs=3, outputSize=2)
