"""The protocol of recurrent modules: steps, order of backward, truncation, clones."""

import numpy as np
import pytest
from recurrent_cells import H, N, T, cells, gradients, made, near, sequence

import nn


@cells
def test_steps_one_by_one_are_the_sequence(name):
    x, dy = sequence(), sequence(width=H)
    sequencer = nn.Sequencer(made(name)).training()
    expected = [y.copy() for y in sequencer.forward(x)]
    sequencer.zeroGradParameters()
    expectedGradients = [g.copy() for g in sequencer.backward(x, dy)]
    module = made(name)
    outputs = [module.forward(step).copy() for step in x]
    module.zeroGradParameters()
    gradInputs = [module.backward(x[t], dy[t]).copy() for t in reversed(range(T))][::-1]
    near(outputs, expected)
    near(gradInputs, expectedGradients)
    near(gradients(module), gradients(sequencer))
    assert module.updateGradInputStep == 1 and sorted(k for k in module.outputs if k) == [1, 2, 3, 4]


@cells
def test_a_tensor_is_the_table_of_its_steps(name):
    x, dy = sequence(), sequence(width=H)
    table, tensor = nn.Sequencer(made(name)), nn.Sequencer(made(name))
    near(tensor.forward(np.stack(x)), table.forward(x))
    near(tensor.backward(np.stack(x), np.stack(dy)), table.backward(x, dy))
    near(gradients(tensor), gradients(table))


@cells
def test_evaluation_agrees_and_needs_no_clones(name):
    x = sequence()
    sequencer = nn.Sequencer(made(name))
    expected = [y.copy() for y in sequencer.forward(x)]
    module = made(name).evaluate()
    near(nn.Sequencer(module).evaluate().forward(x), expected)
    assert len(module.sharedClones) == 1


@cells
def test_the_order_of_backward(name):
    x, dy = sequence(), sequence(width=H)
    module = made(name)
    with pytest.raises(RuntimeError, match="at least one updateOutput"):
        module.backward(x[0], dy[0])
    module.forward(x[0])
    with pytest.raises(RuntimeError, match="Missing updateGradInput"):
        module.accGradParameters(x[0], dy[0])
    module.forward(x[1])
    module.backward(x[1], dy[1])
    with pytest.raises(RuntimeError, match="Missing updateGradInput"):
        module.accGradParameters(x[0], dy[0])
    module.backward(x[0], dy[0])
    with pytest.raises(RuntimeError, match="more backward than forward"):
        module.backward(x[0], dy[0])
    module.forget()
    with pytest.raises(RuntimeError, match="at least one updateOutput"):
        module.backward(x[0], dy[0])
    assert module.forward(x[0]).shape == (N, H)


@cells
def test_backward_after_another_forward_begins_at_the_last_step(name):
    x, dy = sequence(), sequence(width=H)
    module = made(name)
    module.forward(x[0])
    module.forward(x[1])
    module.backward(x[1], dy[1])
    module.forward(x[2])
    assert module.updateGradInputStep is None
    for t in (2, 1, 0):
        module.backward(x[t], dy[t])


@cells
def test_no_backward_in_evaluation(name):
    module = made(name).evaluate()
    x = sequence()[0]
    y = module.forward(x)
    with pytest.raises(RuntimeError, match="evaluation"):
        module.backward(x, y)


@cells
def test_rho_limits_the_steps_that_are_kept(name):
    x, dy = sequence(9), sequence(9, H)
    module = made(name)
    module.maxBPTTstep(2)
    outputs = [module.forward(step).copy() for step in x]
    assert len(module.sharedClones) <= 4
    near(outputs, [y.copy() for y in nn.Sequencer(made(name)).forward(x)])
    for t in (8, 7, 6):
        module.backward(x[t], dy[t])
    with pytest.raises(RuntimeError, match="rho is 2"):
        module.backward(x[5], dy[5])


def test_clones_move_along_with_a_remembering_sequencer():
    module = made("LSTM")
    sequencer = nn.Sequencer(module).remember().training()
    for _ in range(3):
        sequencer.forward(sequence(2))
    assert module.step == 7 and sorted(module.sharedClones) == [4, 5, 6] and sorted(module.outputs) == [3, 4, 5, 6]


@cells
def test_clones_share_the_parameters_through_getParameters_and_type(name):
    x, dy = sequence(), sequence(width=H)
    sequencer = nn.Sequencer(made(name)).training()
    sequencer.forward(x)
    flat, grad = sequencer.getParameters()
    flat *= 0.5
    other = nn.Sequencer(made(name)).training()
    for p in other.parameters()[0]:
        p *= 0.5
    near(sequencer.forward(x), other.forward(x))
    grad.fill(0)
    other.zeroGradParameters()
    near(sequencer.backward(x, dy), other.backward(x, dy))
    near(grad, gradients(other))
    single = sequencer.float().forward([step.astype(np.float32) for step in x])
    np.testing.assert_allclose(single, other.forward(x), rtol=1e-4, atol=1e-5)


@cells
def test_a_clone_that_shares_follows_in_all_steps(name):
    x = sequence()
    sequencer = nn.Sequencer(made(name))
    sequencer.forward(x)
    shared = sequencer.clone("weight", "bias", "gradWeight", "gradBias")
    for p in sequencer.parameters()[0]:
        p *= 2
    expected = [y.copy() for y in sequencer.forward(x)]
    near(shared.forward(x), expected)
