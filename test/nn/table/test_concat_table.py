"""ConcatTable."""

import numpy as np
import pytest

import nn


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((4, 3))


class TestConcatTable:
    def test_outputs_are_the_modules_own_in_one_list(self, x):
        c = nn.ConcatTable().add(nn.Linear(3, 2)).add(nn.Identity())
        out = c.forward(x)
        assert out[0] is c.get(1).output and out[1] is x
        assert c.forward(x) is out
        del c.modules[1]
        assert len(c.forward(x)) == 1

    def test_gradient_is_summed_into_a_buffer_of_its_own(self, x):
        c = nn.ConcatTable().add(nn.Identity()).add(nn.Identity())
        c.forward(x)
        a, b = np.ones((4, 3)), np.full((4, 3), 2.0)
        assert (c.backward(x, [a, b]) == 3).all()
        assert (a == 1).all() and (b == 2).all()

    def test_input_may_change_between_tensor_and_table(self, x):
        c = nn.ConcatTable().add(nn.Identity()).add(nn.Identity())
        for data in (x, [x, [x[:1]]], x, {"a": x}):
            out = c.forward(data)
            gradInput = c.backward(data, out)
            flat = np.concatenate([leaf.ravel() for leaf in nn.testing.tensors.leaves(data)])
            got = np.concatenate([leaf.ravel() for leaf in nn.testing.tensors.leaves(gradInput)])
            assert np.array_equal(got, 2 * flat)

    def test_too_few_gradients_are_refused(self, x):
        c = nn.ConcatTable().add(nn.Identity()).add(nn.Identity())
        c.forward(x)
        with pytest.raises(ValueError, match="gradOutput has 1 entries for 2 modules"):
            c.backward(x, [x])

    def test_print(self):
        c = nn.ConcatTable().add(nn.Identity()).add(nn.Linear(2, 1)).add(nn.Sequential().add(nn.Linear(2, 2)))
        assert str(c) == (
            "nn.ConcatTable {\n"
            "  input\n"
            "    |`-> (1): nn.Identity\n"
            "    |`-> (2): nn.Linear(2 -> 1)\n"
            "     `-> (3): nn.Sequential {\n"
            "           [input -> (1) -> output]\n"
            "           (1): nn.Linear(2 -> 2)\n"
            "         }\n"
            "     ... -> output\n"
            "}"
        )
