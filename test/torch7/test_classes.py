import types

import numpy as np
import pytest

import nn
import torch7 as torch
from torch7 import registry
from torch7.serialization.values import Storage, TorchObject


def test_type_of_values():
    assert torch.type(torch.ones(1)) == "torch.DoubleTensor"
    assert torch.type(nn.Linear(1, 1)) == "nn.Linear"
    for value, name in [
        (1, "number"),
        (1.5, "number"),
        (np.float32(1), "number"),
        (True, "boolean"),
        (None, "nil"),
        ("a", "string"),
        (b"a", "string"),
        ([1], "table"),
        ({}, "table"),
        (len, "function"),
        (object(), "userdata"),
    ]:
        assert torch.type(value) == name
    assert torch.type((2, 3)) == "torch.LongStorage"
    assert torch.type(torch.Timer()) == "torch.Timer"


def test_typename_is_for_torch_objects():
    assert torch.typename(torch.ones(1)) == "torch.DoubleTensor"
    assert torch.typename(nn.Tanh()) == "nn.Tanh"
    for value in (1, "a", [1], nn.Tanh, object(), None):
        assert torch.typename(value) is None


def test_tensors_and_storages():
    assert torch.isTensor(torch.ones(1)) and not torch.isTensor([1])
    assert torch.isStorage(torch.ones(1).shape) and not torch.isStorage(torch.ones(1)) and not torch.isStorage((0.5,))


def test_values_from_files_have_their_names():
    storage = torch.deserialize(torch.serialize(Storage(np.ones(2))))
    assert torch.isStorage(storage) and torch.typename(storage) == "torch.DoubleStorage"
    record = TorchObject("my.Class")
    assert torch.type(record) == "my.Class" and torch.isTypeOf(record, "my.*")


def test_is_type_of():
    layer = nn.Linear(1, 1)
    for spec in ("nn.Linear", "nn.Module", "nn.Lin.*", nn.Linear, nn.Module):
        assert torch.isTypeOf(layer, spec)
    for spec in ("nn.Line", "nn.Tanh", "inear", nn.Tanh):
        assert not torch.isTypeOf(layer, spec)
    x = torch.ones(1)
    assert torch.isTypeOf(x, "torch.*Tensor") and torch.isTypeOf(x, torch.DoubleTensor)
    assert not torch.isTypeOf(x, torch.FloatTensor) and not torch.isTypeOf(x, "torch.Tensor")
    assert not torch.isTypeOf(x, torch.Tensor)
    assert not torch.isTypeOf(3, ".*") and not torch.isTypeOf(None, "nn.Module")


@pytest.fixture
def forget(monkeypatch):
    for table in ("_classes", "_names"):
        monkeypatch.setattr(registry, table, dict(getattr(registry, table)))
    before = dict(vars(nn))
    yield
    for name in set(vars(nn)) - set(before):
        if isinstance(vars(nn)[name], type):
            delattr(nn, name)


def test_class_registers_and_names(forget):
    @torch.class_("nn.Twice", "nn.Module")
    class Twice(nn.Module):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def updateOutput(self, input):
            self.output = input * self.factor
            return self.output

    assert nn.Twice is Twice and registry.find("nn.Twice") is Twice
    assert repr(nn.Twice(2)) == "nn.Twice"
    assert nn.Twice(2).forward(torch.ones(2)).tolist() == [2, 2]
    assert torch.isTypeOf(Twice(1), "nn.Module")
    assert not vars(torch.factory("nn.Twice")())
    assert torch.deserialize(torch.serialize(Twice(3))).factor == 3
    assert torch.getmetatable("nn.Twice") is Twice


def test_class_without_package_and_with_module(forget):
    package = types.ModuleType("mine")

    @torch.class_("mine.Thing", module=package)
    class Thing:
        pass

    assert package.Thing is Thing and torch.type(Thing()) == "mine.Thing"

    @torch.class_("Alone")
    class Alone:
        pass

    assert torch.type(Alone()) == "Alone"


def test_class_errors(forget):
    with pytest.raises(ValueError, match="nowhere is an invalid module name"):
        torch.class_("nowhere.X")
    with pytest.raises(ValueError, match=r"invalid parent class name nn\.Nothing"):
        torch.class_("nn.X", "nn.Nothing")
    with pytest.raises(ValueError, match=r"nn\.X is not derived from nn\.Module"):
        torch.class_("nn.X", "nn.Module")(type("X", (), {}))
    with pytest.raises(ValueError, match=r"nn\.Linear has been already assigned a factory"):
        torch.class_("nn.Linear")(type("Linear", (), {}))
    with pytest.raises(ValueError, match="unknown class"):
        torch.factory("nn.Nothing")
    assert torch.getmetatable("nn.Nothing") is None


@pytest.mark.parametrize(
    "spec, expected",
    [("^nn", True), ("Lin.ar", True), ("nn%.Linear$", True), (".*ear", True), ("nn.Lin", False), ("^nnx", False)],
)
def test_a_pattern_may_match_anywhere(spec, expected):
    assert torch.isTypeOf(nn.Linear(1, 1), spec) == expected


def test_a_pattern_for_tensors():
    x = np.ones(1, np.int64)
    assert torch.isTypeOf(x, ".*Long") and torch.isTypeOf(x, "torch.LongTensor") and not torch.isTypeOf(x, "torch.Long")
