"""The protocol of recurrent modules: steps, order of backward, truncation, states, modes, masks."""

from itertools import pairwise

import numpy as np
import pytest

import nn
import torch7 as torch

T, N, D, H = 4, 3, 5, 2

CELLS = {
    "LSTM": lambda: nn.LSTM(D, H),
    "FastLSTM": lambda: nn.FastLSTM(D, H),
    "GRU": lambda: nn.GRU(D, H),
    "MuFuRu": lambda: nn.MuFuRu(D, H),
    "Recurrent": lambda: nn.Recurrent(H, nn.Linear(D, H), nn.Linear(H, H)),
    "Recurrence": lambda: feedback(),
    "Recursor": lambda: nn.Recursor(nn.Sequential().add(nn.FastLSTM(D, H)).add(nn.Linear(H, H))),
}
STATED = ["LSTM", "FastLSTM", "GRU", "MuFuRu", "Recurrence"]
cells = pytest.mark.parametrize("name", CELLS)


def feedback():
    pair = nn.ParallelTable().add(nn.Linear(D, H)).add(nn.Linear(H, H))
    return nn.Recurrence(nn.Sequential().add(pair).add(nn.CAddTable()).add(nn.Tanh()), H, 1)


def made(name):
    torch.manualSeed(3)
    return CELLS[name]().training()


def sequence(steps=T, width=D):
    torch.manualSeed(4)
    return [torch.randn(N, width) for _ in range(steps)]


def gradients(module):
    return np.concatenate([g.ravel() for g in module.parameters()[1]])


def near(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


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


# -- remember

MODES = {"both": (True, True), "train": (True, False), "eval": (False, True), "neither": (False, False)}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("training", [True, False])
def test_remember(mode, training):
    x = sequence(6)
    whole = [y.copy() for y in nn.Sequencer(made("LSTM")).forward(x)]
    sequencer = nn.Sequencer(made("LSTM"))
    assert sequencer.remember(mode) is sequencer
    sequencer.training() if training else sequencer.evaluate()
    parts = [y.copy() for k in (0, 3) for y in sequencer.forward(x[k : k + 3])]
    lasts = MODES[mode][0 if training else 1]
    near(parts[:3], whole[:3])
    assert np.allclose(parts[3:], whole[3:]) == lasts


def test_remember_accepts_its_modes_alone():
    with pytest.raises(ValueError, match="unrecognized value for remember"):
        nn.Sequencer(nn.LSTM(2, 2)).remember("always")


def test_remember_reaches_all_sequencers():
    net = nn.Sequential().add(nn.BiSequencer(nn.LSTM(D, H))).add(nn.Sequencer(nn.LSTM(2 * H, H)))
    net.remember("both")
    bi = net.get(1)
    assert {m._remember for m in (bi, bi.fwdSeq, bi.bwdSeq, net.get(2))} == {"both"}


def test_a_change_of_mode_forgets():
    module = made("LSTM")
    sequencer = nn.Sequencer(module).remember("both").training()
    sequencer.forward(sequence())
    assert module.step == T + 1
    sequencer.evaluate()
    assert module.step == 1


# -- the state


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


# -- masks


def padded():
    x = sequence()
    x[0][:2], x[2][1] = 0, 0
    return x


@pytest.mark.parametrize("name", ["LSTM", "FastLSTM", "GRU"])
@pytest.mark.parametrize("mask", ["maskZero", "trimZero"])
def test_masked_samples_start_anew(name, mask):
    x, dy = padded(), sequence(width=H)
    module = getattr(made(name), mask)(1)
    sequencer = nn.Sequencer(module).training()
    outputs = [y.copy() for y in sequencer.forward(x)]
    sequencer.zeroGradParameters()
    gradInputs = sequencer.backward(x, dy)
    total = np.zeros_like(gradients(module))
    for n, runs in {0: [(1, 4)], 1: [(1, 2), (3, 4)], 2: [(0, 4)]}.items():
        for first, last in runs:
            plain = nn.Sequencer(made(name)).training()
            steps = [x[t][n : n + 1] for t in range(first, last)]
            near(plain.forward(steps), [outputs[t][n : n + 1] for t in range(first, last)])
            plain.zeroGradParameters()
            gradient = plain.backward(steps, [dy[t][n : n + 1] for t in range(first, last)])
            near(gradient, [gradInputs[t][n : n + 1] for t in range(first, last)])
            total += gradients(plain)
    assert not outputs[0][:2].any() and not outputs[2][1].any()
    near(gradients(module), total)


def test_a_batch_of_zeros_trains_nothing():
    module = nn.TrimZero(nn.Linear(D, H), 1)
    module.zeroGradParameters()
    assert not module.forward(np.zeros((N, D))).any()
    assert not module.backward(np.zeros((N, D)), np.ones((N, H))).any()
    assert not gradients(module).any()


def test_criterion_of_the_samples_that_are_not_masked():
    x, target = np.array([[1.0, 2], [0, 0], [3, 4]]), np.ones((3, 2))
    criterion = nn.MaskZeroCriterion(nn.MSECriterion(), 1)
    assert criterion.forward(x, target) == nn.MSECriterion().forward(x[[0, 2]], target[[0, 2]])
    gradient = criterion.backward(x, target)
    assert not gradient[1].any() and gradient[0].any() and gradient[2].any()
    assert criterion.zeroMask.tolist() == [1, 3]
    assert criterion.forward(x * 0, target) == 0 and not criterion.backward(x * 0, target).any()


def test_dropout_masks_need_mono_to_be_trimmed():
    with pytest.raises(ValueError, match="mono"):
        nn.GRU(D, H, None, 0.5).trimZero(1)
    nn.GRU(D, H, None, 0.5, True).trimZero(1)


# -- the rest


def test_rewards_go_to_the_last_steps():
    module = nn.Recursor(nn.ReinforceNormal(0.1)).training()
    x = sequence(3)
    for step in x:
        module.forward(step)
    rewards = [np.full(N, float(k)) for k in (1, 2)]
    module.reinforce(rewards)
    assert [module.sharedClones[t].reward is r for t, r in zip((2, 3), rewards)] == [True, True]
    module.reinforce(np.ones(N))
    assert all(clone.reward.tolist() == [1] * N for clone in module.sharedClones.values())
    with pytest.raises(RuntimeError, match="4 rewards"):
        module.reinforce([np.ones(N)] * 4)


def test_the_penalty_on_norms():
    stabilizer = nn.NormStabilizer(0.5).training()
    x, zero = sequence(3), np.zeros((N, D))
    for step in x:
        stabilizer.forward(step)
    gradInputs = [stabilizer.updateGradInput(x[t], zero).copy() for t in (2, 1, 0)][::-1]

    def penalty(steps):
        norms = [np.sqrt((s * s).sum(1)) for s in steps]
        return 0.5 * sum(((a - b) ** 2).mean() for a, b in pairwise(norms))

    np.testing.assert_allclose(stabilizer.updateLoss(), penalty(x) / 3)
    for t in range(3):
        moved = [s.copy() for s in x]
        moved[t][1, 2] += 1e-6
        np.testing.assert_allclose((penalty(moved) - penalty(x)) / 1e-6, gradInputs[t][1, 2], rtol=1e-4)


def test_dropout_has_one_mask_for_the_first_sequence():
    torch.manualSeed(1)
    module = nn.GRU(D, H, None, 0.5).training()
    for step in sequence():
        module.forward(step)
    masks = [[m.noise for m in clone.findModules("nn.Dropout")[0]] for clone in module.sharedClones.values()]
    assert len(masks[0]) == 6
    assert all(np.array_equal(a, b) for later in masks[1:] for a, b in zip(masks[0], later))


def test_migrate_a_gru_to_one_with_dropout():
    plain, dropping = made("GRU").evaluate(), nn.GRU(D, H, None, 0.25).evaluate()
    dropping.migrate(plain.parameters()[0])
    x = sequence()
    near(nn.Sequencer(dropping).evaluate().forward(x), nn.Sequencer(plain).evaluate().forward(x))


def test_a_long_sequence_in_evaluation_keeps_no_steps():
    module = made("LSTM").evaluate()
    x = sequence()[0]
    outputs = {id(module.forward(x)) for _ in range(300)}
    assert len(outputs) == 1 and len(module.sharedClones) == 1


def test_wrong_gradients_of_sequences():
    sequencer = nn.Sequencer(nn.LSTM(D, H))
    x = sequence()
    y = sequencer.forward(x)
    with pytest.raises(TypeError, match="expecting gradOutput table"):
        sequencer.backward(x, np.stack(y))
    with pytest.raises(ValueError, match="as many elements as input"):
        sequencer.backward(x, y[:2])
    sequencer.backward(x, y)


def test_attention_forwards_its_actions():
    pair = nn.ParallelTable().add(nn.Linear(D, H)).add(nn.Linear(2, H))
    see = nn.Sequential().add(pair).add(nn.CAddTable()).add(nn.LSTM(H, H))
    attention = nn.RecurrentAttention(see, nn.Linear(H, 2), 3, [H]).training()
    x = sequence()[0]
    hiddens = [h.copy() for h in attention.forward(x)]
    attention.forwardActions = True
    pairs = attention.forward(x)
    near([h for h, _ in pairs], hiddens)
    assert [a.shape for _, a in pairs] == [(N, 2)] * 3
    zeros = [[np.zeros_like(h), np.ones_like(a)] for h, a in pairs]
    attention.zeroGradParameters()
    assert attention.backward(x, zeros).any() and gradients(attention).any()


def test_recurrent_modules_inside_a_recurrence():
    torch.manualSeed(6)
    inside = nn.Sequential().add(nn.CAddTable()).add(nn.LSTM(H, H)).add(nn.NormStabilizer(0))
    pair = nn.ParallelTable().add(nn.Linear(D, H)).add(nn.Linear(H, H))
    module = nn.Sequencer(nn.Recurrence(nn.Sequential().add(pair).add(inside), H, 1))
    assert nn.Jacobian.testJacobian(module, np.stack(sequence())) < 1e-6
    weight, grad = module.parameters()
    assert nn.Jacobian.testJacobianParameters(module, np.stack(sequence()), weight[0], grad[0]) < 1e-6


def test_nested_tables():
    rnn = nn.rnn
    t = [np.ones(2), [np.zeros(3)]]
    copy = rnn.recursiveCopy(None, t)[0]
    assert rnn.recursiveTensorEq(copy, t) and copy[0] is not t[0]
    assert rnn.recursiveSum(rnn.recursiveAdd(copy, t)[0]) == 4
    assert [x.size for x in rnn.recursiveResizeAs(np.ones(1), [np.ones(2), np.ones(3)])[0]] == [2, 3]
    assert rnn.recursiveSet(None, t)[0][0] is t[0]
    assert len(rnn.recursiveCopy([np.ones(1)] * 3, [np.ones(1)])[0]) == 3
    assert rnn.recursiveNew(t)[0].size == 0
    assert not rnn.recursiveTensorEq(rnn.recursiveNormal(copy), t)
    with pytest.raises(TypeError, match="expecting nested"):
        rnn.recursiveCopy(None, "text")


def scorer(layer):
    torch.manualSeed(6)
    layers = {
        "Linear": lambda: nn.Sequential().add(nn.Linear(D, H)).add(nn.Tanh()).add(nn.Linear(H, 1)),
        "NCEModule": lambda: nn.NCEModule(D, 9, 2, np.ones(9), 1),
        "LSTM": lambda: nn.LSTM(D, H),
    }
    return nn.Sequencer(layers[layer]()).training()


@pytest.mark.parametrize("layer", ["Linear", "NCEModule", "LSTM"])
def test_the_gradient_step_in_one_is_that_through_gradients(layer):
    direct, expected = scorer(layer), scorer(layer)
    x = sequence()
    if layer == "NCEModule":
        x = [[step, np.array([1, 2, 2])] for step in x]
    for sequencer in (direct, expected):
        torch.manualSeed(7)
        outputs = sequencer.forward(x)
    gradOutput = [nn.utils.recursiveCopy(None, y)[0] for y in outputs]
    expected.zeroGradParameters()
    expected.backward(x, gradOutput)
    expected.updateParameters(0.1)
    for gradient in direct.parameters()[1]:
        gradient.fill(7)
    direct.backwardUpdate(x, gradOutput, 0.1)
    for a, b in zip(direct.parameters()[0], expected.parameters()[0]):
        near(a, b)
    untouched = all((gradient == 7).all() for gradient in direct.parameters()[1])
    assert untouched == (layer != "LSTM")
    with pytest.raises(RuntimeError):
        direct.accUpdateGradParameters(x, gradOutput, 0.1)
