"""torch7.strict and recurrent networks: backward goes through the steps in reverse, each with its own input."""

import numpy as np
import pytest

import nn
import optim
import rnn  # noqa: F401
import torch7 as torch

X = [np.full((2, 3), float(t)) for t in range(1, 4)]
G = [np.ones((2, 2))] * 3
MAKERS = [
    lambda: nn.LSTM(3, 2),
    lambda: nn.GRU(3, 2),
    lambda: nn.Recursor(nn.Sequential().add(nn.FastLSTM(3, 2)).add(nn.Linear(2, 2))),
    lambda: nn.Recurrent(2, nn.Linear(3, 2), nn.Linear(2, 2), nn.Tanh()),
    lambda: nn.Sequential().add(nn.LSTM(3, 2)),
]


@pytest.fixture(autouse=True)
def strict():
    with torch.strict(True):
        yield


@pytest.mark.parametrize("make", MAKERS)
def test_steps_in_reverse_are_right(make):
    m = make()
    for _ in range(2):
        m.zeroGradParameters()
        for x in X:
            m.forward(x)
        for x, g in zip(X[::-1], G):
            m.backward(x, g)
        m.updateParameters(0.1)
        m.forget()


@pytest.mark.parametrize("make", MAKERS)
def test_steps_forwards_raise(make):
    m = make()
    for x in X:
        m.forward(x)
    with pytest.raises(torch.StrictError, match="its input is not that of the last forward"):
        m.backward(X[0], G[0])


def test_sequencer():
    m = nn.Sequencer(nn.LSTM(3, 2))
    for length in (3, 2, 3):
        m.forward(X[:length])
        m.backward(X[:length], G[:length])
    m.forward(X)
    with pytest.raises(torch.StrictError, match=r"nn.Sequencer.backward: its input is not that of the last forward"):
        m.backward(X[::-1], G)


def test_outputs_of_steps_are_kept_in_training_and_overwritten_in_evaluation():
    m, criterion = nn.LSTM(3, 2), nn.MSECriterion()
    outputs = [m.forward(x) for x in X]
    for y in outputs:
        criterion.forward(y, G[0])
    m.evaluate()
    m.forget()
    outputs = [m.forward(x) for x in X]
    with pytest.raises(torch.StrictError, match="overwritten"):
        criterion.forward(outputs[0], G[0])


def coupled(sequencer, lstm):
    lstm.setHiddenState(0, [np.ones((2, 2)), np.ones((2, 2))])
    return sequencer.forward(X)[0].copy()


def test_a_state_that_a_sequencer_forgets():
    """In silence it is lost, as in Lua; what remembers, evaluates or forgets by hand uses it."""
    lstm = nn.LSTM(3, 2)
    sequencer = nn.Sequencer(lstm)
    message = r"nn.LSTM: the state of setHiddenState\(0, ...\) is forgotten before it was used"
    with pytest.raises(torch.StrictError, match=message):
        coupled(sequencer, lstm)
    with torch.strict(False):
        assert (coupled(sequencer, lstm) == sequencer.forward(X)[0]).all()
    sequencer.remember("both")
    lstm.setHiddenState(0, [np.ones((2, 2)), np.ones((2, 2))])
    lstm.forget()
    kept = coupled(sequencer, lstm)
    sequencer.forget()
    assert not (kept == sequencer.forward(X)[0]).any()
    on = nn.AbstractRecurrent.forget
    with torch.strict(False):
        assert nn.AbstractRecurrent.forget is on.__wrapped__


def test_outputs_of_all_steps_may_be_counted():
    step = nn.Sequential().add(nn.LSTM(3, 3)).add(nn.Linear(3, 2)).add(nn.Dropout(0.5))
    m, confusion = nn.Recursor(step), optim.ConfusionMatrix(2)
    for _ in range(2):
        m.forget()
        for x in X:
            confusion.batchAdd(m.forward(x), np.ones(2))
        for x, g in zip(X[::-1], G):
            m.backward(x, g)
        m.zeroGradParameters()
    for x in X[:2]:
        m.forget()
        output = m.forward(x)
        if x is X[0]:
            confusion.batchAdd(output, np.ones(2))
    with pytest.raises(torch.StrictError, match=r"nn\.Recursor in training"):
        confusion.batchAdd(output, np.ones(2))
