"""Names in files: variants told by their fields, and a program's own classes of the same names."""

import numpy as np
import pytest

import nn
import nnx
import rnn
import torch7 as torch
from nn import elsewhere
from torch7 import registry


@pytest.fixture
def names(monkeypatch):
    """Names that a test gives are forgotten after it."""
    for table in ("_classes", "_names", "_variants"):
        monkeypatch.setattr(registry, table, dict(getattr(registry, table)))
    held = dict(vars(nn))
    yield
    for name in set(vars(nn)) - set(held):
        delattr(nn, name)
    vars(nn).update(held)


def copied(module):
    return torch.deserialize(torch.serialize(module))


def test_classes_of_one_name_are_told_apart():
    ours, theirs = copied(nnx.torch_rnn.LSTM(2, 3)), copied(nn.LSTM(2, 3))
    assert type(ours) is nnx.torch_rnn.LSTM and type(theirs) is rnn.LSTM is nn.LSTM
    assert torch.typename(ours) == torch.typename(theirs) == "nn.LSTM"
    assert torch.isTypeOf(ours, "nn.LSTM") and torch.isTypeOf(ours, "nn.SeqLSTM")
    assert type(copied(nnx.torch_rnn.GRU(2, 3))) is nnx.torch_rnn.GRU and type(copied(nn.GRU(2, 3))) is rnn.GRU


def test_a_name_without_a_package():
    module = nnx.OneHot(4)
    data = torch.serialize(module)
    assert b"_eye" in data and torch.typename(module) == "OneHot"
    assert (copied(module).forward(np.array([2.0])) == [[0, 1, 0, 0]]).all()
    old = torch.deserialize(data.replace(b"outputSize", b"outputsIze"))
    assert old.outputSize == 4


class OwnPadding(nn.Module):
    pass


def test_a_class_of_ones_own_takes_the_place(names):
    OwnPadding.__name__ = "SpatialPadding"
    data = torch.serialize(nnx.SpatialPadding(1))
    with pytest.warns(UserWarning, match=r"nn.SpatialPadding is .*OwnPadding now, no longer nnx"):
        nn.register(OwnPadding)
    assert nn.SpatialPadding is OwnPadding and type(torch.deserialize(data)) is OwnPadding


def test_it_stays_when_the_package_comes_later(names):
    OwnPadding.__name__ = "SpatialPadding"
    del registry._classes["nn.SpatialPadding"], nn.SpatialPadding
    nn.register(OwnPadding)
    with pytest.warns(UserWarning, match=r"nn.SpatialPadding stays .*OwnPadding; nnx"):
        nn.register(nnx.SpatialPadding)
    assert nn.SpatialPadding is OwnPadding
    assert torch.typename(nnx.SpatialPadding(1)) == "nn.SpatialPadding"


def test_a_class_of_nn_is_overridden_only_where_asked(names):
    class Linear(nn.Module):
        pass

    with pytest.raises(ValueError, match="already"):
        nn.register(Linear)
    with pytest.warns(UserWarning, match=r"nn.Linear is .*Linear now, no longer nn.simple"):
        nn.register(override=True)(Linear)
    assert nn.Linear is Linear
    nn.register(Linear)  # the same again


def test_an_own_lstm_wins_over_the_variant(names):
    class LSTM(nn.Module):
        def __init__(self, input_dim, hidden_dim):
            super().__init__()
            self.input_dim, self.hidden_dim = input_dim, hidden_dim

    data = torch.serialize(nnx.torch_rnn.LSTM(2, 3))
    with pytest.warns(UserWarning, match="nn.LSTM is"):
        nn.register(LSTM, override=True)
    assert type(torch.deserialize(data)) is LSTM


def test_nn_tells_who_has_a_class():
    held = {name: getattr(nnx, name) for name in (*vars(nnx), *nnx._LAZY) if name != "Any"}
    ours = {name for name, cls in held.items() if isinstance(cls, type) and getattr(nn, name, None) is cls}
    assert set(elsewhere.CLASSES["nnx"]) == ours
