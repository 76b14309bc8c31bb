"""Layers that compute on the tensors of a table."""

import numpy as np
import pytest

import nn
import torch7 as torch

PAIRS = [nn.CAddTable, nn.CSubTable, nn.CMulTable, nn.CDivTable, nn.CMaxTable, nn.CMinTable]


@pytest.mark.parametrize("make", PAIRS)
class TestElementCounts:
    def test_counts_decide_not_shapes(self, make):
        a, b = np.array([[4.0], [3.0], [2.0], [1.0]]), np.array([1.0, 2.0, 4.0, 5.0])
        m = make()
        out = m.forward([a, b])
        assert out.shape == (4, 1)
        np.testing.assert_array_equal(out.ravel(), make().forward([a.ravel(), b]))
        gradA, gradB = m.backward([a, b], np.ones(4))
        assert gradA.shape == (4, 1) and gradB.shape == (4,)

    @pytest.mark.parametrize("wrong", [(3,), (1,), (1, 1), (4, 4), ()])
    def test_nothing_is_broadcast(self, make, wrong):
        m = make()
        with pytest.raises(ValueError, match="different numbers of elements"):
            m.forward([np.ones(4), np.ones(wrong)])

    def test_types_are_strict(self, make):
        for other in (np.ones(4, np.float32), np.ones(4, int), [1.0] * 4):
            with pytest.raises(TypeError):
                make().forward([np.ones(4), other])
            with pytest.raises(TypeError):
                make().forward([other, np.ones(4)])

    def test_buffers_last(self, make):
        m, table = make(), [np.ones((2, 3)), np.ones((2, 3))]
        out = m.forward(table)
        grads = m.backward(table, out)
        first = [id(out), id(grads), *map(id, grads)]
        out = m.forward(table)
        grads = m.backward(table, out)
        assert first == [id(out), id(grads), *map(id, grads)]


@pytest.mark.parametrize("make", [nn.CAddTable, nn.CSubTable, nn.CMulTable, nn.CDivTable, nn.DotProduct])
def test_backward_goes_with_the_input_it_is_given(make):
    m, table = make(), [np.array([[2.0, 3.0]]), np.array([[4.0, 5.0]])]
    go = np.ones_like(m.forward(table))
    expected = [g.copy() for g in m.backward(table, go)]
    m.forward([np.ones((3, 5)), np.ones((3, 5))])
    assert all(map(np.array_equal, m.backward(table, go), expected))


class TestCAddTable:
    def test_in_place_writes_over_the_first(self):
        a, b, go = np.ones(3), np.full(3, 2.0), np.full(3, 5.0)
        m = nn.CAddTable(True)
        assert m.forward([a, b]) is a and (a == 3).all()
        gradInput = m.backward([a, b], go)
        assert all(np.shares_memory(g, go) for g in gradInput)

    def test_gradients_follow_the_length(self):
        m = nn.CAddTable()
        for n in (3, 1, 2):
            table = [np.ones(2)] * n
            m.forward(table)
            assert len(m.backward(table, np.ones(2))) == n


def test_csub_and_cdiv_ignore_further_tensors():
    table = [np.array([6.0]), np.array([2.0]), "ignored"]
    assert nn.CSubTable().forward(table) == 4
    m = nn.CDivTable()
    assert m.forward(table) == 3
    assert [g.item() for g in m.backward(table, np.ones(1))] == [0.5, -1.5]


def test_cdiv_by_zero_is_infinite_without_a_warning():
    with np.errstate(all="raise"):
        m = nn.CDivTable()
        out = m.forward([np.array([1.0, 0.0]), np.zeros(2)])
        m.backward([np.array([1.0, 0.0]), np.zeros(2)], np.ones(2))
    assert out[0] == np.inf and np.isnan(out[1])


def test_cmul_gradient_is_exact_at_zeros():
    m = nn.CMulTable()
    table = [np.array([0.0, 0.0]), np.array([2.0, 0.0]), np.array([3.0, 4.0])]
    m.forward(table)
    grads = [g.copy() for g in m.backward(table, np.array([1.0, 1.0]))]
    assert [g.tolist() for g in grads] == [[6, 0], [0, 0], [0, 0]]
    table = [np.array([2.0]), np.array([3.0]), np.array([4.0])]
    m.forward(table)
    assert [g.item() for g in m.updateGradInput_efficient(table, np.array([10.0]))] == [120, 80, 60]


class TestCMaxTable:
    def test_ties_go_to_the_first(self):
        table = [np.array([1.0, 5.0, 2.0]), np.array([1.0, 4.0, 3.0]), np.array([1.0, 5.0, 3.0])]
        m = nn.CMaxTable()
        assert m.forward(table).tolist() == [1, 5, 3]
        assert m.maxIdx.tolist() == [1, 1, 2]
        grads = m.backward(table, np.array([7.0, 8.0, 9.0]))
        assert [g.tolist() for g in grads] == [[7, 8, 0], [0, 0, 9], [0, 0, 0]]
        m = nn.CMinTable()
        assert m.forward(table).tolist() == [1, 4, 2] and m.minIdx.tolist() == [1, 2, 1]

    def test_nan_sticks_in_the_first_and_never_wins_later(self):
        out = nn.CMaxTable().forward([np.array([np.nan, 1.0]), np.array([1.0, np.nan])])
        assert np.isnan(out[0]) and out[1] == 1

    def test_conversion_after_a_forward(self):
        m = nn.CMaxTable()
        m.forward([np.zeros(2), np.ones(2)])
        m.float()
        assert m.forward([np.zeros(2, np.float32), np.ones(2, np.float32)]).dtype == np.float32


class TestPairwiseDistance:
    a, b = np.array([1.0, 2.0, 3.0]), np.array([4.0, 6.0, 3.0])

    @pytest.mark.parametrize(("p", "distance"), [(None, 5), (1, 7), (3, 91 ** (1 / 3)), (0.5, (3**0.5 + 2) ** 2)])
    def test_values(self, p, distance):
        m = nn.PairwiseDistance(p)
        assert m.forward([self.a, self.b]).shape == (1,)
        np.testing.assert_allclose(m.output, distance, rtol=1e-12)
        out = m.forward([np.stack([self.a, self.b]), np.stack([self.b, self.b])])
        np.testing.assert_allclose(out, [distance, 0], rtol=1e-12)

    def test_gradient_at_equal_elements_is_a_random_sign(self):
        m = nn.PairwiseDistance(1)
        x = np.ones((2, 3))
        m.forward([x, x])
        torch.manualSeed(5)
        gradA, gradB = m.backward([x, x], np.array([1.0, 2.0]))
        torch.manualSeed(5)
        signs = np.array([2 * torch.random(2) - 3 for _ in range(6)], float).reshape(2, 3)
        assert np.array_equal(gradA, signs * [[1], [2]]) and np.array_equal(gradB, -gradA)

    @pytest.mark.parametrize("p", [2, 3, 1.5, 0.5])
    def test_gradient_at_equal_vectors_is_finite(self, p):
        m = nn.PairwiseDistance(p)
        m.forward([self.a, self.a])
        assert not np.any(m.backward([self.a, self.a], np.ones(1)))

    @pytest.mark.parametrize("p", [0, -1, float("inf")])
    def test_other_norms_are_refused(self, p):
        with pytest.raises(ValueError, match="positive and finite"):
            nn.PairwiseDistance(p)


def test_dot_product_and_cosine_values():
    a, b = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    assert nn.DotProduct().forward([a, b]).tolist() == [32]
    m = nn.CosineDistance()
    np.testing.assert_allclose(m.forward([a, b]), [0.9746318462], rtol=1e-9)
    assert m.forward([0 * a, b]) == 0
    assert np.isfinite(m.backward([0 * a, b], np.ones(1))[0]).all()


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


class TestCriterionTable:
    def test_is_the_criterion(self):
        c = nn.MSECriterion()
        m = nn.CriterionTable(c)
        x, t = np.array([1.0, 2.0]), np.array([0.0, 0.0])
        assert m.forward([x, t]) == c.forward(x, t) == 2.5 and isinstance(m.output, float)
        gradInput = m.backward([x, t], np.ones(1))
        assert len(gradInput) == 1 and gradInput[0] is c.gradInput and gradInput[0].tolist() == [1, 2]
        assert m.updateGradInput([x, t]) is gradInput

    def test_conversion_reaches_the_criterion(self):
        m = nn.CriterionTable(nn.MSECriterion()).float()
        assert m.forward([np.ones(2, np.float32), np.zeros(2, np.float32)]) == 1
        with pytest.raises(TypeError):
            m.forward([np.ones(2), np.zeros(2)])
        assert m.clone().forward([np.ones(2, np.float32), np.zeros(2, np.float32)]) == 1
        assert m.clearState().forward([np.ones(2, np.float32), np.zeros(2, np.float32)]) == 1


def test_a_missing_gradient_of_a_tensor_table_is_refused():
    m = nn.CAddTensorTable()
    table = [np.ones(3), [np.ones(3), np.ones(3)]]
    m.forward(table)
    with pytest.raises(ValueError, match="1 gradients for 2 tensors"):
        m.backward(table, [np.ones(3)])
