"""Recurrent modules together with others: rewards, norms, dropout, attention, nesting."""

from itertools import pairwise

import numpy as np
import pytest
from recurrent_cells import D, H, N, gradients, made, near, sequence

import nn
import torch7 as torch


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


def test_rewards_before_a_forward_go_to_the_first_steps():
    module = nn.Recursor(nn.ReinforceNormal(0.1)).training()
    rewards = [np.full(N, float(k)) for k in (1, 2, 3)]
    module.reinforce(dict(enumerate(rewards, 1)))
    assert [module.getStepModule(t).reward is r for t, r in enumerate(rewards, 1)] == [True] * 3


def test_other_containers_may_borrow_the_methods_for_clones():
    class Clones(nn.Container):
        training, evaluate = nn.AbstractRecurrent.training, nn.AbstractRecurrent.evaluate
        reinforce = nn.AbstractRecurrent.reinforce

    module, clones = Clones().add(nn.Linear(2, 2)), [nn.ReinforceNormal(0.1), nn.ReinforceNormal(0.1)]
    module.sharedClones = clones
    module.evaluate()
    assert [m.train for m in (module, module.get(1), *clones)] == [False] * 4 and module.sharedClones is clones
    module.reinforce(np.ones(3))
    assert [clone.reward.sum() for clone in clones] == [3, 3] and module.training().size() == 1


def test_a_criterion_of_a_program_sets_its_own_later():
    class Late(nn.SequencerCriterion):
        def __init__(self, criterion):
            super().__init__(None)
            self.criterion = criterion

    x, y = sequence(3), sequence(3)
    whole = nn.SequencerCriterion(nn.MSECriterion())
    assert Late(nn.MSECriterion()).forward(x, y) == whole.forward(x, y)
    with pytest.raises(TypeError, match="expecting a criterion"):
        nn.SequencerCriterion(None)


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
