"""The hidden state of recurrent modules: carried over, set, with gradients."""

import numpy as np
import pytest
from recurrent_cells import STATED, D, H, N, T, made, near, sequence

import nn


@pytest.mark.parametrize("name", STATED)
def test_the_state_carries_a_sequence_over(name):
    x = sequence(6)
    module = made(name).evaluate()
    whole = [module.forward(step).copy() for step in x]
    first, second = made(name).evaluate(), made(name).evaluate()
    for step in x[:3]:
        first.forward(step)
    state = first.getHiddenState(3)
    second.setHiddenState(0, state)
    near([second.forward(step).copy() for step in x[3:]], whole[3:])
    second.forget()
    near(second.forward(x[3]), whole[3])  # in evaluation the start stays


@pytest.mark.parametrize("name", ["LSTM", "FastLSTM", "GRU"])
def test_gradients_in_the_users_fields_join_two_halves(name):
    x, dy = sequence(), sequence(width=H)
    whole, early, late = made(name), made(name), made(name)
    for step in x:
        whole.forward(step)
    expected = [whole.backward(x[t], dy[t]).copy() for t in reversed(range(T))]
    for step in x[:2]:
        early.forward(step)
    assert late.userGradPrevOutput is None
    late.userPrevOutput, late.userPrevCell = early.output.copy(), getattr(early, "cell", None)
    for step in x[2:]:
        late.forward(step)
    parts = [late.backward(x[t], dy[t]).copy() for t in (3, 2)]
    early.gradPrevOutput, early.userNextGradCell = late.userGradPrevOutput, late.userGradPrevCell
    near(parts + [early.backward(x[t], dy[t]).copy() for t in (1, 0)], expected)


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_the_gradient_by_the_state_joins_two_halves(name):
    x, dy = sequence(), sequence(width=H)
    whole = made(name)
    for step in x:
        whole.forward(step)
    expected = [whole.backward(x[t], dy[t]).copy() for t in reversed(range(T))]
    early, late = made(name), made(name)
    for step in x[:2]:
        early.forward(step)
    late.setHiddenState(0, early.getHiddenState(2))
    for step in x[2:]:
        late.forward(step)
    parts = [late.backward(x[t], dy[t]).copy() for t in (3, 2)]
    early.setGradHiddenState(2, late.getGradHiddenState(0))
    parts += [early.backward(x[t], dy[t]).copy() for t in (1, 0)]
    near(parts, expected)


def test_states_that_the_user_sets_last():
    x = sequence(1)[0]
    module = made("LSTM")
    module.userPrevOutput, module.userPrevCell = np.ones((N, H)), np.ones((N, H))
    y = module.forward(x).copy()
    assert not np.allclose(y, made("LSTM").forward(x))
    near(module.forget().forward(x), y)
    module.clearState()
    near(module.forward(x), made("LSTM").forward(x))


def test_states_that_are_none():
    module = made("LSTM")
    with pytest.raises(TypeError, match="two tensors"):
        module.setHiddenState(0, np.ones((N, H)))
    with pytest.raises(RuntimeError, match="no state of step 5"):
        module.getHiddenState(5)
    with pytest.raises(RuntimeError, match="no output for step 2"):
        module.setOutputStep(2)
    with pytest.raises(NotImplementedError):
        made("Recurrent").getHiddenState(0)


def test_containers_have_lists_of_states():
    net = nn.Sequential().add(nn.Linear(D, D)).add(nn.LSTM(D, H)).evaluate()
    net.forward(sequence()[0])
    linear, state = net.getHiddenState(1)
    assert linear is None and [s.shape for s in state] == [(N, H), (N, H)]
    net.setHiddenState(0, [None, state])
    with pytest.raises(TypeError):
        net.setHiddenState(0, state[0])


def test_a_state_of_another_width():
    lstm = nn.LSTM(2, 2)
    lstm.userPrevOutput, lstm.userPrevCell = np.ones((1, 2)), np.ones((1, 3))
    with pytest.raises(ValueError, match="a state has 3 numbers a sample instead of the output's"):
        lstm.forward(np.ones((1, 2)))
