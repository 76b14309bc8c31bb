"""Sequencers and cells that change mode, kind and length of input, and type, in the middle of their life."""

import numpy as np
import pytest

import nn
import rnn  # noqa: F401
import torch7 as torch

LENGTHS = 3, 5, 2


def steps(T, N=2, D=3, seed=0):
    return list(np.random.default_rng(seed).normal(size=(T, N, D)))


def test_evaluation_after_training_gives_every_step_its_output():
    torch.manualSeed(1)
    module = nn.Sequencer(nn.Linear(1, 1))
    x = [np.array([float(t)]) for t in (1, 2, 3)]
    module.forward(x)
    module.evaluate()
    output = np.concatenate(module.forward(x))
    np.testing.assert_allclose(output, [0.82841361, 0.66245761, 0.49650161], atol=1e-8)


def test_a_change_of_mode_empties_a_table_of_outputs():
    module = nn.Sequencer(nn.Linear(3, 2))
    kept = module.forward(steps(3))
    assert module.evaluate().output == [] and len(kept) == 3
    kept = module.forward(steps(3))
    assert module.training().output == [] and len(kept) == 3


def test_buffers_of_evaluation_are_used_again_and_never_twice():
    module = nn.Sequencer(nn.Linear(3, 2)).evaluate()
    for T in (3, 1, 3, 2, 4):
        output = module.forward(steps(T, seed=T))
        tensors = [*output, *module._output]
        assert len({id(x) for x in tensors}) == len(tensors)
        expected = [module.module.recurrentModule.forward(x).copy() for x in steps(T, seed=T)]
        np.testing.assert_array_equal(output, expected)
    assert module.forward(steps(2)) is output


CELLS = {
    "Linear": lambda: nn.Linear(3, 4),
    "LSTM": lambda: nn.LSTM(3, 4),
    "FastLSTM": lambda: nn.FastLSTM(3, 4),
    "GRU": lambda: nn.GRU(3, 4),
    "MuFuRu": lambda: nn.MuFuRu(3, 4),
    "Recurrent": lambda: nn.Recurrent(4, nn.Linear(3, 4), nn.Linear(4, 4)),
    "Recurrence": lambda: nn.Recurrence(nn.Sequential().add(nn.JoinTable(1, 1)).add(nn.Linear(7, 4)), 4, 1),
    "stack": lambda: nn.Sequential().add(nn.GRU(3, 3)).add(nn.Linear(3, 3)).add(nn.LSTM(3, 4)),
}
MODES = ["neither", "train", "eval", "both"]


class Twin:
    """What a sequencer must give: a new one in training, over all that came since the last new sequence."""

    def __init__(self, module, remember):
        self.module, self.remember, self.training, self.past = module, remember, True, []

    def change(self, training):
        if training != self.training:
            self.training, self.past = training, []

    def forward(self, x):
        remembers = self.remember in ("both", "train" if self.training else "eval")
        self.past = [*(self.past if remembers else []), *x]
        return nn.Sequencer(self.module.clone()).forward(self.past)[-len(x) :]


@pytest.mark.parametrize("remember", MODES)
@pytest.mark.parametrize("name", CELLS)
def test_any_order_of_modes_kinds_and_lengths(name, remember):
    torch.manualSeed(3)
    cell = CELLS[name]()
    twin = Twin(cell.clone(), remember)
    module = nn.Sequencer(cell).remember(remember)
    rng = np.random.default_rng(MODES.index(remember))
    for i in range(12):
        training = bool(rng.integers(2))
        module.training() if training else module.evaluate()
        twin.change(training)
        x = steps(LENGTHS[rng.integers(3)], seed=i)
        expected = twin.forward(x)
        output = module.forward(x if rng.integers(2) else np.array(x))
        np.testing.assert_allclose(output, expected, rtol=1e-9, atol=1e-12, err_msg=f"forward {i}")
        if training and rng.integers(2):
            module.backward(x if isinstance(output, list) else np.array(x), output)
        act = rng.integers(4)
        if act == 0:
            module = module.clone()
        elif act == 1:
            module = torch.deserialize(torch.serialize(module))


def lazy(cls):
    module = cls(3, 4, None, 0.5) if cls is nn.GRU else cls(3, 4, None, None, 0.5)
    return module, next(m for m in module.listModules() if isinstance(m, nn.Dropout))


def test_gru_keeps_its_noise_over_a_conversion_and_lstm_draws_anew():
    for cls, kept in ((nn.GRU, True), (nn.LSTM, False)):
        module, dropout = lazy(cls)
        module.forward(np.ones((5, 3)))
        noise = dropout.noise.copy()
        module.float()
        module.forget()
        module.forward(np.ones((5, 3), np.float32))
        assert np.array_equal(dropout.noise, noise) == kept


def test_gru_goes_on_with_its_sequence_over_a_conversion():
    module, twin = nn.GRU(3, 4), None
    twin = module.clone()
    x = steps(4)
    module.forward(x[0])
    module.userNextGradOutput = np.ones((2, 4))
    module.float().double()
    twin.forward(x[0])
    np.testing.assert_allclose(module.forward(x[1]), twin.forward(x[1]), atol=1e-6)
    assert module.userNextGradOutput is not None


@pytest.mark.parametrize(
    "make, count",
    [
        (lambda: nn.GRU(3, 4), 42),
        (lambda: nn.GRU(3, 4, None, 0.5), 58),
        (lambda: nn.MuFuRu(3, 4), 62),
        (lambda: nn.LSTM(3, 4), 67),
        (lambda: nn.FastLSTM(3, 4), 41),
    ],
)
def test_cells_are_made_of_as_many_modules_as_in_torch(make, count):
    assert len(make().listModules()) == count


@pytest.mark.parametrize("shapes", [("bf", "bf"), ("bchw", "bf"), ("chw", "f"), ("fb", "bf"), ("bf", "b"), ("b", "bt")])
def test_convert_holds_one_module_after_a_forward(shapes):
    module = nn.Convert(*shapes)
    assert len(module.listModules()) == 1
    module.forward(np.ones((2, 1, 2, 2)[: len(module.inputShape)]))
    assert len(module.listModules()) == 2
