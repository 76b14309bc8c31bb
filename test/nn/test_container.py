"""nn.Container and nn.Sequential: what is passed on, errors with their place, editing the list of modules."""

import numpy as np
import pytest

import nn
import torch7 as torch


class Broken(nn.Module):
    """Fails in the methods named."""

    def __init__(self, *methods):
        super().__init__()
        for name in methods:
            setattr(self, name, self.fail)

    def fail(self, *args):
        raise RuntimeError("broken")

    def updateOutput(self, input):
        return input

    def updateGradInput(self, input, gradOutput):
        return gradOutput


def net():
    torch.manualSeed(1)
    return nn.Sequential().add(nn.Linear(3, 4)).add(nn.Tanh()).add(nn.Linear(4, 2))


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((5, 3))


class TestContainer:
    def test_list(self):
        a, b = nn.Tanh(), nn.Identity()
        c = nn.Container()
        assert c.add(a) is c and c.add(b) is c
        assert c.get(1) is a and c.get(2) is b
        assert c.get(0) is c.get(3) is c.get(-1) is None
        assert c.size() == len(c) == 2
        assert nn.Container() and len(nn.Container()) == 0, "an empty container is no false value"

    def test_modes_reach_every_module(self):
        c = nn.Sequential().add(nn.Sequential().add(nn.Dropout()))
        assert c.evaluate() is c
        assert [m.train for m in c.listModules()] == [False] * 3
        assert c.training() is c
        assert [m.train for m in c.listModules()] == [True] * 3

    def test_reset_draws_in_order(self):
        c = net()
        torch.manualSeed(1)
        before = [p.copy() for p in c.parameters()[0]]
        assert c.reset() is c
        assert all(map(np.array_equal, before, c.parameters()[0]))
        c.reset(0.01)
        assert np.abs(c.get(1).weight).max() <= 0.01 * 3**0.5

    def test_parameters_are_two_lists(self):
        assert nn.Container().parameters() == ([], [])
        weights, grads = net().parameters()
        assert [w.shape for w in weights] == [g.shape for g in grads] == [(4, 3), (4,), (2, 4), (2,)]

    def test_share_goes_by_position(self):
        a, b = net(), net()
        assert a.share(b, "weight") is a
        assert a.get(3).weight is b.get(3).weight and a.get(1).bias is not b.get(1).bias
        assert a.get(1).shared and not a.shared
        with pytest.raises(ValueError, match="cannot share 3 modules with 1"):
            a.share(nn.Sequential().add(nn.Linear(3, 4)), "weight")

    def test_clearState_makes_new_buffers(self, x):
        c = net()
        held = c.forward(x)
        c.backward(x, np.ones((5, 2)))
        assert c.clearState() is c
        assert held.shape == (5, 2)
        assert c.output.size == c.gradInput.size == c.get(2).output.size == 0

    def test_rethrowErrors_calls_and_passes_the_result_on(self, x):
        c = net()
        assert c.rethrowErrors(c.get(1), 1, "updateOutput", x) is c.get(1).output


class TestErrors:
    def test_the_place_is_noted_outermost_first(self, x):
        c = (
            nn.Sequential()
            .add(nn.Identity())
            .add(nn.Concat(2).add(nn.Sequential().add(nn.Linear(3, 2)).add(nn.Linear(3, 2))))
        )
        with pytest.raises(ValueError, match="size mismatch") as caught:
            c.forward(x)
        assert caught.value.__notes__ == [
            "In 2 module of nn.Sequential:",
            "In 1 module of nn.Concat:",
            "In 2 module of nn.Sequential:",
        ]

    @pytest.mark.parametrize("method", ["updateOutput", "updateGradInput", "accGradParameters", "backward"])
    @pytest.mark.parametrize("position", [1, 2, 3])
    def test_every_pass_and_position(self, x, method, position):
        c = nn.Sequential()
        for i in (1, 2, 3):
            c.add(Broken(method) if i == position else Broken())
        with pytest.raises(RuntimeError, match="broken") as caught:
            c.forward(x)
            c.updateGradInput(x, x)
            c.accGradParameters(x, x)
            c.backward(x, x)
        assert caught.value.__notes__ == [f"In {position} module of nn.Sequential:"]

    @pytest.mark.parametrize(
        ("container", "input"),
        [
            (lambda: nn.Concat(1), (3,)),
            (lambda: nn.DepthConcat(1), (3,)),
            (lambda: nn.Parallel(1, 1), (2, 3)),
            (nn.ConcatTable, (3,)),
            (nn.ParallelTable, [(3,), (3,)]),
            (lambda: nn.MapTable(Broken("updateOutput")), [(3,), (3,)]),
        ],
    )
    def test_every_container(self, container, input):
        c = container()
        if not c.modules:
            c.add(nn.Identity()).add(Broken("updateOutput"))
        position = 1 if isinstance(c, nn.MapTable) else 2
        data = [np.zeros(s) for s in input] if isinstance(input, list) else np.zeros(input)
        with pytest.raises(RuntimeError) as caught:
            c.forward(data)
        assert caught.value.__notes__ == [f"In {position} module of {repr(c).split()[0]}:"]

    def test_the_network_trains_on_after_an_error(self, x):
        c = net()
        expected = c.forward(x).copy()
        for bad in (x[:, :2], x.astype(np.float32), None, [x]):
            with pytest.raises((ValueError, TypeError)):
                c.forward(bad)
        with pytest.raises(ValueError, match="gradOutput"):
            c.forward(x)
            c.backward(x, np.ones((5, 3)))
        c.zeroGradParameters()
        assert np.array_equal(c.forward(x), expected)
        c.backward(x, np.ones((5, 2)))
        fresh = net()
        fresh.zeroGradParameters()
        fresh.forward(x)
        fresh.backward(x, np.ones((5, 2)))
        assert all(map(np.array_equal, c.parameters()[1], fresh.parameters()[1]))


class TestSequential:
    def test_an_empty_one_is_the_identity(self, x):
        c = nn.Sequential()
        assert c.forward(x) is x and c.backward(x, x + 1)[0, 0] == x[0, 0] + 1
        assert repr(c) == "nn.Sequential {\n  [input -> output]\n}"

    def test_output_and_gradInput_are_those_of_the_ends(self, x):
        c = net()
        assert c.output is c.get(3).output and c.gradInput is c.get(1).gradInput
        c.forward(x)
        c.backward(x, np.ones((5, 2)))
        assert c.output is c.get(3).output and c.gradInput is c.get(1).gradInput

    def test_insert_and_remove(self, x):
        c = net()
        c.insert(nn.Identity(), 1)
        c.insert(nn.ReLU())
        assert [type(m).__name__ for m in c.modules] == ["Identity", "Linear", "Tanh", "Linear", "ReLU"]
        c.remove(1)
        c.remove()
        assert [type(m).__name__ for m in c.modules] == ["Linear", "Tanh", "Linear"]
        assert c.output is c.get(3).output
        for index in (0, 5, -1):
            with pytest.raises(IndexError, match="contiguous"):
                c.insert(nn.Tanh(), index)
        for index in (0, 4, -1):
            with pytest.raises(IndexError, match="out of range"):
                c.remove(index)
        for _ in range(3):
            c.remove()
        assert c.size() == 0 and c.output.size == c.gradInput.size == 0
        with pytest.raises(IndexError, match="out of range"):
            c.remove()

    def test_backward_runs_from_the_last_to_the_first(self, x):
        order = []

        class Noting(nn.Identity):
            def __init__(self, name):
                super().__init__()
                self.name = name

            def updateGradInput(self, input, gradOutput):
                order.append(f"{self.name} input")
                return super().updateGradInput(input, gradOutput)

            def accGradParameters(self, input, gradOutput, scale=None):
                order.append(f"{self.name} acc {scale}")

        c = nn.Sequential().add(Noting("a")).add(Noting("b"))
        c.forward(x)
        c.backward(x, x, 0.5)
        assert order == ["b input", "b acc 0.5", "a input", "a acc 0.5"]

    def test_the_direct_update_uses_the_old_weights_for_the_gradient(self, x):
        direct, reference = net(), net()
        go = np.ones((5, 2))
        direct.forward(x)
        direct.backwardUpdate(x, go, 0.1)
        reference.zeroGradParameters()
        reference.forward(x)
        reference.backward(x, go)
        reference.updateParameters(0.1)
        for a, b in zip(direct.parameters()[0], reference.parameters()[0]):
            np.testing.assert_allclose(a, b, rtol=1e-12)

    def test_a_module_that_skips_its_gradient_first(self, x):
        c = net()
        c.get(1).gradInput = None
        c.forward(x)
        c.zeroGradParameters()
        assert c.backward(x, np.ones((5, 2))) is None
        assert all(g.any() for g in c.parameters()[1])

    def test_print_is_indented_and_named_sequential_even_for_children(self):
        class Net(nn.Sequential):
            pass

        c = Net().add(nn.Sequential().add(nn.Linear(2, 3)).add(nn.Tanh())).add(nn.Linear(3, 1, False))
        assert str(c) == (
            "nn.Sequential {\n"
            "  [input -> (1) -> (2) -> output]\n"
            "  (1): nn.Sequential {\n"
            "    [input -> (1) -> (2) -> output]\n"
            "    (1): nn.Linear(2 -> 3)\n"
            "    (2): nn.Tanh\n"
            "  }\n"
            "  (2): nn.Linear(3 -> 1) without bias\n"
            "}"
        )


def test_modules_of_a_file_are_counted_up_to_the_first_that_is_missing():
    layers = {1: nn.Linear(3, 2), 3: nn.Tanh()}
    data = torch.serialize(torch.TorchObject("nn.Sequential", {"modules": layers, "output": np.empty(0)}))
    with pytest.warns(UserWarning, match="nn.Sequential: only modules 1 to 1 are run, not 3"):
        net = torch.deserialize(data)
    assert len(net) == 1 and net.forward(np.ones(3)).shape == (2,)


def test_modules_of_a_file_that_are_none():
    data = torch.serialize(torch.TorchObject("nn.ConcatTable", {"modules": [nn.Tanh(), 3.0], "output": np.empty(0)}))
    with pytest.raises(torch.T7Error, match=r"modules\[2\] is int instead of a module"):
        torch.deserialize(data)
