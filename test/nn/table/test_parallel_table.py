"""ParallelTable."""

import numpy as np
import pytest

import nn


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((4, 3))


class TestParallelTable:
    def test_entries_go_to_their_modules(self, x):
        p = nn.ParallelTable().add(nn.Linear(3, 2)).add(nn.Tanh())
        table = (x, x[:1], "ignored")
        out = p.forward(table)
        assert out[0] is p.get(1).output and len(out) == 2
        gradInput = p.backward(table, [np.ones((4, 2)), np.ones((1, 3)), None])
        assert gradInput[1] is p.get(2).gradInput and len(gradInput) == 2

    def test_gradInput_may_be_none(self, x):
        p = nn.ParallelTable().add(nn.Tanh())
        p.gradInput = None
        p.forward([x])
        assert p.backward([x], [x])[0] is p.get(1).gradInput

    def test_a_missing_entry_is_refused(self, x):
        p = nn.ParallelTable().add(nn.Tanh()).add(nn.Tanh())
        with pytest.raises(ValueError, match="input has 1 entries for 2 modules"):
            p.forward([x])

    def test_the_callers_list_is_not_kept(self, x):
        p = nn.ParallelTable().add(nn.Identity()).add(nn.Identity())
        table = [x, x]
        assert p.forward(table) is not table
        p.forward([x[:1], x[:1]])
        assert table[0] is x

    def test_print(self):
        assert str(nn.ParallelTable().add(nn.Linear(2, 1)).add(nn.Tanh())) == (
            "nn.ParallelTable {\n  input\n    |`-> (1): nn.Linear(2 -> 1)\n     `-> (2): nn.Tanh\n     ... -> output\n}"
        )
