"""Steps of LSTM, FastLSTM and GRU by few kernels: the network's numbers and buffers, and when it runs by itself."""

import tracemalloc

import numpy as np
import pytest

import nn
import torch7 as torch
from rnn import fast_lstm, gru, lstm, recurrent_cell

T, N, D, H = 4, 5, 6, 7
LIMIT = 20_000  # bytes, where one array for each step would be far more
CELLS = {
    "LSTM": lambda: nn.LSTM(D, H),
    "LSTM without peepholes": lambda: nn.LSTM(D, H, None, False),
    "FastLSTM": lambda: nn.FastLSTM(D, H),
    "GRU": lambda: nn.GRU(D, H),
}
cells = pytest.mark.parametrize("name", CELLS)


def graph_of(*sizes):
    nn.FastLSTM.usenngraph = True
    try:
        return nn.FastLSTM(*sizes)
    finally:
        nn.FastLSTM.usenngraph = False


def pair(name, change=lambda cell: None, dtype="double"):
    """A cell that runs fused and one with the same parameters that does not, both changed alike."""
    made = []
    for fused in (True, False):
        torch.manualSeed(4)
        cell = getattr(CELLS[name](), dtype)().training()
        cell.fused = fused
        change(cell)
        made.append(cell)
    return made


def drawn(shape, seed, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def trained(cell, rounds=3, batch=N):
    """All that some iterations through a Sequencer give."""
    sequencer, results = nn.Sequencer(cell).training(), []
    for k in range(rounds):
        x, dy = drawn((T, batch, D), k, cell._dtype), drawn((T, batch, H), k + 9, cell._dtype)
        sequencer.zeroGradParameters()
        results += [sequencer.forward(x).copy(), sequencer.backward(x, dy, 0.5).copy()]
        results += [g.copy() for g in sequencer.parameters()[1]]
        sequencer.updateParameters(0.1)
    results += [p.copy() for p in sequencer.parameters()[0]]
    results.append(sequencer.evaluate().forward(x).copy())
    return results


def fused_steps(cell):
    return [step for step in (cell._fusedSteps or {}).values() if step.ran_forward]


def near(ours, theirs, tolerance=1e-12):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@cells
@pytest.mark.parametrize("dtype, tolerance", [("double", 1e-12), ("float", 2e-5)])
def test_the_numbers_of_the_network(name, dtype, tolerance):
    fused, whole = pair(name, dtype=dtype)
    near(trained(fused), trained(whole), tolerance)
    assert len(fused_steps(fused)) == T and not whole._fusedSteps


@cells
@pytest.mark.parametrize("dtype", ["double", "float"])
def test_the_first_network_of_a_process_has_the_numbers_of_the_next(name, dtype):
    """Bit for bit: with the first one the kernels are compared, and proved for all."""
    recurrent_cell.pattern.cache_clear()
    first, second = (trained(pair(name, dtype=dtype)[0]) for _ in range(2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


@cells
def test_evaluation_on_one_network(name):
    """The state is in the network's own buffers, which the next step overwrites."""
    fused, whole = pair(name)
    for cell in (fused, whole):
        cell.evaluate()
        cell.results = [cell.forward(drawn((N, D), t)).copy() for t in range(T)]
    near(fused.results, whole.results)
    assert fused_steps(fused)


@cells
@pytest.mark.parametrize("masked", ["maskZero", "trimZero"])
def test_masked_samples(name, masked):
    fused, whole = pair(name, lambda cell: getattr(cell, masked)(1))
    x, dy = drawn((T, N, D), 1), drawn((T, N, H), 2)
    x[0, :2] = x[2, 3] = 0
    for cell in (fused, whole):
        sequencer = nn.Sequencer(cell).training()
        for _ in range(2):
            sequencer.zeroGradParameters()
            cell.results = [sequencer.forward(x).copy(), sequencer.backward(x, dy).copy()]
        cell.results += sequencer.parameters()[1]
    near(fused.results, whole.results)
    assert len(fused_steps(fused)) == (T if masked == "maskZero" else 0)
    assert all(type(clone.modules[0]) is nn.Sequential for clone in fused.sharedClones.values())


def test_batch_normalization_runs_by_itself():
    nn.FastLSTM.bn = True
    try:
        cell = nn.FastLSTM(D, H).training()
        cell.forward(drawn((N, D), 1))
    finally:
        nn.FastLSTM.bn = False
    cell.forward(drawn((N, D), 2))
    assert not fused_steps(cell)


@cells
def test_batches_of_other_sizes(name):
    fused, whole = pair(name)
    for batch in (1, 40, 3):
        near(trained(fused, 3, batch), trained(whole, 3, batch))
        assert fused_steps(fused)
    for batch in (4, 5, 4, 5):
        near(trained(fused, 1, batch), trained(whole, 1, batch))


@cells
def test_outputs_inside_are_those_of_the_network(name):
    fused, whole = pair(name)
    for cell in (fused, whole):
        for k in range(3):
            cell.forget()
            for t in range(T):
                cell.forward(drawn((N, D), 10 * k + t))
    assert len(fused_steps(fused)) == T
    for step in range(1, T + 1):
        modules = [cell.sharedClones[step].listModules() for cell in (fused, whole)]
        for mine, theirs in zip(*modules):
            if type(mine) is not nn.Dropout:
                same(mine.output, theirs.output)
    near(list(fused.outputs.values()), list(whole.outputs.values()))


def same(mine, theirs):
    if isinstance(theirs, list):
        assert len(mine) == len(theirs)
        for a, b in zip(mine, theirs):
            same(a, b)
    else:
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)


def replace_function(cell):
    """The last Tanh of the network, by another function."""
    container = [c for c in cell.recurrentModule.listModules() if type(getattr(c, "modules", [0])[-1]) is nn.Tanh][-1]
    container.modules[-1] = nn.SoftSign()


def override(cell):
    linear = cell.recurrentModule.findModules(nn.Linear)[0][0]
    plain = type(linear).updateOutput
    linear.updateOutput = lambda x: plain(linear, 2 * x)


def drop(cell):
    """A Dropout that was not there."""
    cell.recurrentModule.insert(nn.Identity(), 1)


@cells
@pytest.mark.parametrize("change", [replace_function, override, drop])
def test_a_changed_network_runs_by_itself(name, change):
    fused, whole = pair(name, change)
    near(trained(fused), trained(whole))
    assert not fused_steps(fused)


@cells
@pytest.mark.parametrize("change", [replace_function, drop])
def test_a_change_after_steps_that_were_fused(name, change):
    fused, whole = pair(name)
    near(trained(fused), trained(whole))
    for cell in (fused, whole):
        cell.training()
        for clone in cell.sharedClones.values():
            holder = type("Holder", (), {"recurrentModule": clone})
            change(holder)
    near(trained(fused), trained(whole))
    assert not fused_steps(fused)


def test_probability_set_later():
    fused, whole = pair("LSTM")
    near(trained(fused, 1), trained(whole, 1))
    for cell in (fused, whole):
        for clone in cell.sharedClones.values():
            for dropout in clone.findModules(nn.Dropout)[0]:
                dropout.setp(0.5)
    for cell in (fused, whole):
        torch.manualSeed(8)
        cell.results = trained(cell, 1)
    near(fused.results, whole.results)
    assert not fused_steps(fused)


@cells
def test_a_change_between_the_passes(name):
    """Backward of the network itself follows a forward by kernels, and its second half a first half by kernels."""
    fused, whole = pair(name)
    x, dy = [drawn((N, D), t) for t in range(T)], [drawn((N, H), t + 5) for t in range(T)]
    for cell in (fused, whole):
        cell.zeroGradParameters()
        for t in range(T):
            cell.forward(x[t])
        near(cell.outputs[T][None], cell.output[None])
        for t in range(T - 1, 1, -1):
            cell.updateGradInput(x[t], dy[t])
        for clone in cell.sharedClones.values():
            clone.findModules(nn.Linear)[0][0].note = "changed"
        for t in range(1, -1, -1):
            cell.updateGradInput(x[t], dy[t])
        for t in range(T - 1, -1, -1):
            cell.accGradParameters(x[t], dy[t])
    near(fused.parameters()[1], whole.parameters()[1])
    near(list(fused.gradInputs.values()), list(whole.gradInputs.values()))


@cells
def test_parameters_and_gradients_may_move(name):
    fused, whole = pair(name)
    near(trained(fused, 1), trained(whole, 1))
    flat = [cell.training().getParameters() for cell in (fused, whole)]
    near(trained(fused, 1), trained(whole, 1))
    near(*flat)
    assert fused_steps(fused)
    near(trained(fused.clone()), trained(whole.clone()))
    near(trained(fused.float()), trained(whole.float()), 2e-5)


@cells
def test_states_and_views_that_kernels_cannot_take(name):
    fused, whole = pair(name)
    for cell in (fused, whole):
        cell.userPrevOutput = drawn((H, N), 1).T
        cell.results = [cell.forward(drawn((D, N), 2).T).copy(), cell.forward(drawn((N, 2 * D), 3)[:, ::2]).copy()]
        cell.forget()
        cell.userPrevOutput = None
        cell.results.append(cell.forward(drawn(D, 4)).copy())
    near(fused.results, whole.results)


@cells
def test_a_class_whose_method_was_replaced(name, monkeypatch):
    """The kernels are compared with the network before they take its place."""

    def softer(self, input):
        return np.divide(input, 1 + np.abs(input), out=self.resizeOutput(input))

    monkeypatch.setattr(nn.Tanh, "updateOutput", softer)
    monkeypatch.setattr(recurrent_cell, "pattern", recurrent_cell.pattern.__wrapped__)
    for module in (lstm, fast_lstm, gru):
        monkeypatch.setattr(module, "pattern", recurrent_cell.pattern)
    fused, whole = pair(name)
    for cell in (fused, whole):
        cell.evaluate()
        cell.results = [cell.forward(drawn((N, D), t)).copy() for t in range(T)]
    near(fused.results, whole.results)
    assert not fused_steps(fused)


def test_classes_that_build_another_network_run_by_themselves():
    class Own(nn.LSTM):
        def buildHidden(self):
            hidden = super().buildHidden()
            hidden.modules[-1] = nn.SoftSign()
            return hidden

    torch.manualSeed(4)
    cell = Own(D, H).training()
    plain = nn.LSTM(D, H).training()
    for mine, theirs in zip(cell.parameters()[0], plain.parameters()[0]):
        mine[...] = theirs
    x = drawn((N, D), 1)
    assert np.abs(cell.forward(x) - plain.forward(x)).max() > 1e-4
    assert not cell._fusedSteps


def test_random_numbers_are_not_used_up():
    torch.manualSeed(4)
    cell = nn.GRU(D, H + 1).evaluate()
    state = torch.getRNGState()
    for _ in range(3):
        cell.forward(drawn((N, D), 1))
    assert np.array_equal(state, torch.getRNGState()) and fused_steps(cell)


def grown(step, count=200):
    """Bytes that so many steps leave behind, after as many before them."""
    for _ in range(count):
        step()
    tracemalloc.start()
    step()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(count):
        step()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("name", ["FastLSTM", "GRU"])
def test_memory_of_long_sequences(name, fused):
    cell = CELLS[name]()
    cell.fused = fused
    sequencer = nn.Sequencer(cell).remember("both").evaluate()
    x = drawn((5, N, D), 1)
    assert grown(lambda: sequencer.forward(x)) < LIMIT
    assert len(cell.outputs) <= 7
    sequencer.training()
    assert grown(lambda: sequencer.backward(x, sequencer.forward(x))) < LIMIT
    assert len(cell.sharedClones) == 6 and len(cell._fusedSteps or {}) == (6 if fused else 0)


def test_memory_of_single_steps():
    cell = nn.FastLSTM(D, H, 5).evaluate()
    x = drawn((N, D), 1)
    assert grown(lambda: cell.forward(x), 2000) < LIMIT
    assert len(cell.outputs) == 7 and cell.step == 4002


@pytest.mark.parametrize("change", [lambda cell: None, lambda cell: cell.maskZero(1), nn.FastLSTM.evaluate])
def test_fast_lstm_as_a_graph(change):
    graph, plain = graph_of(D, H), nn.FastLSTM(D, H)
    assert torch.typename(graph.recurrentModule) == "nn.gModule" and not nn.FastLSTM.usenngraph
    for cell in (graph, plain):
        for ours, theirs in zip(cell.parameters()[0], graph.parameters()[0]):
            ours[...] = theirs
        change(cell)
    if graph.train is False:
        ours, theirs = ([cell.forward(drawn((N, D), t)).copy() for t in range(T)] for cell in (graph, plain))
        near(ours, theirs)
        near(graph.forget().forward(drawn(D, 9)), plain.forget().forward(drawn(D, 9)))
    else:
        near(trained(graph), trained(plain))
    assert len(fused_steps(graph)) == len(fused_steps(plain))
