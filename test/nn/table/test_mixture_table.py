"""MixtureTable."""

import numpy as np
import pytest

import nn


class TestMixtureTable:
    def test_table_and_tensor_agree(self):
        rng = np.random.default_rng(0)
        gates, experts = rng.random((4, 3)), rng.random((4, 3, 5))
        table, tensor = nn.MixtureTable(), nn.MixtureTable()
        parts = [experts[:, i] for i in range(3)]
        out = table.forward([gates, parts])
        np.testing.assert_allclose(out, np.einsum("bi,bij->bj", gates, experts))
        np.testing.assert_allclose(tensor.forward([gates, experts]), out)
        go = rng.random((4, 5))
        a, b = table.backward([gates, parts], go), tensor.backward([gates, experts], go)
        np.testing.assert_allclose(a[0], b[0])
        np.testing.assert_allclose(np.stack(a[1], 1), b[1])

    def test_ranks_may_change_between_calls(self):
        m = nn.MixtureTable()
        assert m.forward([np.ones(2), [np.ones(3)] * 2]).shape == (3,)
        assert m.forward([np.ones((4, 2)), np.ones((4, 2, 3))]).shape == (4, 3)
        assert m.forward([np.ones((4, 2)), [np.ones((4, 3))] * 2]).shape == (4, 3)

    @pytest.mark.parametrize(
        "experts", [np.ones((4, 5)), np.ones((3, 2, 5)), [np.ones((4, 5))], [np.ones((1, 5))] * 2, []]
    )
    def test_sizes_that_do_not_fit_are_refused(self, experts):
        with pytest.raises(ValueError, match="one gater output per expert"):
            nn.MixtureTable().forward([np.ones((4, 2)), experts])
