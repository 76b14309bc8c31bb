"""Concat, DepthConcat, Parallel."""

import numpy as np
import pytest

import nn


class Fixed(nn.Module):
    """Returns one tensor whatever the input."""

    def __init__(self, output):
        super().__init__()
        self.output = output

    def updateGradInput(self, input, gradOutput):
        self.seen = gradOutput.copy()
        self.gradInput = np.full_like(input, gradOutput.sum())
        return self.gradInput


def skipping(module):
    module.gradInput = None
    return module


class TestConcat:
    def test_parts_reach_their_modules_compact(self):
        c = nn.Concat(2).add(Fixed(np.ones((2, 3)))).add(Fixed(np.ones((2, 1))))
        x, go = np.zeros((1,)), np.arange(8.0).reshape(2, 4)
        assert np.array_equal(c.forward(x), np.ones((2, 4)))
        c.backward(x, go)
        assert np.array_equal(c.get(1).seen, go[:, :3]) and np.array_equal(c.get(2).seen, go[:, 3:])
        assert np.array_equal(c.gradInput, [go.sum()])

    def test_nested_tables_are_summed(self):
        def two():
            return (
                nn.Sequential().add(nn.ParallelTable().add(nn.MulConstant(2.0)).add(nn.Identity())).add(nn.CAddTable())
            )

        c = nn.Concat(1).add(two()).add(two())
        x = [np.ones(2), np.ones(2)]
        c.forward(x)
        a, b = c.backward(x, np.ones(4))
        assert np.array_equal(a, [4, 4]) and np.array_equal(b, [2, 2])

    def test_a_gradient_that_is_no_table_is_refused(self):
        c = nn.Concat(1).add(Fixed(np.ones(2)))
        c.get(1).updateGradInput = lambda input, gradOutput: gradOutput
        c.forward([np.ones(2)])
        with pytest.raises(TypeError, match="currentGradInput is not a table!"):
            c.updateGradInput([np.ones(2)], np.ones(2))
        c.get(1).updateGradInput = lambda input, gradOutput: [gradOutput, gradOutput]
        with pytest.raises(ValueError, match="table size mismatch"):
            c.updateGradInput([np.ones(2)], np.ones(2))

    def test_modules_without_gradient_add_nothing(self):
        x, go = np.ones((1, 2)), np.ones((1, 3))
        c = nn.Concat(2).add(skipping(nn.Linear(2, 1))).add(nn.Linear(2, 2))
        for _ in range(2):
            c.forward(x)
            np.testing.assert_allclose(c.backward(x, go), c.get(2).gradInput)
        c = nn.Concat(2).add(skipping(nn.Linear(2, 1))).add(skipping(nn.Linear(2, 2)))
        c.forward(x)
        assert c.backward(x, go) is None

    def test_sizes_that_do_not_join_are_named(self):
        c = nn.Concat(1).add(nn.Linear(2, 3)).add(nn.Linear(2, 4))
        with pytest.raises(ValueError, match=r"1x3 torch.DoubleTensor, 1x4"):
            c.forward(np.ones((1, 2)))
        with pytest.raises(ValueError, match="no dimension 3"):
            nn.Concat(3).add(nn.Linear(2, 3)).forward(np.ones((1, 2)))

    def test_gradOutput_may_have_another_shape_of_as_many_elements(self):
        c = nn.Concat(2).add(nn.Linear(2, 1)).add(nn.Linear(2, 2))
        x = np.ones((2, 2))
        c.forward(x)
        a = c.backward(x, np.arange(6.0).reshape(2, 3)).copy()
        assert np.array_equal(c.backward(x, np.arange(6.0)), a)
        with pytest.raises(ValueError, match="gradOutput"):
            c.backward(x, np.ones(5))

    def test_outputSize(self):
        c = nn.Concat(2).add(nn.Linear(2, 1)).add(nn.Linear(2, 2))
        c.forward(np.ones((4, 2)))
        assert c.outputSize == (4, 3)

    def test_one_module_twice(self):
        m = nn.Linear(2, 1)
        c = nn.Concat(1).add(m).add(m)
        x = np.ones(2)
        c.forward(x)
        np.testing.assert_allclose(c.backward(x, np.array([1.0, 2.0])), 3 * m.weight[0])

    def test_print(self):
        c = nn.Concat(1).add(nn.Linear(5, 3))
        c.add(nn.Sequential().add(nn.Linear(5, 7)).add(nn.Tanh())).add(nn.Linear(5, 1, False))
        assert str(c) == (
            "nn.Concat {\n"
            "  input\n"
            "    |`-> (1): nn.Linear(5 -> 3)\n"
            "    |`-> (2): nn.Sequential {\n"
            "    |      [input -> (1) -> (2) -> output]\n"
            "    |      (1): nn.Linear(5 -> 7)\n"
            "    |      (2): nn.Tanh\n"
            "    |    }\n"
            "     `-> (3): nn.Linear(5 -> 1) without bias\n"
            "     ... -> output\n"
            "}"
        )
        assert str(nn.Concat(1)) == "nn.Concat {\n  input\n     ... -> output\n}"


class TestDepthConcat:
    def test_smaller_outputs_are_centred_with_the_surplus_behind(self):
        c = nn.DepthConcat(1).add(Fixed(np.ones((1, 9, 2)))).add(Fixed(np.full((1, 4, 1), 2.0)))
        out = c.forward(np.zeros(1))
        assert out.shape == (2, 9, 2)
        assert np.array_equal(out[1, :, 0], [0, 0, 2, 2, 2, 2, 0, 0, 0])
        assert not out[1, :, 1].any()

    def test_margins_are_cleared_when_sizes_move(self):
        one, two = Fixed(np.ones((1, 4))), Fixed(np.ones((1, 2)))
        c = nn.DepthConcat(1).add(one).add(two)
        c.forward(np.zeros(1))
        one.output, two.output = two.output, one.output
        assert np.array_equal(c.forward(np.zeros(1)), [[0, 1, 1, 0], [1, 1, 1, 1]])

    def test_backward_honours_scale(self):
        c = nn.DepthConcat(1).add(nn.Linear(2, 2)).add(nn.Linear(2, 3))
        x, go = np.ones((1, 2)), np.ones((2, 3))
        c.forward(x)
        c.zeroGradParameters()
        c.backward(x, go, 0.5)
        assert np.array_equal(c.get(2).gradBias, [0.5] * 3)

    def test_ranks_must_agree(self):
        with pytest.raises(ValueError, match="different numbers of dimensions"):
            nn.DepthConcat(1).add(Fixed(np.ones(2))).add(Fixed(np.ones((2, 2)))).forward(np.ones(1))

    def test_print(self):
        assert str(nn.DepthConcat(2).add(nn.Tanh())) == (
            "nn.DepthConcat {\n  input\n     `-> (1): nn.Tanh\n     ... -> output\n}"
        )


class TestParallel:
    def test_slices_decide_how_many_modules_run(self):
        c = nn.Parallel(1, 1).add(nn.Identity()).add(nn.Identity()).add(nn.Identity())
        x = np.arange(4.0).reshape(2, 2)
        assert np.array_equal(c.forward(x), [0, 1, 2, 3])
        with pytest.raises(IndexError, match=r"4 slices in 4x2 .* 3 modules"):
            c.forward(np.ones((4, 2)))

    def test_the_callers_input_is_not_overwritten_by_in_place_modules(self):
        c = nn.Parallel(2, 1).add(nn.ReLU(True)).add(nn.Identity())
        x = np.array([[-1.0, 2.0], [3.0, -4.0]])
        assert np.array_equal(c.forward(x), [0, 3, 2, -4])
        assert x[0, 0] == -1

    def test_a_missing_dimension_is_refused(self):
        with pytest.raises(ValueError, match="no dimension 3"):
            nn.Parallel(3, 1).add(nn.Identity()).forward(np.ones((2, 2)))

    def test_print(self):
        assert str(nn.Parallel(1, 1)) == "nn.Parallel {\n  input\n     ... -> output\n}"
        assert str(nn.Parallel(2, 1).add(nn.Linear(2, 3)).add(nn.Tanh())) == (
            "nn.Parallel {\n  input\n    |`-> (1): nn.Linear(2 -> 3)\n     `-> (2): nn.Tanh\n     ... -> output\n}"
        )
